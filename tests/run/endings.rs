//! How a run ends before it has measured anything, what stays then, and what it takes for its own.

#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::bench::{Bench, reasons};
use crate::common::skipped;
use crate::ended::Ended;

const SMALL: [&str; 4] = ["--size", "100kB", "--workload", "whole_file"];

/// Large enough to be hit while it is made.
const LARGE: &str = "400MB";

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Starts `command`, and waits until the first bytes of a fixture are there; `None` where it is done too soon.
fn making(bench: &Bench, mut command: Command) -> Option<Child> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let being_made = |name: &String| {
        name.starts_with(".mapmark-")
            && fs::metadata(bench.path("fixtures").join(name)).is_ok_and(|file| file.len() > 0)
    };
    while !names(&bench.path("fixtures")).iter().any(being_made) {
        if child.try_wait().unwrap().is_some() {
            let ended = Ended::of(child.wait_with_output().unwrap());
            skipped(format!("nothing was hit: {}", ended.stderr));
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Some(child)
}

fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, &child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

fn claim(bench: &Bench) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command.args(["claim", "--force", "--no-python", "--bytes", LARGE]);
    command.arg("--fixtures").arg(bench.path("fixtures"));
    command.arg("--out").arg(bench.out());
    command
}

#[test]
fn interrupted_while_a_fixture_is_made_it_ends_with_3_and_leaves_nothing() {
    for (name, is_claim) in [
        ("INT", false),
        ("TERM", false),
        ("HUP", false),
        ("INT", true),
    ] {
        let bench = Bench::new();
        let command = match is_claim {
            true => claim(&bench),
            false => bench.command(&["--size", LARGE]),
        };
        let Some(child) = making(&bench, command) else {
            return;
        };
        signal(&child, name);
        let ended = Ended::of(child.wait_with_output().unwrap()).with_status(3);
        assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
        assert_eq!(names(&bench.path("fixtures")), [".lock"]);
        assert!(!bench.out().exists());
    }
}

#[test]
fn interrupted_while_another_process_makes_the_fixture_it_ends_too() {
    let bench = Bench::new();
    fs::create_dir(bench.path("fixtures")).unwrap();
    let other = File::create(bench.path("fixtures/.lock")).unwrap();
    other.lock().unwrap();
    let mut command = bench.command(&SMALL);
    command.stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut told, &mut line).unwrap();
    assert!(line.contains("waiting for another process"), "{line}");
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_hangup_that_was_ignored_at_the_start_stays_ignored() {
    let bench = Bench::new();
    let run = bench.command(&SMALL);
    // As `nohup` starts it.
    let script = "trap '' HUP; \"$@\" & sleep 1; kill -s HUP $!; wait $!";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(run.get_program());
    let output = shell.args(run.get_args()).output().unwrap();
    Ended::of(output).with_status(0);
    assert!(!bench.record()["notes"].to_string().contains("interrupted"));
}

