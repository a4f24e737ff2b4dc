//! The cells of a run that did not end, from its rounds: `rounds.csv` is there at once, `run.json` lags behind it.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::figures::{Compared, outcome};
use super::lines::{BatchLine, RoundLine, each_round_at};
use super::{Against, AgainstCell, AgainstOutcome, Cell, FixtureId, NO_ROUND, Outcome, Run, wire};
use crate::error::Result;
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
/// As for [`load`](super::load()). Rounds that cannot be read cost nothing but themselves: a note says why.
pub fn open(path: &Path) -> Result<Run> {
    let mut run = wire::load(path)?;
    if run.ended == Some(true) {
        return Ok(run);
    }
    let rounds = path.with_file_name("rounds.csv");
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

/// Brings the cells of `run` up to the rounds at `path`; tells how many were behind them.
fn rebuild(run: &mut Run, path: &Path) -> Result<usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    each_round_at(path, |round| {
        match counts.get_mut(round.cell) {
            Some(count) => *count += 1,
            None => drop(counts.insert(round.cell.to_owned(), 1)),
        }
        Ok(())
    })?;
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
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::record::{ExpectedAnswer, Measured, NOT_YET, to_json};

    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1");

    fn kept() -> (Run, String) {
        let rounds = std::fs::read_to_string(format!("{KEPT}/rounds.csv")).unwrap();
        let mut run = wire::load(format!("{KEPT}/run.json").as_ref()).unwrap();
        // The kept record is of cargo bench, whose filter left out most of its plan.
        run.plan = run.cells.iter().map(Cell::id).collect();
        (run, rounds)
    }

    fn opened(run: &Run, rounds: &str) -> Run {
        let place = tempfile::tempdir().unwrap();
        let path: PathBuf = place.path().join("run.json");
        std::fs::write(&path, to_json(run)).unwrap();
        std::fs::write(place.path().join("rounds.csv"), rounds).unwrap();
        open(&path).unwrap()
    }

    /// `run` as it is before its first replicate is over.
    fn begun(mut run: Run) -> Run {
        run.ended = Some(false);
        for cell in &mut run.cells {
            if let Outcome::Measured(measured) = &cell.outcome {
                cell.expected = Some(ExpectedAnswer {
                    answer: measured.answer.clone(),
                    looks_at_bytes: measured.looks_at.map(|bytes| bytes.0),
                });
                cell.outcome = Outcome::Skipped(NOT_YET.to_owned());
            }
        }
        run
    }

    fn figures(run: &Run) -> Vec<(String, Option<&Measured>)> {
        let cells = run.cells.iter();
        cells
            .map(|cell| (cell.id(), cell.outcome.measured()))
            .collect()
    }

    /// Whether two cells say the same but for what stands in no round and for what is drawn.
    fn agree(one: &Measured, other: &Measured) -> bool {
        let close = |one: f64, other: f64| (one / other - 1.0).abs() < 1e-9;
        (one.estimate.rounds, one.estimate.replicates)
            == (other.estimate.rounds, other.estimate.replicates)
            && close(one.estimate.point, other.estimate.point)
            && close(one.engine.time.0, other.engine.time.0)
            && close(one.baseline.time.0, other.baseline.time.0)
            && one.engine.batch_iterations == other.engine.batch_iterations
            && (&one.answer, one.looks_at) == (&other.answer, other.looks_at)
            && one.engine.counters.map(|own| own.user.0 as u64)
                == other.engine.counters.map(|own| own.user.0 as u64)
    }

    #[test]
    fn a_run_that_was_killed_in_its_first_pass_has_the_cells_of_its_rounds() {
        let (run, rounds) = kept();
        let begun = begun(run.clone());
        assert!(
            figures(&begun)
                .iter()
                .all(|(_, measured)| measured.is_none())
        );
        let again = opened(&begun, &rounds);
        for ((id, old), (_, new)) in figures(&run).into_iter().zip(figures(&again)) {
            match (old, new) {
                (Some(old), Some(new)) => assert!(agree(old, new), "{id}\n{old:?}\n{new:?}"),
                (old, new) => assert_eq!(old.is_some(), new.is_some(), "{id}"),
            }
        }
        let measured = figures(&run).iter().flat_map(|(_, own)| own).count();
        let note = again.notes.last().unwrap();
        assert!(
            note.contains(&format!("the figures of {measured} of its cells")),
            "{note}"
        );
        assert!(again.cells.iter().all(|cell| cell.expected.is_none()));
        // A torn last line, or the first half of a round, costs that round alone.
        let torn = opened(&begun, &rounds[..rounds.len() - 9]);
        let count = |run: &Run| -> usize {
            let cells = figures(run);
            cells
                .iter()
                .flat_map(|(_, own)| own)
                .map(|own| own.estimate.rounds)
                .sum()
        };
        assert_eq!(count(&torn), count(&again) - 1);
    }

    #[test]
    fn an_older_record_without_cells_has_those_of_its_plan() {
        let (run, rounds) = kept();
        let bare = Run {
            ended: None,
            driver: crate::record::Driver::Run,
            cells: Vec::new(),
            ..run.clone()
        };
        assert_eq!(bare.has_ended(), Some(false));
        let again = opened(&bare, &rounds);
        for cell in &again.cells {
            let old = run.cells.iter().find(|old| old.id() == cell.id()).unwrap();
            assert_eq!((&cell.baseline, cell.role), (&old.baseline, old.role));
            let (old, new) = (old.outcome.measured(), cell.outcome.measured());
            let (old, new) = (old.unwrap(), new.unwrap());
            assert_eq!(old.estimate.rounds, new.estimate.rounds);
            assert_eq!(new.answer, "", "no record tells it");
        }
        let measured = figures(&run).iter().flat_map(|(_, own)| own).count();
        assert_eq!(again.cells.len(), measured);
    }

    #[test]
    fn a_run_that_ended_is_left_as_it_is() {
        let (mut run, rounds) = kept();
        run.ended = Some(true);
        assert_eq!(opened(&run, &rounds), run);
        assert_eq!(opened(&run, "no rounds at all"), run);
        // Of an older one that lacks nothing nobody knows; its rounds say nothing new.
        run.ended = None;
        assert_eq!(opened(&run, &rounds), run);
    }

    #[test]
    fn rounds_that_cannot_be_read_cost_themselves_alone() {
        let (mut run, _) = kept();
        run.ended = Some(false);
        let again = opened(&run, "no rounds at all\n");
        assert_eq!(again.cells, run.cells);
        let note = again.notes.last().unwrap();
        assert!(
            note.contains("what it measured last is missing") && note.contains("rounds.csv"),
            "{note}"
        );
    }

    #[test]
    fn what_failed_stays_so_and_what_lags_is_brought_up() {
        let (mut run, rounds) = kept();
        run.ended = Some(false);
        let known = run.clone();
        let mut cells = run.cells.iter_mut().filter(|cell| !cell.is_floor());
        let failed = cells.next().unwrap();
        failed.outcome = Outcome::Failed("a wrong answer".to_owned());
        let failed = failed.id();
        for cell in cells {
            if let Outcome::Measured(measured) = &mut cell.outcome {
                measured.estimate.rounds -= 1;
                measured.engine.time.0 *= 2.0;
            }
        }
        let again = opened(&run, &rounds);
        for ((id, old), (_, new)) in figures(&known).into_iter().zip(figures(&again)) {
            match new {
                None => assert!(id == failed || old.is_none(), "{id}"),
                Some(new) => assert!(agree(old.unwrap(), new), "{id}"),
            }
        }
    }

    #[test]
    fn builds_that_took_turns_have_the_rounds_that_came() {
        let (run, rounds) = kept();
        let mut run = begun(run);
        let id = run.plan[1].clone();
        let lines = rounds
            .lines()
            .filter(|line| line.contains(&format!(",{id},")));
        let beside: String = lines
            .map(|line| line.replace(&id, &AgainstCell::rounds_id(&id)) + "\n")
            .collect();
        let build = run.build.clone();
        run.against = Some(Against {
            build,
            cells: Vec::new(),
        });
        let again = opened(&run, &(rounds + &beside));
        let cells = again.against.unwrap().cells;
        assert_eq!(cells.len(), 1);
        let outcome = AgainstOutcome::Measured {
            rounds: beside.lines().count() / 2,
        };
        assert_eq!((&cells[0].id, &cells[0].outcome), (&id, &outcome));
    }
}
