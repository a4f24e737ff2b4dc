//! A cell while it is measured: an engine and the baseline in the same rounds, on a file whose
//! cache state is verified in every round and after every stretch of them.

use super::arm::{Arm, Subject};
use super::clock::Clock;
use super::lineup::{Failure, Lineup};
use super::round::Round;
use super::trouble::{ATTEMPTS, Trouble};
use crate::engine::Engine;

/// Place of the engine among the arms.
pub const ENGINE: usize = 0;
/// Place of the baseline among the arms.
pub const BASELINE: usize = 1;

/// An engine and the baseline, measured against each other.
pub struct Pairing<'s, 'f> {
    lineup: Lineup<'s, 'f>,
    kept: Vec<Round>,
    voided: u64,
}

/// The rounds of a cell whose cache state was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The rounds, in order of time.
    pub rounds: Vec<Round>,
    /// Rounds thrown away because pages of the file left memory meanwhile.
    pub voided: u64,
}

impl<'s, 'f> Pairing<'s, 'f> {
    /// Pairs an engine with a baseline on `subject`. `seed` draws the order within each round.
    ///
    /// # Errors
    /// Where the engine cannot take this content or do this work.
    pub fn new(
        subject: &'s mut Subject<'f>,
        engines: [&'static dyn Engine; 2],
        seed: u64,
    ) -> Result<Self, Trouble> {
        let mut arms = Vec::with_capacity(2);
        for engine in engines {
            subject.suits(engine)?;
            arms.push(Arm::new(engine, subject.workload(), subject.fixture())?);
        }
        Ok(Self {
            lineup: Lineup::new(subject, arms, seed),
            kept: Vec::new(),
            voided: 0,
        })
    }

    /// Brings the file into memory and verifies that it is there.
    ///
    /// # Errors
    /// Where it is not, or nobody can tell.
    pub fn make_ready(&mut self) -> Result<(), Trouble> {
        self.lineup.subject().make_ready()
    }

    /// After [`make_ready`](Self::make_ready), sizes the batches and runs until first uses are over.
    ///
    /// # Errors
    /// Where the file is not in memory, or an arm fails.
    pub fn warm_up(&mut self, clock: &impl Clock) -> Result<(), Trouble> {
        self.make_ready()?;
        self.lineup
            .warm_up(clock)
            .map_err(|failure| self.failed(failure))
    }

    /// Runs and keeps rounds for about `iterations` iterations of the engine, at least one round.
    /// Returns the engine's time for exactly that many, in nanoseconds.
    ///
    /// Rounds that waited for a device, and stretches after which pages are missing, are void and
    /// run again.
    ///
    /// # Errors
    /// Where an arm fails, the file changes, or its pages do not stay in memory; the cell is then
    /// void.
    pub fn run(&mut self, clock: &impl Clock, iterations: u64) -> Result<f64, Trouble> {
        let batch = self.lineup.batch_iterations()[ENGINE];
        let rounds = (iterations / batch).max(1);
        let mut attempts = 0;
        loop {
            let engine_ns = self.stretch(clock, rounds)?;
            if self.lineup.subject().is_warm()? {
                return Ok(engine_ns as f64 * (iterations as f64 / (rounds * batch) as f64));
            }
            self.void_last(rounds);
            attempts += 1;
            self.warm_again(attempts)?;
        }
    }

    /// Runs rounds until so many were kept; returns what the engine's batches took in them.
    fn stretch(&mut self, clock: &impl Clock, rounds: u64) -> Result<u64, Trouble> {
        let mut engine_ns = 0u64;
        let mut kept = 0;
        let mut attempts = 0;
        while kept < rounds {
            let round = self.lineup.round(clock);
            let round = round.map_err(|failure| self.failed(failure))?;
            if round.waited_for_device() {
                self.voided += 1;
                attempts += 1;
                self.warm_again(attempts)?;
                continue;
            }
            engine_ns = engine_ns.saturating_add(round.batches[ENGINE].elapsed_ns);
            self.kept.push(round);
            kept += 1;
        }
        Ok(engine_ns)
    }

    fn warm_again(&mut self, attempts: u32) -> Result<(), Trouble> {
        if attempts >= ATTEMPTS {
            return Err(Trouble::pages_left());
        }
        self.lineup.subject().warm()
    }

    fn void_last(&mut self, rounds: u64) {
        let rounds_kept = self.kept.len() as u64 - rounds;
        self.kept
            .truncate(usize::try_from(rounds_kept).unwrap_or(usize::MAX));
        self.voided += rounds;
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

    fn failed(&self, failure: Failure) -> Trouble {
        Trouble::Failed(match failure.arm {
            BASELINE => format!("the baseline: {}", failure.reason),
            _ => failure.reason,
        })
    }
}
