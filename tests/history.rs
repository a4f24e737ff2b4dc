//! `mapmark history add` that is killed: whenever it dies, the file is whole and the next one gets its turn.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How often it is killed.
const TRIES: u32 = 40;

/// How many cells a run has: enough that its line is not written in one page.
const CELLS: u64 = 400;

/// A directory of runs, and their history.
struct Desk {
    directory: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        }
    }

    fn history(&self) -> PathBuf {
        self.directory.path().join("history")
    }

    /// A run that nobody measured, as unlike the others as its number.
    fn run(&self, number: u32) -> PathBuf {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
        let mut run: Value = serde_json::from_str(&fs::read_to_string(kept).unwrap()).unwrap();
        run["seed"] = json!(number);
        let mut cells = run["cells"].as_array().unwrap().iter();
        let cell = cells.find(|cell| cell["engine"] == "mmap").unwrap().clone();
        let cells = (0..CELLS).map(|number| {
            let mut cell = cell.clone();
            cell["workload"] = json!(format!("workload_{number}"));
            cell
        });
        run["cells"] = cells.collect();
        let path = self.directory.path().join(format!("run-{number}.json"));
        fs::write(&path, run.to_string()).unwrap();
        path
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
        command
            .arg("history")
            .args(words)
            .arg("--directory")
            .arg(self.history())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn add(&self, run: &Path) -> Child {
        let run = run.to_str().unwrap();
        self.command(&["add", run]).spawn().unwrap()
    }

    fn show(&self) -> Output {
        let words = ["show", "--format", "csv", "--workload", "workload_1"];
        self.command(&words).output().unwrap()
    }

    /// The history's file, where there is one.
    fn file(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.history()).ok()?;
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths.find(|path| path.extension().is_some_and(|end| end == "jsonl"))
    }

    /// What stands in it.
    fn content(&self) -> Vec<u8> {
        self.file()
            .map_or_else(Vec::new, |file| fs::read(file).unwrap())
    }
}

/// What `child` says when it ends by itself, which it does unless somebody else's lock is in its way.
fn ended(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap() + &told
}

#[test]
fn whenever_it_is_killed_no_earlier_line_is_lost_and_nothing_stays_locked() {
    let desk = Desk::new();
    let mut killed = 0;
    let mut life = Duration::from_millis(5);
    for number in 0..TRIES {
        let run = desk.run(number);
        let before = desk.content();
        let mut child = desk.add(&run);
        std::thread::sleep(life * number / TRIES);
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());

        let after = desk.content();
        assert!(after.starts_with(&before), "earlier lines changed");
        if !after.is_empty() {
            let shown = desk.show();
            let told = String::from_utf8_lossy(&shown.stderr);
            assert!(shown.status.success(), "{told}");
        }

        let start = Instant::now();
        let told = ended(desk.add(&run));
        if told.contains("is added to") {
            // The next life is a little longer than the last: the file grew.
            life = start.elapsed().mul_f64(1.1);
        }
        let lines = desk.content();
        assert!(lines.starts_with(&before) && lines.ends_with(b"\n"));
        assert_eq!(
            memchr::memchr_iter(b'\n', &lines).count(),
            number as usize + 1
        );
    }
    let shown = desk.show();
    assert!(shown.stderr.is_empty(), "the file is whole");
    let lines = String::from_utf8(shown.stdout).unwrap().lines().count();
    assert_eq!(lines as u32, 1 + TRIES);
    if killed == 0 {
        common::skipped("every `history add` was done before it could be killed");
    }
}

#[test]
fn a_history_that_was_begun_and_never_written_is_empty_and_can_be_added_to() {
    let desk = Desk::new();
    ended(desk.add(&desk.run(1)));
    fs::write(desk.file().unwrap(), "").unwrap();
    for format in ["table", "html", "csv"] {
        let shown = desk.command(&["show", "--format", format]).output();
        assert!(shown.unwrap().status.success(), "{format}");
    }
    let none = desk.show();
    assert_eq!(none.status.code(), Some(2));
    let told = String::from_utf8_lossy(&none.stderr);
    assert!(
        told.contains("add one with `mapmark history add RUN`"),
        "{told}"
    );
    assert!(ended(desk.add(&desk.run(1))).contains("is added to"));
}
