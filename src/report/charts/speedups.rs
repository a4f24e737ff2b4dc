//! Speed-ups with their intervals, and the noise floor of their contest behind them.

use plotters::prelude::*;

use super::super::grouped::grouped;
use super::canvas::INK;
use super::lanes::{Lanes, MOST_ROWS, dot_and_bar, line_at_one};
use super::palette::colour;
use super::scale::{RatioAxis, ratio_text};
use super::{Chart, file_name};
use crate::error::Result;
use crate::record::{Cell, Measured, Run};

/// A row: an engine in a contest, measured.
pub(super) type Row<'a> = (&'a Cell, &'a Measured);

/// A picture for each workload that something was measured in.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let cells = run.cells.iter().filter(|cell| !cell.is_floor());
    let measured = cells.filter_map(|cell| Some((cell, cell.outcome.measured()?)));
    let mut charts = Vec::new();
    for rows in &grouped(measured, |(cell, _)| &cell.workload) {
        let workload = &rows[0].0.workload;
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
    Ok(Chart {
        name: file_name(&["speedup", workload]),
        told: rows.iter().map(told).collect::<Vec<_>>().join("; "),
        svg: picture(&title, rows)?,
        title,
    })
}

fn told((cell, measured): &Row<'_>) -> String {
    format!(
        "{} {}: {}, {}",
        cell.engine,
        cell.parameter(),
        measured.speedup(),
        cell.word()
    )
}

fn picture(title: &str, rows: &[Row<'_>]) -> Result<String> {
    let axis = axis(rows);
    let lane = |(cell, measured): &Row<'_>| {
        (
            format!("{} · {}", cell.engine, cell.parameter()),
            format!("{} {}", measured.speedup(), cell.word()),
        )
    };
    let lanes = Lanes {
        rows: rows.iter().map(lane).collect(),
        axis: axis.axis(),
        tick: ratio_text,
        under: "speed-up (times, log scale); the grey band is the noise floor".to_owned(),
    };
    lanes.draw(title, |_, plot| {
        for (row, (_, measured)) in rows.iter().enumerate() {
            if let Some(floor) = measured.floor {
                let (left, right, at) = (floor.low().log2(), floor.high().log2(), lanes.place(row));
                let corners = [(axis.held(left), at - 0.5), (axis.held(right), at + 0.5)];
                plot.draw_series([Rectangle::new(corners, INK.mix(0.14).filled())])?;
            }
        }
        line_at_one(plot, rows.len())?;
        for (row, (cell, measured)) in rows.iter().enumerate() {
            let interval = measured.estimate.interval;
            let ends = interval.map(|ends| [ends.low().log2(), ends.high().log2()]);
            let found = (measured.estimate.point.log2(), ends);
            let colour = colour(&cell.engine).to_rgba();
            dot_and_bar(plot, &axis, found, lanes.place(row), colour)?;
        }
        Ok(())
    })
}

/// The axis that holds all points, and intervals and floors as far as they do not squeeze the points
/// together: two replicates may give a floor that reaches over many powers of ten.
pub(super) fn axis(rows: &[Row<'_>]) -> RatioAxis {
    let points = rows.iter().map(|(_, measured)| measured.estimate.point);
    let ranges = rows
        .iter()
        .flat_map(|(_, measured)| [measured.estimate.interval, measured.floor]);
    let ends = ranges
        .flatten()
        .flat_map(|range| [range.low(), range.high()]);
    RatioAxis::of(points, ends)
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
