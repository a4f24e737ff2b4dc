//! A contest of new processes: each batch is one iteration in a process that did nothing before, on
//! a file whose cache state is verified before each.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::employed::Errand;
use super::hands::{Hands, Rivals};
use super::kept::Kept;
use super::lineup::{Conditions, Failure};
use super::plausible::plausible;
use super::protocol::{Iteration, Job};
use super::round::{Batch, Round};
use super::stage::Stage;
use super::trouble::{ATTEMPTS, Trouble};
use crate::engine::Engine;
use crate::plan::Cache;

/// Engines that are measured against each other, each batch in a process of its own.
pub struct Fresh<'s, 'f> {
    stage: &'s mut Stage<'f>,
    conditions: Conditions,
    arms: Vec<FreshArm<'s>>,
    order: Vec<usize>,
    draw: Xoshiro256PlusPlus,
    kept: Kept,
}

/// Who runs the iterations of an arm, and what each is told.
struct FreshArm<'s> {
    hands: &'s Hands,
    errand: Errand,
}

impl<'s, 'f> Fresh<'s, 'f> {
    /// Lines up `engines` on the file of `stage`. `seed` draws the order within each round. To
    /// settle means nothing to a process that runs one iteration.
    ///
    /// # Errors
    /// Where a scratch copy is needed and cannot be made.
    pub fn new(
        stage: &'s mut Stage<'f>,
        engines: &[&'static dyn Engine],
        conditions: Conditions,
        hands: &'s Hands,
        seed: u64,
    ) -> Result<Self, Trouble> {
        let mut fresh = Self {
            stage,
            conditions,
            arms: Vec::new(),
            order: Vec::new(),
            draw: Xoshiro256PlusPlus::seed_from_u64(seed),
            kept: Kept::default(),
        };
        fresh.add(engines, hands)?;
        Ok(fresh)
    }

    /// Adds the arms of another build behind those of this one.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(super) fn with_rivals(mut self, rivals: Rivals<'s>) -> Result<Self, Trouble> {
        self.add(rivals.engines, rivals.hands)?;
        Ok(self)
    }

    fn add(&mut self, engines: &[&'static dyn Engine], hands: &'s Hands) -> Result<(), Trouble> {
        for engine in engines {
            let job = Job::Iteration {
                engine: engine.name().to_owned(),
                scope: self.conditions.scope,
            };
            let errand = hands.order(self.stage, job)?;
            self.order.push(self.arms.len());
            self.arms.push(FreshArm { hands, errand });
        }
        Ok(())
    }

    /// Runs and keeps so many more rounds.
    ///
    /// # Errors
    /// Where a worker dies or answers wrong, with the arm it worked for, or the cache cannot be
    /// brought into its state.
    pub fn run(&mut self, rounds: usize) -> Result<(), Failure> {
        (0..rounds).try_for_each(|_| self.keep_round())
    }

    /// Runs and keeps rounds for `time`, at least one.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_for(&mut self, time: Duration) -> Result<(), Failure> {
        let start = Instant::now();
        loop {
            self.keep_round()?;
            if start.elapsed() >= time {
                return Ok(());
            }
        }
    }

    /// What was kept so far.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Hands over what was kept.
    #[must_use]
    pub fn finish(self) -> Kept {
        self.kept
    }

    fn keep_round(&mut self) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let round = self.round()?;
            if self.conditions.cache == Cache::Cold || !round.waited_for_device() {
                self.kept.rounds.push(round);
                return Ok(());
            }
            self.kept.voided += 1;
        }
        Err(Failure::from(Trouble::pages_left()))
    }

    fn round(&mut self) -> Result<Round, Failure> {
        self.order.shuffle(&mut self.draw);
        let mut batches: Vec<Option<Batch>> = vec![None; self.arms.len()];
        let mut positions = vec![0; self.arms.len()];
        for (position, arm) in self.order.iter().copied().enumerate() {
            let (own, stage, cache) = (&self.arms[arm], &mut *self.stage, self.conditions.cache);
            let iteration = own.hands.twice(|| {
                // Where the file cannot be brought into its state, no arm is to blame.
                stage.before_batch(cache)?;
                stage.bring_into(cache)?;
                own.iterate(stage).map_err(|failure| Failure {
                    arm: Some(arm),
                    ..failure
                })
            })?;
            batches[arm] = Some(iteration.batch());
            positions[arm] = position;
        }
        Ok(Round {
            batches: batches.into_iter().flatten().collect(),
            positions,
        })
    }
}

impl FreshArm<'_> {
    fn iterate(&self, stage: &mut Stage<'_>) -> Result<Iteration, Failure> {
        let begin = Instant::now();
        let iteration: Iteration = self.hands.ask(&self.errand, Duration::ZERO)?;
        plausible([iteration.elapsed_ns], begin.elapsed())?;
        stage.check(&[iteration.answer])?;
        Ok(iteration)
    }
}
