//! `rounds.csv`: every batch that was kept, as it was measured.

use std::io::Write;

use crate::measure::Round;

const COLUMNS: [&str; 11] = [
    "replicate",
    "round",
    "position",
    "cell",
    "arm",
    "iterations",
    "elapsed_ns",
    "minor_faults",
    "major_faults",
    "user_ns",
    "system_ns",
];

/// The arms of a cell's rounds.
const ARMS: [&str; 2] = ["engine", "baseline"];

/// Writes the header.
pub(super) fn write_header(writer: &mut csv::Writer<impl Write>) -> csv::Result<()> {
    writer.write_record(COLUMNS)
}

/// Appends the rounds of one cell and one replicate.
pub(super) fn write_rounds(
    writer: &mut csv::Writer<impl Write>,
    replicate: usize,
    cell: &str,
    rounds: &[Round],
) -> csv::Result<()> {
    for (number, round) in rounds.iter().enumerate() {
        for (arm, batch) in round.batches.iter().enumerate() {
            let known = |value: Option<u64>| value.map_or_else(String::new, |v| v.to_string());
            writer.write_record([
                replicate.to_string(),
                number.to_string(),
                round.positions[arm].to_string(),
                cell.to_owned(),
                ARMS[arm].to_owned(),
                batch.iterations.to_string(),
                batch.elapsed_ns.to_string(),
                known(batch.usage.map(|usage| usage.minor_faults)),
                known(batch.usage.map(|usage| usage.major_faults)),
                known(batch.usage.map(|usage| usage.user_ns)),
                known(batch.usage.map(|usage| usage.system_ns)),
            ])?;
        }
    }
    Ok(())
}
