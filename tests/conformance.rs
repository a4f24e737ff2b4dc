//! Every engine does every workload on awkward files and gives the naive oracle's answer, or says
//! that it cannot; and what goes wrong becomes a reason, never a time.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::path::Path;

use common::skipped;
use mapmark::engine::{ENGINES, Engine};
use mapmark::error::Result;
use mapmark::fixture::{Fixture, Questions, Store};
use mapmark::measure::{Failure, Monotonic, Scripted, Steady, Subject, Trouble};
use mapmark::plan::{Profile, Selection};
use mapmark::units::ByteCount;
use mapmark::workload::{Answer, Expected, WORKLOADS, Work, Workload};

/// Blocks of positional reads and the larger buffer; the smaller buffer is an eighth of it.
const BLOCK: usize = 64 << 10;

struct Case {
    name: &'static str,
    content: Vec<u8>,
}

/// Text in which every needle of [`questions`] can be planted without being there already.
fn filler(bytes: usize) -> Vec<u8> {
    let line = b"the cat sat on the mat at 10:42 and at 9:07\n";
    line.iter().copied().cycle().take(bytes).collect()
}

/// `needle` planted in so much filler that it begins at `offset`.
fn planted(bytes: usize, plants: &[(usize, &[u8])]) -> Vec<u8> {
    let mut content = filler(bytes);
    for (offset, needle) in plants {
        content[*offset..offset + needle.len()].copy_from_slice(needle);
    }
    content
}

fn questions() -> Questions {
    Questions {
        first: b"firstneedle".to_vec(),
        middle: b"middleneedle".to_vec(),
        last: b"lastneedle".to_vec(),
        absent: b"absentneedle".to_vec(),
        pattern: "[0-9]+:[0-9]{2}".to_owned(),
        from: b"cat".to_vec(),
        to: b"dog".to_vec(),
        seed: 3,
    }
}

fn cases() -> Vec<Case> {
    let case = |name, content| Case { name, content };
    let mut cases: Vec<Case> = [
        0,
        1,
        63,
        64,
        65,
        4095,
        4096,
        4097,
        BLOCK - 1,
        BLOCK,
        BLOCK + 1,
    ]
    .into_iter()
    .map(|bytes| case("filler", filler(bytes)))
    .collect();
    // Across the edge of an 8 KiB buffer, of a block, and of a block counted from the end.
    let edges: &[(usize, &[u8])] = &[
        ((8 << 10) - 5, b"firstneedle"),
        (BLOCK - 1, b"middleneedle"),
        (2 * BLOCK + 300 - BLOCK - 3, b"lastneedle"),
    ];
    cases.push(case(
        "needles across edges",
        planted(2 * BLOCK + 300, edges),
    ));
    let ends: &[(usize, &[u8])] = &[(0, b"firstneedle"), (4000 - 10, b"lastneedle")];
    cases.push(case("needles at both ends", planted(4000, ends)));
    let twice: &[(usize, &[u8])] = &[(10, b"firstneedle"), (BLOCK + 10, b"firstneedle")];
    cases.push(case("a needle twice", planted(2 * BLOCK, twice)));
    cases.push(case("no line feed at all", vec![b'1'; BLOCK + 7]));
    cases.push(case(
        "no line feed at the end",
        b"at 10:42\nat 9:07".repeat(600),
    ));
    cases.push(case("CRLF", b"the cat at 10:42\r\nsat\r\n".repeat(4000)));
    cases.push(case("not UTF-8", b"\xff\xfe cat 10:42 \x80\n".repeat(5000)));
    cases.push(case("words touching", b"catcatcacatcat".repeat(9000)));
    cases
}

/// Whether this system tells which pages are in memory; without that no cell is measured.
fn cache_state_is_known() -> bool {
    let told = mapmark::sys::residency(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("Cargo.toml")
            .as_path(),
    );
    if let Err(error) = &told {
        skipped(error);
    }
    told.is_ok()
}

/// Runs one round of `engine` against itself and tells what came of it.
fn outcome(
    engine: &'static dyn Engine,
    workload: &dyn Workload,
    fixture: &Fixture,
    content: &[u8],
) -> std::result::Result<(), Trouble> {
    let mut subject = Subject::new(workload, fixture, content).unwrap();
    let mut round = || -> std::result::Result<usize, Failure> {
        let mut steady = Steady::new(&mut subject, &[engine, engine], 1)?;
        steady.make_ready()?;
        steady.run(&Scripted::new(vec![60_000]), 1)?;
        Ok(steady.finish().rounds.len())
    };
    assert_eq!(round().map_err(|failure| failure.trouble)?, 1);
    Ok(())
}

