//! What this machine can resolve today: the baseline against itself, and slow-downs that were
//! planted, judged by the method of `mapmark run`.
//!
//! A planted arm does so much more of the same work: it reads a file that is longer by that part,
//! through the same engine. Its true speed-up is a little nearer to 1 than the part says, because
//! opening and closing do not grow with the file.

use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::engine::{ENGINES, Engine};
use crate::error::Result;
use crate::fixture::{Store, Target};
use crate::measure::{self, Conditions, Hands, Interrupt, Kept, Stage, Trouble, Visit};
use crate::plan::Process;
use crate::stats::{self, Estimate, Floor, Sample, StatsError, Verdict};
use crate::units::ByteCount;
use crate::workload::{self, Answer, Workload};

/// The file of the arms without a plant.
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

/// It ends by precision: when engine and floor are known to this, in percent, or time is up.
const PRECISION: f64 = 0.4;
const LONGEST_TRIAL: Duration = Duration::from_secs(5);

/// The places of the arms.
const BASELINE: usize = 0;
const TWIN: usize = 1;
const CANDIDATE: usize = 2;

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
    /// How many were lost because pages left memory.
    pub lost: usize,
}

/// Everything about trials with one plant.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// How much more work the candidates did, in percent.
    pub planted: u64,
    /// How many trials there were.
    pub trials: usize,
    /// In how many a slow-down was seen.
    pub seen: usize,
    /// How many said what cannot be.
    pub false_alarms: usize,
    /// The median of what was found.
    pub speedup: f64,
    /// The median of how far the intervals reach to either side, in percent; `None` where no trial
    /// has an interval.
    pub half_width_percent: Option<f64>,
    /// The median of how long a trial took, in seconds.
    pub seconds: f64,
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
    let start = Instant::now();
    let bench = Bench::prepare(store)?;
    let mut draw = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut checked = Checked::default();
    let mut in_a_row = 0;
    while checked.trials.is_empty() || start.elapsed() < budget {
        let mut cycle = [0; NULLS_A_CYCLE].to_vec();
        cycle.extend(PLANTED);
        cycle.shuffle(&mut draw);
        for planted in cycle {
            let late =
                start.elapsed() >= budget && checked.trials.len() >= NULLS_A_CYCLE + PLANTED.len();
            if late || interrupt.asked() {
                return Ok(Ok(checked));
            }
            match bench.trial(hands, planted, &mut draw) {
                Ok(trial) => {
                    in_a_row = 0;
                    watch(&trial);
                    checked.trials.push(trial);
                }
                Err(_) if interrupt.asked() => return Ok(Ok(checked)),
                // A kernel that evicts pages stops after a while; what was planted was not looked at.
                Err(Trouble::Unverified(_)) if in_a_row < TRIALS_TO_LOSE => {
                    in_a_row += 1;
                    checked.lost += 1;
                }
                Err(trouble) => return Ok(Err(trouble)),
            }
        }
    }
    Ok(Ok(checked))
}

/// What the trials of each plant came to, the smallest first.
#[must_use]
pub fn summaries(trials: &[Trial]) -> Vec<Summary> {
    let kinds = std::iter::once(0).chain(PLANTED);
    kinds
        .filter_map(|planted| summary(planted, trials))
        .collect()
}

fn summary(planted: u64, trials: &[Trial]) -> Option<Summary> {
    let own: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.planted == planted)
        .collect();
    let median = |value: &dyn Fn(&Trial) -> Option<f64>| {
        let values = own.iter().filter_map(|trial| value(trial)).collect();
        Sample::new(values).ok().map(|sample| sample.median())
    };
    Some(Summary {
        planted,
        trials: own.len(),
        seen: own.iter().filter(|trial| trial.sees_slowdown()).count(),
        false_alarms: own.iter().filter(|trial| trial.is_false_alarm()).count(),
        speedup: median(&|trial| Some(trial.estimate.point))?,
        half_width_percent: median(&|trial| Some(trial.estimate.interval?.half_width_percent())),
        seconds: median(&|trial| Some(trial.time.as_secs_f64()))?,
    })
}

/// The files of the trials and what is to be found out about them.
struct Bench {
    workload: &'static dyn Workload,
    plain: (Target, Answer),
    planted: Vec<(u64, Target, Answer)>,
}

impl Bench {
    fn prepare(store: &Store) -> Result<Self> {
        let workload = workload::find("whole_file").unwrap_or(workload::WORKLOADS[0]);
        let file = |bytes| -> Result<(Target, Answer)> {
            let (fixture, _) = store.text(ByteCount(bytes))?;
            let content = measure::load(&fixture)?;
            let expected = workload.oracle(&content, fixture.questions())?;
            Ok((fixture.into_target(), expected.answer))
        };
        let planted = PLANTED.map(|percent| {
            let (target, answer) = file(BYTES.0 + BYTES.0 * percent / 100)?;
            Ok((percent, target, answer))
        });
        Ok(Self {
            workload,
            plain: file(BYTES.0)?,
            planted: planted.into_iter().collect::<Result<_>>()?,
        })
    }

