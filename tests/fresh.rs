//! Iterations in new processes: the same answers as in this one, on a cache whose state is verified.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::Duration;

use assert_cmd::Command;
use common::skipped;
use mapmark::engine::{ENGINES, Engine};
use mapmark::fixture::{Fixture, Store};
use mapmark::measure::{Conditions, Fresh, Hands, Subject, Trouble};
use mapmark::plan::Cache;
use mapmark::units::ByteCount;
use mapmark::workload::{self, Kind, WORKLOADS};

fn hands() -> Hands {
    Hands::new(env!("CARGO_BIN_EXE_mapmark"), Duration::from_secs(60))
}

/// A fixture beside the sources: the directory for temporary files may be memory itself.
fn fixture(directory: &tempfile::TempDir) -> (Fixture, Vec<u8>) {
    let store = Store::open(directory.path()).unwrap();
    let (fixture, _) = store.text(ByteCount(100_000)).unwrap();
    let content = mapmark::measure::load(&fixture).unwrap();
    (fixture, content)
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn new<'s, 'f>(
    subject: &'s mut Subject<'f>,
    engines: &[&'static dyn Engine],
    cache: Cache,
    hands: &'s Hands,
) -> Fresh<'s, 'f> {
    let conditions = Conditions {
        cache,
        ..Conditions::default()
    };
    Fresh::new(subject.stage(), engines, conditions, hands, 1).unwrap()
}

#[test]
fn every_reading_workload_runs_in_a_new_process() {
    let directory = directory();
    let (fixture, content) = fixture(&directory);
    let reading = WORKLOADS.iter().filter(|known| known.kind() == Kind::Reads);
    for workload in reading {
        for engine in ENGINES {
            let mut subject = Subject::new(*workload, &fixture, &content).unwrap();
            let hands = hands();
            let engines = [*engine, ENGINES[0]];
            let mut fresh = new(&mut subject, &engines, Cache::Warm, &hands);
            let told = fresh.run(1).map_err(|failure| failure.trouble);
            if let Err(Trouble::Unverified(reason)) = &told {
                return skipped(reason);
            }
            let served = workload.serves(engine.shape()).is_ok() && engine.available().is_ok();
            let what = format!("{} {}: {told:?}", workload.name(), engine.name());
            assert_eq!(told.is_ok(), served, "{what}");
            assert_eq!(fresh.finish().rounds.len(), usize::from(served), "{what}");
        }
    }
}

#[test]
fn cold_means_that_the_device_was_asked() {
    let directory = directory();
    let (fixture, content) = fixture(&directory);
    let workload = workload::find("whole_file").unwrap();
    let mut subject = Subject::new(workload, &fixture, &content).unwrap();
    let hands = hands();
    let engines = [mapmark::engine::find("mmap").unwrap(), ENGINES[0]];
    let mut fresh = new(&mut subject, &engines, Cache::Cold, &hands);
    let told = fresh.run(2).map_err(|failure| failure.trouble);
    if let Err(Trouble::Unverified(reason)) = told {
        return skipped(reason);
    }
    let kept = fresh.finish();
    assert_eq!((kept.rounds.len(), kept.voided), (2, 0));
    assert!(
        kept.rounds
            .iter()
            .all(mapmark::measure::Round::waited_for_device)
    );
}

#[test]
fn a_fixture_that_changed_is_refused_by_the_worker() {
    let directory = directory();
    let (fixture, content) = fixture(&directory);
    let workload = workload::find("whole_file").unwrap();
    let mut subject = Subject::new(workload, &fixture, &content).unwrap();
    let hands = hands();
    let mut fresh = new(&mut subject, &[ENGINES[0]; 2], Cache::Warm, &hands);
    std::fs::remove_file(fixture.path()).unwrap();
    std::fs::write(fixture.path(), b"another").unwrap();
    let told = fresh.run(1).map_err(|failure| failure.trouble);
    assert!(matches!(told, Err(Trouble::Failed(_))), "{told:?}");
}

#[test]
fn the_worker_answers_nonsense_in_its_own_language() {
    for order in ["", "nonsense\n", "{\"protocol\": 0}\n", "\u{0}\n"] {
        let output = Command::new(env!("CARGO_BIN_EXE_mapmark"))
            .arg("worker")
            .write_stdin(order)
            .assert()
            .success();
        let told: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
        assert!(told["result"]["Err"]["trouble"].is_object(), "{told}");
    }
}
