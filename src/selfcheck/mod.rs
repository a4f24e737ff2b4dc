//! What this machine can resolve today: the baseline against itself, and slow-downs that were
//! planted, judged by the method of `mapmark run`.
//!
//! A planted arm does the same work on the same file, and then waits until each iteration took so much
//! longer than its work did. The plant alone sets it apart from the baseline and its twin, and its size is
//! known exactly. (A longer file would not do: on some machines it takes 10 % more or less time for
//! being another file, and that would be credited to the plant.)

mod design;
mod glimpse;
mod summary;

use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use self::design::{CANDIDATE, judged};
pub use self::glimpse::{Glimpse, glimpse};
pub use self::summary::{Conclusion, Summary, conclusion, expected_speedup, summaries};
use crate::engine::{ENGINES, Engine};
use crate::error::Result;
use crate::fixture::{Store, Target};
use crate::measure::{self, Conditions, Hands, Interrupt, Kept, SlowDown, Stage, Trouble, Visit};
use crate::plan::Process;
use crate::stats::{Estimate, Verdict};
use crate::units::ByteCount;
use crate::workload::{self, Expected, Workload};

/// The file that is read.
pub const BYTES: ByteCount = ByteCount(2_000_000);

/// Planted slow-downs, in percent.
pub const PLANTED: [u64; 4] = [1, 2, 5, 10];

/// Trials without a plant for each with one: false alarms should be rare, and take many to see.
const NULLS_A_CYCLE: usize = 4;

/// A trial is a contest of its own, in at least so many workers.
const REPLICATES: usize = 10;
const VISIT: Duration = Duration::from_millis(100);

/// So many trials may be lost in a row because the cache state could not be verified.
const TRIALS_TO_LOSE: usize = 5;

const LONGEST_TRIAL: Duration = Duration::from_secs(5);

/// One contest, and what was said of it.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// How much more work the candidate did, in percent; 0 where none was planted.
    pub planted: u64,
    /// What was said.
    pub verdict: Verdict,
    /// What was found.
    pub estimate: Estimate,
    /// How long it took.
    pub time: Duration,
}

impl Trial {
    /// Whether what was planted was found, or something where nothing was planted.
    #[must_use]
    pub fn sees_slowdown(&self) -> bool {
        self.verdict == Verdict::Slower
    }

    /// Whether it says what cannot be: a difference where there is none, or one of the wrong sign.
    #[must_use]
    pub fn is_false_alarm(&self) -> bool {
        match self.verdict {
            Verdict::Faster => true,
            Verdict::Slower => self.planted == 0,
            Verdict::Same | Verdict::Inconclusive { .. } => false,
        }
    }
}

/// What came of all trials.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Those that were done.
    pub trials: Vec<Trial>,
    /// How many were lost because pages left memory, or workers died.
    pub lost: usize,
}

/// Runs trials until `budget` is over, at least one of each kind unless `interrupt` asks before.
/// `seed` draws their order. Each is handed to `watch` when it is done.
///
/// # Errors
/// Where a fixture cannot be made.
pub fn selfcheck(
    store: &Store,
    hands: &Hands,
    interrupt: &Interrupt,
    budget: Duration,
    seed: u64,
    watch: &mut dyn FnMut(&Trial),
) -> Result<std::result::Result<Checked, Trouble>> {
    let bench = Bench::prepare(store)?;
    let draw = Xoshiro256PlusPlus::seed_from_u64(seed);
    let checked = Checked::default();
    let mut session = Session {
        bench: &bench,
        hands,
        interrupt,
        draw,
        checked,
        lost_in_a_row: 0,
    };
    Ok(match session.run(budget, watch) {
        Err(_) if interrupt.asked() => Ok(session.checked),
        Err(trouble) => Err(trouble),
        Ok(()) => Ok(session.checked),
    })
}

/// A check under way.
struct Session<'s> {
    bench: &'s Bench,
    hands: &'s Hands,
    interrupt: &'s Interrupt,
    draw: Xoshiro256PlusPlus,
    checked: Checked,
    lost_in_a_row: usize,
}

impl Session<'_> {
    fn run(&mut self, budget: Duration, watch: &mut dyn FnMut(&Trial)) -> Result<(), Trouble> {
        let start = Instant::now();
        while self.checked.trials.is_empty() || start.elapsed() < budget {
            let mut cycle = [0; NULLS_A_CYCLE].to_vec();
            cycle.extend(PLANTED);
            cycle.shuffle(&mut self.draw);
            for planted in cycle {
                let done = self.checked.trials.len();
                let late = start.elapsed() >= budget && done >= NULLS_A_CYCLE + PLANTED.len();
                if late || self.interrupt.asked() {
                    return Ok(());
                }
                let found = self.bench.trial(self.hands, planted, &mut self.draw);
                if let Some(trial) = self.unless_lost(found)? {
                    watch(&trial);
                    self.checked.trials.push(trial);
                }
            }
        }
        Ok(())
    }

    /// A kernel that evicts pages stops after a while, and so does what kills workers; what was planted was not
    /// looked at.
    fn unless_lost<T>(&mut self, found: Result<T, Trouble>) -> Result<Option<T>, Trouble> {
        match found {
            Ok(found) => {
                self.lost_in_a_row = 0;
                Ok(Some(found))
            }
            Err(Trouble::Unverified(_) | Trouble::Died(_))
                if self.lost_in_a_row < TRIALS_TO_LOSE && !self.interrupt.asked() =>
            {
                self.lost_in_a_row += 1;
                self.checked.lost += 1;
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }
}

/// The file of the trials, and what is to be found out about it.
struct Bench {
    workload: &'static dyn Workload,
    target: Target,
    expected: Expected,
}

impl Bench {
    fn prepare(store: &Store) -> Result<Self> {
        let workload = workload::find("whole_file").unwrap_or(workload::WORKLOADS[0]);
        let (fixture, _) = store.text(BYTES)?;
        let content = measure::load(&fixture)?;
        let expected = workload.oracle(&content, fixture.questions())?;
        Ok(Self {
            workload,
            target: fixture.into_target(),
            expected,
        })
    }

    fn trial(&self, hands: &Hands, planted: u64, draw: &mut impl Rng) -> Result<Trial, Trouble> {
        let start = Instant::now();
        let mut stage = Stage::new(self.workload, &self.target, self.expected.clone(), None);
        let baseline: &'static dyn Engine = ENGINES[0];
        let mut batches = Vec::new();
        let mut replicates: Vec<Kept> = Vec::new();
        loop {
            // As runs do, so that where the file's pages lie is drawn again.
            measure::load(&self.target).map_err(failed)?;
            let visit = Visit {
                rivals: None,
                engines: &[baseline; 3],
                process: Process::Steady,
                conditions: Conditions::default(),
                seed: draw.next_u64(),
                time: VISIT,
                slowest: Duration::ZERO,
                slow_down: (planted > 0).then_some(SlowDown {
                    arm: CANDIDATE,
                    percent: planted,
                }),
            };
            let kept = visit.run(&mut stage, hands, &mut batches);
            replicates.push(kept.map_err(|failure| failure.trouble)?);
            if replicates.len() < REPLICATES {
                continue;
            }
            let judged = judged(&replicates).map_err(failed)?;
            if judged.is_precise() || start.elapsed() >= LONGEST_TRIAL {
                return Ok(Trial {
                    planted,
                    verdict: judged.verdict,
                    estimate: judged.candidate,
                    time: start.elapsed(),
                });
            }
        }
    }
}

fn failed(error: impl ToString) -> Trouble {
    Trouble::Failed(error.to_string())
}
