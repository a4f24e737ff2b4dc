//! `rounds.csv`: every batch that was kept, as it was measured.

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

/// The header.
pub(super) fn header() -> Vec<u8> {
    format!("{}\n", COLUMNS.join(",")).into_bytes()
}

/// The lines of rounds of one cell and one replicate.
pub(super) fn lines(replicate: usize, cell: &str, rounds: &[Round]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (number, round) in rounds.iter().enumerate() {
        for (arm, batch) in round.batches.iter().enumerate() {
            let known = |value: Option<u64>| value.map_or_else(String::new, |v| v.to_string());
            // Memory takes all that is written to it.
            let _ = writer.write_record([
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
            ]);
        }
    }
    writer.into_inner().unwrap_or_default()
}
