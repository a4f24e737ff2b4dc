//! The cells of two runs, one beside the other.

use std::collections::HashMap;

use super::conditions::{cell_differences, is_query_unknown, machine_differences, run_differences};
use super::yardstick::Yardstick;
use super::{Metric, Side};
use crate::error::{Error, Result};
use crate::record::{Cell, Measured, Outcome};
use crate::stats::{Change, Finding, Interval};

/// A cell that was measured on at least one side.
pub(super) struct Pair {
    pub(super) id: String,
    pub(super) base: Option<Finding>,
    pub(super) new: Option<Finding>,
    /// `None` where there is nothing to compare, for which `reason` has the words.
    pub(super) change: Option<Change>,
    /// How far the machine moved meanwhile, on the log scale and either way; `None` where nothing tells.
    pub(super) moved: Option<f64>,
    /// The noise floors of both, where the metric has one.
    pub(super) floors: [Option<Interval>; 2],
    pub(super) reason: Option<String>,
    /// Whether the sides may have been asked different queries, which a record does not tell.
    pub(super) is_query_unknown: bool,
}

impl Pair {
    /// The cell `id`, of which nothing is known.
    pub(super) fn empty(id: String) -> Self {
        Self {
            id,
            base: None,
            new: None,
            change: None,
            moved: None,
            floors: [None; 2],
            reason: None,
            is_query_unknown: false,
        }
    }
}

/// A cell of one side, if it was measured.
struct Known<'s> {
    side: &'s Side,
    cell: &'s Cell,
    measured: Option<&'s Measured>,
    rounds: &'s [Vec<f64>],
    baseline_version: Option<u32>,
}

fn known<'s>(side: &'s Side, cells: &HashMap<String, &'s Cell>, id: &str) -> Option<Known<'s>> {
    let cell = *cells.get(id)?;
    Some(Known {
        side,
        cell,
        measured: cell.outcome.measured(),
        rounds: side.replicates.get(id).map_or(&[], Vec::as_slice),
        baseline_version: baseline_version(cell, cells),
    })
}

/// The cells of `base`, then those that only `new` has. A cell that was measured on neither side has nothing to tell;
/// nor has the baseline beside itself, where speed-ups are compared.
pub(super) fn pairs(base: &Side, new: &Side, metric: Metric) -> Result<Vec<Pair>> {
    let apart = run_differences(&base.run, &new.run);
    let told = |cell: &&Cell| metric == Metric::Time || !cell.is_floor();
    let in_base = by_id(base);
    let in_new = by_id(new);
    let sides_of = |id: &str| [known(base, &in_base, id), known(new, &in_new, id)];
    let yardstick = if machine_differences(base, new).is_empty() {
        let baselines = base.run.cells.iter().filter(|cell| cell.is_floor());
        let both = baselines.map(|cell| sides_of(&cell.id()));
        Yardstick::new(metric, both.filter_map(|sides| same_question(&sides)))
    } else {
        Yardstick::OtherMachine
    };
    let mut pairs = Vec::new();
    let only_new = new
        .run
        .cells
        .iter()
        .filter(|cell| !in_base.contains_key(&cell.id()));
    for cell in base.run.cells.iter().chain(only_new).filter(told) {
        let id = cell.id();
        let sides = sides_of(&id);
        if let Some(pair) = pair(id, &sides, metric, &apart, &yardstick)? {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

fn by_id(side: &Side) -> HashMap<String, &Cell> {
    side.run
        .cells
        .iter()
        .map(|cell| (cell.id(), cell))
        .collect()
}

/// What both sides measured of a cell, if it is the same question.
fn same_question<'s>([base, new]: &[Option<Known<'s>>; 2]) -> Option<(&'s Measured, &'s Measured)> {
    let (base, new) = (base.as_ref()?, new.as_ref()?);
    let figures = (base.measured?, new.measured?);
    differences(base, figures.0, new, figures.1)
        .is_empty()
        .then_some(figures)
}

fn differences(
    base: &Known<'_>,
    base_figures: &Measured,
    new: &Known<'_>,
    new_figures: &Measured,
) -> Vec<String> {
    cell_differences(
        (base.cell, base_figures, base.baseline_version),
        (new.cell, new_figures, new.baseline_version),
    )
}

/// `None` where neither side has measured the cell.
fn pair(
    id: String,
    [base, new]: &[Option<Known<'_>>; 2],
    metric: Metric,
    apart: &[String],
    yardstick: &Yardstick,
) -> Result<Option<Pair>> {
    let mut pair = Pair {
        base: finding(base.as_ref(), &id)?,
        new: finding(new.as_ref(), &id)?,
        ..Pair::empty(id)
    };
    if pair.base.is_none() && pair.new.is_none() {
        return Ok(None);
    }
    let (Some(base), Some(new)) = (base, new) else {
        return Ok(Some(pair));
    };
    match (base.measured, new.measured) {
        (Some(base_figures), Some(new_figures)) => {
            let mut differing = apart.to_vec();
            differing.extend(differences(base, base_figures, new, new_figures));
            if differing.is_empty() {
                pair.is_query_unknown = is_query_unknown(base.cell, new.cell);
                pair.moved = yardstick.moved(base.cell.is_floor(), base_figures, new_figures);
                pair.change = Some(change(base, new, &pair));
            } else {
                pair.reason = Some(differing.join("; "));
            }
            if metric == Metric::Speedup {
                pair.floors = [base_figures.floor, new_figures.floor];
            }
        }
        (Some(_), None) => pair.reason = Some(told(&new.cell.outcome)),
        (None, _) => pair.reason = Some(told(&base.cell.outcome)),
    }
    Ok(Some(pair))
}

/// The change; none at all where both sides have the same rounds to the nanosecond, which are one measurement.
fn change(base: &Known<'_>, new: &Known<'_>, pair: &Pair) -> Change {
    match (pair.base, pair.new) {
        (Some(one), Some(other)) if base.rounds != new.rounds => {
            Change::between(&one, &other, pair.moved.unwrap_or_default())
        }
        _ => Change::none(),
    }
}

fn finding(known: Option<&Known<'_>>, id: &str) -> Result<Option<Finding>> {
    let Some(known) = known.filter(|known| known.measured.is_some()) else {
        return Ok(None);
    };
    let finding = Finding::new(known.rounds);
    finding.map(Some).map_err(|error| {
        Error::bad_file(&known.side.path, format!("the rounds of `{id}`: {error}"))
    })
}

/// The version of the engine that a cell was compared with, told by the baseline's own cell.
fn baseline_version(cell: &Cell, cells: &HashMap<String, &Cell>) -> Option<u32> {
    cells
        .get(&cell.id_of(&cell.baseline))
        .map(|baseline| baseline.engine_version)
}

fn told(outcome: &Outcome) -> String {
    format!(
        "{}: {}",
        outcome.name(),
        outcome.reason().unwrap_or_default()
    )
}
