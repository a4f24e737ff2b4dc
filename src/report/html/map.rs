//! The map: what was found of every engine in every workload, a block for each size and state.

use std::collections::HashMap;

use serde::Serialize;

use super::contests::state;
use crate::plan::{Cache, Process, Scope};
use crate::record::{Cell, Run};
use crate::stats::Verdict;
use crate::workload::Role;

use super::super::grouped::grouped;
use super::super::view::{floor_text, interval_text};

/// From this speed-up on, and its reciprocal, colours are as strong as they get: eight times.
const STRONGEST: f64 = 3.0;

/// A map may have this many squares however few of them are filled, and then this many for each cell.
const MOST_EMPTY: usize = 10_000;
const EMPTY_FOR_EACH: usize = 8;

/// How a cell looks: a class for its colour, and the same in a sign and a word, because a colour alone
/// says nothing to many.
#[derive(Serialize)]
pub(super) struct Look {
    class: &'static str,
    sign: &'static str,
    word: &'static str,
    /// How strong the colour is, in percent: on the scale of logarithms, 0 at no difference.
    strength: u32,
}

impl Look {
    /// The look of a ratio, the stronger the farther it lies from 1.
    pub(super) fn new(
        class: &'static str,
        sign: &'static str,
        word: &'static str,
        ratio: f64,
    ) -> Self {
        let reach = (ratio.log2().abs() / STRONGEST).min(1.0);
        Self {
            class,
            sign,
            word,
            strength: (12.0 + 43.0 * reach) as u32,
        }
    }

    pub(super) fn of(cell: &Cell) -> Self {
        let (class, sign) = match cell.verdict() {
            Some(Verdict::Faster) => ("fast", "▲"),
            Some(Verdict::Slower) => ("slow", "▼"),
            Some(Verdict::Same) => ("same", "="),
            Some(Verdict::Inconclusive { .. }) => ("open", "?"),
            None if cell.is_floor() && cell.outcome.measured().is_some() => ("base", ""),
            None => ("none", "–"),
        };
        let judged = cell.outcome.measured().filter(|own| own.verdict.is_some());
        let ratio = judged.map_or(1.0, |measured| measured.estimate.point);
        Self::new(class, sign, cell.word(), ratio)
    }
}

/// All workloads and engines of one file in one state.
#[derive(Serialize)]
pub(super) struct Map {
    title: String,
    /// What a row is: a workload, or in a sweep a size.
    of: &'static str,
    engines: Vec<String>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    floor: String,
    cells: Vec<Option<Square>>,
}

#[derive(Serialize)]
struct Square {
    speedup: String,
    interval: String,
    look: Look,
    reason: Option<String>,
}

/// The maps of `run`, in the order in which their states come up.
pub(super) fn maps(run: &Run) -> Vec<Map> {
    let ranked = run.cells.iter().filter(|cell| cell.role == Role::Ranked);
    let swept = run.is_sweep();
    let groups = grouped(ranked, |cell| match swept {
        true => (Some(&cell.workload), None, conditions(cell)),
        false => (None, Some(&cell.fixture), conditions(cell)),
    });
    let of_group = |cells: &Vec<&Cell>| match run.is_sweep() {
        true => of_sizes(cells),
        false => of_workloads(cells),
    };
    groups.iter().map(of_group).collect()
}

/// What all cells of a map share besides its workload or its file.
fn conditions(cell: &Cell) -> (Cache, Process, Scope, &str) {
    (cell.cache, cell.process, cell.scope, &cell.baseline)
}

/// All workloads on one file.
fn of_workloads(cells: &[&Cell]) -> Map {
    let first = cells[0];
    let (name, baseline) = (&first.fixture.name, &first.baseline);
    Map {
        title: format!("{name} · {}, against {baseline}", state(first)),
        of: "workload",
        ..map(cells, |cell| &cell.workload)
    }
}

/// All sizes in one workload.
fn of_sizes(cells: &[&Cell]) -> Map {
    let first = cells[0];
    let (workload, baseline) = (&first.workload, &first.baseline);
    Map {
        title: format!("{workload} · {}, against {baseline}", state(first)),
        of: "file",
        ..map(cells, |cell| &cell.fixture.name)
    }
}

/// A map with a row for each value of `field`.
fn map(cells: &[&Cell], field: impl Fn(&Cell) -> &String) -> Map {
    let engines = cells.iter().filter(|cell| !cell.is_floor());
    let engines = grouped(engines, |cell| &cell.engine);
    let engines: Vec<String> = engines.iter().map(|own| own[0].engine.clone()).collect();
    let rows = grouped(cells.iter().copied(), |cell| field(cell));
    let mut notes = notes(cells, &field);
    let squares = rows.len() * engines.len();
    let is_sparse = squares > MOST_EMPTY.max(EMPTY_FOR_EACH * cells.len());
    if is_sparse {
        let (rows, engines) = (rows.len(), engines.len());
        notes.push(format!(
            "no map: of {rows} times {engines} squares nearly all would be empty; the tables below have every cell"
        ));
    }
    let shown = rows.iter().filter(|_| !is_sparse);
    Map {
        title: String::new(),
        of: "",
        rows: shown.map(|own| row(field(own[0]), &engines, own)).collect(),
        notes,
        engines: if is_sparse { Vec::new() } else { engines },
    }
}

fn row(name: &str, engines: &[String], cells: &[&Cell]) -> Row {
    let measured = cells.iter().filter_map(|cell| cell.outcome.measured());
    let floor = measured
        .filter_map(|measured| measured.floor)
        .map(floor_text)
        .next();
    let mut found: HashMap<&str, &Cell> = HashMap::new();
    for cell in cells {
        found.entry(&cell.engine).or_insert(cell);
    }
    let square = |engine: &String| Some(square(found.get(engine.as_str())?));
    Row {
        name: name.to_owned(),
        floor: floor.unwrap_or_default(),
        cells: engines.iter().map(square).collect(),
    }
}

fn square(cell: &Cell) -> Square {
    let measured = cell.outcome.measured();
    let interval = measured.and_then(|measured| measured.estimate.interval);
    let known = |text: Option<String>| text.unwrap_or_default();
    Square {
        speedup: known(measured.map(|measured| measured.speedup().to_string())),
        interval: known(interval.map(interval_text)),
        look: Look::of(cell),
        reason: cell.outcome.reason().map(str::to_owned),
    }
}

/// Why squares are empty: each reason once, with the cells that it is true of.
fn notes(cells: &[&Cell], field: impl Fn(&Cell) -> &String) -> Vec<String> {
    let without = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.outcome.reason()?)));
    let note = |cells: &Vec<(&Cell, &str)>| {
        let places = cells
            .iter()
            .map(|(cell, _)| format!("{} {}", field(cell), cell.engine));
        let places = places.collect::<Vec<_>>().join(", ");
        let (cell, reason) = cells[0];
        format!("{places}: {}: {reason}", cell.outcome.name())
    };
    let reasons = grouped(without, |(cell, reason)| (cell.outcome.name(), *reason));
    reasons.iter().map(note).collect()
}
