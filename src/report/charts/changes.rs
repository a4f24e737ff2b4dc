//! What changed between two runs: changes with their intervals over the band of what is tolerated.

use plotters::prelude::*;

use super::canvas::INK;
use super::lanes::{Lanes, MOST_ROWS, dot_and_bar, line_at_one};
use super::palette::{FASTER, SLOWER};
use super::scale::RatioAxis;
use super::{Chart, file_name};
use crate::compare::{Comparison, Metric, Row, Verdict};
use crate::error::Result;
use crate::stats::Change;
use crate::units;

/// More rows than this are left to the table; a page of thousands of cells could not be opened.
const MOST: usize = 10 * MOST_ROWS;

/// Pictures of the changes of `comparison`, in the order of the verdicts, and how many are in none.
pub(in crate::report) fn changes(comparison: &Comparison) -> Result<(Vec<Chart>, usize)> {
    let mut rows: Vec<(&Row, Change)> = Verdict::ALL
        .into_iter()
        .flat_map(|verdict| comparison.with(verdict))
        .filter_map(|row| Some((row, row.change?)))
        .collect();
    let left_out = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let count = rows.len().div_ceil(MOST_ROWS);
    let parts = rows.chunks(MOST_ROWS).enumerate();
    let charts = parts.map(|(number, rows)| {
        let part = match count {
            1 => String::new(),
            _ => format!(", part {} of {count}", number + 1),
        };
        chart(&part, rows, comparison)
    });
    Ok((charts.collect::<Result<_>>()?, left_out))
}

fn chart(part: &str, rows: &[(&Row, Change)], comparison: &Comparison) -> Result<Chart> {
    let what = match comparison.question.metric {
        Metric::Speedup => "speed-up",
        Metric::Time => "time",
    };
    let title = format!("{what} in NEW over that in BASE{part}");
    let told = rows.iter().map(|(row, change)| {
        let change = units::change(change.ratio);
        format!("{}: {change}, {}", row.id, row.verdict.name())
    });
    Ok(Chart {
        name: file_name(&["changes", part.trim_start_matches([',', ' '])]),
        told: told.collect::<Vec<_>>().join("; "),
        svg: picture(&title, rows, comparison.question.tolerance)?,
        title,
    })
}

fn picture(title: &str, rows: &[(&Row, Change)], tolerance: f64) -> Result<String> {
    let tolerated = (1.0 + tolerance).log2();
    let ends = rows.iter().filter_map(|(_, change)| change.interval);
    let ends = ends.flat_map(|interval| [interval.low(), interval.high()]);
    let most = 1.0 + tolerance;
    let axis = RatioAxis::of(
        rows.iter().map(|(_, change)| change.ratio),
        ends.chain([1.0 / most, most]),
    );
    let lane = |(row, change): &(&Row, Change)| {
        let words = format!("{} {}", units::change(change.ratio), row.verdict.name());
        (row.id.clone(), words)
    };
    let lanes = Lanes {
        rows: rows.iter().map(lane).collect(),
        axis: axis.axis(),
        tick,
        under: "change (log scale); the grey band is what is tolerated".to_owned(),
    };
    lanes.draw(title, |_, plot| {
        let corners = [
            (axis.held(-tolerated), -0.5),
            (axis.held(tolerated), rows.len() as f64 - 0.5),
        ];
        plot.draw_series([Rectangle::new(corners, INK.mix(0.14).filled())])?;
        line_at_one(plot, rows.len())?;
        for (number, (row, change)) in rows.iter().enumerate() {
            let colour = match row.verdict {
                Verdict::Regressed => SLOWER.to_rgba(),
                Verdict::Improved => FASTER.to_rgba(),
                _ => INK.mix(0.55),
            };
            let ends = change.interval;
            let ends = ends.map(|ends| [ends.low().log2(), ends.high().log2()]);
            let found = (change.ratio.log2(), ends);
            dot_and_bar(plot, &axis, found, lanes.place(number), colour)?;
        }
        Ok(())
    })
}

/// `−5 %`, `+100 %`, `+1500 %`.
fn tick(log: f64) -> String {
    let text = units::change(log.exp2());
    text.replace(".0 %", " %")
}
