//! Sweeps: sizes that double, where the faster engine changes, and what is refused.

use std::process::Command;

use crate::bench::{Bench, tells_residency};
use crate::common::skipped;
use crate::ended::Ended;

#[test]
fn a_sweep_measures_every_size_in_a_loop_and_in_new_processes() {
    let bench = Bench::new();
    let ended = bench.run(&["--sweep", "4KiB..20KiB"]).with_status(0);
    let mut ids: Vec<(u64, String, String)> = bench
        .cells()
        .iter()
        .map(|cell| {
            let text = |field: &str| cell[field].as_str().unwrap().to_owned();
            assert_eq!(
                (text("workload"), text("cache")),
                ("whole_file".to_owned(), "warm".to_owned())
            );
            (
                cell["bytes"].as_u64().unwrap(),
                text("process"),
                text("engine"),
            )
        })
        .collect();
    ids.sort();
    let mut wanted = Vec::new();
    for bytes in [4096, 8192, 16_384, 20_480] {
        for process in ["fresh", "steady"] {
            for engine in ["mmap", "read"] {
                wanted.push((bytes, process.to_owned(), engine.to_owned()));
            }
        }
    }
    assert_eq!(ids, wanted);
    let settings = &bench.record()["settings"];
    assert_eq!(settings["sweep"]["from_bytes"], 4096);
    assert_eq!(settings["sweep"]["to_bytes"], 20_480);
    if !tells_residency(&bench.path("")) {
        return skipped("this system does not tell which pages are in memory");
    }
    let text = &ended.stdout;
    let crossover = text.find("\ncrossover\n  steady: ").unwrap();
    assert!(text.contains("\n  fresh: "), "{text}");
    let table = text.find("whole_file · warm, steady, per_call").unwrap();
    assert!(crossover < table, "{text}");
    for name in [
        "crossover-whole_file-warm-steady-per_call.svg",
        "crossover-whole_file-warm-fresh-per_call.svg",
    ] {
        assert!(bench.out().join("charts").join(name).exists(), "{name}");
    }
    assert!(bench.litter().is_empty(), "{:?}", bench.litter());
}

#[test]
fn the_same_is_told_again_from_the_record() {
    let bench = Bench::new();
    let told = ["--sweep", "4KiB..16KiB", "--process", "steady"];
    let ended = bench.run(&told).with_status(0);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    let again = command.arg("report").arg(bench.out()).output().unwrap();
    let again = Ended::of(again).with_status(0).stdout;
    // Where the record is stands before the last line.
    let (tables, outlook) = again.rsplit_once("\n\n").unwrap();
    assert!(ended.stdout.starts_with(tables), "{again}");
    assert!(ended.stdout.ends_with(&format!("\n\n{outlook}")), "{again}");
    assert!(outlook.contains("run"), "{outlook}");
    assert!(again.contains("\ncrossover\n  steady: "), "{again}");
}

#[test]
fn a_sweep_that_could_find_nothing_is_refused() {
    let bench = Bench::new();
    for (selection, why) in [
        (["--engine", "read"], "`read` alone"),
        (["--workload", "open_only"], "open_only ranks no engine"),
    ] {
        let told = [&["--sweep", "4KiB..16KiB"], &selection[..]].concat();
        let ended = bench.run(&told).with_status(2);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
        assert!(!bench.out().exists());
    }
}

#[test]
fn other_selections_narrow_a_sweep_or_widen_it() {
    let bench = Bench::new();
    let told = [
        "--sweep",
        "4KiB..8KiB",
        "--workload",
        "whole_file,find_first",
    ];
    let more = ["--engine", "mmap,pread", "--process", "steady"];
    let ended = bench.run(&[&told[..], &more].concat()).with_status(0);
    assert_eq!(bench.cells().len(), 2 * 2 * 3);
    for line in ["whole_file steady: ", "find_first steady: "] {
        assert_eq!(ended.stdout.matches(line).count(), 2, "{}", ended.stdout);
    }
}

