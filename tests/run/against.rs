//! Two builds in one run: in the same rounds, compared by any format, refused where they cannot talk.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::bench::{Bench, outcomes, reasons, tells_residency};
use crate::common::skipped;
use crate::ended::Ended;

const SMALL: [&str; 6] = [
    "--size",
    "100kB",
    "--workload",
    "whole_file,replace",
    "--cache",
    "warm",
];

fn run_against(bench: &Bench, other: &Path, more: &[&str]) -> Ended {
    let mut told = vec!["--against", other.to_str().unwrap()];
    told.extend(SMALL);
    told.extend(more);
    bench.run(&told)
}

/// `mapmark compare` of the two builds of the run.
fn compared(bench: &Bench, more: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command.arg("compare").arg(bench.out()).args(more);
    Ended::of(command.output().unwrap())
}

fn rows(bench: &Bench) -> Vec<Value> {
    let told: Value = serde_json::from_str(&compared(bench, &["--format", "json"]).stdout).unwrap();
    told["cells"].as_array().unwrap().clone()
}

fn row<'r>(rows: &'r [Value], id: &str) -> &'r Value {
    let found = rows.iter().find(|row| row["id"] == id);
    found.unwrap_or_else(|| panic!("no row of {id}: {rows:?}"))
}

/// An introduction as the real one gives it, passed through `sed` with this script.
fn introduced_as(sed: &str) -> String {
    format!("case \"$order\" in *introduction*) real | sed '{sed}' ;; *) real ;; esac")
}

/// Replicate, round, position, arm and time.
type Line = (String, String, String, String, String);

#[test]
fn both_builds_are_in_every_round() {
    let bench = Bench::new();
    if !tells_residency(bench.path("").as_path()) {
        return skipped("this system does not tell which pages are in memory");
    }
    let ended = run_against(&bench, Path::new(env!("CARGO_BIN_EXE_mapmark")), &[]);
    assert!(
        ended.stdout.contains("both builds took turns"),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stdout
            .lines()
            .take_while(|line| !line.starts_with("record"))
            .skip(1) // where the record is
            .all(|line| line.chars().count() <= 80)
    );
    let cells = bench.cells();
    assert_eq!(
        outcomes(&cells, "mmap"),
        ["measured"],
        "{}",
        reasons(&cells)
    );
    let record = bench.record();
    let told = record["against"]["cells"].as_array().unwrap();
    assert_eq!(told.len(), cells.len());
    let rounds = bench.rounds();
    for cell in told {
        let id = cell["id"].as_str().unwrap();
        let in_record = cell["outcome"]["measured"]["rounds"].as_u64().unwrap();
        let of = |id: &str| {
            let own = rounds
                .iter()
                .map(|line| line.split(',').collect::<Vec<_>>());
            own.filter(|line| line[3] == id)
                .map(|line| {
                    (
                        line[0].to_owned(),
                        line[1].to_owned(),
                        line[2].to_owned(),
                        line[4].to_owned(),
                        line[6].to_owned(),
                    )
                })
                .collect::<Vec<Line>>()
        };
        let builds = of(&format!("{id}/against"));
        let own = of(id);
        assert_eq!(builds.len() as u64, 2 * in_record, "{id}");
        assert_eq!(builds.len(), own.len(), "{id}");
        // This build's batch is one of those that its own cell was measured with: of the baseline, which is measured
        // twice, the second.
        let batch = |line: &Line| {
            (
                line.0.clone(),
                line.1.clone(),
                line.2.clone(),
                line.4.clone(),
            )
        };
        let own: Vec<_> = own.iter().map(batch).collect();
        for pair in builds.iter().filter(|pair| pair.3 == "engine") {
            assert!(own.contains(&batch(pair)), "{id}: {pair:?}");
        }
        // The other build's batches are others, in places of their own.
        let places = |arm: &str| {
            builds
                .iter()
                .filter(|line| line.3 == arm)
                .map(|line| line.2.clone())
                .collect::<Vec<_>>()
        };
        assert!(
            places("engine")
                .iter()
                .zip(places("baseline"))
                .all(|(one, other)| *one != other)
        );
    }
    let rows = rows(&bench);
    for cell in told {
        let row = row(&rows, cell["id"].as_str().unwrap());
        assert!(
            row["base"]["value"].as_f64().unwrap() > 0.0
                && row["new"]["value"].as_f64().unwrap() > 0.0
        );
        assert!(row["change"].as_f64().unwrap() > 0.0);
    }
    assert!(row(&rows, "all/mmap")["change"].as_f64().unwrap() > 0.0);
    for format in ["md", "bmf", "github-action-benchmark", "junit"] {
        let told = compared(&bench, &["--format", format]);
        assert!(told.stdout.contains("/mmap/100kB"), "{format}");
    }
    let page = std::fs::read_to_string(bench.out().join("comparison.html")).unwrap();
    assert!(page.contains("whole_file/mmap/100kB"));
    let listed = rows
        .iter()
        .filter(|row| row["verdict"] == "regressed")
        .count();
    assert_eq!(compared(&bench, &[]).status == 1, listed > 0);
}

