//! A place to ask claims in, and a look at what came of them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::ended::Ended;

/// A directory with fixtures and a record, on the disk that holds the sources: the one for temporary
/// files may be memory.
pub(crate) struct Desk {
    directory: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// The command, with little files and little time.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
        command
            .args([
                "claim", "--force", "--quick", "--bytes", "100kB", "--seed", "7",
            ])
            .arg("--fixtures")
            .arg(self.path("fixtures"))
            .arg("--out")
            .arg(self.out())
            .args(arguments);
        if !arguments.contains(&"--budget") {
            command.args(["--budget", "3s"]);
        }
        command
    }

    pub(crate) fn ask(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn record(&self) -> Value {
        let text = fs::read_to_string(self.out().join("run.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn claims(&self) -> Vec<Value> {
        self.record()["claims"]["claims"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// The rows of one side, over all claims.
    pub(crate) fn rows(&self, side: &str) -> Vec<Value> {
        let claims = self.claims();
        let rows = claims
            .iter()
            .flat_map(|claim| claim["rows"].as_array().unwrap());
        rows.filter(|row| row["side"] == side).cloned().collect()
    }

    /// A Python that is a shell script: `real` runs the real one with what it was given.
    #[cfg(unix)]
    pub(crate) fn python(&self, script: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("python.sh");
        let text = format!("#!/bin/sh\nreal() {{ exec python3 \"$@\"; }}\n{script}\n");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Whether there is a Python to ask.
pub(crate) fn has_python() -> bool {
    let told = Command::new("python3").args(["-c", "import mmap"]).output();
    told.is_ok_and(|told| told.status.success())
}

/// All reasons of rows.
pub(crate) fn reasons(rows: &[Value]) -> String {
    let reasons = rows.iter().filter_map(|row| row["reason"].as_str());
    reasons.collect::<Vec<_>>().join("\n")
}
