//! One run in a history: a line of JSON, with what a trend needs and no more.

use serde::{Deserialize, Serialize};

use crate::record::{Cell, Run};

/// The version of a line.
pub const SCHEMA: &str = "mapmark.history.v1";

/// A run, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// When the run began.
    pub created: String,
    /// What drew its orders; with `created`, the run's name.
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
    /// Digest of the file.
    pub digest: Option<String>,
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
            cells: run.cells.iter().filter_map(Point::of).collect(),
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
        let impossible = |value: f64| !value.is_finite() || value <= 0.0;
        match entry
            .cells
            .iter()
            .find(|cell| impossible(cell.speedup) || impossible(cell.time_ns))
        {
            Some(cell) => Err(format!(
                "has a speed-up of {} and {} ns for `{}`",
                cell.speedup, cell.time_ns, cell.id
            )),
            None => Ok(entry),
        }
    }

    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        // Only maps with keys that are no strings, or a failing Serialize, could stop this.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Whether two entries are of one run.
    #[must_use]
    pub fn is_same_run(&self, other: &Self) -> bool {
        (&self.created, self.seed) == (&other.created, other.seed)
    }
}

impl Point {
    fn of(cell: &Cell) -> Option<Self> {
        let measured = cell.outcome.measured()?;
        Some(Self {
            id: cell.id(),
            workload: cell.workload.clone(),
            workload_version: cell.workload_version,
            engine_version: cell.engine_version,
            baseline: cell.baseline.clone(),
            digest: cell.fixture.digest.clone(),
            speedup: measured.estimate.point,
            interval: measured
                .estimate
                .interval
                .map(|interval| [interval.low(), interval.high()]),
            time_ns: measured.engine.time.0,
        })
    }

    /// Whether two cells of one id asked the same question.
    #[must_use]
    pub fn is_same_question(&self, other: &Self) -> bool {
        let question = |point: &Self| (point.workload_version, point.engine_version);
        question(self) == question(other)
            && self.baseline == other.baseline
            && self.digest == other.digest
    }
}
