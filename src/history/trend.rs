//! From entries to series, and where they stepped.

use std::collections::HashMap;

use super::{Entry, Point};
use crate::stats::{self, Course, EQUIVALENCE_MARGIN, LONGEST, Sample};
use crate::units;

/// The runs of one machine.
#[derive(Clone, Debug)]
pub struct Trend {
    /// The machine, as its last run describes it.
    pub machine: String,
    /// How many runs there are.
    pub runs: usize,
    /// A series for each cell that the newest entries know.
    pub series: Vec<Series>,
}

/// A cell, run after run.
#[derive(Clone, Debug)]
pub struct Series {
    /// The cell.
    pub id: String,
    /// Its workload.
    pub workload: String,
    /// Its runs, the oldest first: at least one.
    pub runs: Vec<Seen>,
    /// How its speed-up went on, on the log scale.
    pub course: Course,
    /// Earlier runs that asked another question: another query, version, file, answer or
    /// baseline, other conditions.
    pub left_out: usize,
    /// Runs among `runs` whose lines do not tell their query, while others do.
    pub untold: usize,
}

/// A cell in a run.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When the run began.
    pub created: String,
    /// The program's revision.
    pub revision: Option<String>,
    /// Baseline time over engine time.
    pub speedup: f64,
    /// The interval that its record prints.
    pub interval: Option<[f64; 2]>,
    /// The engine's time for one iteration.
    pub time_ns: f64,
}

impl Trend {
    /// The trend of `entries`, of the cells of `workload` if one is named. The baseline beside itself has none.
    #[must_use]
    pub fn of(entries: &[Entry], workload: Option<&str>) -> Self {
        let mut ordered: Vec<&Entry> = entries.iter().collect();
        ordered.sort_by(|one, other| one.created.cmp(&other.created));
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut points: Vec<Vec<(&Entry, &Point)>> = Vec::new();
        for entry in ordered.iter().rev() {
            for point in &entry.cells {
                let wanted = workload.is_none_or(|workload| workload == point.workload);
                // Names from a stranger's line may have a `/` in them.
                let floor = format!("{}/{}/", point.workload, point.baseline);
                let is_floor = point.id.starts_with(&floor);
                if !wanted || is_floor {
                    continue;
                }
                let place = *places.entry(&point.id).or_insert(points.len());
                if place == points.len() {
                    points.push(Vec::new());
                }
                let own = &mut points[place];
                // Of a cell that a line has twice the first counts.
                if own
                    .last()
                    .is_none_or(|(last, _)| !std::ptr::eq(*last, *entry))
                {
                    own.push((entry, point));
                }
            }
        }
        Self {
            machine: ordered
                .last()
                .map(|entry| entry.machine.clone())
                .unwrap_or_default(),
            runs: ordered.len(),
            series: points.iter().filter_map(|own| Series::of(own)).collect(),
        }
    }
}

impl Series {
    /// The runs of a cell, the newest first, that asked what the newest did, under the same conditions and by the same
    /// driver; `None` where there are none.
    fn of(points: &[(&Entry, &Point)]) -> Option<Self> {
        let (last, of_last) = points.first()?;
        let alike = |(entry, point): &&(&Entry, &Point)| {
            entry.driver == last.driver
                && entry.conditions == last.conditions
                && point.is_same_question(of_last)
        };
        // Of lines that do not tell their query nobody knows; they stay with the newest that does.
        let told = |(_, point): &(&Entry, &Point)| point.query.clone();
        let query = points.iter().filter(alike).find_map(told);
        let same_query = |point: &Point| point.query.is_none() || point.query == query;
        let alike: Vec<_> = points
            .iter()
            .filter(alike)
            .filter(|(_, point)| same_query(point))
            .collect();
        let untold = alike.iter().filter(|(_, point)| point.query.is_none());
        let untold = match query.as_deref() {
            // A workload without a query has none to tell.
            None | Some("") => 0,
            Some(_) => untold.count(),
        };
        let seen = alike.iter().rev().map(|(entry, point)| Seen {
            created: entry.created.clone(),
            revision: entry.revision.clone(),
            speedup: point.speedup,
            interval: point.interval,
            time_ns: point.time_ns,
        });
        let runs: Vec<Seen> = seen.collect();
        let logs: Vec<f64> = runs.iter().map(|run| libm::log(run.speedup)).collect();
        Some(Self {
            id: of_last.id.clone(),
            workload: of_last.workload.clone(),
            course: stats::course(&logs, libm::log1p(EQUIVALENCE_MARGIN)),
            left_out: points.len() - runs.len(),
            untold,
            runs,
        })
    }

