//! From entries to series, and where they stepped.

use super::Entry;
use crate::stats::{self, Course, EQUIVALENCE_MARGIN, Sample};

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
    /// Earlier runs that asked another question: another version, another file.
    pub left_out: usize,
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
        let mut series: Vec<Series> = Vec::new();
        for newest in ordered.iter().rev() {
            for point in &newest.cells {
                let wanted = workload.is_none_or(|workload| workload == point.workload);
                let is_floor = point.id.split('/').nth(1) == Some(point.baseline.as_str());
                let known = series.iter().any(|series| series.id == point.id);
                if wanted && !is_floor && !known {
                    series.push(Series::of(&point.id, &ordered));
                }
            }
        }
        Self {
            machine: ordered
                .last()
                .map(|entry| entry.machine.clone())
                .unwrap_or_default(),
            runs: ordered.len(),
            series,
        }
    }
}

impl Series {
    /// The runs of `id` that asked what the newest did, by the same driver.
    fn of(id: &str, ordered: &[&Entry]) -> Self {
        let points = ordered.iter().filter_map(|entry| {
            let point = entry.cells.iter().find(|point| point.id == id)?;
            Some((*entry, point))
        });
        let all: Vec<_> = points.collect();
        let newest = all.last().copied();
        let alike: Vec<_> = all
            .iter()
            .filter(|(entry, point)| {
                newest.is_some_and(|(last, of_last)| {
                    entry.driver == last.driver && point.is_same_question(of_last)
                })
            })
            .collect();
        let logs: Vec<f64> = alike
            .iter()
            .map(|(_, point)| libm::log(point.speedup))
            .collect();
        let runs = alike.iter().map(|(entry, point)| Seen {
            created: entry.created.clone(),
            revision: entry.revision.clone(),
            speedup: point.speedup,
            interval: point.interval,
            time_ns: point.time_ns,
        });
        Self {
            id: id.to_owned(),
            workload: newest
                .map(|(_, point)| point.workload.clone())
                .unwrap_or_default(),
            runs: runs.collect(),
            course: stats::course(&logs, libm::log1p(EQUIVALENCE_MARGIN)),
            left_out: all.len() - alike.len(),
        }
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
        let percent = |ratio: f64| format!("{:+.1} %", 100.0 * (ratio - 1.0)).replace('-', "−");
        let mut remarks = match &self.course {
            Course::Level => Vec::new(),
            Course::Drift(slope) => {
                let all = slope * (self.runs.len() - 1) as f64;
                vec![format!("drifts, by {} in all", percent(libm::exp(all)))]
            }
            Course::Steps(steps) => {
                let starts = std::iter::once(0).chain(steps.iter().copied());
                let ends = steps.iter().copied().skip(1).chain([self.runs.len()]);
                let around = starts.zip(steps).zip(ends);
                let told = around.map(|((before, &at), end)| {
                    let change = self.median_of(at, end) / self.median_of(before, at);
                    let run = &self.runs[at];
                    let revision = run.revision.as_deref().unwrap_or("unknown revision");
                    format!(
                        "stepped by {} with the run of {} ({revision})",
                        percent(change),
                        run.created
                    )
                });
                told.collect()
            }
        };
        if self.left_out > 0 {
            remarks.push(format!(
                "{} earlier are left out: another version, file or driver",
                self.left_out
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
            digest: None,
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
}
