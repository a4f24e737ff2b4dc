//! `rounds.csv` read back: for each cell, what its replicates found out, round by round.
//!
//! A file of millions of lines is read round by round; a number or two are kept of each.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

use super::lines::{RoundLine, each_round_at};
use super::rebuild::other_rounds;
use super::{AgainstCell, AgainstOutcome, Run};
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

/// For each cell that two builds were measured in, by its id: of the rounds of each replicate, in
/// order of time, what an iteration took in this build and in the other, in nanoseconds.
pub type Times = HashMap<String, Vec<Vec<[f64; 2]>>>;

/// Reads the rounds of `run` from the `rounds.csv` at `path`.
///
/// # Errors
/// Where the file cannot be read, or holds anything that no run writes; the message names the line. Where a measured
/// cell has fewer rounds than the record tells of.
pub fn replicates(path: &Path, run: &Run, metric: Metric) -> Result<Replicates> {
    collect(path, run, measured(run), take(metric))
}

/// Reads what both builds of `run`, one against another, took in the `rounds.csv` at `path`.
///
/// # Errors
/// As [`replicates`].
pub fn times_of_builds(path: &Path, run: &Run) -> Result<Times> {
    let cells = run.against.iter().flat_map(|against| &against.cells);
    let cells = cells.filter_map(|cell| match cell.outcome {
        AgainstOutcome::Measured { rounds } => Some((cell.id.clone(), rounds)),
        _ => None,
    });
    let cells: Vec<_> = cells.collect();
    let ids = cells
        .iter()
        .map(|(id, rounds)| (AgainstCell::rounds_id(id), *rounds));
    let mut times = collect(path, run, ids, Ok)?;
    Ok(cells
        .iter()
        .filter_map(|(id, _)| Some((id.clone(), times.remove(&AgainstCell::rounds_id(id))?)))
        .collect())
}

/// Reads rounds; the error is a fragment to stand behind the path.
#[cfg(test)]
pub(super) fn read(
    source: impl std::io::BufRead,
    run: &Run,
    metric: Metric,
) -> Result<Replicates, String> {
    let mut collected = Collected::of(run, take(metric));
    super::lines::each_round(source, |round| collected.add(round))?;
    collected.finish(measured(run))
}

/// The cells that were measured, and how many rounds of each the record tells of.
fn measured(run: &Run) -> impl Iterator<Item = (String, usize)> + '_ {
    run.cells.iter().filter_map(|cell| {
        let measured = cell.outcome.measured()?;
        Some((cell.id(), measured.estimate.rounds))
    })
}

/// What is made of the times of the engine and the baseline in a round.
type Take<T> = fn([f64; 2]) -> Result<T, String>;

fn take(metric: Metric) -> Take<f64> {
    match metric {
        Metric::Speedup => |[engine_ns, baseline_ns]| {
            stats::speed_up(baseline_ns, engine_ns).map_err(|error| error.to_string())
        },
        Metric::Time => |[engine_ns, _]| Ok(engine_ns),
    }
}

/// Of the rounds of `cells`, which are told of with their number, what `take` makes of them.
fn collect<T>(
    path: &Path,
    run: &Run,
    cells: impl Iterator<Item = (String, usize)>,
    take: Take<T>,
) -> Result<HashMap<String, Vec<Vec<T>>>> {
    let mut collected = Collected::of(run, take);
    if !each_round_at(path, |round| collected.add(round))? {
        return Err(Error::io("read", path, ErrorKind::NotFound.into()));
    }
    let finished = collected.finish(cells);
    finished.map_err(|reason| Error::bad_file(path, reason))
}

/// What has been read so far.
struct Collected<T> {
    take: Take<T>,
    /// Whether the run came to its end, and its record tells of every round.
    has_ended: bool,
    /// One for every cell that may have rounds.
    cells: HashMap<String, Collecting<T>>,
}

struct Collecting<T> {
    replicates: Vec<Vec<T>>,
    /// The replicate of the last value.
    last: u64,
}

impl<T> Collected<T> {
    /// Ready for every cell that `run` planned, and for those of another build.
    fn of(run: &Run, take: Take<T>) -> Self {
        let ids = run.cells.iter().map(super::Cell::id);
        let others = run.against.iter().flat_map(|against| &against.cells);
        // A run that was killed may not have come to tell of its cells.
        let planned = run.plan.iter().filter(|_| run.against.is_some());
        let others = others.map(|cell| &cell.id).chain(planned);
        let others = others.map(|id| AgainstCell::rounds_id(id));
        let all = ids.chain(run.plan.iter().cloned()).chain(others);
        let empty = |id| {
            let collecting = Collecting {
                replicates: Vec::new(),
                last: 0,
            };
            (id, collecting)
        };
        Self {
            take,
            has_ended: run.ended == Some(true),
            cells: all.map(empty).collect(),
        }
    }

    fn add(&mut self, round: &RoundLine<'_>) -> Result<(), String> {
        let cell = self
            .cells
            .get_mut(round.cell)
            .ok_or_else(|| format!("the cell `{}` is not in run.json", round.cell))?;
        let value = (self.take)([round.engine.time_ns(), round.baseline.time_ns()])?;
        match cell.replicates.last_mut() {
            Some(replicate) if cell.last == round.replicate => replicate.push(value),
            _ => cell.replicates.push(vec![value]),
        }
        cell.last = round.replicate;
        Ok(())
    }

    /// The replicates of `cells`, each of which has at least as many rounds as it is told of: a run
    /// that was killed may have had more than its record tells of.
    fn finish(
        mut self,
        cells: impl Iterator<Item = (String, usize)>,
    ) -> Result<HashMap<String, Vec<Vec<T>>>, String> {
        let mut replicates = HashMap::new();
        for (id, told) in cells {
            let own = self.cells.remove(&id).map(|cell| cell.replicates);
            let own = own.unwrap_or_default();
            let rounds: usize = own.iter().map(Vec::len).sum();
            if rounds < told || rounds == 0 || (self.has_ended && rounds > told) {
                return Err(other_rounds(rounds, &id, told));
            }
            replicates.insert(id, own);
        }
        Ok(replicates)
    }
}