#[test]
fn a_sweep_gives_more_replicates_next_to_a_change_and_enough_to_all() {
    let bench = Bench::new();
    if !tells_residency(&bench.path("")) {
        return skipped("this system does not tell which pages are in memory");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command.args([
        "run",
        "--force",
        "--budget",
        "6s",
        "--replicates",
        "8",
        "--process",
        "steady",
    ]);
    command
        .args(["--sweep", "4KiB..256KiB", "--fixtures"])
        .arg(bench.path("fixtures"));
    command.arg("--out").arg(bench.out());
    Ended::of(command.output().unwrap()).with_status(0);
    let replicates: Vec<u64> = bench
        .cells()
        .iter()
        .filter_map(|cell| cell["measured"]["replicates"].as_u64())
        .collect();
    assert_eq!(replicates.len(), 14);
    if bench.record()["notes"].to_string().contains("sufficed") {
        return skipped("this machine is too busy for six seconds to suffice");
    }
    assert!(replicates.iter().all(|count| *count >= 5), "{replicates:?}");
    assert!(
        replicates.iter().sum::<u64>() <= 2 * 7 * 8,
        "{replicates:?}"
    );
}

#[test]
fn a_sweep_beside_another_build_measures_both_at_every_size() {
    let bench = Bench::new();
    if !tells_residency(&bench.path("")) {
        return skipped("this system does not tell which pages are in memory");
    }
    let own = env!("CARGO_BIN_EXE_mapmark");
    let told = ["--sweep", "4KiB..8KiB", "--process", "steady"];
    bench.run(&[&told[..], &["--against", own]].concat());
    let record = bench.record();
    assert_eq!(record["settings"]["sweep"]["to_bytes"], 8192);
    let cells = record["against"]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 4);
    for cell in cells {
        assert!(
            cell["outcome"]["measured"]["rounds"].as_u64() > Some(0),
            "{cell}"
        );
    }
}

#[test]
fn a_run_of_sizes_is_no_sweep() {
    let bench = Bench::new();
    let told = [
        "--size",
        "4KiB,8KiB",
        "--workload",
        "whole_file",
        "--process",
        "steady",
    ];
    let ended = bench.run(&told).with_status(0);
    assert!(bench.record()["settings"].get("sweep").is_none());
    assert!(!ended.stdout.contains("crossover"), "{}", ended.stdout);
}

#[test]
fn what_is_no_range_of_sizes_is_refused() {
    let cases = [
        ("64MiB..4KiB", "write --sweep 4KiB..64MiB"),
        ("..", "its smallest size is missing"),
        ("4KiB..", "its largest size is missing"),
        ("0..1", "the smallest fixture has 1KiB"),
        ("4KiB", "it is no range of sizes"),
        ("4KiB..4KiB", "both ends are the same size"),
        ("4KiB..2 elephants", "unknown unit"),
        ("1KiB..900TB", "it holds 41 sizes"),
        ("200GiB..900TB", "memory has room"),
    ];
    for (range, told) in cases {
        let bench = Bench::new();
        let ended = bench.run(&["--sweep", range]).with_status(2);
        assert!(
            ended.stderr.starts_with("error: --sweep "),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains(told), "{range}: {}", ended.stderr);
        assert!(!bench.out().exists() && ended.stdout.is_empty(), "{range}");
        let made = std::fs::read_dir(bench.path("fixtures")).map_or(0, |files| {
            let names = files.map(|file| file.unwrap().file_name());
            names
                .filter(|name| name.to_string_lossy().starts_with("text-"))
                .count()
        });
        assert_eq!(made, 0, "{range}");
    }
}

#[test]
fn a_range_and_something_else_to_measure_exclude_each_other() {
    for other in [["--size", "2MB"], ["--file", "Cargo.toml"]] {
        let bench = Bench::new();
        let told = [&["--sweep", "4KiB..8KiB"][..], &other].concat();
        let ended = bench.run(&told).with_status(2);
        let stderr = &ended.stderr;
        assert!(
            stderr.contains("--sweep") && stderr.contains(other[0]),
            "{stderr}"
        );
        assert!(!bench.out().exists());
    }
}

#[test]
fn the_cells_of_a_sweep_can_be_listed() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    let listed = command
        .args(["list", "--sweep", "4KiB..64MiB"])
        .output()
        .unwrap();
    let listed = Ended::of(listed).with_status(0).stdout;
    assert!(listed.contains("60 cells in 30 contests"), "{listed}");
    assert!(listed.contains("whole_file/mmap/512KiB/fresh"), "{listed}");
}