#[test]
fn what_was_killed_while_it_made_a_fixture_or_wrote_a_record_is_swept() {
    let bench = Bench::new();
    let Some(mut child) = making(&bench, bench.command(&["--size", LARGE])) else {
        return;
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(bench.litter().len(), 1, "or this test shows nothing");
    // A run that was killed within a rename, in a place of its own.
    let killed = bench.path("killed");
    fs::create_dir(&killed).unwrap();
    fs::write(killed.join("rounds.csv"), "").unwrap();
    fs::write(killed.join(".mapmark-0123456789abcdef"), "{").unwrap();
    // A directory that is not of a run is left alone, whatever is in it.
    let other = bench.path("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join(".mapmark-0123456789abcdef"), "{").unwrap();
    bench.run(&SMALL).with_status(0);
    assert!(bench.litter().is_empty(), "{:?}", bench.litter());
    assert_eq!(names(&killed), ["rounds.csv"]);
    assert_eq!(names(&other).len(), 1);
}

#[test]
fn a_file_of_the_users_in_the_way_of_a_fixture_is_refused() {
    let bench = Bench::new();
    fs::create_dir(bench.path("fixtures")).unwrap();
    let own = bench.file("fixtures/text-100kB.txt", b"mine");
    let ended = bench.run(&SMALL).with_status(2);
    for said in [own.to_str().unwrap(), "move it", "--fixtures DIR"] {
        assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
    }
    assert_eq!(fs::read(&own).unwrap(), b"mine");
}

#[test]
fn where_no_more_files_can_be_opened_no_scratch_directory_stays() {
    let bench = Bench::new();
    let told = [
        "--size",
        "100kB",
        "--workload",
        "replace",
        "--process",
        "steady",
    ];
    // The fixture is there before.
    bench.run(&told).with_status(0);
    for most in 5..18 {
        fs::remove_dir_all(bench.out()).ok();
        let run = bench.command_within("200ms", "1", &told);
        let mut shell = Command::new("sh");
        let script = format!("ulimit -n {most} && exec \"$@\"");
        shell.args(["-c", &script, "sh"]).arg(run.get_program());
        let ended = Ended::of(shell.args(run.get_args()).output().unwrap());
        assert!(
            [0, 2, 3].contains(&ended.status),
            "{most}: {}",
            ended.stderr
        );
        assert!(bench.litter().is_empty(), "{most}: {:?}", bench.litter());
    }
}

/// A name that is not UTF-8; `None` where the file system has none.
fn no_text(bench: &Bench, name: &[u8]) -> Option<PathBuf> {
    let path = bench.path("").join(OsStr::from_bytes(name));
    if File::create_new(&path).is_err() {
        skipped("this file system takes UTF-8 alone");
        return None;
    }
    fs::remove_file(&path).unwrap();
    Some(path)
}

#[test]
fn a_directory_or_file_whose_name_is_not_utf8_is_measured() {
    let bench = Bench::new();
    let Some(fixtures) = no_text(&bench, b"caf\xe9") else {
        return;
    };
    let out = fixtures.with_extension("out");
    let places = [("--fixtures", &fixtures), ("--out", &out)];
    let placed = places
        .iter()
        .flat_map(|(option, path)| [OsStr::new(*option), path.as_os_str()]);
    let placed: Vec<&OsStr> = placed.collect();
    let file = fixtures.with_extension("log");
    fs::write(&file, b"a line 42 of a log\n".repeat(9_000)).unwrap();
    for own in [
        &["--size", "100kB"].map(OsStr::new),
        &[OsStr::new("--file"), file.as_os_str()],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
        command.args(["run", "--force", "--budget", "1s", "--replicates", "2"]);
        command.args(["--workload", "whole_file,replace", "--cache", "warm"]);
        command.args(&placed);
        Ended::of(command.args(own).output().unwrap()).with_status(0);
        let record = fs::read_to_string(out.join("run.json")).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        let cells = record["cells"].as_array().unwrap();
        for cell in cells {
            assert_eq!(cell["outcome"], "measured", "{}", reasons(cells));
        }
        fs::remove_dir_all(&out).unwrap();
    }
    if !has_python() {
        return skipped("python3 not found");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command.args(["claim", "replace", "--force", "--quick", "--bytes", "100kB"]);
    command.args(["--budget", "3s", "--format", "csv"]);
    Ended::of(command.args(&placed).output().unwrap()).with_status(0);
}

#[test]
fn a_file_from_before_1970_is_measured() {
    let bench = Bench::new();
    let path = bench.file("old.log", &b"a line 42 of a log\n".repeat(9_000));
    let before = SystemTime::UNIX_EPOCH - Duration::new(86_400, 7);
    let file = File::options().write(true).open(&path).unwrap();
    if file.set_modified(before).is_err()
        || file.metadata().unwrap().modified().unwrap() >= SystemTime::UNIX_EPOCH
    {
        return skipped("this file system begins in 1970");
    }
    let told = [
        "--workload",
        "whole_file,replace",
        "--file",
        path.to_str().unwrap(),
    ];
    bench.run(&told).with_status(0);
    let cells = bench.cells();
    let measured = |cell: &serde_json::Value| cell["outcome"] == "measured";
    assert!(cells.iter().any(measured), "{}", reasons(&cells));
    let failed = |cell: &serde_json::Value| cell["outcome"] == "failed";
    assert!(!cells.iter().any(failed), "{}", reasons(&cells));
}

fn has_python() -> bool {
    let told = Command::new("python3").args(["-c", "import mmap"]).output();
    told.is_ok_and(|told| told.status.success())
}
