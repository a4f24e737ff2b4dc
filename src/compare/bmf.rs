//! Bencher Metric Format: what NEW found, and how it changed, for `bencher run --adapter json`.
//!
//! The form: <https://bencher.dev/docs/reference/bencher-metric-format>.

use serde_json::{Map, Value, json};

use super::{Comparison, Metric, Row};
use crate::stats::Interval;

/// Lays out `comparison` for Bencher. Cells without a figure of NEW have nothing to track.
#[must_use]
pub fn bmf(comparison: &Comparison) -> String {
    // Bencher knows `latency`, in nanoseconds; the others it makes when they first come.
    let (measure, change) = match comparison.question.metric {
        Metric::Speedup => ("speed-up", "speed-up-change"),
        Metric::Time => ("latency", "latency-change"),
    };
    let mut benchmarks = Map::new();
    for row in &comparison.rows {
        let Some(measures) = measures(row, measure, change) else {
            continue;
        };
        benchmarks.insert(row.id.clone(), measures);
    }
    format!("{:#}\n", Value::Object(benchmarks))
}

fn measures(row: &Row, measure: &str, change: &str) -> Option<Value> {
    let new = row.new?;
    let mut measures = Map::new();
    measures.insert(measure.to_owned(), metric(new.point(), new.interval()));
    if let Some(known) = row.change {
        measures.insert(change.to_owned(), metric(known.ratio, known.interval));
    }
    Some(Value::Object(measures))
}

fn metric(value: f64, interval: Option<Interval>) -> Value {
    match interval {
        Some(ends) => json!({
            "value": value,
            "lower_value": ends.low(),
            "upper_value": ends.high(),
        }),
        None => json!({ "value": value }),
    }
}
