//! `mapmark claim`: published claims that mmap is faster, asked again on this machine: in Python, as
//! published and fairly, and in Rust; where the factor comes from, and what may be said of it.
//!
//! ```text
//! data -> subject (right answers) -> Python's processes -> rounds ┐
//!      -> contests -> `run::drive` -> rounds of workers           ┴-> rows, ladders -> verdicts
//! ```

mod arms;
mod data;
mod ladder;
mod published;
mod python;
mod rounds;
mod rows;
mod rust;
mod subject;
mod taken;
mod verdict;

use std::time::{Duration, Instant};

use self::arms::Effort;
pub use self::data::{Claim, EqualWork, KEPT_MEMORY, PythonSide, Rung, RustSide, Single, named};
pub use self::published::CLAIMS;
pub use self::python::{Allocator, Fault, Interpreter};
use self::rust::{Found, STATES};
use self::subject::Subject;
use self::taken::Taken;
pub use self::verdict::{Evidence, Word, judge, verdict};
use crate::error::{Error, Result};
use crate::measure::{Hands, Interrupt};
use crate::plan::Contest;
use crate::record::{ClaimRow, Claimed, Claims, Driver, PythonFacts, Reservation, Settings, Side};
use crate::run::{self, Finished, Loaded, Progress, drive};
use crate::units::ByteCount;

/// Time for Python, and for Rust, where all claims are asked for.
const PYTHON_BUDGET: Duration = Duration::from_secs(44);
const RUST_BUDGET: Duration = Duration::from_secs(30);
/// The same for a first look.
const QUICK_PYTHON_BUDGET: Duration = Duration::from_millis(10_500);
const QUICK_RUST_BUDGET: Duration = Duration::from_millis(6_500);

/// Python's part of a time that somebody names.
const PYTHON_SHARE: f64 = 0.6;

/// Replicates in Rust, at least: from ten on their spread alone makes the interval.
const FEWEST_REPLICATES: usize = 10;

/// What is asked.
pub struct Orders {
    /// The claims.
    pub claims: Vec<&'static Claim>,
    /// The length of the file, instead of the published ones.
    pub bytes: Option<ByteCount>,
    /// The time for all of it, instead of what is usual.
    pub time: Option<Duration>,
    /// The interpreter, or why there is none.
    pub python: std::result::Result<Interpreter, Fault>,
    /// Whether a first look will do.
    pub quick: bool,
    /// Draws the orders and the resamples.
    pub seed: u64,
    /// When it begins, as RFC 3339 writes it.
    pub created: String,
    /// The command line, as the record keeps it.
    pub command: Vec<String>,
    /// The directory of the record.
    pub place: Reservation,
    /// Those that have the Rust side's work done.
    pub hands: Hands,
}

impl Orders {
    /// The length of a claim's file.
    #[must_use]
    pub fn bytes_of(&self, claim: &Claim) -> ByteCount {
        self.bytes.unwrap_or(claim.bytes)
    }

    /// About how long all of it takes.
    #[must_use]
    pub fn budget(&self) -> Duration {
        let python = match self.python {
            Ok(_) => self.for_python(),
            Err(_) => Duration::ZERO,
        };
        python + self.for_rust()
    }

    /// About how long the whole of it takes; `None` where it is asked for.
    #[must_use]
    pub fn whole(&self) -> Option<Duration> {
        let python = match self.python {
            Ok(_) => self.share(PYTHON_BUDGET),
            Err(_) => Duration::ZERO,
        };
        Some(python + self.share(RUST_BUDGET)).filter(|whole| self.quick || *whole > self.budget())
    }

    fn for_python(&self) -> Duration {
        match (self.time, self.quick) {
            (Some(time), _) => time.mul_f64(PYTHON_SHARE),
            (None, true) => self.share(QUICK_PYTHON_BUDGET),
            (None, false) => self.share(PYTHON_BUDGET),
        }
    }

    fn for_rust(&self) -> Duration {
        match (self.time, self.quick) {
            (Some(time), _) => time.mul_f64(1.0 - PYTHON_SHARE),
            (None, true) => self.share(QUICK_RUST_BUDGET),
            (None, false) => self.share(RUST_BUDGET),
        }
    }

    /// The part of `time`, which is that of all claims, that those have that are asked for, up to twice that.
    fn share(&self, time: Duration) -> Duration {
        let asked: u32 = self.claims.iter().map(|claim| claim.weight).sum();
        let of_all: u32 = CLAIMS.iter().map(|claim| claim.weight).sum();
        let share = f64::from(2 * asked) / f64::from(of_all.max(1));
        time.mul_f64(share.min(1.0))
    }
}