#[test]
fn what_the_other_lacks_is_new_and_what_it_does_otherwise_is_not_compared() {
    let bench = Bench::new();
    let sed = r#"s/{"name":"mmap","version":[0-9]*}/{"name":"gone","version":1}/; s/{"name":"replace","version":[0-9]*}/{"name":"replace","version":99}/"#;
    let other = bench.worker(&introduced_as(sed));
    run_against(&bench, &other, &[]);
    let rows = rows(&bench);
    let new = row(&rows, "whole_file/mmap/100kB");
    assert_eq!(new["verdict"], "new");
    assert_eq!(new["reason"], "the other build has no engine `mmap`");
    let replaced = row(&rows, "replace/read/100kB");
    assert_eq!(replaced["verdict"], "incomparable");
    assert!(
        replaced["reason"]
            .as_str()
            .unwrap()
            .starts_with("version of the workload: 99 and ")
    );
    assert!(row(&rows, "whole_file/read/100kB")["change"].is_f64());
    assert_eq!(outcomes(&bench.cells(), "mmap"), ["measured"]);
}

#[test]
fn another_build_that_dies_costs_only_the_comparison() {
    let bench = Bench::new();
    let script = r#"case "$order" in
        *introduction*) real ;;
        *stretch*) note 2; kill -KILL $$ ;;
        *) exit 7 ;;
    esac"#;
    let other = bench.worker(script);
    let ended = run_against(&bench, &other, &[]).with_status(4);
    assert!(
        ended
            .stderr
            .contains("whole_file/mmap/100kB/against: the worker was killed"),
        "{}",
        ended.stderr
    );
    let cells = bench.cells();
    for engine in ["read", "mmap"] {
        assert_eq!(
            outcomes(&cells, engine),
            ["measured"],
            "{}",
            reasons(&cells)
        );
    }
    let rows = rows(&bench);
    assert!(
        rows.iter().all(|row| row["verdict"] == "incomparable"),
        "{rows:?}"
    );
    let reason = row(&rows, "whole_file/mmap/100kB/fresh")["reason"]
        .as_str()
        .unwrap();
    assert!(
        reason.contains("the other build: the worker ended with exit status: 7"),
        "{reason}"
    );
    assert!(bench.litter().is_empty());
}

#[test]
fn another_build_that_goes_astray_between_turns_costs_only_the_comparison() {
    for (stretch, reason) in [
        ("real | head -c 2", "did not answer within"),
        (
            "echo; read -r turn; echo nonsense",
            "is no message of a worker",
        ),
        (
            "yes '' | head -n 100000",
            "another round than it was asked for",
        ),
        ("echo; exec sleep 600", "did not answer within"),
    ] {
        let bench = Bench::new();
        let script = format!("case \"$order\" in *stretch*) {stretch} ;; *) real ;; esac");
        let other = bench.worker(&script);
        let steady = ["--workload", "whole_file", "--process", "steady"];
        let more = [&["--deadline", "2s"][..], &steady].concat();
        let ended = bench.run(
            &[
                &["--against", other.to_str().unwrap(), "--size", "100kB"][..],
                &["--cache", "warm"],
                &more,
            ]
            .concat(),
        );
        let cells = bench.cells();
        assert_eq!(outcomes(&cells, "mmap"), ["measured"], "{}", ended.stderr);
        let told = bench.record()["against"]["cells"].to_string();
        assert!(told.contains(reason), "{stretch}: {told}");
    }
}

#[test]
fn a_run_that_was_killed_before_it_told_of_its_cells_is_read() {
    let bench = Bench::new();
    let mapmark = Path::new(env!("CARGO_BIN_EXE_mapmark"));
    run_against(&bench, mapmark, &[]);
    let mut record = bench.record();
    record["cells"] = Value::Array(Vec::new());
    record["against"]["cells"] = Value::Array(Vec::new());
    std::fs::write(bench.out().join("run.json"), record.to_string()).unwrap();
    compared(&bench, &[]).with_status(4);
    let mut beside_itself = Command::new(mapmark);
    beside_itself
        .arg("compare")
        .args([bench.out(), bench.out()]);
    Ended::of(beside_itself.output().unwrap()).with_status(4);
}

#[test]
fn a_build_that_cannot_be_talked_to_is_refused() {
    let bench = Bench::new();
    for (script, reason) in [
        (
            r#"echo '{"protocol": 2, "result": {"Err": {}}}'"#,
            "speaks protocol 2, and this program speaks",
        ),
        ("echo hello", "is no message of a worker"),
        ("exit 3", "exit status: 3"),
        ("sleep 600", "did not answer within"),
    ] {
        let other = bench.worker(script);
        let ended = run_against(&bench, &other, &["--deadline", "300ms"]).with_status(2);
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
        assert!(ended.stderr.contains("worker.sh"), "{}", ended.stderr);
    }
    let ended = run_against(&bench, Path::new("no/such/mapmark"), &[]).with_status(2);
    assert!(ended.stderr.contains("no/such/mapmark"), "{}", ended.stderr);
    assert!(!bench.out().exists());
}

#[test]
fn a_run_of_one_build_has_nothing_to_compare_with() {
    let bench = Bench::new();
    bench.run(&crate::bench::SMALL);
    let ended = compared(&bench, &[]).with_status(2);
    assert!(
        ended.stderr.contains("is of one build; name a second run"),
        "{}",
        ended.stderr
    );
}
