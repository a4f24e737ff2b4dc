//! `mapmark compare` and `mapmark history` as they are typed: what they print and how they end.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn mapmark() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mapmark"))
}

/// Exit status, standard output and standard error.
fn told(arguments: &[&str]) -> (i32, String, String) {
    let output = mapmark().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A record that is kept for ever.
fn kept(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    root.join(name).to_str().unwrap().to_owned()
}

/// A copy of the first record with its two files changed.
fn changed(
    place: &Path,
    json: impl Fn(String) -> String,
    rounds: impl Fn(&str) -> String,
) -> String {
    let directory = place.join("changed");
    fs::create_dir_all(&directory).unwrap();
    let read = |name: &str| fs::read_to_string(PathBuf::from(kept("v1")).join(name)).unwrap();
    fs::write(directory.join("run.json"), json(read("run.json"))).unwrap();
    fs::write(directory.join("rounds.csv"), rounds(&read("rounds.csv"))).unwrap();
    directory.to_str().unwrap().to_owned()
}

/// The rounds with the times of `engine`'s batches `factor` times as long.
fn slowed(rounds: &str, engine: &str, factor: f64) -> String {
    let line = |line: &str| {
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        if fields[3].contains(engine) && fields[4] == "engine" {
            let elapsed_ns: f64 = fields[6].parse().unwrap();
            fields[6] = format!("{:.0}", elapsed_ns * factor);
        }
        fields.join(",") + "\n"
    };
    rounds.lines().map(line).collect()
}

#[test]
fn every_kept_record_is_the_same_as_itself_in_every_format() {
    for record in ["v1", "run-v1"] {
        let run = kept(record);
        let formats = [
            "table",
            "md",
            "json",
            "bmf",
            "github-action-benchmark",
            "junit",
            "html",
        ];
        for format in formats {
            for metric in ["speedup", "time"] {
                let (status, text, error) = told(&[
                    "compare", &run, &run, "--format", format, "--metric", metric,
                ]);
                assert_eq!(
                    (status, error.as_str()),
                    (0, ""),
                    "{record}, {format}, {metric}"
                );
                assert!(!text.is_empty(), "{record}, {format}, {metric}");
            }
        }
        let (_, text, _) = told(&["compare", &run, &run, "--format", "json", "--decide-all"]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cells = value["cells"].as_array().unwrap();
        assert!(
            cells.len() >= 3 && cells.iter().all(|cell| cell["verdict"] == "same"),
            "{text}"
        );
    }
}

#[test]
fn a_regression_ends_with_one_and_is_named_first() {
    let place = tempfile::tempdir().unwrap();
    let base = kept("v1");
    let slow = changed(
        place.path(),
        |json| json,
        |rounds| slowed(rounds, "/mmap/", 2.0),
    );
    let (status, text, _) = told(&["compare", &base, &slow]);
    assert_eq!(status, 1, "{text}");
    assert!(
        text.contains("\nregressed\n") && text.contains("/mmap/2MB"),
        "{text}"
    );
    assert!(text.contains("one process"), "{text}");
    // The other way round, the same change is an improvement.
    let (status, text, _) = told(&["compare", &slow, &base]);
    assert!(
        status != 1 && text.contains("\nimproved\n"),
        "{status}: {text}"
    );
    let (status, text, _) = told(&["compare", &base, &slow, "--metric", "time"]);
    assert!(status == 1 && text.contains("+100 %"), "{text}");
}

#[test]
fn one_process_decides_nothing_small() {
    let place = tempfile::tempdir().unwrap();
    let slow = changed(
        place.path(),
        |json| json,
        |rounds| slowed(rounds, "/", 1.06),
    );
    let (status, text, _) = told(&["compare", &kept("v1"), &slow]);
    assert_eq!(status, 4, "{text}");
}

#[test]
fn damaged_records_are_refused_with_file_and_place() {
    let place = tempfile::tempdir().unwrap();
    let same = |rounds: &str| rounds.to_owned();
    let refused = |run: &str| {
        let (status, text, error) = told(&["compare", &kept("v1"), run]);
        assert_eq!((status, text.as_str()), (2, ""), "{error}");
        error
    };
    let cut = changed(
        place.path(),
        |json| json,
        |rounds| rounds[..rounds.len() / 2].to_owned(),
    );
    // A last line that is torn costs nothing; rounds that the record tells of have to be there.
    let error = refused(&cut);
    assert!(
        error.contains("rounds.csv: ") && error.contains("tells of"),
        "{error}"
    );
    let nan = changed(
        place.path(),
        |json| json,
        |rounds| rounds.replacen("13179743", "NaN", 1),
    );
    assert!(refused(&nan).contains("rounds.csv: line 2: elapsed_ns is `NaN`"));
    let newer = changed(place.path(), |json| json.replace("run.v1", "run.v9"), same);
    let error = refused(&newer);
    assert!(
        error.contains("mapmark.run.v9") && error.contains("mapmark.run.v1"),
        "{error}"
    );
    let twice = |json: String| {
        let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let cells = value["cells"].as_array_mut().unwrap();
        let first = cells[0].clone();
        cells.push(first);
        value.to_string()
    };
    let error = refused(&changed(place.path(), twice, same));
    assert!(
        error.contains("has the cell") && error.contains("twice"),
        "{error}"
    );
    let without = changed(place.path(), |json| json, same);
    fs::remove_file(Path::new(&without).join("rounds.csv")).unwrap();
    assert!(refused(&without).contains("rounds.csv"));
    let (status, _, error) = told(&["compare", &kept("v1"), &kept("v1"), "--tolerance=-1%"]);
    assert!(
        status == 2 && error.contains("--tolerance -1%: expected"),
        "{error}"
    );
}

#[test]
fn times_of_another_machine_need_force() {
    let place = tempfile::tempdir().unwrap();
    let other = changed(
        place.path(),
        |json| json.replace("Intel(R) Xeon(R) Processor", "Another"),
        |rounds| rounds.to_owned(),
    );
    let base = kept("v1");
    let (status, _, error) = told(&["compare", &base, &other, "--metric", "time"]);
    assert!(
        status == 2 && error.contains("processor: Intel(R)"),
        "{error}"
    );
    let (status, text, _) = told(&["compare", &base, &other, "--metric", "time", "--force"]);
    assert!(
        status == 0 && text.contains("the machines differ"),
        "{text}"
    );
    let (status, _, _) = told(&["compare", &base, &other]);
    assert_eq!(status, 0);
}

#[test]
fn history_grows_by_whole_lines_and_shows_a_trend() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("history");
    let directory = directory.to_str().unwrap();
    let (status, _, error) = told(&["history", "show", "--directory", directory]);
    assert!(status == 2 && error.contains(directory), "{error}");
    for _ in 0..2 {
        let (status, _, error) = told(&["history", "add", &kept("v1"), "--directory", directory]);
        assert_eq!((status, error.as_str()), (0, ""));
    }
    let file = fs::read_dir(directory)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(
        fs::read_to_string(&file).unwrap().lines().count(),
        1,
        "a run is added once"
    );
    let later = changed(
        place.path(),
        |json| json.replace("20:17:21", "21:17:21"),
        str::to_owned,
    );
    // A crash in the middle of a line.
    let mut torn = fs::read(&file).unwrap();
    torn.extend_from_slice(b"{\"schema\": \"mapmark.his");
    fs::write(&file, torn).unwrap();
    let (status, text, error) = told(&["history", "add", &later, "--directory", directory]);
    assert!(
        status == 0 && text.contains("is added to") && error.contains("was torn"),
        "{error}"
    );
    let (status, text, error) = told(&["history", "show", "--directory", directory]);
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(
        text.contains("2 runs") && text.contains("rfind_absent/mmap/2MB"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    let show = |format: &str| {
        let arguments = [
            "history",
            "show",
            "--directory",
            directory,
            "--format",
            format,
        ];
        told(&[&arguments[..], &["--workload", "replace"]].concat()).1
    };
    let csv = show("csv");
    assert!(
        csv.starts_with("machine,workload,cell,created,") && !csv.contains("rfind"),
        "{csv}"
    );
    let page = show("html");
    let own = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert!(
        own.contains("<svg ") && !own.contains("http") && !own.contains("<script"),
        "{page}"
    );
    let arguments = [
        "history",
        "show",
        "--directory",
        directory,
        "--workload",
        "replaec",
    ];
    let (status, _, error) = told(&arguments);
    assert!(
        status == 2 && error.contains("did you mean `replace`"),
        "{error}"
    );
}
