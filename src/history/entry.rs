//! One run in a history: a line of JSON, with what a trend needs and no more.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::record::{Cell, Run, check_ratio, check_time_ns};

/// The version of a line.
pub const SCHEMA: &str = "mapmark.history.v1";

/// A run, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// When the run began.
    pub created: String,
    /// What drew its orders.
    pub seed: u64,
    /// What drove it.
    pub driver: String,
    /// The machine in one line.
    pub machine: String,
    /// Its kernel's release.
    pub kernel: Option<String>,
    /// Version of mapmark.
    pub version: Option<String>,
    /// Revision of its source.
    pub revision: Option<String>,
    /// The compiler.
    pub compiler: Option<String>,
    /// What was asked for besides the usual: settled, on one processor, in so much memory, beside another build.
    #[serde(default)]
    pub conditions: String,
    /// The cells that were measured.
    pub cells: Vec<Point>,
}

/// A cell of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its id.
    pub id: String,
    /// The workload.
    pub workload: String,
    /// The version of its work.
    pub workload_version: u32,
    /// The version of the engine's.
    pub engine_version: u32,
    /// What it was compared with.
    pub baseline: String,
    /// The version of that engine's work; lines of older programs do not have it.
    #[serde(default)]
    pub baseline_version: Option<u32>,
    /// What the workload searched for, replaced or drew; lines of older programs do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Digest of the file.
    pub digest: Option<String>,
    /// What every engine answered; lines of older programs do not have it.
    #[serde(default)]
    pub answer: Option<String>,
    /// Baseline time over engine time.
    pub speedup: f64,
    /// The interval that the record prints.
    pub interval: Option<[f64; 2]>,
    /// The engine's median time for one iteration.
    pub time_ns: f64,
}