/// Asks the claims on `files`, which have the lengths of [`Orders::bytes_of`].
///
/// # Errors
/// Where nothing could be begun: a scratch copy or a directory that cannot be made.
pub fn ask(
    orders: Orders,
    files: Vec<Loaded>,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Result<Finished> {
    let start = Instant::now();
    let effort = Effort {
        budget: orders.for_python(),
        quick: orders.quick,
        seed: orders.seed,
    };
    let taken = match &orders.python {
        Ok(python) => Ok(ask_python(
            python, &orders, &files, effort, interrupt, progress,
        )?),
        Err(fault) => Err(fault.told()),
    };
    let contests = contests(&orders)?;
    let (claims, seed, quick) = (orders.claims.clone(), orders.seed, orders.quick);
    let whole = orders.whole();
    let bytes: Vec<ByteCount> = claims.iter().map(|claim| orders.bytes_of(claim)).collect();
    let python = match &orders.python {
        Ok(python) => python.facts.clone(),
        Err(fault) => PythonFacts {
            reason: Some(fault.told().1),
            ..PythonFacts::default()
        },
    };
    let mut later = Later {
        progress,
        before: start.elapsed(),
    };
    let run_orders = of_run(orders, contests);
    let mut finished = drive(run_orders, files, Instant::now(), interrupt, &mut later)?;
    let each = claims.iter().copied().zip(bytes).enumerate();
    let claims = each.map(|(number, (claim, bytes))| {
        let rows = match &taken {
            Ok(taken) => rows::of_python(claim, &taken[number], quick, seed),
            Err((outcome, reason)) => rows::without_python(claim, outcome, reason),
        };
        let taken = taken.as_ref().ok().map(|taken| &taken[number]);
        claimed(
            claim,
            taken,
            rows,
            &Found::new(claim, bytes, &finished, seed),
            whole,
        )
    });
    let claims = Claims {
        python,
        claims: claims.collect(),
    };
    finished.run.claims = Some(claims);
    let written = finished.directory.finish(&mut finished.run);
    finished.lost = finished.lost.or(written.err());
    Ok(finished)
}

fn ask_python(
    python: &Interpreter,
    orders: &Orders,
    files: &[Loaded],
    effort: Effort,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Result<Vec<Taken>> {
    let mut subjects = Vec::with_capacity(orders.claims.len());
    for claim in &orders.claims {
        let bytes = orders.bytes_of(claim);
        let file = files.iter().find(|file| file.target().bytes() == bytes);
        let missing = || Error::usage(format!("no file of {bytes} was made ready"));
        let file = file.ok_or_else(missing)?;
        subjects.push(Subject::new(claim, file.target(), file.content())?);
    }
    Ok(arms::measure(
        python,
        &mut subjects,
        effort,
        interrupt,
        progress,
    ))
}

fn contests(orders: &Orders) -> Result<Vec<Contest>> {
    let mut contests = Vec::new();
    for claim in &orders.claims {
        contests.extend(rust::contests(claim, orders.bytes_of(claim), orders.quick)?);
    }
    Ok(contests)
}

/// The orders of the Rust side.
fn of_run(orders: Orders, contests: Vec<Contest>) -> run::Orders {
    let budget = orders.for_rust();
    let replicates = run::replicates(&contests, budget).max(FEWEST_REPLICATES);
    run::Orders {
        driver: Driver::Claim,
        contests,
        settings: Settings {
            budget_s: budget.as_secs_f64(),
            replicates,
            ..Settings::default()
        },
        created: orders.created,
        seed: orders.seed,
        against: None,
        hands: orders.hands,
        place: orders.place,
        command: orders.command,
        questions: Vec::new(),
    }
}

/// Everything about one claim, from what was measured.
fn claimed(
    claim: &'static Claim,
    taken: Option<&Taken>,
    mut rows: Vec<ClaimRow>,
    found: &Found<'_>,
    whole: Option<Duration>,
) -> Claimed {
    let in_python = taken.and_then(|taken| ladder::of_python(claim, taken, found.seed()));
    let in_rust = STATES.map(|(process, words, _)| found.ladder(process, words));
    let of_rust = found.rows();
    let row = |label: &str| rows.iter().find(|row| row.label == label);
    let (equal, words) = claim.python.equal;
    let [fresh, steady] = STATES.map(|(_, words, short)| (found.main(&of_rust, short), words));
    let verdicts = vec![
        verdict(&Evidence {
            side: Side::Python,
            claimed: claim.factor,
            main: (row(rows::PUBLISHED), "as published"),
            second: (row(rows::REPEATED), "when repeated"),
            ladder: in_python.as_ref(),
            equal: row(equal).map(|row| (words, row)),
            whole,
        }),
        verdict(&Evidence {
            side: Side::Rust,
            claimed: claim.factor,
            main: fresh,
            second: steady,
            ladder: in_rust[0].as_ref(),
            equal: found.equal(&of_rust),
            whole,
        }),
    ];
    rows.extend(of_rust);
    Claimed {
        id: claim.id.to_owned(),
        says: claim.says.to_owned(),
        source: claim.source.to_owned(),
        date: None,
        regular_s: claim.regular_s.to_vec(),
        mmap_s: claim.mmap_s.to_vec(),
        factor: claim.factor,
        bytes: found.bytes().0,
        equal: Some(equal.to_owned()),
        verdicts,
        rows,
        ladders: in_python
            .into_iter()
            .chain(in_rust.into_iter().flatten())
            .collect(),
    }
}

/// The progress of what comes after something else.
struct Later<'p> {
    progress: &'p mut dyn Progress,
    before: Duration,
}

impl Progress for Later<'_> {
    fn visit(&mut self, at: &str, spent: Duration) {
        self.progress
            .visit(&format!("{at} in Rust"), self.before + spent);
    }

    fn note(&mut self, note: &str) {
        self.progress.note(note);
    }
}
