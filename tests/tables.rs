//! The tables from a scripted clock: the whole way from rounds to text, the same every time.
//! Without rounds there are none: a system that does not tell its cache state is left out.

#![cfg(unix)]
// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use mapmark::engine::Engine;
use mapmark::fixture::{Questions, Store};
use mapmark::machine::{Build, Machine};
use mapmark::measure::{ClockFacts, Kept, Pairing, Scripted, Subject};
use mapmark::plan::{Profile, Selection};
use mapmark::record::{self, Cell, Compared, Driver, FixtureId, Outcome, Run};
use mapmark::report::{View, console, markdown};
use mapmark::stats::Floor;

/// What a batch of the baseline takes; it moves a little from round to round.
const BASELINE_NS: [u64; 4] = [100_000, 101_000, 99_000, 100_500];

fn questions() -> Questions {
    Questions {
        first: b"one".to_vec(),
        middle: b"two".to_vec(),
        last: b"three".to_vec(),
        absent: b"nine".to_vec(),
        pattern: "t[a-z]+".to_owned(),
        from: b"one".to_vec(),
        to: b"eno".to_vec(),
        seed: 1,
    }
}

/// Rounds in which both arms take `engine_ns` and `baseline_ns` by turns, whichever goes first: the
/// scripted clock cannot know the order, so each arm's times are put right afterwards.
fn scripted(
    subject: &mut Subject<'_>,
    engine: &'static dyn Engine,
    baseline: &'static dyn Engine,
    factor: f64,
    rounds: u64,
) -> Kept {
    let clock = Scripted::new(vec![60_000]);
    let mut pairing = Pairing::new(subject, [engine, baseline], 1).unwrap();
    pairing.make_ready().unwrap();
    for _ in 0..rounds {
        pairing.run(&clock, 1).unwrap();
    }
    let mut kept = pairing.finish();
    for (number, round) in kept.rounds.iter_mut().enumerate() {
        let baseline_ns = BASELINE_NS[number % BASELINE_NS.len()];
        round.batches[1].elapsed_ns = baseline_ns;
        let engine_ns = BASELINE_NS[(number / 2) % BASELINE_NS.len()] as f64 / factor;
        round.batches[0].elapsed_ns = engine_ns as u64;
    }
    kept
}

/// A run with every verdict and every outcome in it.
fn run() -> Run {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let content = b"one two three\n".repeat(1000);
    let fixture = store
        .with_content("text-14KB", &content, questions())
        .unwrap();
    let mut cells = Vec::new();
    for workload in ["whole_file", "rfind_last", "open_only"] {
        let mut selection = Selection::of(Profile::Full);
        selection.set_workloads(&[workload]).unwrap();
        let contest = selection.contests().swap_remove(0);
        let mut subject = Subject::new(contest.workload, &fixture, &content).unwrap();
        let mut floor = None;
        for entry in &contest.entries {
            let (factor, rounds) = match entry.engine.name() {
                "mmap" => (3.4, 40),
                "read_string" => (0.5, 40),
                "mmap_random" => (0.97, 8),
                "mmap_copy" => (1.02, 4),
                _ => (1.0, 200),
            };
            let compared = match entry.engine.name() {
                "read" => Compared::WithItself,
                _ => Compared::WithBaseline(floor),
            };
            let outcome = match (&entry.support, entry.engine.name()) {
                (Err(reason), _) => Outcome::Unsupported(reason.clone()),
                (Ok(()), "pread") => {
                    Outcome::Failed("wrong answer: count 3 instead of count 4".into())
                }
                (Ok(()), "buf_reader_8k") => Outcome::Unverified("3 of the file's 4 pages".into()),
                (Ok(()), "mmap_sequential") => Outcome::Skipped("not asked for".into()),
                (Ok(()), _) => {
                    let rounds =
                        scripted(&mut subject, entry.engine, contest.baseline, factor, rounds);
                    record::outcome(subject.expected(), &[rounds], compared, 7)
                }
            };
            if entry.engine.name() == "read" {
                let measured = outcome.measured().unwrap();
                floor = Floor::new(&measured.estimate);
            }
            cells.push(Cell::new(
                &contest,
                FixtureId::of(&fixture),
                entry.engine,
                outcome,
            ));
        }
    }
    Run {
        driver: Driver::Criterion,
        created: "2026-01-02T03:04:05Z".to_owned(),
        command: vec!["cargo".to_owned(), "bench".to_owned()],
        seed: 42,
        profile: Some(Profile::Full),
        plan: cells.iter().map(Cell::id).collect(),
        build: Build {
            version: Some("0.1.0".to_owned()),
            compiler: Some("rustc 1.95.0".to_owned()),
            profile: Some("release".to_owned()),
            ..Build::default()
        },
        machine: Machine {
            os: Some("linux".to_owned()),
            cpu_model: Some("Made-up Processor".to_owned()),
            cpus: Some(2),
            memory_bytes: Some(8 << 30),
            filesystem: Some("ext4".to_owned()),
            steal_percent: Some(3.0),
            ..Machine::default()
        },
        clock: Some(ClockFacts {
            cost_ns: 25.0,
            resolution_ns: Some(1),
        }),
        settings: None,
        questions: Vec::new(),
        notes: Vec::new(),
        cells,
        claims: None,
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn the_console_table() {
    let mut run = run();
    run.machine.os = None; // what is unknown is said to be
    let text = plain(&console(&View::of(&run)));
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?} columns:\n{text}");
    // A debug build says so; the snapshot is of what everybody sees.
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("debug build"))
        .collect();
    insta::assert_snapshot!("console", text.join("\n"));
}

#[test]
fn the_markdown_table() {
    let text = markdown(&View::of(&run()));
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("debug build"))
        .collect();
    insta::assert_snapshot!("markdown", text.join("\n"));
}

#[test]
fn the_csv_table() {
    let text = record::ratios_csv(&run());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        columns.join(","),
        "workload,fixture,bytes,cache,process,scope,engine,baseline,outcome,replicates,rounds,\
         time_ns,baseline_time_ns,speedup,speedup_low,speedup_high,floor_low,floor_high,verdict,\
         minor_faults,major_faults,user_ns,system_ns,answer,reason,\
         this_run_low,this_run_high,anonymous_bytes,file_bytes,read_bytes,read_calls"
    );
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 33);
    for line in &lines {
        let measured = &line[8] == "measured";
        assert_eq!(line[13].is_empty(), !measured, "{line:?}");
        assert_eq!(line[24].is_empty(), measured, "{line:?}");
    }
    insta::assert_snapshot!("csv", text);
}

#[test]
fn the_record_comes_back_as_it_was() {
    let run = run();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.json");
    std::fs::write(&file, record::to_json(&run)).unwrap();
    assert!(
        record::load(&file).unwrap() == run,
        "the record changed on its way"
    );
}
