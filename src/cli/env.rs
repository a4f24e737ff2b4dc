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
use crate::selfcheck::glimpse;
use crate::text::terminal;
use crate::units::{Nanos, memory_text, percent};

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
        let resolution = glimpse().map(|glimpse| {
            json!({ "rounds": glimpse.rounds, "half_width_percent": glimpse.half_width_percent })
        });
        let facts = json!({
            "machine": machine,
            "build": Build::this(),
            "clock": { "cost_ns": clock.cost_ns, "resolution_ns": clock.resolution_ns },
            "resolution": resolution,
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

/// What is known after a run only.
const OF_RUNS: [&str; 2] = ["load_end", "steal_percent"];

/// A section for each object, a line for each fact; what is not known is said to be unknown.
fn as_text(facts: &Value) -> String {
    let mut out = String::new();
    for section in ["machine", "build", "clock"] {
        let _ = writeln!(out, "{section}");
        for (name, value) in facts[section].as_object().into_iter().flatten() {
            if !OF_RUNS.contains(&name.as_str()) {
                let (name, value) = as_words(name, value);
                line(&mut out, &name, &value);
            }
        }
        out.push('\n');
    }
    let resolution = &facts["resolution"];
    let at_best = match resolution["half_width_percent"].as_f64() {
        Some(half_width) => format!(
            "{}: two equal loads in one process, {} rounds",
            percent(half_width),
            resolution["rounds"]
        ),
        None => "unknown".to_owned(),
    };
    out.push_str("resolution now\n");
    line(&mut out, "at best", &at_best);
    line(
        &mut out,
        "of a run",
        "`mapmark selfcheck` finds out which differences it sees (60 s)",
    );
    let doubts = facts["doubts"].as_array().map_or(&[][..], Vec::as_slice);
    let _ = writeln!(out, "\n{} doubts", doubts.len());
    for doubt in doubts {
        let _ = writeln!(out, "  {}", terminal(doubt.as_str().unwrap_or_default()));
    }
    out
}

fn line(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "  {name:<24} {value}");
}

type InWords = fn(f64) -> String;

/// How names of JSON end, and how their figures are written.
const UNITS: [(&str, InWords); 3] = [
    ("_bytes", memory_text),
    ("_kib", |kib| memory_text(1024.0 * kib)),
    ("_ns", |ns| Nanos(ns).to_string()),
];

/// A fact with its unit, which stands at the end of its name in JSON: `read_ahead_kib`, 8192 is `read ahead`, `8.00 MiB`.
fn as_words(name: &str, value: &Value) -> (String, String) {
    let with_unit = UNITS
        .iter()
        .find_map(|(unit, text)| Some((name.strip_suffix(unit)?, text)));
    let text = match (value, with_unit) {
        (Value::Null, _) => "unknown".to_owned(),
        (Value::Bool(true), _) => "yes".to_owned(),
        (Value::Bool(false), _) => "no".to_owned(),
        (Value::String(text), _) => terminal(text).into_owned(),
        (Value::Number(number), Some((_, text))) => {
            number.as_f64().map_or_else(|| number.to_string(), text)
        }
        (other, _) => terminal(&other.to_string()).into_owned(),
    };
    let name = with_unit.map_or(name, |(stem, _)| stem);
    (name.replace('_', " "), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_a_unit_and_three_digits() {
        let text = as_text(&json!({
            "machine": {
                "memory_bytes": 25_276_514_304_u64, "memory_limit_bytes": 268_435_456,
                "page_bytes": 4096, "read_ahead_kib": 8192, "cpus": 2, "cores": null,
                "on_battery": false, "load_start": 0.07, "load_end": null,
            },
            "clock": { "cost_ns": 33.627_197_265_625, "resolution_ns": 11 },
            "resolution": { "rounds": 400, "half_width_percent": 0.234 },
            "doubts": ["this is a debug build"],
        }));
        let lines = [
            ("memory", "23.5 GiB"),
            ("memory limit", "256 MiB"),
            ("page", "4.00 KiB"),
            ("read ahead", "8.00 MiB"),
            ("cpus", "2"),
            ("cores", "unknown"),
            ("on battery", "no"),
            ("load start", "0.07"),
            ("cost", "33.6 ns"),
            ("resolution", "11.0 ns"),
            (
                "at best",
                "0.2 %: two equal loads in one process, 400 rounds",
            ),
        ];
        for (name, value) in lines {
            let line = format!("\n  {name:<24} {value}\n");
            assert!(text.contains(&line), "{line} is missing in:\n{text}");
        }
        assert!(!text.contains("load end"), "{text}");
        assert!(text.contains("mapmark selfcheck"), "{text}");
        assert!(
            text.ends_with("\n1 doubts\n  this is a debug build\n"),
            "{text}"
        );
    }
}
