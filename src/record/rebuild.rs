//! The cells of a run that did not end, from its rounds: `rounds.csv` is there at once, `run.json` lags behind it.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::figures::{Compared, outcome};
use super::lines::{BatchLine, RoundLine, each_round_at};
use super::{Against, AgainstCell, AgainstOutcome, Cell, FixtureId, NO_ROUND, Outcome, Run, wire};
use crate::error::{Error, Result};
use crate::measure::{Batch, Kept, Round};
use crate::plan::{Cache, Process, Scope};
use crate::stats::Floor;
use crate::sys::Usage;
use crate::units::ByteCount;
use crate::workload::{Answer, Expected, Role};

/// The most rounds that cells are made of: some hundred bytes of each are in memory at once.
const MOST_ROUNDS: usize = 2_000_000;

/// Reads the record at `path`. Where it does not say that the run ended, its cells are brought up to the rounds in the
/// `rounds.csv` beside it, and a note says so.
///
/// # Errors
/// As for [`load`](super::load()), and where a run that ended has other rounds than its record tells of. Rounds that
/// cannot be read cost nothing but themselves: a note says why.
pub fn open(path: &Path) -> Result<Run> {
    let mut run = wire::load(path)?;
    let rounds = path.with_file_name("rounds.csv");
    if run.ended == Some(true) {
        // A page says of rounds that cannot be read why it lacks their pictures.
        let differs = counts(&rounds)
            .ok()
            .and_then(|counts| differs(&run, &counts));
        return differs.map_or(Ok(run), |reason| Err(Error::bad_file(&rounds, reason)));
    }
    let rebuilt = rebuild(&mut run, &rounds);
    let unfinished = run.has_ended() == Some(false);
    let note = match rebuilt {
        Ok(0) if unfinished => Some("this run has not ended, or was killed".to_owned()),
        Ok(0) => None,
        Ok(cells) => Some(format!(
            "this run has not ended, or was killed: the figures of {cells} of its cells are from rounds.csv, which is \
             ahead of run.json"
        )),
        Err(error) if unfinished => Some(format!(
            "this run has not ended, or was killed, and what it measured last is missing: {error}"
        )),
        Err(_) => None,
    };
    run.notes.extend(note);
    Ok(run)
}

/// How many rounds of each cell there are at `path`; of none where there is no file, as of a record that was sent alone.
fn counts(path: &Path) -> Result<HashMap<String, usize>> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    each_round_at(path, |round| {
        match counts.get_mut(round.cell) {
            Some(count) => *count += 1,
            None => drop(counts.insert(round.cell.to_owned(), 1)),
        }
        Ok(())
    })?;
    Ok(counts)
}

/// Where the record of a run that ended tells of other rounds than there are: which, as a fragment.
fn differs(run: &Run, counts: &HashMap<String, usize>) -> Option<String> {
    let cells = run.cells.iter().filter_map(|cell| {
        let measured = cell.outcome.measured()?;
        Some((cell.id(), measured.estimate.rounds))
    });
    let others = run.against.iter().flat_map(|against| &against.cells);
    let others = others.filter_map(|cell| match cell.outcome {
        AgainstOutcome::Measured { rounds } => Some((AgainstCell::rounds_id(&cell.id), rounds)),
        _ => None,
    });
    let count = |id: &str| counts.get(id).copied().unwrap_or(0);
    let mut told = cells.chain(others);
    let (id, told) = told.find(|(id, told)| !counts.is_empty() && count(id) != *told)?;
    Some(other_rounds(count(&id), &id, told))
}

/// That a record tells of other rounds than there are.
pub(super) fn other_rounds(rounds: usize, id: &str, told: usize) -> String {
    format!(
        "has {rounds} rounds of `{id}`, and run.json tells of {told}; the file is cut off or of another run"
    )
}

