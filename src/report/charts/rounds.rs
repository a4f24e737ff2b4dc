//! The rounds of a cell: over time, where drift shows, and in a histogram, where two modes do.

use plotters::prelude::*;

use super::canvas::{self, Area, Drawn, INK, label};
use super::palette::colour;
use super::scale::{Axis, RatioAxis, ratio_text};
use super::{Chart, file_name};
use crate::error::Result;
use crate::record::{Cell, CellRounds};
use crate::units::Ratio;

const SIZE: (u32, u32) = (480, 190);

/// The width of the histogram.
const HISTOGRAM: u32 = 108;

/// More dots than this say no more, and each costs ten bytes of the page.
const MOST_DOTS: usize = 240;

const BINS: usize = 28;

/// The share of rounds at either end that may lie beyond the picture, so that one interruption does
/// not squeeze all others into a line.
const BEYOND: f64 = 0.005;

/// The picture of a cell's rounds.
pub(super) fn chart(cell: &Cell, rounds: &CellRounds) -> Result<Chart> {
    let parameter = cell.parameter();
    let title = format!("{} · {} · {parameter}", cell.workload, cell.engine);
    let figure = Figure::of(rounds);
    let name = file_name(&["rounds", &cell.workload, &cell.engine, &parameter]);
    Ok(Chart {
        name,
        told: figure.told(),
        svg: canvas::draw(SIZE, &title, |area| paint(area, &title, cell, &figure))?,
        title,
    })
}

/// What of the rounds is drawn.
struct Figure {
    axis: RatioAxis,
    rounds: usize,
    beyond: usize,
    /// The number of the round and its logarithm, of some of them.
    dots: Vec<(f64, f64)>,
    /// Where the replicates but the first begin.
    starts: Vec<f64>,
    bins: [usize; BINS],
    /// The rounds in the middle and at the quarters.
    quartiles: [f64; 3],
}

impl Figure {
    fn of(rounds: &CellRounds) -> Self {
        let all: Vec<f64> = rounds.all().map(f64::from).collect();
        let mut sorted = all.clone();
        sorted.sort_by(f64::total_cmp);
        let quantile = |share: f64| sorted[(share * (sorted.len() - 1) as f64).round() as usize];
        let axis = RatioAxis::around([quantile(BEYOND), quantile(1.0 - BEYOND)], 5);
        let mut bins = [0; BINS];
        let width = (axis.high - axis.low) / BINS as f64;
        for log in &all {
            let bin = ((axis.held(*log) - axis.low) / width) as usize;
            bins[bin.min(BINS - 1)] += 1;
        }
        let step = all.len().div_ceil(MOST_DOTS);
        let dots = all.iter().enumerate().step_by(step);
        let mut start = 0;
        let starts = rounds.replicates.iter().map(|replicate| {
            start += replicate.len();
            start as f64
        });
        let mut starts: Vec<f64> = starts.collect();
        starts.pop();
        Self {
            rounds: all.len(),
            beyond: all.iter().filter(|log| axis.held(**log) != **log).count(),
            dots: dots.map(|(at, log)| (at as f64, axis.held(*log))).collect(),
            starts,
            bins,
            quartiles: [0.25, 0.5, 0.75].map(quantile),
            axis,
        }
    }

    fn told(&self) -> String {
        let [low, middle, high] = self.quartiles.map(|log| Ratio(log.exp2()).to_string());
        let rounds = self.rounds;
        let told =
            format!("{rounds} rounds; half of them between {low} and {high}, median {middle}");
        match self.beyond {
            0 => told,
            beyond => format!("{told}; {beyond} lie beyond the picture and are drawn at its edge"),
        }
    }
}

fn paint(area: &Area<'_>, title: &str, cell: &Cell, figure: &Figure) -> Drawn {
    area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
    let body = area.margin(20, 0, 0, 0);
    let (over_time, distribution) = body.split_horizontally(SIZE.0 - HISTOGRAM - 8);
    paint_over_time(&over_time, cell, figure)?;
    paint_distribution(&distribution, cell, figure)
}

fn paint_over_time(area: &Area<'_>, cell: &Cell, figure: &Figure) -> Drawn {
    let axis = &figure.axis;
    let last = figure.rounds as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_left(4)
        .margin_right(6)
        .margin_top(6)
        .x_label_area_size(40)
        .y_label_area_size(58)
        .build_cartesian_2d(Axis::new(0.0..last.max(1.0), vec![0.0, last]), axis.axis())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .axis_desc_style(label())
        .x_label_formatter(&|round| format!("{round:.0}"))
        .y_label_formatter(&|log| ratio_text(*log))
        .x_desc("rounds in order of time")
        .y_desc("speed-up")
        .draw()?;
    for start in &figure.starts {
        let line = vec![(*start, axis.low), (*start, axis.high)];
        chart.draw_series([PathElement::new(line, INK.mix(0.18))])?;
    }
    let one = vec![(0.0, 0.0), (last, 0.0)];
    chart.draw_series([PathElement::new(one, INK.mix(0.6))])?;
    let colour = colour(&cell.engine);
    let dots = figure.dots.iter();
    chart.draw_series(dots.map(|dot| Circle::new(*dot, 1, colour.filled())))?;
    Ok(())
}

fn paint_distribution(area: &Area<'_>, cell: &Cell, figure: &Figure) -> Drawn {
    let axis = &figure.axis;
    let most = figure.bins.iter().copied().max().unwrap_or(1).max(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_top(6)
        .margin_right(20)
        .x_label_area_size(40)
        .build_cartesian_2d(
            Axis::new(0.0..most, vec![most]),
            Axis::new(axis.low..axis.high, Vec::new()),
        )?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .axis_desc_style(label())
        .x_label_formatter(&|count| format!("{count:.0}"))
        .x_desc("how many")
        .draw()?;
    let width = (axis.high - axis.low) / BINS as f64;
    let colour = colour(&cell.engine);
    let bars = figure
        .bins
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0);
    chart.draw_series(bars.map(|(bin, count)| {
        let low = axis.low + bin as f64 * width;
        Rectangle::new([(0.0, low), (*count as f64, low + width)], colour.filled())
    }))?;
    let one = vec![(0.0, 0.0), (most, 0.0)];
    chart.draw_series([PathElement::new(one, INK.mix(0.6))])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(replicates: Vec<Vec<f32>>) -> Figure {
        let mut rounds = CellRounds::default();
        rounds.replicates = replicates;
        Figure::of(&rounds)
    }

    #[test]
    fn dots_are_few_and_the_histogram_counts_all() {
        let figure = figure(vec![vec![0.5; 5000], vec![1.0; 5000]]);
        assert!(figure.dots.len() <= MOST_DOTS);
        assert_eq!(figure.bins.iter().sum::<usize>(), 10_000);
        assert_eq!(figure.bins.iter().filter(|count| **count > 0).count(), 2);
        assert_eq!(figure.starts, [5000.0]);
    }

    #[test]
    fn what_lies_beyond_is_said() {
        let mut rounds = vec![0.0; 999];
        rounds.push(9.0);
        let figure = figure(vec![rounds]);
        assert!(figure.axis.high < 1.0);
        assert!(
            figure.told().contains("1 lie beyond the picture"),
            "{}",
            figure.told()
        );
    }
}