#[test]
fn every_engine_gives_the_oracles_answer_on_awkward_files() {
    if !cache_state_is_known() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let supported = |engine: &dyn Engine, workload: &dyn Workload| {
        let mut selection = Selection::of(Profile::Full);
        selection.set_baseline(engine.name()).unwrap();
        selection.set_workloads(&[workload.name()]).unwrap();
        selection.contests()[0].entries[0].support.is_ok()
    };
    for (number, case) in cases().into_iter().enumerate() {
        let name = format!("case-{number}");
        let fixture = store
            .with_content(&name, &case.content, questions())
            .unwrap();
        for workload in WORKLOADS {
            for engine in ENGINES {
                let told = outcome(*engine, *workload, &fixture, &case.content);
                let what = format!(
                    "{} {} on {name}, {}",
                    workload.name(),
                    engine.name(),
                    case.name
                );
                let text = std::str::from_utf8(&case.content).is_ok();
                if engine.name() == "read_string" && !text {
                    assert!(
                        matches!(told, Err(Trouble::Unsupported(_))),
                        "{what}: {told:?}"
                    );
                } else {
                    assert_eq!(
                        told.is_ok(),
                        supported(*engine, *workload),
                        "{what}: {told:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_oracle_knows_what_was_planted() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let plants: &[(usize, &[u8])] = &[
        (1000, b"firstneedle"),
        (5000, b"middleneedle"),
        (9000, b"lastneedle"),
    ];
    let content = planted(10_000, plants);
    let fixture = store
        .with_content("planted", &content, questions())
        .unwrap();
    let expected = |name: &str| {
        let workload = mapmark::workload::find(name).unwrap();
        let subject = Subject::new(workload, &fixture, &content).unwrap();
        subject.expected().answer
    };
    assert_eq!(expected("find_first"), Answer::Offset(1000));
    assert_eq!(expected("find_middle"), Answer::Offset(5000));
    assert_eq!(expected("find_last"), Answer::Offset(9000));
    assert_eq!(expected("find_absent"), Answer::Absent);
    assert_eq!(expected("rfind_first"), Answer::Offset(1000));
    assert_eq!(expected("rfind_last"), Answer::Offset(9000));
    assert_eq!(expected("rfind_absent"), Answer::Absent);
    assert_eq!(expected("open_only"), Answer::Count(10_000));
    let lines = content.split(|byte| *byte == b'\n').count() as u64 - 1;
    assert_eq!(expected("whole_file"), Answer::Count(lines));
    let cats = String::from_utf8(content.clone())
        .unwrap()
        .matches("cat")
        .count() as u64;
    assert_eq!(expected("replace"), Answer::Count(cats));
}

/// A workload whose oracle is wrong.
struct Wrong;

impl Workload for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn about(&self) -> &'static str {
        "expects what cannot be"
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let mut expected = honest().oracle(content, questions)?;
        expected.answer = Answer::Count(u64::MAX);
        Ok(expected)
    }

    fn work(&self, bytes: ByteCount, questions: &Questions) -> Result<Work> {
        honest().work(bytes, questions)
    }
}

fn honest() -> &'static dyn Workload {
    mapmark::workload::find("whole_file").unwrap()
}

#[test]
fn a_wrong_answer_fails_the_cell() {
    if !cache_state_is_known() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let content = filler(500);
    let fixture = store.with_content("wrong", &content, questions()).unwrap();
    let told = outcome(ENGINES[0], &Wrong, &fixture, &content);
    let Err(Trouble::Failed(reason)) = told else {
        panic!("{told:?}");
    };
    assert!(
        reason.contains("wrong answer: count 11 instead of count"),
        "{reason}"
    );
}

#[test]
fn a_file_that_changes_meanwhile_fails_the_cell() {
    if !cache_state_is_known() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let content = filler(5000);
    let fixture = store
        .with_content("changing", &content, questions())
        .unwrap();
    let workload = mapmark::workload::find("whole_file").unwrap();
    let mut subject = Subject::new(workload, &fixture, &content).unwrap();
    let mut steady = Steady::new(&mut subject, &[ENGINES[0]; 2], 1).unwrap();
    steady.make_ready().unwrap();
    let clock = Scripted::new(vec![60_000]);
    steady.run(&clock, 1).unwrap();
    // Replaced by another file of the same name.
    std::fs::remove_file(fixture.path()).unwrap();
    std::fs::write(fixture.path(), filler(5001)).unwrap();
    let told = steady.run(&clock, 1).map_err(|failure| failure.trouble);
    let Err(Trouble::Failed(reason)) = told else {
        panic!("{told:?}");
    };
    assert!(reason.contains("changed while it was measured"), "{reason}");
}

#[test]
fn rounds_that_waited_for_the_device_are_void() {
    if !cache_state_is_known() {
        return;
    }
    // Beside the sources: the directory for temporary files may be memory itself.
    let directory = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let store = Store::open(directory.path()).unwrap();
    let content = filler(300_000);
    let fixture = store
        .with_content("evicted", &content, questions())
        .unwrap();
    let workload = mapmark::workload::find("whole_file").unwrap();
    let mut subject = Subject::new(workload, &fixture, &content).unwrap();
    let mut steady = Steady::new(&mut subject, &[ENGINES[0]; 2], 1).unwrap();
    steady.make_ready().unwrap();
    let evicted = mapmark::sys::evict(fixture.path());
    let gone = mapmark::sys::residency(fixture.path()).unwrap();
    if evicted.is_err() || gone.is_warm() {
        return skipped("nothing leaves memory here");
    }
    steady.run(&Monotonic::start(), 3).unwrap();
    let kept = steady.finish();
    assert_eq!(kept.rounds.len(), 3);
    assert!(
        kept.voided >= 1,
        "a round read the file from its device and was kept"
    );
}
