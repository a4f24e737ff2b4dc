//! The arms of a contest on their file: warmed up, then run in rounds.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::arm::{Arm, Subject};
use super::clock::Clock;
use super::round::{Batch, Round, SHORTEST_BATCH};

/// Rounds are thrown away for this long, in nanoseconds, before any is kept.
const WARM_UP_NS: u64 = 20_000_000;

/// A batch is never longer than this many iterations.
const MOST_ITERATIONS: u64 = 1 << 14;

/// Iterations of this length, in nanoseconds, meet none, one or two ticks of a timer of 100 to
/// 1,000 Hz.
const TICK_SHOWS: std::ops::Range<u64> = 600_000..8_000_000;

/// Batches of such iterations take at least this long, in nanoseconds: three ticks of 250 Hz.
const TICKS_SPAN: u64 = 12_000_000;

/// Why an arm could not go on. Its cell fails with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which arm, counted as it was handed over.
    pub arm: usize,
    /// What happened, in words.
    pub reason: String,
}

/// Arms that are measured against each other.
pub struct Lineup<'s, 'f> {
    subject: &'s mut Subject<'f>,
    arms: Vec<Arm>,
    batch_iterations: Vec<u64>,
    order: Vec<usize>,
    draw: Xoshiro256PlusPlus,
}

impl<'s, 'f> Lineup<'s, 'f> {
    /// Lines up `arms` on `subject`. `seed` draws the order within each round.
    #[must_use]
    pub fn new(subject: &'s mut Subject<'f>, arms: Vec<Arm>, seed: u64) -> Self {
        Self {
            batch_iterations: vec![1; arms.len()],
            order: (0..arms.len()).collect(),
            subject,
            arms,
            draw: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// The file of the contest.
    pub(super) fn subject(&mut self) -> &mut Subject<'f> {
        self.subject
    }

    /// Iterations in a batch of each arm.
    #[must_use]
    pub fn batch_iterations(&self) -> &[u64] {
        &self.batch_iterations
    }

    /// Finds for each arm the shortest batch that the clock can time well, then runs rounds until
    /// first uses are over. Nothing of it is kept.
    ///
    /// # Errors
    /// The first arm that failed.
    pub fn warm_up(&mut self, clock: &impl Clock) -> Result<(), Failure> {
        for arm in 0..self.arms.len() {
            self.size_batch(clock, arm)?;
        }
        let mut spent_ns = 0;
        while spent_ns < WARM_UP_NS {
            let round = self.round(clock)?;
            let took: u64 = round.batches.iter().map(|batch| batch.elapsed_ns).sum();
            spent_ns += took.max(WARM_UP_NS / 10_000); // a clock that stands still ends it too
        }
        Ok(())
    }

    /// Lengthens the batch until the clock can time it, from the second iteration on (the first pays
    /// for first uses); then, if the timer's tick would show in it, until it spans several.
    fn size_batch(&mut self, clock: &impl Clock, arm: usize) -> Result<(), Failure> {
        self.batch(clock, arm)?;
        loop {
            let quickest_ns = self.quickest_of_two(clock, arm)?;
            let iterations = self.batch_iterations[arm];
            let wanted = wanted_iterations(iterations, quickest_ns);
            if wanted <= iterations || wanted > self.subject.longest_batch() {
                return Ok(());
            }
            self.batch_iterations[arm] = wanted;
        }
    }

    fn quickest_of_two(&mut self, clock: &impl Clock, arm: usize) -> Result<u64, Failure> {
        let one = self.batch(clock, arm)?.elapsed_ns;
        let two = self.batch(clock, arm)?.elapsed_ns;
        Ok(one.min(two))
    }

    /// One batch of each arm, in an order drawn anew.
    ///
    /// # Errors
    /// The first arm that failed; the round is then void.
    pub fn round(&mut self, clock: &impl Clock) -> Result<Round, Failure> {
        self.order.shuffle(&mut self.draw);
        let mut batches: Vec<Option<Batch>> = vec![None; self.arms.len()];
        let mut positions = vec![0; self.arms.len()];
        for position in 0..self.order.len() {
            let arm = self.order[position];
            batches[arm] = Some(self.batch(clock, arm)?);
            positions[arm] = position;
        }
        Ok(Round {
            batches: batches.into_iter().flatten().collect(),
            positions,
        })
    }

    fn batch(&mut self, clock: &impl Clock, arm: usize) -> Result<Batch, Failure> {
        self.arms[arm]
            .batch(self.subject, clock, self.batch_iterations[arm])
            .map_err(|reason| Failure { arm, reason })
    }
}

/// How many iterations a batch should have, where `iterations` of them took `elapsed_ns`.
///
/// As few as [`SHORTEST_BATCH`] allows, unless a single one takes about as long as the timer's
/// ticks lie apart: whether none, one or two of them fall into a batch would then split its times
/// into as many heaps, and a median between heaps is badly known. Quicker batches meet a tick now
/// and then, which a median ignores; longer ones meet the same number each time, nearly.
fn wanted_iterations(iterations: u64, elapsed_ns: u64) -> u64 {
    let span = if elapsed_ns < SHORTEST_BATCH {
        SHORTEST_BATCH
    } else if TICK_SHOWS.contains(&(elapsed_ns / iterations)) {
        TICKS_SPAN
    } else {
        return iterations;
    };
    let needed = (span * iterations).div_ceil(elapsed_ns.max(1));
    needed.clamp(iterations, (8 * iterations).min(MOST_ITERATIONS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_short_as_clock_and_tick_allow() {
        assert_eq!(wanted_iterations(1, 60_000), 1);
        assert_eq!(wanted_iterations(1, 25_000), 2);
        assert_eq!(wanted_iterations(1, 100), 8); // step by step: the first may have been slow
        assert_eq!(wanted_iterations(8, 800), 64);
        assert_eq!(wanted_iterations(1, 0), 8);
        assert_eq!(wanted_iterations(MOST_ITERATIONS, 1), MOST_ITERATIONS);
        assert_eq!(wanted_iterations(1, 2_000_000), 6);
        assert_eq!(wanted_iterations(6, 12_000_000), 6);
        assert_eq!(wanted_iterations(1, 20_000_000), 1);
    }
}
