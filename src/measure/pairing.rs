//! A contest while it is measured in this process: engines and the baseline in the same rounds, on a
//! file whose cache state is verified in every round and after every stretch of them.

use std::time::{Duration, Instant};

use super::arm::{Arm, Subject};
use super::clock::Clock;
use super::lineup::{Conditions, Failure, Lineup};
use super::round::Round;
use super::trouble::{ATTEMPTS, Trouble};
use crate::engine::Engine;
use crate::plan::Cache;

/// Place of the engine among the arms of a pair.
pub const ENGINE: usize = 0;
/// Place of the baseline among the arms of a pair.
pub const BASELINE: usize = 1;

/// How long rounds run before it is asked again whether every page is still there: a void stretch
/// costs no more than this.
const STRETCH: Duration = Duration::from_millis(50);

/// Engines that are measured against each other.
pub struct Pairing<'s, 'f, 'r> {
    lineup: Lineup<'s, 'f, 'r>,
    kept: Vec<Round>,
    voided: u64,
}

/// Rounds whose cache state was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The rounds, in order of time.
    pub rounds: Vec<Round>,
    /// Rounds thrown away because pages of the file left memory meanwhile.
    pub voided: u64,
}

impl<'s, 'f> Pairing<'s, 'f, 'static> {
    /// Pairs an engine with a baseline on `subject`, warm, opening and closing in each iteration.
    /// `seed` draws the order within each round.
    ///
    /// # Errors
    /// Where an engine cannot take this content or do this work.
    pub fn new(
        subject: &'s mut Subject<'f>,
        engines: [&'static dyn Engine; 2],
        seed: u64,
    ) -> Result<Self, Trouble> {
        for engine in engines {
            subject.suits(engine)?;
        }
        let workload = subject.stage().workload();
        let arm = |engine| Arm::new(engine, workload, subject.fixture());
        let arms = engines.into_iter().map(arm).collect::<Result<_, _>>()?;
        let lineup = Lineup::new(subject, arms, Conditions::default(), seed);
        Ok(Self::of(lineup))
    }
}

impl<'s, 'f, 'r> Pairing<'s, 'f, 'r> {
    pub(super) fn of(lineup: Lineup<'s, 'f, 'r>) -> Self {
        Self {
            lineup,
            kept: Vec::new(),
            voided: 0,
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
    pub fn make_ready(&mut self) -> Result<(), Trouble> {
        let cache = self.cache();
        self.lineup.stage().make_ready(cache)
    }

    /// Brings the file into its state, sizes the batches and runs until first uses are over.
    ///
    /// # Errors
    /// Where the file is not in its state, or an arm fails.
    pub fn warm_up(&mut self, clock: &impl Clock) -> Result<(), Trouble> {
        self.make_ready()?;
        self.lineup
            .size_batches(clock)
            .and_then(|()| self.lineup.warm_up(clock))
            .map_err(of_pair)
    }

    /// Runs and keeps rounds for about `iterations` iterations of the engine, at least one round.
    /// Returns the engine's time for exactly that many, in nanoseconds.
    ///
    /// # Errors
    /// Where an arm fails, the file changes, or its pages do not stay in memory; the contest is then
    /// void. The words tell the baseline's troubles apart.
    pub fn run(&mut self, clock: &impl Clock, iterations: u64) -> Result<f64, Trouble> {
        let batch = self.lineup.batch_iterations()[ENGINE];
        let rounds = (iterations / batch).max(1);
        let before = self.kept.len();
        let mut enough = |kept: usize| kept as u64 >= rounds;
        self.keep_rounds(clock, &mut enough).map_err(of_pair)?;
        let engine_ns: u64 = self.kept[before..]
            .iter()
            .map(|round| round.batches[ENGINE].elapsed_ns)
            .sum();
        Ok(engine_ns as f64 * (iterations as f64 / (rounds * batch) as f64))
    }

    /// Runs and keeps rounds until `end`, but at least `fewest`.
    ///
    /// # Errors
    /// As `keep_rounds`.
    pub(super) fn run_until(
        &mut self,
        clock: &impl Clock,
        end: Instant,
        fewest: usize,
    ) -> Result<(), Failure> {
        while self.kept.len() < fewest || Instant::now() < end {
            let until = end.min(Instant::now() + STRETCH);
            self.keep_rounds(clock, &mut |_| Instant::now() >= until)?;
        }
        Ok(())
    }

    /// Runs and keeps a round for each of its turns, which `next` waits for, until it says that there
    /// is none.
    ///
    /// # Errors
    /// As `keep_rounds`.
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
        let before = self.kept.len();
        for attempt in 1.. {
            self.stretch(clock, enough)?;
            if self.cache() == Cache::Cold
                || self.lineup.stage().is_warm().map_err(Failure::from)?
            {
                break;
            }
            self.voided += (self.kept.len() - before) as u64;
            self.kept.truncate(before);
            self.warm_again(attempt)?;
        }
        Ok(())
    }

    fn stretch(
        &mut self,
        clock: &impl Clock,
        enough: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), Failure> {
        let before = self.kept.len();
        let mut attempt = 0;
        loop {
            let round = self.lineup.round(clock)?;
            if self.cache() == Cache::Warm && round.waited_for_device() {
                self.voided += 1;
                attempt += 1;
                self.warm_again(attempt)?;
                continue;
            }
            self.kept.push(round);
            attempt = 0;
            if enough(self.kept.len() - before) {
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

    /// Rounds kept so far.
    #[must_use]
    pub fn kept(&self) -> &[Round] {
        &self.kept
    }

    /// Hands over what was kept.
    #[must_use]
    pub fn finish(self) -> Kept {
        Kept {
            rounds: self.kept,
            voided: self.voided,
        }
    }
}

/// What happened, in words that tell a pair's baseline from its engine.
fn of_pair(failure: Failure) -> Trouble {
    match failure.arm {
        Some(BASELINE) => failure.trouble.of_baseline(),
        _ => failure.trouble,
    }
}
