//! Engine `read` against baseline `read`, by mapmark's pairs: `with_mapmark SECONDS_PER_SIDE SEED`.
//!
//! Two contests in turn, measured alike. The first gives the ratio and its interval, the second the
//! noise floor that judges it. Prints one line of JSON.

use std::env;
use std::error::Error;
use std::time::{Duration, Instant};

use harnesses::fixture;
use mapmark::fixture::Store;
use mapmark::measure::{ENGINE, Failure, Kept, Monotonic, Steady, Subject, Trouble, load};
use mapmark::record::{Compared, Measured, outcome};
use mapmark::stats::{Floor, verdict};
use mapmark::units::ByteCount;
use mapmark::{engine, workload};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The cache is verified after so many rounds. Few, because where the kernel evicts pages all the time,
/// a stretch that lost ten rounds ends the contest.
const STRETCH: usize = 10;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [seconds_per_side, seed] = arguments.as_slice() else {
        return Err("usage: with_mapmark SECONDS_PER_SIDE SEED".into());
    };
    let per_side = Duration::try_from_secs_f64(seconds_per_side.parse()?)?;
    let seed: u64 = seed.parse()?;

    let path = fixture();
    let store = Store::open(path.parent().ok_or("the text lies in a directory")?)?;
    let (text, _) = store.text(ByteCount(2_000_000))?;
    if text.path() != path {
        return Err(format!("NULL_FIXTURE is not {}", text.path().display()).into());
    }
    let content = load(&text)?;
    let whole_file = workload::find("whole_file").ok_or("no workload whole_file")?;
    let mut subject = Subject::new(whole_file, &text, &content)?;

    let reason = |failure: Failure| failure.trouble.reason().to_owned();
    let kept = contest(&mut subject, per_side, seed).map_err(reason)?;
    let null = contest(&mut subject, per_side, !seed).map_err(reason)?;
    let measured = figures(&subject, &kept, seed)?;
    let floor = figures(&subject, &null, seed)?.estimate;
    let floor = Floor::new(&floor).ok_or("too few rounds")?;
    let interval = measured.estimate.interval.ok_or("too few rounds")?;
    let engine_ns: u64 = kept
        .rounds
        .iter()
        .map(|round| round.batches[ENGINE].elapsed_ns)
        .sum();
    println!(
        r#"{{"seconds": {}, "iteration_us": {}, "ratio": {}, "low": {}, "high": {}, "floor": {}, "verdict": "{}", "voided": {}}}"#,
        engine_ns as f64 / 1e9,
        measured.engine.time.0 / 1e3,
        measured.estimate.point,
        interval.low(),
        interval.high(),
        floor.band().high(),
        // No margin: within one, a difference that is not there would be called "same".
        verdict(&measured.estimate, Some(&floor), 0.0).name(),
        kept.voided + null.voided,
    );
    Ok(())
}

/// Rounds of `read` against itself until both sides together have had their time.
fn contest(
    subject: &mut Subject<'_>,
    per_side: Duration,
    seed: u64,
) -> std::result::Result<Kept, Failure> {
    let read =
        engine::find("read").ok_or_else(|| Trouble::Unsupported("no engine read".to_owned()))?;
    let clock = Monotonic::start();
    let mut steady = Steady::new(subject, &[read, read], seed)?;
    steady.warm_up(&clock, Duration::ZERO)?;
    let start = Instant::now();
    while start.elapsed() < 2 * per_side {
        steady.run(&clock, STRETCH)?;
    }
    Ok(steady.finish())
}

fn figures(subject: &Subject<'_>, kept: &Kept, seed: u64) -> Result<Measured> {
    let outcome = outcome(
        subject.expected(),
        std::slice::from_ref(kept),
        Compared::WithItself,
        seed,
    );
    match outcome.measured() {
        Some(measured) => Ok(measured.clone()),
        None => Err(outcome.reason().unwrap_or("nothing was measured").into()),
    }
}