/// Brings the cells of `run` up to the rounds at `path`; tells how many were behind them.
fn rebuild(run: &mut Run, path: &Path) -> Result<usize> {
    let counts = counts(path)?;
    let count = |id: &str| counts.get(id).copied().unwrap_or(0);
    if let Some(against) = &mut run.against {
        catch_up(against, &run.plan, count);
    }
    add_planned(run, |id| count(id) > 0);
    let mut behind: HashMap<String, Collecting> = HashMap::new();
    for cell in run
        .cells
        .iter()
        .filter(|cell| is_behind(cell, count(&cell.id())))
    {
        behind.insert(cell.id(), Collecting::default());
    }
    if behind.is_empty() {
        return Ok(0);
    }
    let mut rounds = 0;
    each_round_at(path, |round| {
        if let Some(cell) = behind.get_mut(round.cell) {
            rounds += 1;
            if rounds > MOST_ROUNDS {
                return Err(format!(
                    "run.json is more than {MOST_ROUNDS} rounds behind, the most that are made figures of"
                ));
            }
            cell.add(round);
        }
        Ok(())
    })?;
    let all = behind.len();
    figure(run, behind);
    Ok(all)
}

/// Whether there are more than `rounds` of a cell than its record tells of. What failed stays so.
fn is_behind(cell: &Cell, rounds: usize) -> bool {
    match &cell.outcome {
        Outcome::Measured(measured) => measured.estimate.rounds < rounds,
        Outcome::Skipped(_) => rounds > 0,
        _ => false,
    }
}

/// The rounds of a cell, those of each replicate together.
#[derive(Default)]
struct Collecting {
    replicates: Vec<Kept>,
    last: u64,
}

impl Collecting {
    fn add(&mut self, round: &RoundLine<'_>) {
        if self.replicates.is_empty() || self.last != round.replicate {
            self.replicates.push(Kept::default());
            self.last = round.replicate;
        }
        if let Some(kept) = self.replicates.last_mut() {
            kept.rounds.push(Round {
                batches: vec![batch(&round.engine), batch(&round.baseline)],
                positions: vec![0, 1],
            });
        }
    }
}

fn batch(line: &BatchLine) -> Batch {
    let usage = |[minor_faults, major_faults, user_ns, system_ns]: [u64; 4]| Usage {
        minor_faults,
        major_faults,
        user_ns,
        system_ns,
        ..Usage::default()
    };
    Batch {
        iterations: line.iterations,
        elapsed_ns: line.elapsed_ns,
        usage: line.usage.map(usage),
    }
}

/// What the cells of a contest share.
#[derive(Default)]
struct Shared {
    floor: Option<Floor>,
    /// The answer that all engines have to give, and the bytes that it takes; empty where no record tells.
    answer: String,
    looks_at: Option<ByteCount>,
}

fn contest(cell: &Cell) -> [String; 2] {
    [cell.contest_title(), cell.baseline.clone()]
}

/// Gives the cells that are `behind` the figures of their rounds; baselines first, whose floors judge the others.
fn figure(run: &mut Run, mut behind: HashMap<String, Collecting>) {
    let mut contests: HashMap<[String; 2], Shared> = HashMap::new();
    for cell in &run.cells {
        let shared = contests.entry(contest(cell)).or_default();
        if let Some(known) = cell.outcome.measured() {
            shared.answer.clone_from(&known.answer);
            shared.looks_at = known.looks_at;
        } else if let Some(expected) = &cell.expected {
            shared.answer.clone_from(&expected.answer);
            shared.looks_at = expected.looks_at_bytes.map(ByteCount);
        }
    }
    for baselines in [true, false] {
        let cells = run.cells.iter_mut();
        for cell in cells.filter(|cell| cell.is_floor() == baselines) {
            let shared = contests.entry(contest(cell)).or_default();
            if let Some(collecting) = behind.remove(&cell.id()) {
                cell.outcome = measured(cell, &collecting.replicates, shared, run.seed);
                cell.expected = None;
            }
            if baselines {
                let own = cell.outcome.measured();
                shared.floor = own.and_then(|own| Floor::new(&own.estimate));
            }
        }
    }
}

