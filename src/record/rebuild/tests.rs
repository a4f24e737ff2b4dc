//! Records of runs that were killed.

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
    try_open(run, rounds).unwrap()
}

fn try_open(run: &Run, rounds: &str) -> Result<Run> {
    let place = tempfile::tempdir().unwrap();
    let path: PathBuf = place.path().join("run.json");
    std::fs::write(&path, to_json(run)).unwrap();
    std::fs::write(place.path().join("rounds.csv"), rounds).unwrap();
    open(&path)
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
    // Other rounds than it tells of are those of another run, or not all.
    let half: String = rounds
        .lines()
        .take(21)
        .map(|line| format!("{line}\n"))
        .collect();
    let more = format!(
        "{rounds}9,0,0,rfind_absent/read/2MB,engine,1,5,0,0,0,0\n9,0,0,rfind_absent/read/2MB,baseline,1,5,0,0,0,0\n"
    );
    for other in [half, more] {
        let error = try_open(&run, &other).unwrap_err().to_string();
        assert!(error.contains("and run.json tells of"), "{error}");
    }
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
