//! For github-action-benchmark: `customBiggerIsBetter` for speed-ups, `customSmallerIsBetter` for times.
//!
//! The form: <https://github.com/benchmark-action/github-action-benchmark#examples>.

use serde_json::{Value, json};

use super::{Comparison, Metric, Row};
use crate::units;

/// Lays out `comparison` for github-action-benchmark. Cells without a figure of NEW have nothing to track.
#[must_use]
pub fn action(comparison: &Comparison) -> String {
    let unit = match comparison.question.metric {
        Metric::Speedup => "x",
        Metric::Time => "ns",
    };
    let benchmarks: Vec<Value> = comparison
        .rows
        .iter()
        .filter_map(|row| benchmark(row, unit))
        .collect();
    format!("{:#}\n", Value::Array(benchmarks))
}

fn benchmark(row: &Row, unit: &str) -> Option<Value> {
    let new = row.new?;
    let mut benchmark = json!({
        "name": row.id,
        "unit": unit,
        "value": new.point(),
        "extra": extra(row),
    });
    if let Some(interval) = new.interval() {
        benchmark["range"] = json!(format!("± {:.2} %", interval.half_width_percent()));
    }
    Some(benchmark)
}

fn extra(row: &Row) -> String {
    let change = row
        .change
        .map(|change| format!("change {}", units::change(change.ratio)));
    let parts = [
        Some(row.verdict.name().to_owned()),
        change,
        row.reason.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
