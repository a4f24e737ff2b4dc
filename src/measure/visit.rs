//! A visit to a contest: some rounds of all its arms, in a new worker or in a new one for each batch.

use std::time::Duration;

use super::fresh::Fresh;
use super::hands::Hands;
use super::lineup::{Conditions, Failure};
use super::pairing::Kept;
use super::protocol::{Elsewhere, Job, Stretch, StretchOrder};
use super::stage::Stage;
use super::weight::{Weighed, Weight};
use crate::engine::Engine;
use crate::fixture::Target;
use crate::plan::{Cache, Process};
use crate::workload::Answer;

/// What a visit is to do.
pub struct Visit<'v> {
    /// The arms.
    pub engines: &'v [&'static dyn Engine],
    /// What ran in the process before.
    pub process: Process,
    /// How batches are run.
    pub conditions: Conditions,
    /// Draws the order within each round.
    pub seed: u64,
    /// How long it may take.
    pub time: Duration,
    /// Which arm of a steady visit works on another file, and what it has to find out about it.
    pub elsewhere: Option<(usize, &'v Target, Answer)>,
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
            Process::Steady => self.steady(stage, hands, batch_iterations),
            Process::Fresh => {
                let (engines, conditions) = (self.engines, self.conditions);
                let mut fresh = Fresh::new(stage, engines, conditions, hands, self.seed)?;
                fresh.run_for(self.time)?;
                Ok(fresh.finish())
            }
        }
    }

    fn steady(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        batch_iterations: &mut Vec<u64>,
    ) -> Result<Kept, Failure> {
        let job = Job::Stretch(Box::new(StretchOrder {
            engines: self
                .engines
                .iter()
                .map(|engine| engine.name().to_owned())
                .collect(),
            expected: stage.expected().clone(),
            conditions: self.conditions,
            seed: self.seed,
            batch_iterations: batch_iterations.clone(),
            time_ns: u64::try_from(self.time.as_nanos()).unwrap_or(u64::MAX),
            elsewhere: self.elsewhere.map(|(arm, target, answer)| Elsewhere {
                arm,
                target: target.ticket(),
                answer,
            }),
        }));
        let order = hands.order(stage, job)?;
        let stretch: Stretch = hands.ask(&order, self.time)?;
        *batch_iterations = stretch.batch_iterations;
        Ok(Kept {
            rounds: stretch.rounds,
            voided: stretch.voided,
        })
    }
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
    stage.before_batch(Cache::Warm)?;
    let weighed: Weighed = hands.ask(&order, Duration::ZERO)?;
    let (weight, answer) = weighed.parts();
    stage.check(&[answer])?;
    Ok(weight)
}
