//! Speed-ups with their intervals, and the noise floor of their contest behind them.

use plotters::prelude::*;

use super::canvas::{self, Area, CHARACTER, Drawn, INK, label};
use super::palette::colour;
use super::scale::{Axis, RatioAxis, ratio_text};
use super::{Chart, file_name, verdict_word};
use crate::error::Result;
use crate::record::{Cell, Measured, Run};

const WIDTH: u32 = 720;
const ROW: u32 = 22;

/// Where the speed-ups stand as text, to the right of everything drawn.
const VERDICTS: i32 = 598;

/// Rows in a picture; a workload with more of them gets several.
const MOST_ROWS: usize = 48;

/// How far beyond the points, in powers of 2, an interval or a floor is followed.
const FARTHEST: f64 = 2.0;

/// A row: an engine in a contest, measured.
pub(super) type Row<'a> = (&'a Cell, &'a Measured);

/// A picture for each workload that something was measured in.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let mut workloads: Vec<(&str, Vec<Row<'_>>)> = Vec::new();
    for cell in run.cells.iter().filter(|cell| !cell.is_floor()) {
        let Some(measured) = cell.outcome.measured() else {
            continue;
        };
        match workloads
            .iter_mut()
            .find(|(name, _)| *name == cell.workload)
        {
            Some((_, rows)) => rows.push((cell, measured)),
            None => workloads.push((&cell.workload, vec![(cell, measured)])),
        }
    }
    let mut charts = Vec::new();
    for (workload, rows) in &workloads {
        let parts = rows.chunks(MOST_ROWS);
        let count = parts.len();
        for (number, rows) in parts.enumerate() {
            let part = if count > 1 {
                format!(", part {} of {count}", number + 1)
            } else {
                String::new()
            };
            charts.push(chart(workload, &part, rows)?);
        }
    }
    Ok(charts)
}

fn chart(workload: &str, part: &str, rows: &[Row<'_>]) -> Result<Chart> {
    let baseline = rows.first().map_or("", |(cell, _)| cell.baseline.as_str());
    let title = format!("{workload}: speed-up over {baseline}{part}");
    let size = (WIDTH, 84 + ROW * rows.len() as u32);
    Ok(Chart {
        name: file_name(&["speedup", workload]),
        told: rows.iter().map(told).collect::<Vec<_>>().join("; "),
        svg: canvas::draw(size, &title, |area| paint(area, &title, rows))?,
        title,
    })
}

fn told((cell, measured): &Row<'_>) -> String {
    format!(
        "{} {}: {}, {}",
        cell.engine,
        cell.parameter(),
        measured.speedup(),
        verdict_word(cell)
    )
}

fn paint(area: &Area<'_>, title: &str, rows: &[Row<'_>]) -> Drawn {
    let names: Vec<String> = rows
        .iter()
        .map(|(cell, _)| format!("{} · {}", cell.engine, cell.parameter()))
        .collect();
    let widest = names.iter().map(|name| name.chars().count()).max();
    let axis = axis(rows);
    // From top to bottom, so the first row has the highest number.
    let place = |row: usize| (rows.len() - 1 - row) as f64;
    area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(24)
        .margin_left(6)
        .margin_right(130)
        .x_label_area_size(44)
        .y_label_area_size(CHARACTER * (widest.unwrap_or(0) as u32).min(44) + 8)
        .build_cartesian_2d(
            axis.axis(),
            Axis::new(
                -0.5..rows.len() as f64 - 0.5,
                (0..rows.len()).map(place).collect(),
            ),
        )?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .axis_desc_style(label())
        .x_label_formatter(&|log| ratio_text(*log))
        .y_label_formatter(&|place| {
            let row = rows.len() - 1 - (place.round().max(0.0) as usize).min(rows.len() - 1);
            names[row].clone()
        })
        .x_desc("speed-up (times, log scale); the grey band is the noise floor")
        .draw()?;
    for (row, (_, measured)) in rows.iter().enumerate() {
        if let Some(floor) = measured.floor {
            let (left, right) = (floor.low().log2(), floor.high().log2());
            let corners = [
                (axis.held(left), place(row) - 0.5),
                (axis.held(right), place(row) + 0.5),
            ];
            chart.draw_series([Rectangle::new(corners, INK.mix(0.14).filled())])?;
        }
    }
    let one = vec![(0.0, -0.5), (0.0, rows.len() as f64 - 0.5)];
    chart.draw_series([PathElement::new(one, INK.mix(0.6))])?;
    for (row, (cell, measured)) in rows.iter().enumerate() {
        let (colour, at) = (colour(&cell.engine), place(row));
        if let Some(interval) = measured.estimate.interval {
            let ends = [interval.low(), interval.high()];
            let ends = ends.map(|end| (axis.held(end.log2()), at)).to_vec();
            chart.draw_series([PathElement::new(ends, colour.stroke_width(3))])?;
        }
        let point = (measured.estimate.point.log2(), at);
        chart.draw_series([Circle::new(point, 4, colour.filled())])?;
        let (_, y) = chart.backend_coord(&(0.0, at));
        let text = format!("{} {}", measured.speedup(), verdict_word(cell));
        area.draw(&Text::new(text, (VERDICTS, y - 6), label()))?;
    }
    Ok(())
}

/// The axis that holds all points, and intervals and floors as far as they do not squeeze the points
/// together: two replicates may give a floor that reaches over many powers of ten.
pub(super) fn axis(rows: &[Row<'_>]) -> RatioAxis {
    let points = || {
        rows.iter()
            .map(|(_, measured)| measured.estimate.point.log2())
    };
    let least = points().fold(0.0, f64::min) - FARTHEST;
    let most = points().fold(0.0, f64::max) + FARTHEST;
    let ranges = rows
        .iter()
        .flat_map(|(_, measured)| [measured.estimate.interval, measured.floor]);
    let ends = ranges
        .flatten()
        .flat_map(|range| [range.low(), range.high()]);
    let ends = ends.map(|end| end.log2().clamp(least, most));
    RatioAxis::around(ends.chain(points()), 9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    #[test]
    fn an_endless_floor_does_not_squeeze_the_points_together() {
        let text = include_str!("../../../tests/records/v1/run.json");
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("run.json");
        let wide = text.replace("\"floor\": [", "\"floor\": [ 1e-30, 1e30 ], \"was\": [");
        std::fs::write(&path, wide).unwrap();
        let run = record::load(&path).unwrap();
        let cells = run.cells.iter();
        let rows: Vec<Row<'_>> = cells
            .filter_map(|cell| Some((cell, cell.outcome.measured()?)))
            .collect();
        assert!(!rows.is_empty());
        let axis = axis(&rows);
        assert!(axis.low > -4.0 && axis.high < 4.0, "{axis:?}");
    }
}
