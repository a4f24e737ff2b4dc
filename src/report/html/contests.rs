//! The contests on the page: the answers at its top, and the figures behind them.

use std::collections::HashSet;

use serde::Serialize;

use super::super::charts::colour_text;
use super::super::grouped::grouped;
use super::super::remarks::remarks;
use super::super::view::{Block, COLUMNS, block, interval_text};
use super::super::words;
use super::Heading;
use super::map::Look;
use crate::record::{Cell, Run, Shares};
use crate::units::{Nanos, bytes_text};
use crate::workload::Role;

/// What stands between the parts of a sentence about two sides.
const BETWEEN: &str = "; ";

/// The answers of a workload.
#[derive(Serialize)]
pub(super) struct Answers {
    pub(super) workload: String,
    pub(super) rows: Vec<Answer>,
}

/// What was found of an engine in a contest.
#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) question: String,
    pub(super) engine: String,
    pub(super) colour: String,
    pub(super) words: String,
    pub(super) speedup: String,
    pub(super) interval: String,
    pub(super) look: Look,
}

/// A contest with all that was counted.
#[derive(Serialize)]
pub(super) struct Evidence {
    title: String,
    floor: String,
    rows: Vec<Row>,
    whys: Vec<String>,
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    engine: String,
    colour: String,
    texts: Vec<String>,
    look: Look,
}

/// The columns of the tables behind that of the engine: those of every table, then what was counted.
pub(super) fn headings() -> Vec<Heading> {
    let shared = COLUMNS.iter().skip(1).map(|column| Heading {
        text: column.heading,
        figures: column.figures,
    });
    let counted = [
        "major faults",
        "processor time",
        "user time",
        "copied",
        "own memory",
        "mapped memory",
    ];
    let counted = counted.into_iter().map(|text| Heading {
        text,
        figures: true,
    });
    shared.chain(counted).collect()
}

/// A group for each workload that ranks engines, a row for each engine but the baseline.
pub(super) fn answers(run: &Run) -> Vec<Answers> {
    let ranked = run.cells.iter().filter(|cell| cell.role == Role::Ranked);
    let ranked = ranked.filter(|cell| !cell.is_floor());
    let answers = |cells: &Vec<&Cell>| Answers {
        workload: cells[0].workload.clone(),
        rows: cells.iter().map(|cell| answer(cell)).collect(),
    };
    let workloads = grouped(ranked, |cell| &cell.workload);
    workloads.iter().map(answers).collect()
}

pub(super) fn answer(cell: &Cell) -> Answer {
    let measured = cell.outcome.measured();
    let known = |text: Option<String>| text.unwrap_or_default();
    let interval = measured.and_then(|measured| measured.estimate.interval);
    Answer {
        question: format!("{} · {}", cell.fixture.name, state(cell)),
        engine: cell.engine.clone(),
        colour: colour_text(&cell.engine),
        words: words::answer(cell),
        speedup: known(measured.map(|measured| measured.speedup().to_string())),
        interval: known(interval.map(interval_text)),
        look: Look::of(cell),
    }
}

/// Cache, process and scope; the usual scope goes without saying.
pub(super) fn state(cell: &Cell) -> String {
    let scope = cell.scope.to_string();
    let kept = if scope == "per_call" {
        String::new()
    } else {
        format!(", {scope}")
    };
    format!("{}, {}{kept}", cell.cache, cell.process)
}

/// The contests that rank engines, and the controls.
pub(super) fn evidence(run: &Run) -> (Vec<Evidence>, Vec<Evidence>) {
    let contests = run.cells.chunk_by(Cell::same_contest);
    let (ranked, controls): (Vec<&[Cell]>, Vec<&[Cell]>) =
        contests.partition(|cells| cells[0].role == Role::Ranked);
    let all = |contests: Vec<&[Cell]>| contests.into_iter().map(of_contest).collect();
    (all(ranked), all(controls))
}

fn of_contest(cells: &[Cell]) -> Evidence {
    let Block {
        title, floor, rows, ..
    } = block(cells);
    let mut whys: Vec<String> = Vec::new();
    let rows = cells.iter().zip(rows).map(|(cell, row)| {
        whys.extend(row.why);
        let shared = row.texts.into_iter().skip(1);
        Row {
            engine: cell.engine.clone(),
            colour: colour_text(&cell.engine),
            texts: shared.chain(counted(cell)).collect(),
            look: Look::of(cell),
        }
    });
    Evidence {
        title,
        floor,
        rows: rows.collect(),
        whys: told_once(whys),
        remarks: remarks(cells),
    }
}

/// What was counted of a cell's engine; empty where nobody knows.
fn counted(cell: &Cell) -> [String; 6] {
    let measured = cell.outcome.measured();
    let side = measured.map(|measured| &measured.engine);
    let shares = measured.and_then(|measured| Shares::of(cell, measured, &measured.engine));
    let part = |share: Option<f64>| {
        let time = side
            .zip(share)
            .map(|(side, share)| Nanos(share * side.time.0));
        known(time.map(|time| time.to_string()))
    };
    let counters = side.and_then(|side| side.counters);
    let weight = side.and_then(|side| side.weight);
    let memory = weight.and_then(|weight| weight.memory);
    let bytes = |bytes: Option<u64>| known(bytes.map(bytes_text));
    [
        known(counters.map(|counters| super::super::why::faults_text(counters.major_faults))),
        part(shares.map(|shares| shares.worked)),
        part(shares.and_then(|shares| shares.user)),
        bytes(
            weight
                .and_then(|weight| weight.transfer)
                .map(|transfer| transfer.read_bytes),
        ),
        bytes(memory.map(|memory| memory.anonymous_bytes)),
        bytes(memory.map(|memory| memory.file_bytes)),
    ]
}

fn known(text: Option<String>) -> String {
    text.unwrap_or_default()
}

/// A sentence that is a part of another, or was there already, says nothing new.
fn told_once(whys: Vec<String>) -> Vec<String> {
    let parts = whys.iter().filter(|why| why.contains(BETWEEN));
    let mut told: HashSet<String> = parts
        .flat_map(|why| why.split(BETWEEN))
        .map(str::to_owned)
        .collect();
    let mut kept = whys;
    kept.retain(|why| told.insert(why.clone()));
    kept
}
