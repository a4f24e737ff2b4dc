//! The trend for other programs: one line for each cell and run.

use super::Trend;
use crate::text::csv_cell;

const COLUMNS: [&str; 10] = [
    "machine",
    "workload",
    "cell",
    "created",
    "revision",
    "speedup",
    "speedup_low",
    "speedup_high",
    "time_ns",
    "step",
];

/// Lays out trends, each with the name of its machine's file, as CSV. `step` is 1 for the first run behind a step.
#[must_use]
pub fn csv(trends: &[(String, Trend)]) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(COLUMNS);
    for (machine, trend) in trends {
        for series in &trend.series {
            for (number, run) in series.runs.iter().enumerate() {
                let end = |end: usize| {
                    run.interval
                        .map_or_else(String::new, |ends| format!("{:.6}", ends[end]))
                };
                let _ = writer.write_record([
                    csv_cell(machine),
                    csv_cell(&series.workload),
                    csv_cell(&series.id),
                    csv_cell(&run.created),
                    csv_cell(run.revision.as_deref().unwrap_or_default()),
                    format!("{:.6}", run.speedup),
                    end(0),
                    end(1),
                    format!("{:.1}", run.time_ns),
                    u8::from(series.steps().contains(&number)).to_string(),
                ]);
            }
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
