//! A speed-up, run after run: the interval of each, and a line where it stepped.

use plotters::prelude::*;

use super::canvas::{self, Area, Drawn, INK, label};
use super::palette::colour;
use super::scale::{Axis, RatioAxis, ratio_text};
use super::{Chart, file_name};
use crate::error::Result;
use crate::history::{Seen, Series};
use crate::units::Ratio;

const SIZE: (u32, u32) = (720, 180);

/// At most so many dates stand below.
const MOST_DATES: usize = 5;

/// Of so many dashes is the line where it stepped.
const DASHES: i32 = 16;

/// How many characters of the time of a run tell its minute.
const MINUTE: usize = "2026-01-02T03:04".len();

/// The picture of `series`, of one run at least.
///
/// # Errors
/// Where drawing fails.
pub(in crate::report) fn trend(series: &Series) -> Result<Chart> {
    let title = format!("{}: speed-up, run after run", series.id);
    let ends = [series.runs.first(), series.runs.last()];
    let ends = ends.map(|run| run.map_or_else(String::new, minute));
    let all = format!(
        "{} runs, {} to {}: last {}, median {}",
        series.runs.len(),
        ends[0],
        ends[1],
        Ratio(series.last()),
        Ratio(series.median()),
    );
    let told: Vec<String> = std::iter::once(all).chain(series.remarks()).collect();
    Ok(Chart {
        name: file_name(&["trend", &series.id]),
        told: told.join("; "),
        svg: canvas::draw(SIZE, &title, |area| paint(area, &title, series))?,
        title,
    })
}

fn minute(run: &Seen) -> String {
    let minute = run.created.get(..MINUTE).unwrap_or(&run.created);
    minute.replace('T', " ")
}

fn paint(area: &Area<'_>, title: &str, series: &Series) -> Drawn {
    area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
    let runs = &series.runs;
    let ends = |run: &Seen| run.interval.unwrap_or([run.speedup; 2]).map(f64::log2);
    let points: Vec<f64> = runs.iter().map(|run| run.speedup.log2()).collect();
    let up = RatioAxis::spanning(&points, runs.iter().flat_map(ends), 6);
    let dates = dates(runs.len());
    let mut plot = ChartBuilder::on(area)
        .margin_top(24)
        .margin_left(4)
        .margin_right(64)
        .x_label_area_size(24)
        .y_label_area_size(64)
        .build_cartesian_2d(Axis::new(-0.5..runs.len() as f64 - 0.5, dates), up.axis())?;
    plot.configure_mesh()
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .x_label_formatter(&|at| {
            runs.get(at.round() as usize)
                .map_or_else(String::new, minute)
        })
        .y_label_formatter(&|log| ratio_text(*log))
        .draw()?;
    for &step in series.steps() {
        let at = step as f64 - 0.5;
        let dash = (up.high - up.low) / f64::from(DASHES);
        let ends = |number: i32| {
            let low = up.low + f64::from(number) * dash;
            vec![(at, low), (at, low + 0.6 * dash)]
        };
        let dashes = (0..DASHES).map(|number| PathElement::new(ends(number), INK.mix(0.8)));
        plot.draw_series(dashes)?;
    }
    let colour = colour(series.engine());
    for (number, run) in runs.iter().enumerate() {
        let ends = ends(run).map(|end| (number as f64, up.held(end)));
        plot.draw_series([PathElement::new(
            ends.to_vec(),
            colour.mix(0.4).stroke_width(3),
        )])?;
    }
    let places = points.iter().enumerate();
    let places = places.map(|(number, log)| (number as f64, up.held(*log)));
    let places: Vec<(f64, f64)> = places.collect();
    let dots = places.iter();
    plot.draw_series(dots.map(|at| Circle::new(*at, 3, colour.filled())))?;
    plot.draw_series([PathElement::new(places, colour.stroke_width(1))])?;
    Ok(())
}

/// The runs whose dates stand below: the first, the last, and some between them.
fn dates(runs: usize) -> Vec<f64> {
    let last = runs.saturating_sub(1);
    let parts = last.min(MOST_DATES - 1);
    let mut dates: Vec<usize> = (0..=parts).map(|part| last * part / parts.max(1)).collect();
    dates.dedup();
    dates.into_iter().map(|date| date as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_have_their_date() {
        assert_eq!(dates(1), [0.0]);
        assert_eq!(dates(2), [0.0, 1.0]);
        assert_eq!(dates(4), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(dates(101), [0.0, 25.0, 50.0, 75.0, 100.0]);
    }
}