    /// The name of its engine, as it stands in the cell's.
    #[must_use]
    pub fn engine(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or_default()
    }

    /// The newest speed-up.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.runs.last().map_or(f64::NAN, |run| run.speedup)
    }

    /// The median speed-up of all its runs.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.median_of(0, self.runs.len())
    }

    fn median_of(&self, start: usize, end: usize) -> f64 {
        let speedups = self.runs[start..end].iter().map(|run| run.speedup);
        Sample::new(speedups.collect()).map_or(f64::NAN, |sample| sample.median())
    }

    /// The numbers of the runs that are the first behind a step.
    #[must_use]
    pub fn steps(&self) -> &[usize] {
        match &self.course {
            Course::Steps(steps) => steps,
            _ => &[],
        }
    }

    /// What is to be said of it: a sentence for each step, or one for a drift.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        // Only so many were looked at.
        let oldest = self.runs.len().saturating_sub(LONGEST);
        let mut remarks = match &self.course {
            Course::Level => Vec::new(),
            Course::Drift(slope) => {
                let count = self.runs.len() - oldest;
                let all = slope * count.saturating_sub(1) as f64;
                vec![format!(
                    "drifts, by {} over {count} runs",
                    units::change(libm::exp(all))
                )]
            }
            Course::Steps(steps) => {
                let starts = std::iter::once(oldest).chain(steps.iter().copied());
                let ends = steps.iter().copied().skip(1).chain([self.runs.len()]);
                let around = starts.zip(steps).zip(ends);
                let told = around.map(|((before, &at), end)| {
                    let change = self.median_of(at, end) / self.median_of(before, at);
                    let run = &self.runs[at];
                    let revision = run.revision.as_deref().unwrap_or("unknown revision");
                    format!(
                        "stepped by {} with the run of {} ({revision})",
                        units::change(change),
                        run.created
                    )
                });
                told.collect()
            }
        };
        if self.left_out > 0 {
            remarks.push(format!(
                "{} earlier are left out: another question, driver or conditions",
                self.left_out
            ));
        }
        if self.untold > 0 {
            remarks.push(format!(
                "{} of an older mapmark do not tell their query, and are taken to have asked the same",
                self.untold
            ));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Point, SCHEMA};

    fn entry(number: usize, speedup: f64, version: u32) -> Entry {
        let point = |engine: &str, speedup| Point {
            id: format!("whole_file/{engine}/2MB"),
            workload: "whole_file".to_owned(),
            workload_version: version,
            engine_version: 1,
            baseline: "read".to_owned(),
            baseline_version: Some(1),
            query: Some("needle `disk`".to_owned()),
            digest: None,
            answer: None,
            speedup,
            interval: None,
            time_ns: 100.0,
        };
        Entry {
            schema: SCHEMA.to_owned(),
            created: format!("2026-01-{:02}T00:00:00Z", number + 1),
            seed: number as u64,
            driver: "run".to_owned(),
            machine: "made up".to_owned(),
            kernel: None,
            version: None,
            revision: Some(format!("r{number}")),
            compiler: None,
            conditions: String::new(),
            cells: vec![point("read", 1.0), point("mmap", speedup)],
        }
    }

    #[test]
    fn a_step_is_told_with_the_run_it_came_with() {
        let wobble = |number: usize| 1.0 + 0.002 * (number % 3) as f64;
        let mut entries: Vec<Entry> = (0..20)
            .map(|number| {
                entry(
                    number,
                    wobble(number) * if number < 12 { 2.0 } else { 1.8 },
                    1,
                )
            })
            .collect();
        entries.reverse(); // the order in the file need not be that of the runs
        let trend = Trend::of(&entries, None);
        let [series] = trend.series.as_slice() else {
            panic!("{trend:?}");
        };
        assert_eq!(series.steps(), [12]);
        let remarks = series.remarks();
        assert!(
            remarks[0].contains("stepped by −10")
                && remarks[0].contains("2026-01-13T00:00:00Z (r12)"),
            "{remarks:?}"
        );
    }

    #[test]
    fn another_question_begins_another_series() {
        let entries: Vec<Entry> = (0..8)
            .map(|number| entry(number, 2.0, u32::from(number > 4)))
            .collect();
        let trend = Trend::of(&entries, Some("whole_file"));
        assert_eq!(
            (trend.series[0].runs.len(), trend.series[0].left_out),
            (3, 5)
        );
        assert!(trend.series[0].remarks()[0].contains("5 earlier"));
        assert!(Trend::of(&entries, Some("replace")).series.is_empty());
    }
    /// Eight runs, of which `change` changes the last three.
    fn changed(change: impl Fn(&mut Entry)) -> Trend {
        let mut entries: Vec<Entry> = (0..8).map(|number| entry(number, 2.0, 1)).collect();
        entries[5..].iter_mut().for_each(change);
        Trend::of(&entries, None)
    }

    #[test]
    fn what_a_comparison_would_refuse_is_no_series() {
        let changes: [fn(&mut Entry); 6] = [
            |entry| entry.cells[1].query = Some("needle `error`".to_owned()),
            |entry| entry.conditions = "processor 1".to_owned(),
            |entry| entry.driver = "criterion".to_owned(),
            |entry| entry.cells[1].answer = Some("4 matches".to_owned()),
            |entry| entry.cells[1].baseline_version = Some(2),
            |entry| entry.cells[1].digest = Some("other".to_owned()),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let series = &changed(change).series[0];
            assert_eq!((series.runs.len(), series.left_out), (3, 5), "{number}");
        }
    }

    #[test]
    fn lines_that_do_not_tell_their_query_stay_and_are_counted() {
        let mut entries: Vec<Entry> = (0..8).map(|number| entry(number, 2.0, 1)).collect();
        entries[0].cells[1].query = Some("needle `error`".to_owned());
        entries[1].cells[1].query = None;
        // The newest does not tell: the one before it decides.
        entries[7].cells[1].query = None;
        let series = &Trend::of(&entries, None).series[0];
        assert_eq!(
            (series.runs.len(), series.left_out, series.untold),
            (7, 1, 2)
        );
        assert!(
            series.remarks()[1].starts_with("2 of an older mapmark"),
            "{:?}",
            series.remarks()
        );
        for entry in &mut entries {
            entry.cells[1].query = None;
        }
        let series = &Trend::of(&entries, None).series[0];
        assert_eq!(
            (series.runs.len(), series.untold),
            (8, 0),
            "there is nothing else to tell"
        );
    }

    #[test]
    fn another_baseline_begins_another_series_and_ends_that_of_its_engine() {
        let trend = changed(|entry| {
            entry.cells[0].speedup = 0.5;
            entry.cells[1].speedup = 1.0;
            for cell in &mut entry.cells {
                cell.baseline = "mmap".to_owned();
            }
        });
        let told: Vec<_> = trend
            .series
            .iter()
            .map(|series| (series.id.as_str(), series.runs.len(), series.last()))
            .collect();
        assert_eq!(
            told,
            [
                ("whole_file/read/2MB", 3, 0.5),
                ("whole_file/mmap/2MB", 5, 2.0)
            ]
        );
    }

    #[test]
    fn of_a_cell_that_a_line_has_twice_the_first_counts() {
        let mut twice = entry(0, 2.0, 1);
        twice.cells.push(Point {
            speedup: 9.0,
            ..twice.cells[1].clone()
        });
        let trend = Trend::of(&[twice], None);
        assert_eq!((trend.series.len(), trend.series[0].runs.len()), (1, 1));
        assert_eq!(trend.series[0].last(), 2.0);
    }

    #[test]
    fn many_cells_are_no_trouble() {
        let entries: Vec<Entry> = (0..30)
            .map(|number| {
                let mut entry = entry(number, 2.0, 1);
                let cell = entry.cells.remove(1);
                let cells = (0..10_000).map(|number| Point {
                    id: format!("whole_file/mmap/{number}B"),
                    ..cell.clone()
                });
                entry.cells = cells.collect();
                entry
            })
            .collect();
        let trend = Trend::of(&entries, None);
        assert_eq!(trend.series.len(), 10_000);
        assert!(trend.series.iter().all(|series| series.runs.len() == 30));
    }

    #[test]
    fn a_drift_is_told_of_the_runs_that_were_looked_at() {
        let count = LONGEST + 100;
        let mut entries: Vec<Entry> = (0..count)
            .map(|number| entry(number, libm::exp(0.001 * number as f64), 1))
            .collect();
        for (number, entry) in entries.iter_mut().enumerate() {
            entry.created = format!("2026-{number:05}");
        }
        let trend = Trend::of(&entries, None);
        let remarks = trend.series[0].remarks();
        // e to the power of 0.199.
        assert_eq!(remarks, ["drifts, by +22.0 % over 200 runs"]);
    }
}
