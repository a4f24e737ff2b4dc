//! Runs on fixtures: what is measured, written and said.

use std::collections::BTreeSet;
use std::fs;

use crate::bench::{Bench, outcomes, reasons, tells_residency};
use crate::common::skipped;

const SMALL: [&str; 4] = ["--size", "100kB", "--workload", "whole_file"];

#[test]
fn a_run_keeps_a_record_of_every_cell() {
    let bench = Bench::new();
    let ended = bench.run(&["--size", "100kB"]).with_status(0);
    let cells = bench.cells();
    // Six workloads steady and fresh, one of them cold too; two engines each.
    assert_eq!(cells.len(), 2 * (2 * 6 + 1));
    if !tells_residency(&bench.path("")) {
        return skipped("this system does not tell which pages are in memory");
    }
    for cell in &cells {
        // A kernel may be evicting pages just now.
        assert!(
            cell["outcome"] == "measured" || cell["outcome"] == "unverified",
            "{cell}"
        );
        if cell["outcome"] == "measured" {
            let replicates = cell["measured"]["replicates"].as_u64();
            assert!((1..=2).contains(&replicates.unwrap()), "{cell}");
        }
    }
    for name in [
        "run.json",
        "rounds.csv",
        "ratios.csv",
        "ratios.md",
        "report.html",
        "charts",
    ] {
        assert!(bench.out().join(name).exists(), "{name} is missing");
    }
    assert!(
        ended
            .stdout
            .contains("whole_file · text-100kB · warm, fresh, per_call")
    );
    assert!(
        ended.stdout.contains("why: mmap mapped ") && ended.stdout.contains("read copied"),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stderr
            .contains("plan: 26 cells in 13 contests, 2 replicates, 1 s in all")
    );
    assert!(bench.litter().is_empty(), "{:?}", bench.litter());
}

#[test]
fn every_round_is_in_the_record_with_both_its_arms() {
    let bench = Bench::new();
    bench
        .run(&[&SMALL[..], &["--process", "steady"]].concat())
        .with_status(0);
    let rounds = bench.rounds();
    let fields = |line: &String| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut seen = BTreeSet::new();
    for line in rounds.iter().map(fields) {
        let [replicate, round, position, cell, arm] = &line[..5] else {
            panic!("{line:?}");
        };
        assert!(position.parse::<u32>().unwrap() < 3, "three arms: {line:?}");
        assert!(seen.insert((cell.clone(), replicate.clone(), round.clone(), arm.clone())));
    }
    for cell in bench.cells() {
        let kept = cell["measured"]["rounds"].as_u64().unwrap();
        let id = format!("whole_file/{}/100kB", cell["engine"].as_str().unwrap());
        let lines = seen.iter().filter(|(of, ..)| *of == id).count();
        assert_eq!(lines as u64, 2 * kept, "{id}");
    }
}

#[test]
fn the_same_seed_draws_the_same_orders() {
    let order = |seed: &str| {
        let bench = Bench::new();
        let told = [&SMALL[..], &["--seed", seed, "--process", "steady"]].concat();
        bench.run(&told).with_status(0);
        assert_eq!(bench.record()["seed"].to_string(), seed);
        let rounds = bench.rounds();
        let first = rounds.iter().filter(|line| line.starts_with("0,"));
        first
            .map(|line| line.split(',').take(5).collect::<Vec<_>>().join(","))
            .take(40)
            .collect::<Vec<_>>()
    };
    let one = order("7");
    assert!(!one.is_empty());
    // How many rounds fit into the time differs, and with it where the cells follow each other.
    let common = order("7")
        .iter()
        .zip(&one)
        .take_while(|(a, b)| a == b)
        .count();
    assert!(common >= 4, "{common}");
}

