//! The map: what was found of every engine in every workload, a block for each size and state.

use serde::Serialize;

use super::contests::state;
use crate::record::{Cell, Run};
use crate::stats::Verdict;
use crate::workload::Role;

use super::super::view::interval_text;

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
        let Some(measured) = cell.outcome.measured() else {
            return Self::new("none", "–", cell.outcome.name(), 1.0);
        };
        if cell.is_floor() {
            return Self::new("base", "", "baseline", 1.0);
        }
        let (class, sign) = match measured.verdict {
            Verdict::Faster => ("fast", "▲"),
            Verdict::Slower => ("slow", "▼"),
            Verdict::Same => ("same", "="),
            Verdict::Inconclusive { .. } => ("open", "?"),
        };
        let word = measured.verdict.name();
        Self::new(class, sign, word, measured.estimate.point)
    }
}

/// All workloads and engines of one file in one state.
#[derive(Serialize)]
pub(super) struct Map {
    title: String,
    engines: Vec<String>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    workload: String,
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
        match groups.iter_mut().find(|group| alike(group[0], cell)) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups.iter().map(|cells| map(cells)).collect()
}

fn alike(one: &Cell, other: &Cell) -> bool {
    one.fixture == other.fixture
        && (one.cache, one.process, one.scope) == (other.cache, other.process, other.scope)
        && one.baseline == other.baseline
}

fn map(cells: &[&Cell]) -> Map {
    let engines = once(cells, |cell| &cell.engine, |cell| !cell.is_floor());
    let workloads = once(cells, |cell| &cell.workload, |_| true);
    let rows = workloads.iter().map(|workload| {
        let own: Vec<&Cell> = cells
            .iter()
            .copied()
            .filter(|cell| cell.workload == *workload)
            .collect();
        row(workload, &engines, &own)
    });
    let first = cells[0];
    let (name, baseline) = (&first.fixture.name, &first.baseline);
    Map {
        title: format!("{name} · {}, against {baseline}", state(first)),
        rows: rows.collect(),
        notes: notes(cells),
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

fn row(workload: &str, engines: &[String], cells: &[&Cell]) -> Row {
    let measured = cells.iter().filter_map(|cell| cell.outcome.measured());
    let floor = measured
        .filter_map(|measured| measured.floor)
        .map(interval_text)
        .next();
    let square = |engine: &String| {
        let cell = cells.iter().find(|cell| cell.engine == *engine)?;
        Some(square(cell))
    };
    Row {
        workload: workload.to_owned(),
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
fn notes(cells: &[&Cell]) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for cell in cells {
        let Some(reason) = cell.outcome.reason() else {
            continue;
        };
        let told = format!("{}: {reason}", cell.outcome.name());
        let place = format!("{} {}", cell.workload, cell.engine);
        match reasons.iter_mut().find(|(known, _)| *known == told) {
            Some((_, places)) => places.push(place),
            None => reasons.push((told, vec![place])),
        }
    }
    let note = |(told, places): &(String, Vec<String>)| format!("{} – {told}", places.join(", "));
    reasons.iter().map(note).collect()
}
