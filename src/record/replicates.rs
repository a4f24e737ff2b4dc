//! `rounds.csv` read back: for each cell, what its replicates found out, round by round.
//!
//! A file of millions of lines is read line by line; a number or two are kept of each round.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::lines::{Arm, Columns, Line, Lines, Torn};
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
    with(path, |source| read(source, run, metric))
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
    with(path, |source| {
        let ids = cells
            .iter()
            .map(|(id, rounds)| (AgainstCell::rounds_id(id), *rounds));
        let mut times = collect(source, run, ids, Ok)?;
        Ok(cells
            .iter()
            .filter_map(|(id, _)| Some((id.clone(), times.remove(&AgainstCell::rounds_id(id))?)))
            .collect())
    })
}

fn with<T>(path: &Path, read: impl FnOnce(BufReader<File>) -> Result<T, String>) -> Result<T> {
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    let read = read(BufReader::with_capacity(1 << 18, file));
    read.map_err(|reason| Error::bad_file(path, reason))
}

/// Reads rounds; the error is a fragment to stand behind the path.
pub(super) fn read(source: impl BufRead, run: &Run, metric: Metric) -> Result<Replicates, String> {
    let cells = run.cells.iter().filter_map(|cell| {
        let measured = cell.outcome.measured()?;
        Some((cell.id(), measured.estimate.rounds))
    });
    match metric {
        Metric::Speedup => collect(source, run, cells, |[engine_ns, baseline_ns]| {
            stats::speed_up(baseline_ns, engine_ns).map_err(|error| error.to_string())
        }),
        Metric::Time => collect(source, run, cells, |[engine_ns, _]| Ok(engine_ns)),
    }
}

/// Of the rounds of `cells`, which are told of with their number, what `take` makes of the times of
/// the engine and the baseline.
fn collect<T>(
    source: impl BufRead,
    run: &Run,
    cells: impl Iterator<Item = (String, usize)>,
    take: fn([f64; 2]) -> Result<T, String>,
) -> Result<HashMap<String, Vec<Vec<T>>>, String> {
    let mut lines = Lines::of(source, Torn::Refused);
    let header = lines.advance()?.ok_or("is empty; no run has written it")?;
    let columns = Columns::of(header)?;
    let mut collected = Collected::of(run, take);
    while let Some(line) = lines.advance()? {
        let added = columns.line(line).and_then(|line| collected.add(&line));
        added.map_err(|reason| lines.blame(&reason))?;
    }
    collected.finish(cells)
}

/// What has been read so far.
struct Collected<T> {
    take: fn([f64; 2]) -> Result<T, String>,
    places: HashMap<Vec<u8>, usize>,
    cells: Vec<Collecting<T>>,
    /// The first batch of a round whose second is still to come.
    pending: Option<Pending>,
}

struct Collecting<T> {
    replicates: Vec<Vec<T>>,
    /// Replicate and round of the last value.
    last: Option<(u64, u64)>,
}

struct Pending {
    cell: usize,
    at: (u64, u64),
    arm: Arm,
    time_ns: f64,
}

impl<T> Collected<T> {
    /// Ready for every cell that `run` planned, and for those of another build.
    fn of(run: &Run, take: fn([f64; 2]) -> Result<T, String>) -> Self {
        let mut places = HashMap::new();
        let ids = run.cells.iter().map(super::Cell::id);
        let others = run.against.iter().flat_map(|against| &against.cells);
        // A run that was killed may not have come to tell of its cells.
        let planned = run.plan.iter().filter(|_| run.against.is_some());
        let others = others.map(|cell| &cell.id).chain(planned);
        let others = others.map(|id| AgainstCell::rounds_id(id));
        for id in ids.chain(run.plan.iter().cloned()).chain(others) {
            let next = places.len();
            places.entry(id.into_bytes()).or_insert(next);
        }
        Self {
            take,
            cells: places.iter().map(|_| Collecting::new()).collect(),
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
        self.cells[cell].push(at, (self.take)([engine_ns, baseline_ns])?);
        Ok(())
    }

    /// The replicates of `cells`, each of which has at least as many rounds as it is told of: a run
    /// that was killed may have had more than its record tells of.
    fn finish(
        mut self,
        cells: impl Iterator<Item = (String, usize)>,
    ) -> Result<HashMap<String, Vec<Vec<T>>>, String> {
        if self.pending.is_some() {
            return Err("the last round lacks an arm; the file is cut off".to_owned());
        }
        let mut replicates = HashMap::new();
        for (id, told) in cells {
            let place = self.places.get(id.as_bytes());
            let own = place.map(|place| std::mem::take(&mut self.cells[*place].replicates));
            let own = own.unwrap_or_default();
            let rounds: usize = own.iter().map(Vec::len).sum();
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

impl<T> Collecting<T> {
    fn new() -> Self {
        Self {
            replicates: Vec::new(),
            last: None,
        }
    }

    fn push(&mut self, at: (u64, u64), value: T) {
        let same_replicate = self.last.is_some_and(|last| last.0 == at.0);
        match self.replicates.last_mut() {
            Some(replicate) if same_replicate => replicate.push(value),
            _ => self.replicates.push(vec![value]),
        }
        self.last = Some(at);
    }
}