#[test]
fn a_run_stops_when_every_interval_is_narrow_enough() {
    let bench = Bench::new();
    let told = [
        "--replicates",
        "40",
        "--precision",
        "100000%",
        "--budget",
        "8s",
    ];
    let told = [&SMALL[..], &["--process", "steady"], &told].concat();
    // The arguments that the bench gives come first, and the later ones would be refused.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command
        .args(["run", "--force", "--fixtures"])
        .arg(bench.path("fixtures"));
    command.arg("--out").arg(bench.out()).args(told);
    assert!(command.output().unwrap().status.success());
    for cell in bench.cells() {
        assert_eq!(cell["measured"]["replicates"], 5, "{cell}");
    }
    assert!(!bench.record()["notes"].to_string().contains("sufficed"));
}

#[test]
fn a_budget_that_is_too_short_is_said() {
    let bench = Bench::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command.args(["run", "--force", "--budget", "1ms", "--fixtures"]);
    command
        .arg(bench.path("fixtures"))
        .arg("--out")
        .arg(bench.out())
        .args(SMALL);
    assert!(command.output().unwrap().status.success());
    let notes = bench.record()["notes"].to_string();
    assert!(notes.contains("sufficed for 1 of 5 replicates"), "{notes}");
}

#[test]
fn other_formats_go_to_standard_output_alone() {
    let bench = Bench::new();
    let told = [&SMALL[..], &["--process", "steady", "--format", "csv"]].concat();
    let ended = bench.run(&told).with_status(0);
    assert_eq!(
        ended.stdout,
        fs::read_to_string(bench.out().join("ratios.csv")).unwrap()
    );
    let bench = Bench::new();
    let told = [
        &SMALL[..],
        &["--process", "steady", "--format", "json", "--quiet"],
    ]
    .concat();
    let ended = bench.run(&told).with_status(0);
    assert_eq!(
        ended.stdout,
        fs::read_to_string(bench.out().join("run.json")).unwrap()
    );
    assert_eq!(ended.stderr, "");
}

#[test]
fn unsupported_engines_are_rows_and_the_rest_is_measured() {
    let bench = Bench::new();
    let told = [
        "--size",
        "100kB",
        "--workload",
        "rfind_last",
        "--engine",
        "buf_reader,mmap",
    ];
    bench.run(&told).with_status(0);
    let cells = bench.cells();
    assert_eq!(outcomes(&cells, "buf_reader"), ["unsupported"]);
    assert!(
        reasons(&cells).contains("a stream runs forwards"),
        "{}",
        reasons(&cells)
    );
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_written() {
    let cases: [&[&str]; 16] = [
        &["--workload", "find_frist"],
        &["--engine", "mmpa"],
        &["--size", "2MX"],
        &["--cache", "lukewarm"],
        &["--process", "stale"],
        &["--scope", "ajar"],
        &["--pin", "100000"],
        &["--memory-limit", "lots"],
        &["--precision", "0%"],
        &["--precision", "1e300%"],
        &["--deadline", "9999999999h"],
        &["--needle", "x"],
        &["--file", "/no/such/file"],
        &["--size", "2MB", "--file", "Cargo.toml"],
        &["--size", "900TB"],
        &["--replicates", "0"],
    ];
    for told in cases {
        let bench = Bench::new();
        let ended = bench.run(told).with_status(2);
        assert!(ended.stdout.is_empty(), "{told:?}: {}", ended.stdout);
        assert!(
            ended.stderr.starts_with("error: "),
            "{told:?}: {}",
            ended.stderr
        );
        assert!(!bench.out().exists(), "{told:?}");
    }
}

#[test]
fn a_record_is_never_overwritten() {
    let bench = Bench::new();
    let told = [&SMALL[..], &["--process", "steady"]].concat();
    bench.run(&told).with_status(0);
    let ended = bench.run(&told).with_status(2);
    assert!(
        ended.stderr.contains("holds a run already"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_debug_build_is_refused_unless_forced() {
    if !cfg!(debug_assertions) {
        return; // a release build would measure
    }
    let bench = Bench::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mapmark"));
    let output = command
        .args(["run", "--out"])
        .arg(bench.out())
        .arg("--quick")
        .output();
    if cfg!(debug_assertions) {
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("--force")
        );
    }
}
