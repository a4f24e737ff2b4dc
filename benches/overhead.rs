//! What the harness costs: `cargo bench --bench overhead`.
//!
//! Inside the clock: a batch of one empty iteration through the whole machinery, beside the same
//! written by hand, in turn. Outside it: starting a process for one iteration.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mapmark::engine::{Access, Bytes, ENGINES, Engine, Reader, Shape, Writer};
use mapmark::fixture::{Fixture, Questions, Store};
use mapmark::measure::{Arm, Conditions, Fresh, Hands, Lineup, Monotonic, Subject, load};
use mapmark::stats::Sample;
use mapmark::units::{ByteCount, Nanos};
use mapmark::workload::{self, Answer, Expected, Task, Work, Workload};

const ROUNDS: usize = 20_000;
const PROCESSES: u64 = 200;

/// An engine that opens nothing.
struct Nothing;

impl Engine for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn about(&self) -> &'static str {
        "opens nothing"
    }

    fn shape(&self) -> Shape {
        Shape::Slice
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Self)
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Err("writes nothing")
    }
}

impl Reader for Nothing {
    fn open<'a>(&'a mut self, _fixture: &'a Fixture) -> io::Result<Access<'a>> {
        Ok(Access::Slice(Bytes::Kept(&[])))
    }
}

/// A workload that does nothing.
struct Idle;

impl Workload for Idle {
    fn name(&self) -> &'static str {
        "idle"
    }

    fn about(&self) -> &'static str {
        "does nothing"
    }

    fn oracle(&self, _content: &[u8], _questions: &Questions) -> mapmark::error::Result<Expected> {
        Ok(Expected {
            answer: Answer::Count(0),
            looks_at: None,
            outcome: None,
        })
    }

    fn work(&self, _bytes: ByteCount, _questions: &Questions) -> mapmark::error::Result<Work> {
        Ok(Work::Read(Box::new(Self)))
    }
}

impl Task for Idle {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::Count(bytes.len() as u64)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let store = Store::open(Store::default_directory())?;
    let (fixture, _) = store.text(ByteCount(100_000))?;
    inside_the_clock(&fixture)?;
    beside_the_clock(&fixture)
}

fn inside_the_clock(fixture: &Fixture) -> Result<(), Box<dyn Error>> {
    let content = load(fixture)?;
    let mut subject = Subject::new(&Idle, fixture, &content)?;
    let arm = || Arm::new(&Nothing, &Idle, fixture).map_err(|trouble| format!("{trouble:?}"));
    let mut lineup = Lineup::new(&mut subject, vec![arm()?], Conditions::default(), 1);
    let clock = Monotonic::start();
    let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let round = lineup
            .round(&clock)
            .map_err(|failure| format!("{failure:?}"))?;
        ours.push(round.batches[0].elapsed_ns as f64);
        by_hand.push(hand_written());
    }
    let (ours, by_hand) = (Sample::new(ours)?.median(), Sample::new(by_hand)?.median());
    writeln!(io::stdout(), "an empty batch, medians of {ROUNDS} in turn")?;
    writeln!(io::stdout(), "  through mapmark  {}", Nanos(ours))?;
    writeln!(io::stdout(), "  written by hand  {}", Nanos(by_hand))?;
    writeln!(io::stdout(), "  more             {}", Nanos(ours - by_hand))?;
    Ok(())
}

/// Nanoseconds of an empty iteration between two readings of the clock.
fn hand_written() -> f64 {
    let bytes: &[u8] = black_box(&[]);
    let start = Instant::now();
    let answer = black_box(bytes.len());
    let elapsed = start.elapsed();
    black_box(answer);
    elapsed.as_nanos() as f64
}

fn beside_the_clock(fixture: &Fixture) -> Result<(), Box<dyn Error>> {
    let content = load(fixture)?;
    let workload = workload::find("open_only").ok_or("no workload `open_only`")?;
    let mut subject = Subject::new(workload, fixture, &content)?;
    let program = Path::new(env!("CARGO_BIN_EXE_mapmark"));
    let hands = Hands::new(program, Duration::from_secs(60));
    let engines = [ENGINES[0]; 2];
    let conditions = Conditions::default();
    let fresh = Fresh::new(subject.stage(), &engines, conditions, &hands, 1);
    let mut fresh = fresh.map_err(|trouble| format!("{trouble:?}"))?;
    let mut samples = Vec::new();
    for round in 0..PROCESSES / 2 {
        let start = Instant::now();
        let ran = fresh.run(1);
        ran.map_err(|failure| format!("{failure:?}"))?;
        let wall_ns = start.elapsed().as_nanos() as f64;
        let kept = &fresh.kept().rounds[usize::try_from(round)?];
        let timed_ns: u64 = kept.batches.iter().map(|batch| batch.elapsed_ns).sum();
        samples.push((wall_ns - timed_ns as f64) / 2.0);
    }
    let median = Sample::new(samples)?.median();
    writeln!(
        io::stdout(),
        "a process for one iteration, median of {PROCESSES}"
    )?;
    writeln!(io::stdout(), "  beside the work  {}", Nanos(median))?;
    Ok(())
}
