//! A place to run in, and a look at what came of it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::ended::Ended;

/// The smallest run: one contest.
pub(crate) const SMALL: [&str; 6] = [
    "--size",
    "100kB",
    "--workload",
    "whole_file",
    "--process",
    "steady",
];

/// A directory with fixtures and records, on the disk that holds the sources: the one for temporary
/// files may be memory.
pub(crate) struct Bench {
    directory: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A file of somebody's own.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// The command, with the least that makes it a run: two replicates in a second.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        self.command_within("1s", "2", arguments)
    }

    /// The command with another budget and other replicates.
    pub(crate) fn command_within(
        &self,
        budget: &str,
        replicates: &str,
        arguments: &[impl AsRef<OsStr>],
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
        command
            .args(["run", "--force", "--budget", budget])
            .args(["--replicates", replicates])
            .arg("--fixtures")
            .arg(self.path("fixtures"))
            .arg("--out")
            .arg(self.out())
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// A worker that is a shell script: the order is in `$order`, and `real` does what it says, in turns
    /// if need be; `note 2` notes that the third arm is about to run, as a worker does before each batch: at
    /// the start of its standard error, which a shell gets to where it can open that anew (Linux).
    #[cfg(unix)]
    pub(crate) fn worker(&self, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let mapmark = env!("CARGO_BIN_EXE_mapmark");
        let text = format!(
            "#!/bin/sh\nread -r order\n\
             note() {{ printf \"\\\\20$1\" 1<>/dev/stderr; }}\n\
             real() {{ {{ printf '%s\\n' \"$order\"; cat; }} | '{mapmark}' worker; }}\n{script}\n"
        );
        let path = self.file("worker.sh", text.as_bytes());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    pub(crate) fn record(&self) -> Value {
        let text = fs::read_to_string(self.out().join("run.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn cells(&self) -> Vec<Value> {
        self.record()["cells"].as_array().unwrap().clone()
    }

    /// The lines of `rounds.csv` behind the header.
    pub(crate) fn rounds(&self) -> Vec<String> {
        let text = fs::read_to_string(self.out().join("rounds.csv")).unwrap_or_default();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    /// What a run left that it should have taken away.
    pub(crate) fn litter(&self) -> Vec<PathBuf> {
        let places = [self.path("fixtures"), self.out()];
        let entries = places.iter().filter_map(|place| fs::read_dir(place).ok());
        entries
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                name.starts_with(".mapmark-")
            })
            .collect()
    }
}

/// What came of the cells, by engine, without repetition.
pub(crate) fn outcomes(cells: &[Value], engine: &str) -> Vec<String> {
    let mut found: Vec<String> = cells
        .iter()
        .filter(|cell| cell["engine"] == engine)
        .map(|cell| cell["outcome"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// All reasons of cells.
pub(crate) fn reasons(cells: &[Value]) -> String {
    let reasons = cells.iter().filter_map(|cell| cell["reason"].as_str());
    reasons.collect::<Vec<_>>().join("\n")
}

/// Whether this system tells which pages are in memory; without it every cell is unverified.
pub(crate) fn tells_residency(directory: &Path) -> bool {
    let path = directory.join("probe");
    fs::write(&path, b"probe").unwrap();
    mapmark::sys::residency(&path).is_ok()
}
