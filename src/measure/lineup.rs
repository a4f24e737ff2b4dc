//! The arms of a contest on their file: warmed up, then run in rounds.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::arm::{Arm, Subject};
use super::clock::Clock;
use super::round::{Batch, Round, SHORTEST_BATCH};

/// Rounds are thrown away for this long, in nanoseconds, before any is kept.
const WARM_UP_NS: u64 = 20_000_000;

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

    /// Lengthens the batch until it takes long enough, from the second iteration on: the first pays
    /// for first uses.
    fn size_batch(&mut self, clock: &impl Clock, arm: usize) -> Result<(), Failure> {
        const MOST: u64 = 1 << 14;
        self.batch(clock, arm)?;
        loop {
            let quickest = self
                .batch(clock, arm)?
                .elapsed_ns
                .min(self.batch(clock, arm)?.elapsed_ns);
            let iterations = self.batch_iterations[arm];
            if quickest >= SHORTEST_BATCH || iterations >= MOST {
                return Ok(());
            }
            let needed = (SHORTEST_BATCH * iterations).div_ceil(quickest.max(1));
            let more = needed.clamp(iterations + 1, (8 * iterations).min(MOST));
            if more > self.subject.longest_batch() {
                return Ok(());
            }
            self.batch_iterations[arm] = more;
        }
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
