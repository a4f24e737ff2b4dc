//! The map: what was found of every engine in every workload, a block for each size and state.

use serde::Serialize;

use super::contests::state;
use crate::record::{Cell, Run};
use crate::stats::Verdict;
use crate::workload::Role;

use super::super::sweep::same_state;
use super::super::view::{floor_text, interval_text};

/// From this speed-up on, and its reciprocal, colours are as strong as they get: eight times.
const STRONGEST: f64 = 3.0;

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
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for cell in ranked {
        let alike = |group: &&mut Vec<&Cell>| match run.is_sweep() {
            true => same_state(group[0], cell),
            false => alike(group[0], cell),
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    let of_group = |cells: &Vec<&Cell>| match run.is_sweep() {
        true => of_sizes(cells),
        false => of_workloads(cells),
    };
    groups.iter().map(of_group).collect()
}

fn alike(one: &Cell, other: &Cell) -> bool {
    one.fixture == other.fixture
        && (one.cache, one.process, one.scope) == (other.cache, other.process, other.scope)
        && one.baseline == other.baseline
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
    let engines = once(cells, |cell| &cell.engine, |cell| !cell.is_floor());
    let names = once(cells, &field, |_| true);
    let rows = names.iter().map(|name| {
        let own = cells.iter().copied();
        let own: Vec<&Cell> = own.filter(|cell| field(cell) == name).collect();
        row(name, &engines, &own)
    });
    Map {
        title: String::new(),
        of: "",
        rows: rows.collect(),
        notes: notes(cells, &field),
        engines,
    }
}

/// The values of a field in the order in which they come up.
fn once(
    cells: &[&Cell],
    field: impl Fn(&Cell) -> &String,
    counts: impl Fn(&Cell) -> bool,
) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for cell in cells.iter().filter(|cell| counts(cell)) {
        if !values.contains(field(cell)) {
            values.push(field(cell).clone());
        }
    }
    values
}

fn row(name: &str, engines: &[String], cells: &[&Cell]) -> Row {
    let measured = cells.iter().filter_map(|cell| cell.outcome.measured());
    let floor = measured
        .filter_map(|measured| measured.floor)
        .map(floor_text)
        .next();
    let square = |engine: &String| {
        let cell = cells.iter().find(|cell| cell.engine == *engine)?;
        Some(square(cell))
    };
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
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for cell in cells {
        let Some(reason) = cell.outcome.reason() else {
            continue;
        };
        let told = format!("{}: {reason}", cell.outcome.name());
        let place = format!("{} {}", field(cell), cell.engine);
        match reasons.iter_mut().find(|(known, _)| *known == told) {
            Some((_, places)) => places.push(place),
            None => reasons.push((told, vec![place])),
        }
    }
    let note = |(told, places): &(String, Vec<String>)| format!("{}: {told}", places.join(", "));
    reasons.iter().map(note).collect()
}
