//! What `cargo bench` makes of criterion: its arguments, its figures, and a reader that goes away.

// A test fails by panicking.
// One of them prints, since that is what it is about.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

#[allow(dead_code)]
#[path = "../benches/suite/arguments.rs"]
mod arguments;
#[path = "../benches/suite/replay.rs"]
mod replay;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use arguments::{Arguments, Mode};
use criterion::{BenchmarkId, Criterion, SamplingMode};
use mapmark::measure::{Batch, Kept, Round};
use mapmark::record::{Compared, Measured, outcome};
use mapmark::stats::{Floor, Sample, Verdict};
use mapmark::workload::{Answer, Expected};
use replay::{Asked, Replay};
use serde_json::Value;

/// Of the arms of a contest, the baseline, its twin and two engines, the time over the baseline's.
const ARMS: [(&str, f64); 4] = [("read", 1.0), ("twin", 1.0), ("mmap", 0.8), ("pread", 1.25)];

/// Rounds on a machine that gets slower all the while: measured one after the other, the same code
/// would seem to differ by more than any of the engines do.
fn contest(rounds: usize, iterations: u64) -> Kept {
    let round = |number: usize| {
        let drift = 1.0 + 2.0 * number as f64 / rounds as f64;
        let batch = |arm: usize, share: f64| {
            // Some scatter that repeats itself, and is another for each arm.
            let scatter = 1.0 + ((number * 7919 + arm * 104_729) % 97) as f64 / 9700.0;
            Batch {
                iterations,
                elapsed_ns: (100_000.0 * drift * scatter * share) as u64 * iterations,
                usage: None,
            }
        };
        let arms = ARMS.iter().enumerate();
        Round {
            batches: arms.map(|(arm, (_, share))| batch(arm, *share)).collect(),
            positions: (0..ARMS.len()).collect(),
        }
    };
    Kept {
        rounds: (0..rounds).map(round).collect(),
        voided: 0,
    }
}

fn figures(kept: &Kept, compared: Compared) -> Measured {
    let expected = Expected {
        answer: Answer::Count(1),
        looks_at: None,
        outcome: None,
    };
    let replicates = std::slice::from_ref(kept);
    let outcome = outcome(&expected, replicates, compared, 1);
    outcome.measured().unwrap().clone()
}

/// What criterion makes of the times of a cell: its samples, in nanoseconds of an iteration, and its
/// median.
fn criterions(kept: &Kept, asked: Asked, engine: &str, place: &Path) -> (Vec<f64>, f64) {
    let mut criterion = Criterion::default()
        .output_directory(place)
        .without_plots()
        .nresamples(1001);
    let mut group = criterion.benchmark_group("contest");
    group.sampling_mode(SamplingMode::Flat);
    let mut replay = Replay::new(kept, asked).unwrap();
    replay.plan().apply(&mut group);
    group.bench_function(BenchmarkId::new(engine, "2MB"), |bencher| {
        replay.answer(bencher);
    });
    group.finish();
    let read = |name: &str| -> Value {
        let path = place
            .join("contest")
            .join(engine)
            .join("2MB/new")
            .join(name);
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let numbers = |value: &Value| -> Vec<f64> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|number| number.as_f64().unwrap()).collect()
    };
    let sample = read("sample.json");
    let times = numbers(&sample["times"]).into_iter();
    let samples = times.zip(numbers(&sample["iters"]));
    let estimates = read("estimates.json");
    (
        samples.map(|(ns, iterations)| ns / iterations).collect(),
        estimates["median"]["point_estimate"].as_f64().unwrap(),
    )
}

const TWENTY: Asked = Asked {
    samples: 20,
    exactly: false,
    quick: false,
};

#[test]
fn times_intervals_and_criterions_medians_are_of_the_same_rounds() {
    let place = tempfile::tempdir().unwrap();
    let kept = contest(400, 2);
    let null = figures(&kept.of_cell(0, 1), Compared::WithItself);
    let (_, base) = criterions(&kept.of_cell(0, 1), TWENTY, "read", place.path());
    let floor = Floor::new(&null.estimate);
    for (arm, (engine, share)) in ARMS.iter().enumerate().skip(2) {
        let own = kept.of_cell(arm, 0);
        let measured = figures(&own, Compared::WithBaseline(floor));
        assert_eq!(measured.baseline.time.0, null.engine.time.0);
        let verdict = if *share < 1.0 {
            Verdict::Faster
        } else {
            Verdict::Slower
        };
        assert_eq!(measured.verdict, Some(verdict), "{engine}");
        let interval = measured.estimate.interval.unwrap();
        let (samples, median) = criterions(&own, TWENTY, engine, place.path());
        assert_eq!(samples.len(), 20);
        let of_record = null.engine.time.0 / measured.engine.time.0;
        for (whose, quotient) in [("record", of_record), ("criterion", base / median)] {
            // Of times that scatter by 1 %, the two medians are no farther apart.
            let room = 1.01;
            assert!(
                interval.low() / room < quotient && quotient < interval.high() * room,
                "{engine}: the {whose}'s quotient is {quotient}, the interval {interval:?}"
            );
        }
    }
}

