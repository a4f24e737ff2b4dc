//! A visit to a contest: some rounds of all its arms, in a new worker or in a new one for each batch.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::employed::InTurns;
use super::fresh::{Fresh, Rivals};
use super::hands::Hands;
use super::lineup::{Conditions, Failure};
use super::pairing::Kept;
use super::protocol::{Elsewhere, Job, Stretch, StretchOrder};
use super::round::Round;
use super::stage::Stage;
use super::trouble::Trouble;
use super::weight::{Weighed, Weight};
use crate::engine::Engine;
use crate::fixture::Target;
use crate::plan::{Cache, Process};
use crate::workload::Answer;

/// Iterations of each arm that a first steady visit runs at least: to find the length of a batch, to
/// get over first uses, and for two rounds; twice that where each settles.
const ITERATIONS_AT_LEAST: usize = 16;

/// The fewest rounds of a visit whose rounds take turns.
const FEWEST_TURNS: usize = 2;

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
            Process::Steady => match self.rivals {
                None => self.steady(stage, hands, batch_iterations),
                Some(rivals) => self.in_turns(stage, hands, rivals, batch_iterations),
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
                    Err(failure) if !failure.is_interrupt() || fresh.kept().is_empty() => {
                        Err(failure)
                    }
                    _ => Ok(fresh.finish()),
                }
            }
        }
    }

    fn steady(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        batch_iterations: &mut Vec<u64>,
    ) -> Result<Kept, Failure> {
        let order = self.order(stage, hands, self.engines, batch_iterations)?;
        let stretch: Stretch = hands.ask(&order, self.time.saturating_add(self.preparing()))?;
        let stretch = checked(stretch, self.engines.len())?;
        *batch_iterations = stretch.batch_iterations;
        Ok(Kept {
            rounds: stretch.rounds,
            voided: stretch.voided,
        })
    }

    /// The order for a worker of `hands` with these arms.
    fn order(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        engines: &[&'static dyn Engine],
        batch_iterations: &[u64],
    ) -> Result<String, Trouble> {
        let names = engines.iter().map(|engine| engine.name().to_owned());
        let job = Job::Stretch(Box::new(StretchOrder {
            engines: names.collect(),
            expected: stage.expected().clone(),
            conditions: self.conditions,
            seed: self.seed,
            batch_iterations: batch_iterations.to_vec(),
            time_ns: u64::try_from(self.time.as_nanos()).unwrap_or(u64::MAX),
            in_turns: self.rivals.is_some(),
            elsewhere: self.elsewhere.map(|(arm, target, answer)| Elsewhere {
                arm,
                target: target.ticket(),
                answer,
            }),
        }));
        hands.order(stage, job)
    }

    /// How long a steady worker may take before its first round.
    fn preparing(&self) -> Duration {
        let iterations = self.engines.len().saturating_mul(ITERATIONS_AT_LEAST);
        let iterations = u32::try_from(iterations).unwrap_or(u32::MAX);
        self.slowest.saturating_mul(iterations)
    }

    /// Two workers, one of each build, of which one waits while the other does its half of a round.
    /// Which of them goes first is drawn for each round. Both draw the order of their arms from one
    /// seed, so that no place in a round is one build's, and their batches are equally long.
    fn in_turns(
        &self,
        stage: &mut Stage<'_>,
        hands: &Hands,
        rivals: Rivals<'_>,
        batch_iterations: &mut Vec<u64>,
    ) -> Result<Kept, Failure> {
        let begin = Instant::now();
        if batch_iterations.is_empty() {
            let lengths = Self {
                rivals: None,
                time: Duration::ZERO,
                ..*self
            };
            lengths.steady(stage, hands, batch_iterations)?;
        }
        let their_iterations = self.lengths_for(rivals.engines, batch_iterations);
        let teams = [
            (hands, self.engines, batch_iterations.as_slice()),
            (rivals.hands, rivals.engines, &their_iterations),
        ];
        let blamed = |build: usize| {
            let arms = teams.map(|(_, engines, _)| engines.len());
            move |failure: Failure| match build {
                OWN => failure,
                _ => failure.of_rivals(arms[OWN], arms[THEIRS]),
            }
        };
        let mut draw = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut builds = [OWN, THEIRS];
        builds.shuffle(&mut draw);
        let time = self.preparing();
        let mut workers: Vec<(usize, InTurns)> = Vec::with_capacity(builds.len());
        // One after the other: they would disturb each other, and could find the file half changed.
        for build in builds {
            let (hands, engines, lengths) = teams[build];
            let order = self.order(stage, hands, engines, lengths)?;
            let mut worker = hands.begin(&order).map_err(blamed(build))?;
            worker.wait(time).map_err(blamed(build))?;
            workers.push((build, worker));
        }
        let mut first = Vec::new();
        while first.len() < FEWEST_TURNS || begin.elapsed() < self.time {
            workers.shuffle(&mut draw);
            first.push(workers[0].0);
            for (build, worker) in &mut workers {
                worker.turn();
                worker.wait(time).map_err(blamed(*build))?;
            }
        }
        workers.sort_by_key(|(build, _)| *build);
        let mut halves = Vec::with_capacity(workers.len());
        for (build, worker) in workers {
            let stretch = worker.finish(time);
            let stretch = stretch.and_then(|told: Stretch| checked(told, teams[build].1.len()));
            halves.push(stretch.map_err(blamed(build))?);
        }
        joined(halves, &first)
    }

    /// Of the lengths of this build's batches, those for the same engines of another's.
    fn lengths_for(&self, engines: &[&'static dyn Engine], lengths: &[u64]) -> Vec<u64> {
        let of = |engine: &&'static dyn Engine| {
            let mut own = self.engines.iter();
            let place = own.position(|own| own.name() == engine.name())?;
            lengths.get(place).copied()
        };
        engines
            .iter()
            .map(|engine| of(engine).unwrap_or(1))
            .collect()
    }
}

