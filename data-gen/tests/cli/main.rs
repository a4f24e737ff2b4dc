//! The built binary.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod names;
mod text;
mod verify;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use assert_cmd::Command as Program;
use tempfile::TempDir;

fn data_gen() -> Program {
    Program::new(env!("CARGO_BIN_EXE_data-gen"))
}

fn make(size: &str, output: &Path) -> Program {
    let mut program = data_gen();
    program
        .args(["text", "--seed", "7", "--size", size, "--output"])
        .arg(output);
    program
}

/// Runs to an expected exit code and returns standard error.
fn fails(mut program: Program, code: i32) -> String {
    let output = program.assert().failure().code(code).get_output().clone();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!error.contains("panicked"), "{error}");
    error
}

fn check(fixture: &Path) -> Program {
    let mut program = data_gen();
    program.arg("verify").arg(fixture);
    program
}

/// A directory with a whole fixture in it.
fn fixture() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.txt");
    make("300kB", &path).assert().success();
    (directory, path)
}

/// Says what is left out, past the capture of what passing tests print.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