    fn trial(&self, hands: &Hands, planted: u64, draw: &mut impl Rng) -> Result<Trial, Trouble> {
        let start = Instant::now();
        let (target, answer) = &self.plain;
        let expected = workload::Expected {
            answer: *answer,
            looks_at: None,
            outcome: None,
        };
        let mut stage = Stage::new(self.workload, target, expected, None);
        let baseline: &'static dyn Engine = ENGINES[0];
        let elsewhere = self
            .planted
            .iter()
            .find(|(percent, ..)| *percent == planted);
        let mut batches = Vec::new();
        let mut replicates: Vec<Kept> = Vec::new();
        loop {
            // As runs do, so that where the file's pages lie is drawn again.
            let others = elsewhere.map(|(_, target, _)| target);
            for target in [target].into_iter().chain(others) {
                measure::load(target).map_err(|error| Trouble::Failed(error.to_string()))?;
            }
            let visit = Visit {
                rivals: None,
                engines: &[baseline; 3],
                process: Process::Steady,
                conditions: Conditions::default(),
                seed: draw.next_u64(),
                time: VISIT,
                slowest: Duration::ZERO,
                elsewhere: elsewhere.map(|(_, target, answer)| (CANDIDATE, target, *answer)),
            };
            let kept = visit.run(&mut stage, hands, &mut batches);
            replicates.push(kept.map_err(|failure| failure.trouble)?);
            if replicates.len() < REPLICATES {
                continue;
            }
            let judged = judged(&replicates).map_err(|error| Trouble::Failed(error.to_string()))?;
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

struct Judged {
    candidate: Estimate,
    twin: Estimate,
    verdict: Verdict,
}

impl Judged {
    fn is_precise(&self) -> bool {
        [&self.candidate, &self.twin].iter().all(|estimate| {
            let interval = estimate.interval;
            interval.is_some_and(|interval| interval.half_width_percent() <= PRECISION)
        })
    }
}

/// Judges without a margin: here even a small difference is one.
fn judged(replicates: &[Kept]) -> Result<Judged, StatsError> {
    let candidate = stats::estimate(&speedups(replicates, CANDIDATE)?, 0)?;
    let twin = stats::estimate(&speedups(replicates, TWIN)?, 0)?;
    Ok(Judged {
        candidate,
        twin,
        verdict: stats::verdict(&candidate, Floor::new(&twin).as_ref(), 0.0),
    })
}

fn speedups(replicates: &[Kept], arm: usize) -> Result<Vec<Vec<f64>>, StatsError> {
    let of_one = |kept: &Kept| {
        let rounds = kept.rounds.iter();
        rounds
            .map(|round| {
                let ns = |arm: usize| round.batches[arm].ns_per_iteration();
                stats::speed_up(ns(BASELINE), ns(arm))
            })
            .collect()
    };
    replicates.iter().map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Batch, Round};

    /// Replicates in which the candidate takes `factor` times as long as the others.
    fn replicates(factor: f64) -> Vec<Kept> {
        let round = |number: u64| {
            let batch = |elapsed: f64| Batch {
                iterations: 1,
                elapsed_ns: elapsed as u64,
                usage: None,
            };
            let mut draw = Xoshiro256PlusPlus::seed_from_u64(number);
            let mut noise = || 1.0 + (draw.next_u64() % 1_000) as f64 * 1e-5;
            Round {
                batches: vec![
                    batch(1e6 * noise()),
                    batch(1e6 * noise()),
                    batch(factor * 1e6 * noise()),
                ],
                positions: vec![0, 1, 2],
            }
        };
        let kept = |replicate: u64| Kept {
            rounds: (0..40)
                .map(|number| round(40 * replicate + number))
                .collect(),
            voided: 0,
        };
        (0..10).map(kept).collect()
    }

    fn trial(planted: u64, factor: f64) -> Trial {
        let judged = judged(&replicates(factor)).unwrap();
        Trial {
            planted,
            verdict: judged.verdict,
            estimate: judged.candidate,
            time: Duration::from_secs(1),
        }
    }

    #[test]
    fn plants_are_seen_and_nothing_where_there_is_none() {
        let trials = [trial(0, 1.0), trial(2, 1.02), trial(2, 1.0), trial(1, 0.9)];
        assert!(trials[1].sees_slowdown() && !trials[1].is_false_alarm());
        assert!(!trials[2].sees_slowdown() && !trials[2].is_false_alarm());
        assert!(trials[3].is_false_alarm());
        let told = summaries(&trials);
        let counts: Vec<_> = told
            .iter()
            .map(|kind| (kind.planted, kind.trials, kind.seen, kind.false_alarms))
            .collect();
        assert_eq!(counts, [(0, 1, 0, 0), (1, 1, 0, 1), (2, 2, 1, 0)]);
    }

    #[test]
    fn a_kind_without_intervals_keeps_its_row() {
        let mut one = trial(2, 1.02);
        one.estimate.interval = None;
        let told = summaries(&[one]);
        assert_eq!((told.len(), told[0].trials), (1, 1));
        assert_eq!(told[0].half_width_percent, None);
    }

    #[test]
    fn a_difference_without_a_plant_is_a_false_alarm() {
        assert!(trial(0, 1.02).is_false_alarm());
        assert!(trial(0, 0.98).is_false_alarm());
    }
}
