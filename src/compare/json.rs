//! `mapmark.compare.v1`: all of it, for programs. FORMAT.md describes the fields.

use serde_json::{Value, json};

use super::{Comparison, Heading, Row, Verdict};
use crate::stats::{FAMILY_LEVEL, Finding, Interval};

/// The version of the written form.
pub const SCHEMA: &str = "mapmark.compare.v1";

/// Lays out `comparison` as JSON.
#[must_use]
pub fn json(comparison: &Comparison) -> String {
    let counts = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.name().to_owned(), json!(comparison.count(verdict))));
    let value = json!({
        "schema": SCHEMA,
        "metric": comparison.question.metric.name(),
        "tolerance_percent": 100.0 * comparison.question.tolerance,
        "family_level": FAMILY_LEVEL,
        "base": heading(&comparison.sides[0]),
        "new": heading(&comparison.sides[1]),
        "notes": comparison.notes,
        "counts": counts.collect::<serde_json::Map<_, _>>(),
        "cells": comparison.rows.iter().map(cell).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn heading(side: &Heading) -> Value {
    json!({
        "path": side.path,
        "created": side.created,
        "driver": side.driver,
        "build": side.build,
        "machine": side.machine,
    })
}

fn cell(row: &Row) -> Value {
    let change = row.change;
    json!({
        "id": row.id,
        "verdict": row.verdict.name(),
        "reason": row.reason,
        "base": row.base.as_ref().map(finding),
        "new": row.new.as_ref().map(finding),
        "change": change.map(|change| change.ratio),
        "interval": change.and_then(|change| change.interval).map(ends),
        "p_value": change.map(|change| change.p_value),
        "adjusted_p_value": row.adjusted_p,
        "baseline_moved": row.baseline_moved,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "value": finding.point(),
        "interval": finding.interval().map(ends),
        "replicates": finding.replicates,
        "rounds": finding.rounds,
    })
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low(), interval.high()]
}
