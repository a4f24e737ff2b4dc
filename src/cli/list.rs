//! `mapmark list`: what exists, and the cells that a selection gives.

use std::fmt::Write;

use clap::Args;
use serde_json::json;

use super::selection::SelectionArguments;
use crate::engine::ENGINES;
use crate::error::Result;
use crate::plan::{Contest, Entry};
use crate::report::for_terminal;
use crate::workload::{Role, WORKLOADS};

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    selection: SelectionArguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(&self) -> Result<String> {
        let contests = self.selection.selection()?.contests();
        Ok(if self.json {
            as_json(&contests)
        } else {
            for_terminal(&as_text(&contests))
        })
    }
}

fn entries(contests: &[Contest]) -> impl Iterator<Item = (&Contest, &Entry)> {
    contests
        .iter()
        .flat_map(|contest| contest.entries.iter().map(move |entry| (contest, entry)))
}

fn as_text(contests: &[Contest]) -> String {
    let mut out = String::from("workloads\n");
    let mut line = |name: &str, about: &str| {
        let _ = writeln!(out, "  {name:<16} {about}");
    };
    for workload in WORKLOADS {
        match workload.role() {
            Role::Ranked => line(workload.name(), workload.about()),
            Role::Control => line(workload.name(), &format!("{} (control)", workload.about())),
        }
    }
    line("", "");
    out.push_str("engines\n");
    for engine in ENGINES {
        let _ = match engine.available() {
            Ok(()) => writeln!(out, "  {:<16} {}", engine.name(), engine.about()),
            Err(reason) => writeln!(out, "  {:<16} not here: {reason}", engine.name()),
        };
    }
    let all = entries(contests).count();
    let _ = writeln!(out, "\n{all} cells in {} contests", contests.len());
    for (contest, entry) in entries(contests) {
        let id = contest.cell_id(entry.engine);
        let _ = match &entry.support {
            Ok(()) => writeln!(out, "  {id}"),
            Err(reason) => writeln!(out, "  {id}  unsupported: {reason}"),
        };
    }
    out
}

fn as_json(contests: &[Contest]) -> String {
    let workloads = WORKLOADS.iter().map(|workload| {
        json!({
            "name": workload.name(),
            "about": workload.about(),
            "version": workload.version(),
            "control": workload.role() == Role::Control,
        })
    });
    let engines = ENGINES.iter().map(|engine| {
        json!({
            "name": engine.name(),
            "about": engine.about(),
            "version": engine.version(),
            "unavailable": engine.available().err(),
        })
    });
    let cells = entries(contests).map(|(contest, entry)| {
        json!({
            "id": contest.cell_id(entry.engine),
            "workload": contest.workload.name(),
            "engine": entry.engine.name(),
            "baseline": contest.baseline.name(),
            "bytes": contest.bytes.0,
            "cache": contest.cache.name(),
            "process": contest.process.name(),
            "scope": contest.scope.name(),
            "unsupported": entry.support.as_ref().err(),
        })
    });
    let all = json!({
        "workloads": workloads.collect::<Vec<_>>(),
        "engines": engines.collect::<Vec<_>>(),
        "cells": cells.collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}
