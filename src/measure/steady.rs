//! A contest in this process: all its arms in the same rounds, on a file whose cache state is
//! verified in every round and after every stretch of them.

use std::time::{Duration, Instant};

use super::arm::{Arm, Subject};
use super::clock::Clock;
use super::kept::Kept;
use super::lineup::{Conditions, Failure, Lineup};
use super::trouble::{ATTEMPTS, Trouble};
use crate::engine::Engine;
use crate::plan::Cache;

/// How long rounds run before it is asked again whether every page is still there: a void stretch
/// costs no more than this.
const STRETCH: Duration = Duration::from_millis(50);

/// Engines that are measured against each other, all of them in this process.
pub struct Steady<'s, 'f, 'r> {
    lineup: Lineup<'s, 'f, 'r>,
    kept: Kept,
}

impl<'s, 'f> Steady<'s, 'f, 'static> {
    /// Lines up an arm for each of `engines` on `subject`, warm, opening and closing in each
    /// iteration. `seed` draws the order within each round.
    ///
    /// # Errors
    /// The first engine that cannot take this content or do this work.
    pub fn new(
        subject: &'s mut Subject<'f>,
        engines: &[&'static dyn Engine],
        seed: u64,
    ) -> Result<Self, Failure> {
        let workload = subject.stage().workload();
        let mut arms = Vec::with_capacity(engines.len());
        for (number, engine) in engines.iter().enumerate() {
            let suits = subject.suits(*engine);
            let arm = suits.and_then(|()| Arm::new(*engine, workload, subject.fixture()));
            arms.push(arm.map_err(|trouble| Failure {
                arm: Some(number),
                trouble,
            })?);
        }
        let lineup = Lineup::new(subject, arms, Conditions::default(), seed);
        Ok(Self::of(lineup))
    }
}

impl<'s, 'f, 'r> Steady<'s, 'f, 'r> {
    pub(super) fn of(lineup: Lineup<'s, 'f, 'r>) -> Self {
        Self {
            lineup,
            kept: Kept::default(),
        }
    }

    /// The arms.
    pub(super) fn lineup(&mut self) -> &mut Lineup<'s, 'f, 'r> {
        &mut self.lineup
    }

    /// Brings the file into its state and verifies it.
    ///
    /// # Errors
    /// Where that cannot be done, or nobody can tell.
    pub fn make_ready(&mut self) -> Result<(), Failure> {
        let cache = self.cache();
        Ok(self.lineup.stage().make_ready(cache)?)
    }

    /// Brings the file into its state, sizes the batches and runs until first uses are over, for
    /// `at_least` so long. Keeps nothing of it.
    ///
    /// # Errors
    /// Where the file is not in its state, or an arm fails.
    pub fn warm_up(&mut self, clock: &impl Clock, at_least: Duration) -> Result<(), Failure> {
        let end = Instant::now() + at_least;
        self.make_ready()?;
        self.lineup.size_batches(clock)?;
        self.lineup.warm_up(clock)?;
        self.run_until(clock, end, 0)?;
        self.kept = Kept::default();
        Ok(())
    }

    /// Runs and keeps so many more rounds.
    ///
    /// # Errors
    /// Where an arm fails, the file changes, or its pages do not stay in memory; the contest is then
    /// void.
    pub fn run(&mut self, clock: &impl Clock, rounds: usize) -> Result<(), Failure> {
        let all = self.kept.rounds.len() + rounds;
        while self.kept.rounds.len() < all {
            let left = all - self.kept.rounds.len();
            let until = Instant::now() + STRETCH;
            let mut enough = |kept: usize| kept >= left || Instant::now() >= until;
            self.keep_rounds(clock, &mut enough)?;
        }
        Ok(())
    }

    /// Runs and keeps rounds until `end`, but at least `fewest`.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_until(
        &mut self,
        clock: &impl Clock,
        end: Instant,
        fewest: usize,
    ) -> Result<(), Failure> {
        while self.kept.rounds.len() < fewest || Instant::now() < end {
            let until = end.min(Instant::now() + STRETCH);
            self.keep_rounds(clock, &mut |_| Instant::now() >= until)?;
        }
        Ok(())
    }

    /// Runs and keeps a round for each of its turns, which `next` waits for, until it says that there
    /// is none.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(super) fn run_in_turns(
        &mut self,
        clock: &impl Clock,
        next: &mut dyn FnMut() -> bool,
    ) -> Result<(), Failure> {
        while next() {
            self.keep_rounds(clock, &mut |_| true)?;
        }
        Ok(())
    }

    /// Runs and keeps a stretch of rounds: until `enough` says so of how many it kept, at least one.
    ///
    /// Where the file is to be warm, rounds that waited for a device, and stretches after which
    /// pages are missing, are void and run again.
    ///
    /// # Errors
    /// Where an arm fails, the file changes, or its pages do not stay in memory; the contest is then
    /// void.
    fn keep_rounds(
        &mut self,
        clock: &impl Clock,
        enough: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), Failure> {
        let before = self.kept.rounds.len();
        for attempt in 1.. {
            self.stretch(clock, enough)?;
            if self.cache() == Cache::Cold
                || self.lineup.stage().is_warm().map_err(Failure::from)?
            {
                break;
            }
            self.kept.voided += (self.kept.rounds.len() - before) as u64;
            self.kept.rounds.truncate(before);
            self.warm_again(attempt)?;
        }
        Ok(())
    }

    fn stretch(
        &mut self,
        clock: &impl Clock,
        enough: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), Failure> {
        let before = self.kept.rounds.len();
        let mut attempt = 0;
        loop {
            let round = self.lineup.round(clock)?;
            if self.cache() == Cache::Warm && round.waited_for_device() {
                self.kept.voided += 1;
                attempt += 1;
                self.warm_again(attempt)?;
                continue;
            }
            self.kept.rounds.push(round);
            attempt = 0;
            if enough(self.kept.rounds.len() - before) {
                return Ok(());
            }
        }
    }

    fn warm_again(&mut self, attempt: u32) -> Result<(), Failure> {
        if attempt >= ATTEMPTS {
            return Err(Failure::from(Trouble::pages_left()));
        }
        self.lineup.stage().warm().map_err(Failure::from)
    }

    fn cache(&self) -> Cache {
        self.lineup.conditions().cache
    }

    /// Iterations in a batch of each arm.
    #[must_use]
    pub fn batch_iterations(&self) -> &[u64] {
        self.lineup.batch_iterations()
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
}