impl Entry {
    /// The entry of `run`.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let versions = run
            .cells
            .iter()
            .map(|cell| (cell.id(), cell.engine_version));
        let versions: HashMap<String, u32> = versions.collect();
        let point = |cell: &Cell| {
            let version = versions.get(&cell.id_of(&cell.baseline));
            Point::of(cell, version.copied())
        };
        Self {
            schema: SCHEMA.to_owned(),
            created: run.created.clone(),
            seed: run.seed,
            driver: run.driver.name().to_owned(),
            machine: run.machine.summary(),
            kernel: run.machine.kernel.clone(),
            version: run.build.version.clone(),
            revision: run.build.revision.clone(),
            compiler: run.build.compiler.clone(),
            conditions: conditions(run),
            cells: run.cells.iter().filter_map(point).collect(),
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    /// Where it is no entry, or of a version that this program does not know; a fragment to stand behind the place.
    pub fn parse(line: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head =
            serde_json::from_str(line).map_err(|error| format!("is no entry: {error}"))?;
        if head.schema != SCHEMA {
            return Err(format!(
                "is of schema `{}`, and this program reads `{SCHEMA}`",
                head.schema
            ));
        }
        let entry: Self =
            serde_json::from_str(line).map_err(|error| format!("is damaged: {error}"))?;
        let mut ids = HashSet::new();
        for cell in &entry.cells {
            check_ratio("speed-up of", cell.speedup, cell.interval)
                .and(check_time_ns(cell.time_ns))
                .map_err(|reason| format!("contradicts itself: `{}` {reason}", cell.id))?;
            if !ids.insert(&cell.id) {
                return Err(format!("has the cell `{}` twice", cell.id));
            }
        }
        Ok(entry)
    }

    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        // Only maps with keys that are no strings, or a failing Serialize, could stop this.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Whether two entries are of one run: begun in the same second with the same seed and driver, with the same
    /// figures of every cell. Two runs of one second do not agree to the last digit.
    #[must_use]
    pub fn is_same_run(&self, other: &Self) -> bool {
        let begun = |entry: &Self| (entry.created.clone(), entry.seed, entry.driver.clone());
        let figures = |entry: &Self| -> Vec<_> {
            let cells = entry.cells.iter();
            cells
                .map(|cell| (cell.id.clone(), cell.speedup, cell.time_ns))
                .collect()
        };
        begun(self) == begun(other) && figures(self) == figures(other)
    }
}

/// In what the run was unlike others, so that its cells ask another question; empty where in nothing.
fn conditions(run: &Run) -> String {
    let settings = run.settings.clone().unwrap_or_default();
    let found = [
        settings
            .settle
            .then(|| "settled before each batch".to_owned()),
        settings.pinned_to.map(|cpu| format!("processor {cpu}")),
        settings
            .memory_limit_bytes
            .map(|bytes| format!("{bytes} bytes of memory")),
        run.against
            .as_ref()
            .map(|_| "another build in the same rounds".to_owned()),
        // Older records do not tell, and say no more than those where there was nothing.
        run.machine
            .allocator_settings
            .as_ref()
            .filter(|settings| *settings != "none")
            .map(|settings| format!("allocator settings {settings}")),
    ];
    found.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

impl Point {
    fn of(cell: &Cell, baseline_version: Option<u32>) -> Option<Self> {
        let measured = cell.outcome.measured()?;
        Some(Self {
            id: cell.id(),
            workload: cell.workload.clone(),
            workload_version: cell.workload_version,
            engine_version: cell.engine_version,
            baseline: cell.baseline.clone(),
            baseline_version,
            query: cell.query.clone(),
            digest: cell.fixture.digest.clone(),
            answer: Some(measured.answer.clone()),
            speedup: measured.estimate.point,
            interval: measured
                .estimate
                .interval
                .map(|interval| [interval.low(), interval.high()]),
            time_ns: measured.engine.time.0,
        })
    }

    /// Whether two cells of one id asked the same question, their queries apart: [`Trend`](super::Trend) looks at
    /// those, as a line that an older program wrote does not tell them. What one line does not know of all else, the
    /// other must not know either.
    #[must_use]
    pub fn is_same_question(&self, other: &Self) -> bool {
        let versions = |point: &Self| {
            (
                point.workload_version,
                point.engine_version,
                point.baseline_version,
            )
        };
        versions(self) == versions(other)
            && self.baseline == other.baseline
            && self.digest == other.digest
            && self.answer == other.answer
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::record::{self, Settings};

    fn run() -> Run {
        let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
        record::load(&record).unwrap()
    }

    #[test]
    fn a_line_has_what_makes_two_runs_comparable() {
        let entry = Entry::of(&run());
        assert_eq!(entry.conditions, "");
        let sound = |cell: &Point| cell.answer.is_some() && cell.baseline_version.is_some();
        assert!(entry.cells.iter().all(sound), "{:?}", entry.cells);
        let settings = Settings {
            settle: true,
            pinned_to: Some(1),
            memory_limit_bytes: Some(1 << 30),
            ..Settings::default()
        };
        let mut special = Run {
            settings: Some(settings),
            ..run()
        };
        special.machine.allocator_settings = Some("none".to_owned());
        let usual = "settled before each batch; processor 1; 1073741824 bytes of memory";
        assert_eq!(Entry::of(&special).conditions, usual);
        special.machine.allocator_settings = Some("MALLOC_ARENA_MAX=1".to_owned());
        let special = Entry::of(&special);
        assert_eq!(
            special.conditions,
            format!("{usual}; allocator settings MALLOC_ARENA_MAX=1")
        );
        assert_eq!(Entry::parse(&special.line()).unwrap(), special);
    }

    #[test]
    fn lines_of_older_programs_are_read_and_are_like_each_other_alone() {
        let new = Entry::of(&run());
        let mut line: serde_json::Value = serde_json::from_str(&new.line()).unwrap();
        line.as_object_mut().unwrap().remove("conditions");
        for cell in line["cells"].as_array_mut().unwrap() {
            let cell = cell.as_object_mut().unwrap();
            assert!(cell.remove("answer").is_some() && cell.remove("baseline_version").is_some());
            assert!(
                !cell.contains_key("query"),
                "the kept record does not tell it"
            );
        }
        let old = Entry::parse(&line.to_string()).unwrap();
        let again = Entry::parse(&old.line()).unwrap();
        assert_eq!(old, again);
        assert!(old.cells[0].is_same_question(&again.cells[0]));
        assert!(!old.cells[0].is_same_question(&new.cells[0]));
    }
}
