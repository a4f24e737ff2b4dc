//! `ratios.csv`: one line a cell, stable columns, empty where not known.

use super::{Cell, Measured, Run};
use crate::stats::Interval;
use crate::text::csv_cell;

/// The columns. More may follow these; none is renamed.
const COLUMNS: [&str; 31] = [
    "workload",
    "fixture",
    "bytes",
    "cache",
    "process",
    "scope",
    "engine",
    "baseline",
    "outcome",
    "replicates",
    "rounds",
    "time_ns",
    "baseline_time_ns",
    "speedup",
    "speedup_low",
    "speedup_high",
    "floor_low",
    "floor_high",
    "verdict",
    "minor_faults",
    "major_faults",
    "user_ns",
    "system_ns",
    "answer",
    "reason",
    "this_run_low",
    "this_run_high",
    "anonymous_bytes",
    "file_bytes",
    "read_bytes",
    "read_calls",
];

/// How many columns stand in front of `reason`.
const REASON: usize = 24;

/// All cells of `run` as CSV.
#[must_use]
pub fn ratios_csv(run: &Run) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail; a short record would, and the tests count the columns.
    let _ = writer.write_record(COLUMNS);
    for cell in &run.cells {
        let _ = writer.write_record(line(cell));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn line(cell: &Cell) -> Vec<String> {
    let mut fields = vec![
        csv_cell(&cell.workload),
        csv_cell(&cell.fixture.name),
        cell.fixture.bytes.0.to_string(),
        cell.cache.to_string(),
        cell.process.to_string(),
        cell.scope.to_string(),
        csv_cell(&cell.engine),
        csv_cell(&cell.baseline),
        cell.outcome.name().to_owned(),
    ];
    match cell.outcome.measured() {
        Some(measured) => fields.extend(figures(cell, measured)),
        None => fields.resize(REASON, String::new()),
    }
    let reason = cell.outcome.reason().or(cell.idle());
    fields.push(csv_cell(reason.unwrap_or_default()));
    let this_run = cell
        .outcome
        .measured()
        .and_then(|measured| measured.estimate.this_run);
    fields.push(known(this_run.map(|interval| interval.low()), 6));
    fields.push(known(this_run.map(|interval| interval.high()), 6));
    fields.extend(weight(cell));
    fields
}

/// What an iteration of the engine held and fetched.
fn weight(cell: &Cell) -> [String; 4] {
    let weight = cell
        .outcome
        .measured()
        .and_then(|measured| measured.engine.weight);
    let memory = weight.and_then(|weight| weight.memory);
    let transfer = weight.and_then(|weight| weight.transfer);
    let known = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    [
        known(memory.map(|memory| memory.anonymous_bytes)),
        known(memory.map(|memory| memory.file_bytes)),
        known(transfer.map(|transfer| transfer.read_bytes)),
        known(transfer.map(|transfer| transfer.read_calls)),
    ]
}

fn known(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

fn figures(cell: &Cell, measured: &Measured) -> Vec<String> {
    let low = |interval: Option<Interval>| known(interval.map(|interval| interval.low()), 6);
    let high = |interval: Option<Interval>| known(interval.map(|interval| interval.high()), 6);
    let counters = measured.engine.counters;
    vec![
        measured.estimate.replicates.to_string(),
        measured.estimate.rounds.to_string(),
        format!("{:.1}", measured.engine.time.0),
        format!("{:.1}", measured.baseline.time.0),
        format!("{:.6}", measured.speedup().0),
        low(measured.estimate.interval),
        high(measured.estimate.interval),
        low(measured.floor),
        high(measured.floor),
        cell.word().to_owned(),
        known(counters.map(|counters| counters.minor_faults), 2),
        known(counters.map(|counters| counters.major_faults), 2),
        known(counters.map(|counters| counters.user.0), 1),
        known(counters.map(|counters| counters.system.0), 1),
        csv_cell(&measured.answer),
    ]
}
