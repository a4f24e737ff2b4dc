//! A run from a scripted clock: the same every time, with every outcome in it.

use mapmark::engine::Engine;
use mapmark::fixture::{Questions, Store};
use mapmark::machine::{Build, Machine};
use mapmark::measure::{ClockFacts, Kept, Scripted, Steady, Subject};
use mapmark::plan::{Profile, Selection};
use mapmark::record::{self, Cell, Compared, Driver, Outcome, Run};
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
    rounds: usize,
) -> Kept {
    let clock = Scripted::new(vec![60_000]);
    let mut steady = Steady::new(subject, &[engine, baseline], 1).unwrap();
    steady.make_ready().unwrap();
    steady.run(&clock, rounds).unwrap();
    let mut kept = steady.finish();
    for (number, round) in kept.rounds.iter_mut().enumerate() {
        let baseline_ns = BASELINE_NS[number % BASELINE_NS.len()];
        round.batches[1].elapsed_ns = baseline_ns;
        let engine_ns = BASELINE_NS[(number / 2) % BASELINE_NS.len()] as f64 / factor;
        round.batches[0].elapsed_ns = engine_ns as u64;
    }
    kept
}

/// A run with every verdict and every outcome in it, and the rounds of its cells.
pub(crate) fn measured() -> (Run, Vec<(String, Kept)>) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let content = b"one two three\n".repeat(1000);
    let fixture = store
        .with_content("text-14KB", &content, questions())
        .unwrap();
    let mut cells: Vec<Cell> = Vec::new();
    let mut all_rounds = Vec::new();
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
            let mut own = None;
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
                    let replicates = [rounds];
                    let outcome = record::outcome(subject.expected(), &replicates, compared, 7);
                    let [rounds] = replicates;
                    own = Some(rounds);
                    outcome
                }
            };
            if entry.engine.name() == "read" {
                let measured = outcome.measured().unwrap();
                floor = Floor::new(&measured.estimate);
            }
            cells.push(Cell::new(&contest, &fixture, entry.engine, outcome));
            let id = cells.last().unwrap().id();
            all_rounds.extend(own.map(|rounds| (id, rounds)));
        }
    }
    let run = Run {
        driver: Driver::Criterion,
        created: "2026-01-02T03:04:05Z".to_owned(),
        ended: Some(true),
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
        against: None,
    };
    (run, all_rounds)
}
