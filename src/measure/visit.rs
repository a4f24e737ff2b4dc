//! A visit to a contest: some rounds of all its arms, in a new worker or in a new one for each batch.

use std::time::{Duration, Instant};

use super::employed::Errand;
use super::fresh::Fresh;
use super::hands::{Hands, Rivals};
use super::kept::Kept;
use super::lineup::{Conditions, Failure};
use super::plausible::plausible;
use super::protocol::{Job, SlowDown, Stretch, StretchOrder};
use super::round::Round;
use super::stage::Stage;
use super::trouble::Trouble;
use super::weight::{Weighed, Weight};
use crate::engine::Engine;
use crate::plan::{Cache, Process};

/// Iterations of each arm that a first steady visit runs at least: to find the length of a batch, to
/// get over first uses, and for two rounds; twice that where each settles.
const ITERATIONS_AT_LEAST: usize = 16;

/// What a visit is to do.
#[derive(Clone, Copy)]
pub struct Visit<'v> {
    /// The arms.
    pub engines: &'v [&'static dyn Engine],
    /// The arms of another build, whose batches stand behind those of `engines` in each round.
    pub rivals: Option<Rivals<'v>>,
    /// What ran in the process before.
    pub process: Process,
    /// How batches are run.
    pub conditions: Conditions,
    /// Draws the order within each round.
    pub seed: u64,
    /// How long it may take.
    pub time: Duration,
    /// How long one iteration may take; the first visit needs several of each arm, whatever its time.
    pub slowest: Duration,
    /// A slow-down to plant in an arm of a steady visit.
    pub slow_down: Option<SlowDown>,
}

impl Visit<'_> {
    /// Runs rounds, each with one batch of every arm. `batch_iterations` holds the lengths of the
    /// batches of earlier visits, one for each arm; where it is empty, they are found and left there.
    ///
    /// # Errors
    /// What went wrong, and with which arm.
    pub fn run(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        batch_iterations: &mut Vec<u64>,
    ) -> Result<Kept, Failure> {
        match self.process {
            Process::Steady => match self.rivals {
                None => hands.twice(|| self.steady(stage, hands, batch_iterations)),
                Some(rivals) => {
                    hands.twice(|| self.in_turns(stage, hands, rivals, batch_iterations))
                }
            },
            Process::Fresh => {
                let (engines, conditions) = (self.engines, self.conditions);
                let mut fresh = Fresh::new(stage, engines, conditions, hands, self.seed)?;
                if let Some(rivals) = self.rivals {
                    fresh = fresh.with_rivals(rivals)?;
                }
                let run = fresh.run_for(self.time);
                match run {
                    // Rounds that are complete stand when somebody interrupts.
                    Err(failure) if !failure.is_interrupt() || fresh.kept().rounds.is_empty() => {
                        Err(failure)
                    }
                    _ => Ok(fresh.finish()),
                }
            }
        }
    }

    pub(super) fn steady(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        batch_iterations: &mut Vec<u64>,
    ) -> Result<Kept, Failure> {
        let order = self.order(stage, hands, self.engines, batch_iterations)?;
        let arms = self.engines.len();
        let begin = Instant::now();
        let stretch = hands.ask(&order, self.time.saturating_add(self.preparing()));
        let stretch = stretch.map_err(|failure| failure.among(arms))?;
        let stretch = checked(stretch, arms, begin.elapsed())?;
        *batch_iterations = stretch.batch_iterations;
        Ok(Kept {
            rounds: stretch.rounds,
            voided: stretch.voided,
        })
    }

    /// The order for a worker of `hands` with these arms.
    pub(super) fn order(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        engines: &[&'static dyn Engine],
        batch_iterations: &[u64],
    ) -> Result<Errand, Trouble> {
        let names = engines.iter().map(|engine| engine.name().to_owned());
        let job = Job::Stretch(Box::new(StretchOrder {
            engines: names.collect(),
            expected: stage.expected().clone(),
            conditions: self.conditions,
            seed: self.seed,
            batch_iterations: batch_iterations.to_vec(),
            time_ns: u64::try_from(self.time.as_nanos()).unwrap_or(u64::MAX),
            in_turns: self.rivals.is_some(),
            slow_down: self.slow_down,
        }));
        hands.order(stage, job)
    }

    /// How long a steady worker may take before its first round.
    pub(super) fn preparing(&self) -> Duration {
        let iterations = self.engines.len().saturating_mul(ITERATIONS_AT_LEAST);
        let iterations = u32::try_from(iterations).unwrap_or(u32::MAX);
        self.slowest.saturating_mul(iterations)
    }
}

/// A stretch of rounds with so many arms each, which a worker of so many `arms` told of that had no more
/// than this `time`.
pub(super) fn checked(stretch: Stretch, arms: usize, time: Duration) -> Result<Stretch, Failure> {
    let lengths = &stretch.batch_iterations;
    let fits = |round: &Round| {
        let iterations = round.batches.iter().map(|batch| &batch.iterations);
        let mut places = round.positions.clone();
        places.sort_unstable();
        iterations.eq(lengths) && places.into_iter().eq(0..arms)
    };
    let known = lengths.len() == arms && !lengths.contains(&0);
    if !known || !stretch.rounds.iter().all(fits) {
        let told = "the worker told of other arms or batches than it was asked for";
        return Err(Failure::nobodys(told));
    }
    let batches = stretch.rounds.iter().flat_map(|round| &round.batches);
    plausible(batches.map(|batch| batch.elapsed_ns), time)?;
    Ok(stretch)
}

/// Has one iteration of `engine` run in a new process, to see what it holds and fetches; `None`
/// where the system does not tell.
///
/// # Errors
/// What went wrong.
pub fn weigh(
    engine: &dyn Engine,
    stage: &mut Stage<'_>,
    hands: &Hands,
) -> Result<Option<Weight>, Failure> {
    let job = Job::Weighing {
        engine: engine.name().to_owned(),
    };
    let order = hands.order(stage, job)?;
    let weighed: Weighed = hands.twice(|| {
        stage.before_batch(Cache::Warm)?;
        hands.ask(&order, Duration::ZERO)
    })?;
    let (weight, answer) = weighed.parts();
    stage.check(&[answer])?;
    Ok(weight)
}
