//! The page of histories: what stepped or drifted first, and the rest folded away.

use serde::Serialize;

use super::super::charts::{Chart, MOST_PICTURES, trend};
use super::{STYLE, render};
use crate::error::Result;
use crate::history::{Series, Trend};
use crate::stats::Course;
use crate::units::Ratio;

/// What the template is given.
#[derive(Serialize)]
struct Context {
    style: &'static str,
    title: &'static str,
    machines: Vec<Machine>,
}

/// The history of a machine.
#[derive(Serialize)]
struct Machine {
    /// The name of its file.
    name: String,
    machine: String,
    runs: usize,
    moved: Vec<Entry>,
    level: Vec<Entry>,
}

/// A cell, run after run.
#[derive(Serialize)]
struct Entry {
    id: String,
    figures: String,
    remarks: Vec<String>,
    /// `None` where there are pictures enough.
    chart: Option<Chart>,
}

/// The page of trends, each with the name of its machine's file: one file that needs nothing else.
///
/// # Errors
/// Where drawing or laying out fails, which no history makes them do.
pub fn history_page(trends: &[(String, Trend)]) -> Result<String> {
    let mut pictures = MOST_PICTURES;
    let machines = trends.iter().map(|(name, trend)| {
        let moved = |series: &&Series| series.course != Course::Level;
        let (moved, level): (Vec<&Series>, Vec<&Series>) = trend.series.iter().partition(moved);
        Ok(Machine {
            name: name.clone(),
            machine: trend.machine.clone(),
            runs: trend.runs,
            moved: entries(&moved, &mut pictures)?,
            level: entries(&level, &mut pictures)?,
        })
    });
    let context = Context {
        style: STYLE,
        title: "mmap or read? What changed from run to run",
        machines: machines.collect::<Result<_>>()?,
    };
    render("history.html", &context)
}

/// Those of `series`, with as many pictures as are left.
fn entries(series: &[&Series], pictures: &mut usize) -> Result<Vec<Entry>> {
    let entry = |series: &&Series| {
        let drawn = *pictures > 0;
        *pictures = pictures.saturating_sub(1);
        Ok(Entry {
            id: series.id.clone(),
            figures: format!(
                "last {}, median {} of {}",
                Ratio(series.last()),
                Ratio(series.median()),
                series.runs.len()
            ),
            remarks: series.remarks(),
            chart: drawn.then(|| trend(series)).transpose()?,
        })
    };
    series.iter().map(entry).collect()
}
