//! Histories that are torn, strange, in use, or somebody else's.

use super::*;
use crate::record;
use crate::record::Outcome;

fn run() -> Run {
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    record::load(&record).unwrap()
}

fn add_now(directory: &Path, run: &Run) -> Result<Added> {
    add(directory, run, Access::USUAL, &mut |words| {
        panic!("{words}")
    })
}

fn read_now(path: &Path) -> Result<Kept> {
    read(path, &mut |words| panic!("{words}"))
}

fn later(seed: u64) -> Run {
    Run { seed, ..run() }
}

#[test]
fn a_run_is_added_once_and_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let added = add_now(directory.path(), &run()).unwrap();
    assert!(!added.already && added.remarks.is_empty());
    assert!(add_now(directory.path(), &run()).unwrap().already);
    add_now(directory.path(), &later(1)).unwrap();
    assert_eq!(
        files(directory.path()).unwrap(),
        std::slice::from_ref(&added.path)
    );
    let kept = read_now(&added.path).unwrap();
    assert_eq!(kept.entries, [Entry::of(&run()), Entry::of(&later(1))]);
    assert!(!kept.entries[0].cells.is_empty());
}

#[test]
fn a_torn_line_is_set_aside_wherever_it_was_torn() {
    let directory = tempfile::tempdir().unwrap();
    let path = add_now(directory.path(), &run()).unwrap().path;
    let whole = fs::read(&path).unwrap();
    let line = Entry::of(&later(1)).line();
    for cut in (1..line.len()).step_by(97).chain([line.len() - 2]) {
        let torn = &line.as_bytes()[..cut];
        fs::write(&path, [whole.as_slice(), torn].concat()).unwrap();
        let seen = read_now(&path).unwrap();
        assert_eq!((seen.entries.len(), seen.remarks.len()), (1, 1));
        assert_eq!(
            fs::read(&path).unwrap().len(),
            whole.len() + cut,
            "reading changes nothing"
        );
        let added = add_now(directory.path(), &later(2)).unwrap();
        assert!(added.remarks[0].contains("was torn"), "{:?}", added.remarks);
        assert!(fs::read(&path).unwrap().starts_with(&whole));
        let kept = read_now(&path).unwrap();
        assert_eq!(kept.entries, [Entry::of(&run()), Entry::of(&later(2))]);
        let aside = path.with_extension("jsonl.torn");
        let set_aside = fs::read(&aside).unwrap();
        assert_eq!(set_aside, [torn, &b"\n"[..]].concat());
        fs::remove_file(aside).unwrap();
    }
}

#[test]
fn a_whole_last_line_that_lacks_its_end_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = add_now(directory.path(), &run()).unwrap().path;
    let whole = fs::read(&path).unwrap();
    fs::write(&path, whole.trim_ascii_end()).unwrap();
    let seen = read_now(&path).unwrap();
    assert_eq!((seen.entries.len(), seen.remarks.len()), (1, 0));
    assert!(add_now(directory.path(), &run()).unwrap().already);
    let next = add_now(directory.path(), &later(2)).unwrap();
    assert!(next.remarks.is_empty() && !path.with_extension("jsonl.torn").exists());
    let lines = fs::read(&path).unwrap();
    assert!(lines.starts_with(&whole) && lines.ends_with(b"}\n"));
    assert_eq!(read_now(&path).unwrap().entries.len(), 2);
    // What a newer program wrote is whole too, though this one cannot read it.
    let newer = br#"{"schema": "mapmark.history.v9"}"#;
    fs::write(&path, [whole.as_slice(), newer].concat()).unwrap();
    let remarks = add_now(directory.path(), &later(2)).unwrap().remarks;
    assert!(
        remarks.len() == 1 && remarks[0].contains("v9"),
        "{remarks:?}"
    );
    assert!(!path.with_extension("jsonl.torn").exists());
}

/// `run` with other times, as a run of the same second and seed has them.
fn beside(mut run: Run) -> Run {
    for cell in &mut run.cells {
        if let Outcome::Measured(measured) = &mut cell.outcome {
            measured.engine.time.0 += 1.0;
        }
    }
    run
}

#[test]
fn two_runs_of_one_second_and_seed_are_both_kept() {
    let directory = tempfile::tempdir().unwrap();
    add_now(directory.path(), &run()).unwrap();
    assert!(!add_now(directory.path(), &beside(run())).unwrap().already);
    for run in [run(), beside(run())] {
        assert!(add_now(directory.path(), &run).unwrap().already);
    }
}

#[test]
fn a_run_that_has_not_ended_is_refused_and_its_finished_form_is_added() {
    let directory = tempfile::tempdir().unwrap();
    let unfinished = Run {
        ended: Some(false),
        ..run()
    };
    let error = add_now(directory.path(), &unfinished)
        .unwrap_err()
        .to_string();
    assert!(error.contains("has not ended"), "{error}");
    let finished = Run {
        ended: Some(true),
        ..run()
    };
    assert!(!add_now(directory.path(), &finished).unwrap().already);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_of_its_own_is_not_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = add_now(directory.path(), &run()).unwrap().path;
    fs::remove_file(&path).unwrap();
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    let error = add_now(directory.path(), &run()).unwrap_err().to_string();
    assert!(error.contains("symbolic link"), "{error}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    for error in [
        add_now(directory.path(), &run()).unwrap_err().to_string(),
        read_now(&path).unwrap_err().to_string(),
    ] {
        assert!(error.contains("a pipe (FIFO)"), "{error}");
    }
}

#[test]
fn of_many_bad_lines_the_first_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bad.jsonl");
    fs::write(&path, "x\n".repeat(10_000)).unwrap();
    let remarks = read_now(&path).unwrap().remarks;
    assert_eq!(remarks.len(), REMARKED + 1);
    assert!(remarks[REMARKED].contains("9980 more lines"), "{remarks:?}");
}

#[test]
fn a_bad_line_does_not_take_the_others_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = add_now(directory.path(), &run()).unwrap().path;
    let good = fs::read(&path).unwrap();
    let newer = br#"{"schema": "mapmark.history.v9"}"#;
    let bad: [&[u8]; 4] = [b"{}", b"\xff\xfe", newer, b"nonsense"];
    let bad = bad.join(&b"\n"[..]);
    fs::write(&path, [bad.as_slice(), b"\n", &good].concat()).unwrap();
    let kept = read_now(&path).unwrap();
    assert_eq!(kept.entries.len(), 1);
    assert_eq!(kept.remarks.len(), 4);
    let told = kept.remarks.join("\n");
    assert!(
        told.contains("line 3: is of schema `mapmark.history.v9`, and this program reads"),
        "{told}"
    );
}

#[test]
fn where_there_is_no_history_it_is_said_how_to_begin_one() {
    let directory = tempfile::tempdir().unwrap();
    for place in [directory.path(), &directory.path().join("none")] {
        let error = files(place).unwrap_err().to_string();
        assert!(
            error.ends_with("begin one with `mapmark history add RUN`"),
            "{error}"
        );
    }
}

#[test]
fn two_writers_take_turns() {
    let directory = tempfile::tempdir().unwrap();
    let path = add_now(directory.path(), &run()).unwrap().path;
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let directory = directory.path();
            scope.spawn(move || {
                for number in 0..10 {
                    add_now(directory, &later(100 * writer + number)).unwrap();
                }
            });
        }
    });
    let kept = read_now(&path).unwrap();
    assert_eq!((kept.entries.len(), kept.remarks.len()), (41, 0));
}
