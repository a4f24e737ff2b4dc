//! The answers of a sweep: sizes in a row with the same verdict are one row, because thirty rows that say
//! the same hide the one that does not.

use super::super::charts::colour_text;
use super::super::sweep::{Line, ranked_lines, span};
use super::contests::{Answer, Answers, answer, state};
use super::map::Look;
use crate::record::{Cell, Measured, Run};
use crate::stats::Verdict;
use crate::units::{self, ByteCount, Ratio};

/// A group for each workload that ranks engines, a row for each stretch of an engine's sizes.
pub(super) fn answers(run: &Run) -> Vec<Answers> {
    let lines = ranked_lines(run);
    let workloads = lines.chunk_by(|one, next| one.cells[0].workload == next.cells[0].workload);
    let group = |lines: &[Line<'_>]| Answers {
        workload: lines[0].cells[0].workload.clone(),
        rows: lines.iter().flat_map(rows).collect(),
    };
    workloads.map(group).collect()
}

fn rows(line: &Line<'_>) -> Vec<Answer> {
    let stretches = line.cells.chunk_by(|one, next| word(one) == word(next));
    stretches.map(row).collect()
}

/// What came of a cell; without figures, also why.
fn word(cell: &Cell) -> (&'static str, Option<&str>) {
    (cell.word(), cell.outcome.reason())
}

fn row(cells: &[&Cell]) -> Answer {
    let (first, last) = (cells[0], cells[cells.len() - 1]);
    let alone = || Answer {
        question: question(first, last),
        ..answer(first)
    };
    if cells.len() == 1 {
        return alone();
    }
    let found: Vec<(&Cell, &Measured)> = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.outcome.measured()?)))
        .collect();
    let point = |(_, measured): &&(&Cell, &Measured)| measured.estimate.point;
    let by_point = |one: &&(&Cell, &Measured), other: &&(&Cell, &Measured)| {
        point(one).total_cmp(&point(other))
    };
    let (least, most) = (found.iter().min_by(by_point), found.iter().max_by(by_point));
    let (Some(least), Some(most)) = (least, most) else {
        return alone();
    };
    let weakest = match least.1.verdict {
        Some(Verdict::Slower) => most,
        _ => least,
    };
    Answer {
        question: question(first, last),
        engine: first.engine.clone(),
        colour: colour_text(&first.engine),
        words: words(*least, *most),
        speedup: units::range(least.1.estimate.point, most.1.estimate.point),
        // Each size has an interval of its own; several together have none.
        interval: String::new(),
        look: Look::of(weakest.0),
    }
}

fn question(first: &Cell, last: &Cell) -> String {
    let sizes = span(first.fixture.bytes.0, last.fixture.bytes.0);
    format!("{sizes} · {}", state(first))
}

/// The cells with the least and the largest speed-up of a stretch, in words.
fn words(least: (&Cell, &Measured), most: (&Cell, &Measured)) -> String {
    let (engine, baseline) = (&least.0.engine, &least.0.baseline);
    let range = |from: (&Cell, &Measured), to: (&Cell, &Measured), over: fn(f64) -> f64| {
        let ratio = |end: (&Cell, &Measured)| Ratio(over(end.1.estimate.point)).to_string();
        if ratio(from) == ratio(to) {
            return ratio(from);
        }
        let end = |end: (&Cell, &Measured)| {
            format!("{} (at {})", ratio(end), ByteCount(end.0.fixture.bytes.0))
        };
        format!("{} to {}", end(from), end(to))
    };
    match least.1.verdict {
        Some(Verdict::Faster) => format!(
            "{engine} is {} times as fast as {baseline}",
            range(least, most, |ratio| ratio)
        ),
        Some(Verdict::Slower) => format!(
            "{engine} takes {} times as long as {baseline}",
            range(most, least, |ratio| 1.0 / ratio)
        ),
        Some(Verdict::Same) => format!("{engine} and {baseline} take the same time, within 2 %"),
        Some(Verdict::Inconclusive { .. }) | None => least.0.word().to_owned(),
    }
}
