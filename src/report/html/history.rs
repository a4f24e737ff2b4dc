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
    /// How many cells are in no picture.
    left_out: usize,
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
    let mut machines: Vec<Machine> = trends
        .iter()
        .map(|(name, trend)| Machine {
            name: name.clone(),
            machine: trend.machine.clone(),
            runs: trend.runs,
            moved: Vec::new(),
            level: Vec::new(),
        })
        .collect();
    let mut asked_for = 0;
    // What moved has its picture first, on every machine.
    for is_level in [false, true] {
        for (machine, (_, trend)) in machines.iter_mut().zip(trends) {
            let wanted = |series: &&Series| (series.course == Course::Level) == is_level;
            let entries = trend.series.iter().filter(wanted);
            let entries = entries.map(|series| {
                asked_for += 1;
                entry(series, asked_for <= MOST_PICTURES)
            });
            let entries = entries.collect::<Result<Vec<_>>>()?;
            match is_level {
                true => machine.level = entries,
                false => machine.moved = entries,
            }
        }
    }
    let context = Context {
        style: STYLE,
        title: "mmap or read? What changed from run to run",
        machines,
        left_out: asked_for.saturating_sub(MOST_PICTURES),
    };
    render("history.html", &context)
}

fn entry(series: &Series, has_picture: bool) -> Result<Entry> {
    Ok(Entry {
        id: series.id.clone(),
        figures: format!(
            "last {}, median {} of {}",
            Ratio(series.last()),
            Ratio(series.median()),
            series.runs.len()
        ),
        remarks: series.remarks(),
        chart: has_picture.then(|| trend(series)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Seen;

    fn series(number: usize, course: Course) -> Series {
        let run = |day: u32| Seen {
            created: format!("2026-01-{day:02}T00:00:00Z"),
            revision: None,
            speedup: f64::from(day),
            interval: None,
            time_ns: 1.0,
        };
        Series {
            id: format!("whole_file/mmap/{number}"),
            workload: "whole_file".to_owned(),
            runs: (1..9).map(run).collect(),
            course,
            untold: 0,
            left_out: 0,
        }
    }

    #[test]
    fn what_moved_has_its_picture_on_every_machine() {
        let trend = |course: &Course, count| Trend {
            machine: "made <up>".to_owned(),
            runs: 8,
            series: (0..count)
                .map(|number| series(number, course.clone()))
                .collect(),
        };
        let trends = [
            ("one".to_owned(), trend(&Course::Level, MOST_PICTURES + 5)),
            ("two".to_owned(), trend(&Course::Steps(vec![4]), 1)),
            ("none".to_owned(), trend(&Course::Level, 0)),
        ];
        let page = history_page(&trends).unwrap();
        assert_eq!(page.matches("<svg ").count(), MOST_PICTURES);
        let (_, two) = page.split_once("<h2>two</h2>").unwrap();
        assert!(
            two.contains("<svg ") && two.contains("stepped by +"),
            "{two}"
        );
        assert!(two.contains("no cell is known of it"), "{two}");
        assert!(page.contains("6 more cells are in no picture"));
        assert!(page.contains("made &lt;up&gt;") && !page.contains("made <up>"));
    }
}
