//! `rounds.csv` read back: for each cell, what its replicates found out, round by round.
//!
//! A file of millions of lines is read line by line; one number is kept of each round.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::Run;
use super::lines::{Arm, Columns, Line, Lines, Torn};
use crate::error::{Error, Result};
use crate::stats;

/// What is taken of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Baseline time over engine time.
    Speedup,
    /// The engine's time for one iteration, in nanoseconds.
    Time,
}

impl Metric {
    /// The name in tables and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Speedup => "speedup",
            Self::Time => "time",
        }
    }
}

/// For each cell, by its id: the values of the rounds of each replicate, in order of time.
pub type Replicates = HashMap<String, Vec<Vec<f64>>>;

/// Reads the rounds of `run` from the `rounds.csv` at `path`.
///
/// # Errors
/// Where the file cannot be read, or holds anything that no run writes; the message names the line. Where a measured
/// cell has fewer rounds than the record tells of.
pub fn replicates(path: &Path, run: &Run, metric: Metric) -> Result<Replicates> {
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    let read = read(BufReader::with_capacity(1 << 18, file), run, metric);
    read.map_err(|reason| Error::bad_file(path, reason))
}

/// Reads rounds; the error is a fragment to stand behind the path.
pub(super) fn read(source: impl BufRead, run: &Run, metric: Metric) -> Result<Replicates, String> {
    let mut lines = Lines::of(source, Torn::Refused);
    let header = lines.advance()?.ok_or("is empty; no run has written it")?;
    let columns = Columns::of(header)?;
    let mut collected = Collected::of(run, metric);
    while let Some(line) = lines.advance()? {
        let added = columns.line(line).and_then(|line| collected.add(&line));
        added.map_err(|reason| lines.blame(&reason))?;
    }
    collected.finish(run)
}

/// What has been read so far.
struct Collected {
    metric: Metric,
    places: HashMap<Vec<u8>, usize>,
    cells: Vec<Collecting>,
    /// The first batch of a round whose second is still to come.
    pending: Option<Pending>,
}

#[derive(Default)]
struct Collecting {
    replicates: Vec<Vec<f64>>,
    /// Replicate and round of the last value.
    last: Option<(u64, u64)>,
}

struct Pending {
    cell: usize,
    at: (u64, u64),
    arm: Arm,
    time_ns: f64,
}

impl Collected {
    /// Ready for every cell that `run` planned.
    fn of(run: &Run, metric: Metric) -> Self {
        let mut places = HashMap::new();
        let ids = run.cells.iter().map(super::Cell::id);
        for id in ids.chain(run.plan.iter().cloned()) {
            let next = places.len();
            places.entry(id.into_bytes()).or_insert(next);
        }
        Self {
            metric,
            cells: places.iter().map(|_| Collecting::default()).collect(),
            places,
            pending: None,
        }
    }

    fn add(&mut self, line: &Line<'_>) -> Result<(), String> {
        let cell = *self.places.get(line.cell).ok_or_else(|| {
            let id = String::from_utf8_lossy(line.cell);
            format!("the cell `{id}` is not in run.json")
        })?;
        let (at, time_ns) = (line.at, line.time_ns);
        let Some(first) = self.pending.take() else {
            if self.cells[cell].last.is_some_and(|last| at <= last) {
                return Err(
                    "the round stands there already, or a later one does; rounds are in order"
                        .to_owned(),
                );
            }
            self.pending = Some(Pending {
                cell,
                at,
                arm: line.arm,
                time_ns,
            });
            return Ok(());
        };
        if (first.cell, first.at) != (cell, at) || first.arm == line.arm {
            return Err("the line before lacks the other arm of its round".to_owned());
        }
        let (engine_ns, baseline_ns) = match first.arm {
            Arm::Engine => (first.time_ns, time_ns),
            Arm::Baseline => (time_ns, first.time_ns),
        };
        let value = match self.metric {
            Metric::Speedup => stats::speed_up(baseline_ns, engine_ns),
            Metric::Time => Ok(engine_ns),
        };
        self.cells[cell].push(at, value.map_err(|error| error.to_string())?);
        Ok(())
    }

    fn finish(mut self, run: &Run) -> Result<Replicates, String> {
        if self.pending.is_some() {
            return Err("the last round lacks an arm; the file is cut off".to_owned());
        }
        let mut replicates = Replicates::new();
        for cell in &run.cells {
            let Some(measured) = cell.outcome.measured() else {
                continue;
            };
            let id = cell.id();
            let place = self.places.get(id.as_bytes());
            let own = place.map(|place| std::mem::take(&mut self.cells[*place].replicates));
            let own = own.unwrap_or_default();
            let rounds: usize = own.iter().map(Vec::len).sum();
            let told = measured.estimate.rounds;
            // A run that was killed may have had more than its record tells of.
            if rounds < told || rounds == 0 {
                return Err(format!(
                    "has {rounds} rounds of `{id}`, and run.json tells of {told}; the file is cut off or of \
                     another run"
                ));
            }
            replicates.insert(id, own);
        }
        Ok(replicates)
    }
}

impl Collecting {
    fn push(&mut self, at: (u64, u64), value: f64) {
        let same_replicate = self.last.is_some_and(|last| last.0 == at.0);
        match self.replicates.last_mut() {
            Some(replicate) if same_replicate => replicate.push(value),
            _ => self.replicates.push(vec![value]),
        }
        self.last = Some(at);
    }
}
