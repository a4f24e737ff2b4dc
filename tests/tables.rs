//! The tables from a scripted clock: the whole way from rounds to text, the same every time.
//! Without rounds there are none: a system that does not tell its cache state is left out.

#![cfg(unix)]
// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/scripted.rs"]
mod scripted;

use mapmark::record::{self, Run};
use mapmark::report::{DROPPED, View, WIDTH, console, markdown};

fn run() -> Run {
    scripted::measured().0
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Without the line that a debug build adds: the snapshots are of what everybody sees.
fn of_release(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("debug build"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_console_table() {
    let mut run = run();
    run.machine.os = None; // what is unknown is said to be
    let text = plain(&console(&View::of(&run), WIDTH));
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?} columns:\n{text}");
    insta::assert_snapshot!("console", of_release(&text));
}

/// Columns go in their order until what is left fits; the verdict always stays.
#[test]
fn the_console_table_fits_a_narrow_terminal() {
    let view = View::of(&run());
    for (width, gone) in [(100, 0), (80, 1), (70, 2), (60, 3), (54, 4)] {
        let text = plain(&console(&view, width));
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{widest:?} columns:\n{text}");
        let header = text
            .lines()
            .find(|line| line.trim_start().starts_with("engine "));
        let header = header.unwrap();
        for (at, name) in DROPPED.into_iter().enumerate() {
            assert_eq!(
                header.contains(&format!("  {name}")),
                at >= gone,
                "{width}: {header}"
            );
        }
        assert!(header.contains("speed-up") && header.contains("verdict"));
    }
    insta::assert_snapshot!("console_80", of_release(&plain(&console(&view, 80))));
}

#[test]
fn the_markdown_table() {
    let text = markdown(&View::of(&run()));
    insta::assert_snapshot!("markdown", of_release(&text));
}

#[test]
fn the_csv_table() {
    let text = record::ratios_csv(&run());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        columns.join(","),
        "workload,fixture,bytes,cache,process,scope,engine,baseline,outcome,replicates,rounds,\
         time_ns,baseline_time_ns,speedup,speedup_low,speedup_high,floor_low,floor_high,verdict,\
         minor_faults,major_faults,user_ns,system_ns,answer,reason,\
         this_run_low,this_run_high,anonymous_bytes,file_bytes,read_bytes,read_calls"
    );
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 33);
    for line in &lines {
        let measured = &line[8] == "measured";
        assert_eq!(line[13].is_empty(), !measured, "{line:?}");
        assert_eq!(line[24].is_empty(), measured, "{line:?}");
    }
    insta::assert_snapshot!("csv", text);
}

/// The snapshots are of every outcome and every verdict, or they would hold less than they seem to.
#[test]
fn the_scripted_run_has_every_outcome_and_every_verdict() {
    let text = record::ratios_csv(&run());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let found = |column: usize, word: &str| lines.iter().any(|line| &line[column] == word);
    for outcome in ["measured", "unsupported", "unverified", "failed", "skipped"] {
        assert!(found(8, outcome), "{outcome}");
    }
    for verdict in ["faster", "slower", "same", "inconclusive"] {
        assert!(found(18, verdict), "{verdict}");
    }
}

#[test]
fn the_record_as_json() {
    insta::assert_snapshot!("json", record::to_json(&run()));
}

#[test]
fn the_record_comes_back_as_it_was() {
    let run = run();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.json");
    std::fs::write(&file, record::to_json(&run)).unwrap();
    assert!(
        record::load(&file).unwrap() == run,
        "the record changed on its way"
    );
}