/// The two builds, where they take turns.
const OWN: usize = 0;
const THEIRS: usize = 1;

/// A stretch of rounds with so many arms each.
fn checked(stretch: Stretch, arms: usize) -> Result<Stretch, Failure> {
    let fits = |round: &Round| round.batches.len() == arms && round.positions.len() == arms;
    if stretch.batch_iterations.len() == arms && stretch.rounds.iter().all(fits) {
        return Ok(stretch);
    }
    let told = "the worker told of other arms than it was asked for";
    Err(Failure::from(Trouble::Failed(told.to_owned())))
}

/// The rounds of both builds, this one's first; `first` tells which of them began each.
fn joined(halves: Vec<Stretch>, first: &[usize]) -> Result<Kept, Failure> {
    if halves.iter().any(|half| half.rounds.len() != first.len()) {
        let told = "a worker told of more rounds than it had turns, or of fewer";
        return Err(Failure::from(Trouble::Failed(told.to_owned())));
    }
    let voided = halves.iter().map(|half| half.voided);
    let voided = voided.fold(0, u64::saturating_add);
    let mut halves = halves.into_iter().map(|half| half.rounds);
    let own = halves.next().unwrap_or_default();
    let theirs = halves.next().unwrap_or_default();
    let rounds = own.into_iter().zip(theirs).zip(first);
    Ok(Kept {
        rounds: rounds
            .map(|((own, theirs), first)| whole(own, theirs, *first == OWN))
            .collect(),
        voided,
    })
}

/// One round of two halves; `own_first` tells which of them ran first.
fn whole(mut own: Round, mut theirs: Round, own_first: bool) -> Round {
    let (own_arms, their_arms) = (own.positions.len(), theirs.positions.len());
    if own_first {
        theirs.positions.iter_mut().for_each(|at| *at += own_arms);
    } else {
        own.positions.iter_mut().for_each(|at| *at += their_arms);
    }
    own.batches.append(&mut theirs.batches);
    own.positions.append(&mut theirs.positions);
    own
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Batch;

    fn half(times: &[u64], positions: &[usize]) -> Round {
        let batch = |elapsed_ns: &u64| Batch {
            iterations: 1,
            elapsed_ns: *elapsed_ns,
            usage: None,
        };
        Round {
            batches: times.iter().map(batch).collect(),
            positions: positions.to_vec(),
        }
    }

    #[test]
    fn a_round_of_two_halves_has_the_other_builds_arms_behind() {
        let halves = || (half(&[1, 2, 3], &[2, 0, 1]), half(&[4, 5], &[1, 0]));
        let times = |round: &Round| -> Vec<u64> {
            round.batches.iter().map(|batch| batch.elapsed_ns).collect()
        };
        let (own, theirs) = halves();
        let first = whole(own, theirs, true);
        assert_eq!(times(&first), [1, 2, 3, 4, 5]);
        assert_eq!(first.positions, [2, 0, 1, 4, 3]);
        let (own, theirs) = halves();
        let second = whole(own, theirs, false);
        assert_eq!(times(&second), [1, 2, 3, 4, 5]);
        assert_eq!(second.positions, [4, 2, 3, 1, 0]);
    }

    #[test]
    fn a_rivals_failure_is_at_its_arm_or_at_the_place_behind_the_last() {
        let failure = |arm, trouble: Trouble| Failure { arm, trouble }.of_rivals(4, 3).arm;
        let failed = || Trouble::Failed("dead".to_owned());
        assert_eq!(failure(Some(1), failed()), Some(5));
        assert_eq!(failure(Some(200), failed()), Some(7));
        assert_eq!(failure(None, failed()), Some(7));
        assert_eq!(
            failure(None, Trouble::Skipped("interrupted".to_owned())),
            None
        );
        assert_eq!(failure(None, Trouble::pages_left()), None);
    }
}
