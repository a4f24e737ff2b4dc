//! What a reader must know about a contest besides its figures.

use crate::record::{Cell, Measured, Outcome};
use crate::stats::Verdict;

/// Why rows are empty or inconclusive, and how many rounds were void.
pub(super) fn remarks(cells: &[Cell]) -> Vec<String> {
    let own = |cell: &Cell| {
        let text = match &cell.outcome {
            Outcome::Measured(measured) => why_inconclusive(measured),
            other => other.reason().map(str::to_owned),
        }?;
        Some(format!("{}: {text}", cell.engine))
    };
    let nothing = |cell: &Cell| cell.idle().or(cell.found_nothing());
    let nothing = cells.iter().find_map(nothing).map(str::to_owned);
    let mut remarks: Vec<String> = nothing.into_iter().collect();
    remarks.extend(cells.iter().filter_map(own));
    remarks.extend(voided(cells));
    remarks
}

/// Why a cell has no verdict, if it has none.
pub(super) fn why_inconclusive(measured: &Measured) -> Option<String> {
    let rounds = measured.estimate.rounds;
    if measured.estimate.interval.is_none() {
        return Some(format!("{rounds} rounds are too few for an interval"));
    }
    let Some(Verdict::Inconclusive { rounds_needed }) = measured.verdict else {
        return None;
    };
    match rounds_needed {
        Some(needed) => Some(format!(
            "about {needed} rounds would decide; there were {rounds}"
        )),
        None => Some("within what this machine's noise can hide".to_owned()),
    }
}

/// Cells that shared their rounds lost the same ones; others each tell their own.
fn voided(cells: &[Cell]) -> Vec<String> {
    let count = |cell: &Cell| {
        cell.outcome
            .measured()
            .map_or(0, |measured| measured.voided)
    };
    let text = |voided: u64| {
        let rounds = if voided == 1 {
            "round was"
        } else {
            "rounds were"
        };
        format!("{voided} {rounds} void: pages of the file left memory")
    };
    let measured = || {
        cells
            .iter()
            .filter(|cell| cell.outcome.measured().is_some())
    };
    let first = measured().next().map_or(0, count);
    if measured().count() > 1 && first > 0 && measured().all(|cell| count(cell) == first) {
        return vec![text(first)];
    }
    measured()
        .filter(|cell| count(cell) > 0)
        .map(|cell| format!("{}: {}", cell.engine, text(count(cell))))
        .collect()
}