#[test]
fn criterions_samples_hold_every_round_once() {
    let place = tempfile::tempdir().unwrap();
    for (rounds, asked, expected) in [
        (400, 20, 20),
        (47, 20, 20),
        (31, 20, 15), // at least two rounds each, or criterion complains
        (20, 20, 10),
        (12, 10, 10),
    ] {
        let own = contest(rounds, 1).of_cell(2, 0);
        let asked = Asked {
            samples: asked,
            ..TWENTY
        };
        let engine = format!("mmap-{rounds}");
        let (samples, _) = criterions(&own, asked, &engine, place.path());
        assert_eq!(samples.len(), expected, "{rounds} rounds");
        let ns = own
            .rounds
            .iter()
            .map(|round| round.batches[0].elapsed_ns as f64);
        let ns: Vec<f64> = ns.collect();
        for (number, sample) in samples.iter().enumerate() {
            let of = |number: usize| number * rounds / expected;
            let rounds = ns[of(number)..of(number + 1)].to_vec();
            let median = Sample::new(rounds).unwrap().median();
            assert!(
                (sample / median - 1.0).abs() < 1e-5,
                "{sample} and {median}"
            );
        }
    }
}

#[test]
fn as_many_samples_as_somebody_asks_for() {
    let place = tempfile::tempdir().unwrap();
    let own = contest(30, 1).of_cell(2, 0);
    let asked = Asked {
        samples: 30,
        exactly: true,
        quick: false,
    };
    let (samples, _) = criterions(&own, asked, "many", place.path());
    assert_eq!(samples.len(), 30);
}

fn read(line: &[&str]) -> Option<Arguments> {
    let line = ["suite"].iter().chain(line).map(OsString::from);
    Arguments::read(line).unwrap()
}

#[test]
fn criterions_arguments_are_read_by_its_rules() {
    let arguments = |line: &[&str]| read(line).unwrap();
    assert_eq!(arguments(&["--bench"]).mode, Mode::Measure);
    assert_eq!(arguments(&[]).mode, Mode::Test);
    assert_eq!(arguments(&["--bench", "--test"]).mode, Mode::Test);
    assert_eq!(arguments(&["--list", "--bench"]).mode, Mode::List);
    assert_eq!(
        arguments(&["--bench", "--profile-time=5"]).mode,
        Mode::Profile
    );
    let load = ["--bench", "--load-baseline", "one", "--baseline", "two"];
    assert_eq!(arguments(&load).mode, Mode::Load);
    // The name of a baseline is no option, and no filter.
    let named = arguments(&["--bench", "--save-baseline=--test", "read"]);
    assert_eq!(named.mode, Mode::Measure);
    assert!(named.selects("find_absent/read/2MB") && !named.selects("find_absent/mmap/2MB"));
    let exact = arguments(&["--bench", "--exact", "a/read/2MB"]);
    assert!(exact.selects("a/read/2MB") && !exact.selects("a/read/2MB/fresh"));
    assert!(!arguments(&["--bench", "--ignored", "read"]).selects("a/read/2MB"));
    let times = arguments(&[
        "--bench",
        "--warm-up-time",
        "0.5",
        "--measurement-time",
        "2",
    ]);
    assert_eq!(times.warm_up, Some(Duration::from_millis(500)));
    assert_eq!(times.measurement, Some(Duration::from_secs(2)));
    // Criterion answers these, with its help or with what is wrong.
    assert!(read(&["--help"]).is_none() && read(&["--no-such-thing"]).is_none());
}

#[test]
fn values_that_criterion_panics_at_are_refused() {
    for (line, value) in [
        (&["--sample-size", "9"][..], "9"),
        (&["--warm-up-time", "0"], "0"),
        (&["--measurement-time=-1"], "-1"),
        (&["--measurement-time", "nan"], "nan"),
        (&["--bench", "(("], "(("),
    ] {
        let whole = ["suite"].iter().chain(line).map(OsString::from);
        let told = Arguments::read(whole).unwrap_err().to_string();
        assert!(told.contains(&format!("`{value}`")), "{told}");
    }
}

/// Where the process that [`prints_to_nobody`] is notes how it went.
const NOTE: &str = "MAPMARK_TEST_NOTE";

/// Not a test by itself: in a process whose output nobody reads any more, prints more than a pipe holds.
#[test]
fn prints_to_nobody() {
    let Some(note) = std::env::var_os(NOTE) else {
        return;
    };
    println!("ready");
    // The reader goes before it says so.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let (answer, printed) = mapmark::sys::hold_output(|| {
        (0..10_000).for_each(|number| println!("a line that nobody reads: {number}"));
        eprintln!("a line that is read");
        42
    });
    let kind = printed.map_err(|error| error.kind());
    fs::write(note, format!("{answer} {kind:?}")).unwrap();
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_costs_nothing_but_the_lines() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    let place = tempfile::tempdir().unwrap();
    let note = place.path().join("note");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "prints_to_nobody", "--nocapture"])
        .env(NOTE, &note)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("ready")));
    drop(lines);
    child.stdin.take().unwrap().write_all(b"gone\n").unwrap();
    let told = child.wait_with_output().unwrap();
    assert_eq!(fs::read_to_string(note).unwrap(), "42 Err(BrokenPipe)");
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(errors.contains("a line that is read\n"), "{errors}");
}
