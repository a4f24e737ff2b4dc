//! A steady visit of two builds, whose workers take turns in every round.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::employed::InTurns;
use super::hands::{Hands, Rivals};
use super::kept::Kept;
use super::lineup::Failure;
use super::protocol::Stretch;
use super::round::Round;
use super::stage::Stage;
use super::visit::{Visit, checked};
use crate::engine::Engine;

/// The fewest rounds of a visit whose rounds take turns.
const FEWEST_TURNS: usize = 2;

/// The two builds, where they take turns.
const OWN: usize = 0;
const THEIRS: usize = 1;

impl Visit<'_> {
    /// Two workers, one of each build, of which one waits while the other does its half of a round.
    ///
    /// They take strict turns, and which begins is drawn once: the first arm of a half meets what the
    /// other build left, and would not where a build went twice in a row. Both draw the order of their
    /// arms from one seed, so that it is the same arm in both halves, and their batches are equally
    /// long.
    pub(super) fn in_turns(
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
                OWN => failure.among(arms[OWN]),
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
        let mut rounds = 0;
        while rounds < FEWEST_TURNS || begin.elapsed() < self.time {
            for (build, worker) in &mut workers {
                worker.turn();
                worker.wait(time).map_err(blamed(*build))?;
            }
            rounds += 1;
        }
        workers.sort_by_key(|(build, _)| *build);
        let mut halves = Vec::with_capacity(workers.len());
        for (build, worker) in workers {
            let stretch = worker.finish(time);
            let arms = teams[build].1.len();
            let stretch = stretch.and_then(|told| checked(told, arms, begin.elapsed()));
            let stretch = stretch.and_then(|told| of_length(told, rounds));
            halves.push(stretch.map_err(blamed(build))?);
        }
        Ok(joined(halves, builds[0] == OWN))
    }

    /// Of the lengths of this build's batches, those for the same arms of another's: of two arms of
    /// one engine, the first's for the first.
    fn lengths_for(&self, engines: &[&'static dyn Engine], lengths: &[u64]) -> Vec<u64> {
        let own = self.engines.iter().zip(lengths);
        let mut left: Vec<(&str, u64)> = own.map(|(own, length)| (own.name(), *length)).collect();
        let mut of = |engine: &&'static dyn Engine| {
            let place = left.iter().position(|(name, _)| *name == engine.name())?;
            Some(left.remove(place).1)
        };
        engines
            .iter()
            .map(|engine| of(engine).unwrap_or(1))
            .collect()
    }
}

/// A stretch of so many rounds.
fn of_length(stretch: Stretch, rounds: usize) -> Result<Stretch, Failure> {
    if stretch.rounds.len() == rounds {
        return Ok(stretch);
    }
    let told = format!(
        "the worker told of {} rounds and had {rounds} turns",
        stretch.rounds.len()
    );
    Err(Failure::nobodys(told))
}

/// The rounds of both builds, of which there are as many, this one's halves first in each.
fn joined(halves: Vec<Stretch>, own_first: bool) -> Kept {
    let voided = halves.iter().map(|half| half.voided);
    let voided = voided.fold(0, u64::saturating_add);
    let mut halves = halves.into_iter().map(|half| half.rounds);
    let own = halves.next().unwrap_or_default();
    let theirs = halves.next().unwrap_or_default();
    let rounds = own.into_iter().zip(theirs);
    Kept {
        rounds: rounds
            .map(|(own, theirs)| whole(own, theirs, own_first))
            .collect(),
        voided,
    }
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

#[cfg(test)]
mod tests {
    use super::super::trouble::Trouble;
    use super::*;
    use crate::measure::{Batch, Conditions};

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
    fn of_two_arms_of_one_engine_each_has_its_own_length() {
        let of = |names: &[&str]| -> Vec<&'static dyn Engine> {
            let found = names.iter().map(|name| crate::engine::find(name).unwrap());
            found.collect()
        };
        let own = of(&["read", "read", "mmap", "pread"]);
        let visit = Visit {
            engines: &own,
            rivals: None,
            process: crate::plan::Process::Steady,
            conditions: Conditions::default(),
            seed: 1,
            time: Duration::ZERO,
            slowest: Duration::ZERO,
            slow_down: None,
        };
        let lengths = |names| visit.lengths_for(&of(names), &[2, 1, 5, 7]);
        assert_eq!(lengths(&["read", "read", "mmap", "pread"]), [2, 1, 5, 7]);
        assert_eq!(lengths(&["read", "read", "pread"]), [2, 1, 7]);
        assert_eq!(lengths(&["mmap"]), [5]);
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