/// What `replicates` say of `cell`, and what its record said before of things that stand in no round.
fn measured(cell: &Cell, replicates: &[Kept], shared: &Shared, seed: u64) -> Outcome {
    let compared = match cell.is_floor() {
        true => Compared::WithItself,
        false => Compared::WithBaseline(shared.floor),
    };
    let expected = Expected {
        answer: Answer::Absent, // replaced below
        looks_at: shared.looks_at,
        outcome: None,
    };
    let mut outcome = outcome(&expected, replicates, compared, seed);
    if let Outcome::Measured(new) = &mut outcome {
        new.answer.clone_from(&shared.answer);
        if let Some(old) = cell.outcome.measured() {
            new.voided = old.voided;
            new.engine.weight = old.engine.weight;
            new.baseline.weight = old.baseline.weight;
        }
        for side in [&mut new.engine, &mut new.baseline] {
            if let Some(counters) = &mut side.counters {
                // No column of the file has them.
                counters.voluntary_switches = None;
                counters.involuntary_switches = None;
            }
        }
    }
    outcome
}

/// Adds the planned cells that `run` has rounds of and nothing else, as older programs left them.
fn add_planned(run: &mut Run, has_rounds: impl Fn(&str) -> bool) {
    let mut known: HashSet<String> = run.cells.iter().map(Cell::id).collect();
    let mut baselines: HashMap<(String, String), String> = HashMap::new();
    let mut added = Vec::new();
    for id in &run.plan {
        let Some(planned) = planned(id, run.questions.is_empty()) else {
            continue;
        };
        // A plan has the baseline of each contest first.
        let contest = (planned.workload.clone(), planned.parameter());
        let baseline = baselines
            .entry(contest)
            .or_insert_with(|| planned.engine.clone());
        if has_rounds(id) && known.insert(id.clone()) {
            added.push(Cell {
                baseline: baseline.clone(),
                ..planned
            });
        }
    }
    run.cells.append(&mut added);
}

/// The cell of an id, `<workload>/<engine>/<size>` and what is not usual; versions, digest and query are not known.
fn planned(id: &str, of_fixture: bool) -> Option<Cell> {
    let mut parts = id.split('/');
    let (workload, engine, size) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: ByteCount = size.parse().ok()?;
    let mut cell = Cell {
        workload: workload.to_owned(),
        workload_version: UNKNOWN_VERSION,
        role: role(workload),
        fixture: FixtureId {
            name: if of_fixture {
                format!("text-{bytes}")
            } else {
                bytes.to_string()
            },
            bytes,
            digest: None,
        },
        query: None,
        cache: Cache::Warm,
        process: Process::Steady,
        scope: Scope::PerCall,
        engine: engine.to_owned(),
        engine_version: UNKNOWN_VERSION,
        baseline: engine.to_owned(),
        expected: None,
        outcome: Outcome::Skipped(super::NOT_YET.to_owned()),
    };
    for part in parts {
        match part {
            "fresh" => cell.process = Process::Fresh,
            "cold" => cell.cache = Cache::Cold,
            "kept_open" => cell.scope = Scope::KeptOpen,
            _ => return None,
        }
    }
    (cell.id() == id).then_some(cell)
}

/// The version of an engine or a workload that a record does not tell.
pub const UNKNOWN_VERSION: u32 = 0;

fn role(workload: &str) -> Role {
    crate::workload::find(workload).map_or(Role::Ranked, |known| known.role())
}

/// Brings what could be compared with another build up to the rounds.
fn catch_up(against: &mut Against, plan: &[String], count: impl Fn(&str) -> usize) {
    let places = against.cells.iter().enumerate();
    let places: HashMap<String, usize> = places.map(|(at, cell)| (cell.id.clone(), at)).collect();
    for id in plan {
        let rounds = count(&AgainstCell::rounds_id(id));
        if rounds == 0 {
            continue;
        }
        let outcome = AgainstOutcome::Measured { rounds };
        match places.get(id).map(|at| &mut against.cells[*at].outcome) {
            None => against.cells.push(AgainstCell {
                id: id.clone(),
                outcome,
            }),
            Some(AgainstOutcome::Measured { rounds: told }) => *told = rounds.max(*told),
            Some(other) => {
                let waits = |reason: &String| reason == NO_ROUND;
                if matches!(other, AgainstOutcome::Incomparable { reason } if waits(reason)) {
                    *other = outcome;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
