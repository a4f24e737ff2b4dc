//! `mapmark env`: the machine, and what will make its numbers doubtful.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::error::Result;
use crate::fixture::Store;
use crate::machine::{Build, Machine};
use crate::measure::{ClockFacts, Monotonic};
use crate::report::for_terminal;
use crate::text::terminal;

#[derive(Args)]
pub(super) struct Env {
    /// The directory whose file system is looked at [default: where fixtures are kept]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Env {
    pub(super) fn run(&self) -> Result<String> {
        let machine = Machine::observe(&self.directory.clone().unwrap_or_else(home));
        let clock = ClockFacts::of(&Monotonic::start());
        let facts = json!({
            "machine": machine,
            "build": Build::this(),
            "clock": { "cost_ns": clock.cost_ns, "resolution_ns": clock.resolution_ns },
            "doubts": machine.doubts(&Build::this()),
        });
        Ok(if self.json {
            format!("{facts:#}\n")
        } else {
            for_terminal(&as_text(&facts))
        })
    }
}

/// Where fixtures are kept, or will be: nothing is made here, so it may be a directory above.
fn home() -> PathBuf {
    let home = Store::default_directory();
    let mut above = home.ancestors();
    match above.find(|directory| directory.is_dir()) {
        Some(directory) => directory.to_owned(),
        None => Path::new(".").to_owned(),
    }
}

/// A section for each object, a line for each fact; what is not known is said to be unknown.
fn as_text(facts: &Value) -> String {
    let mut out = String::new();
    for section in ["machine", "build", "clock"] {
        let _ = writeln!(out, "{section}");
        for (name, value) in facts[section].as_object().into_iter().flatten() {
            let _ = writeln!(
                out,
                "  {:<24} {}",
                name.replace('_', " "),
                value_text(value)
            );
        }
        out.push('\n');
    }
    let doubts = facts["doubts"].as_array().map_or(&[][..], Vec::as_slice);
    let _ = writeln!(out, "{} doubts", doubts.len());
    for doubt in doubts {
        let _ = writeln!(out, "  {}", terminal(doubt.as_str().unwrap_or_default()));
    }
    out
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "unknown".to_owned(),
        Value::String(text) => terminal(text).into_owned(),
        other => terminal(&other.to_string()).into_owned(),
    }
}
