//! The program that was started measures, whatever happens to its file meanwhile.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::bench::{Bench, reasons};
use crate::ended::Ended;

/// A run of `program`, with `arguments`; `spoil` is done once the first rounds are written.
fn spoilt(bench: &Bench, program: &Path, arguments: &[&str], spoil: impl FnOnce()) {
    let mut command = Command::new(program);
    command
        .args(bench.command_within("3s", "3", arguments).get_args())
        .args(["--size", "100kB", "--workload", "whole_file"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let rounds = bench.out().join("rounds.csv");
    let is_begun = || fs::read_to_string(&rounds).is_ok_and(|text| text.lines().count() > 1);
    while !is_begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    spoil();
    let ended = Ended::of(child.wait_with_output().unwrap());
    // What chance makes of two builds that are the same is not asked here.
    assert!(matches!(ended.status, 0 | 1 | 4), "{}", ended.stderr);
    // A busy machine may leave no time for some of them.
    let cells = bench.cells();
    assert!(
        cells.iter().all(|cell| cell["outcome"] != "failed"),
        "{}",
        reasons(&cells)
    );
}

fn copied(bench: &Bench, name: &str) -> std::path::PathBuf {
    let copy = bench.path(name);
    fs::copy(env!("CARGO_BIN_EXE_mapmark"), &copy).unwrap();
    copy
}

#[test]
fn a_program_that_is_removed_goes_on_with_its_own_workers() {
    let bench = Bench::new();
    let program = copied(&bench, "program");
    spoilt(&bench, &program, &[], || fs::remove_file(&program).unwrap());
}

#[test]
fn a_program_that_is_replaced_goes_on_with_its_own_workers() {
    let bench = Bench::new();
    let program = copied(&bench, "program");
    let other = bench.file("other", b"#!/bin/sh\nexit 7\n");
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    spoilt(&bench, &program, &[], || {
        fs::rename(&other, &program).unwrap()
    });
}

#[test]
fn both_builds_stay_what_they_were_when_they_introduced_themselves() {
    let bench = Bench::new();
    let (program, other) = (copied(&bench, "program"), copied(&bench, "other"));
    let arguments = ["--against", other.to_str().unwrap()];
    spoilt(&bench, &program, &arguments, || {
        fs::remove_file(&program).unwrap();
        fs::remove_file(&other).unwrap();
        // Both run from copies among the fixtures.
        let mut copies = 0;
        for home in fs::read_dir(bench.path("fixtures")).unwrap() {
            for build in ["this", "other"] {
                let copy = home.as_ref().unwrap().path().join(build).join("mapmark");
                copies += usize::from(fs::remove_file(copy).is_ok());
            }
        }
        assert_eq!(copies, 2);
    });
}
