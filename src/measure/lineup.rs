//! The arms of a contest on their file: warmed up, then run in rounds.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::arm::{Arm, Subject};
use super::clock::Clock;
use super::round::{Batch, Round, SHORTEST_BATCH};
use super::stage::Stage;
use super::trouble::Trouble;
use crate::plan::{Cache, Scope};

/// Iterations are thrown away for this long, in nanoseconds, before any is kept.
const WARM_UP_NS: u64 = 5_000_000;

/// And at least so many of each arm: an allocator may map the first buffer, place the second in its
/// heap, and only then hand out the third as it is.
const WARM_UP_ROUNDS: u64 = 3;

/// But not for longer than this, in nanoseconds, where a single iteration is that slow: there first
/// uses are a small part of it.
const WARM_UP_AT_MOST_NS: u64 = 20_000_000;

/// A batch is never longer than this many iterations.
const MOST_ITERATIONS: u64 = 1 << 14;

/// Why an arm could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which arm, counted as it was handed over; `None` where no arm was to blame.
    pub arm: Option<usize>,
    /// What happened.
    pub trouble: Trouble,
}

impl From<Trouble> for Failure {
    /// Trouble of which no arm is to blame.
    fn from(trouble: Trouble) -> Self {
        Self { arm: None, trouble }
    }
}

impl Failure {
    /// What went wrong in words, of which no arm is to blame.
    pub(super) fn nobodys(reason: impl Into<String>) -> Self {
        Self::from(Trouble::Failed(reason.into()))
    }

    /// A worker ended without an answer, or could not be started, at no arm that is known.
    pub(super) fn death(reason: impl Into<String>) -> Self {
        Self::from(Trouble::Died(reason.into()))
    }

    /// The same of a worker that was told of so many arms: of one that it made up nobody is to blame.
    pub(super) fn among(self, arms: usize) -> Self {
        Self {
            arm: self.arm.filter(|arm| *arm < arms),
            ..self
        }
    }

    /// The failure of another build's worker, whose `theirs` arms stand behind `own` others. Where
    /// none of them is to blame, the arm behind the last stands for that worker as a whole; but for
    /// the state of the file nobody is to blame.
    pub(super) fn of_rivals(self, own: usize, theirs: usize) -> Self {
        let whole = match self.trouble {
            Trouble::Unverified(_) | Trouble::Skipped(_) => None,
            _ => Some(own + theirs),
        };
        Self {
            arm: self.arm.map(|arm| own + arm.min(theirs)).or(whole),
            trouble: self.trouble,
        }
    }

    /// Whether a worker ended without an answer, which chance may have brought about.
    pub(super) fn is_death(&self) -> bool {
        matches!(self.trouble, Trouble::Died(_))
    }

    /// Whether nothing went wrong but somebody wanted the run to end.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        matches!(self.trouble, Trouble::Skipped(_))
    }
}

/// How batches are run, for all arms alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// Where the file is when a batch begins; cold ones are of one iteration.
    pub cache: Cache,
    /// What an iteration pays for.
    pub scope: Scope,
    /// Whether an untimed iteration goes before each batch, so that it meets the processor's caches
    /// as the engine itself leaves them, not as its rival did.
    pub settle: bool,
}

impl Default for Conditions {
    /// Warm, opening and closing in each iteration.
    fn default() -> Self {
        Self {
            cache: Cache::Warm,
            scope: Scope::PerCall,
            settle: false,
        }
    }
}

/// Arms that are measured against each other.
pub struct Lineup<'s, 'f, 'r> {
    subject: &'s mut Subject<'f>,
    conditions: Conditions,
    arms: Vec<Arm<'r>>,
    /// Told which arm is about to run, for those who will find this process dead.
    on_arm: fn(usize),
    batch_iterations: Vec<u64>,
    order: Vec<usize>,
    draw: Xoshiro256PlusPlus,
}

impl<'s, 'f, 'r> Lineup<'s, 'f, 'r> {
    /// Lines up `arms` on `subject`. `seed` draws the order within each round.
    #[must_use]
    pub fn new(
        subject: &'s mut Subject<'f>,
        arms: Vec<Arm<'r>>,
        conditions: Conditions,
        seed: u64,
    ) -> Self {
        Self {
            batch_iterations: vec![1; arms.len()],
            order: (0..arms.len()).collect(),
            subject,
            conditions,
            arms,
            on_arm: |_| {},
            draw: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// Has `on_arm` told which arm is about to run.
    pub(super) fn tell_arms(&mut self, on_arm: fn(usize)) {
        self.on_arm = on_arm;
    }

    /// The file of the contest.
    pub(super) fn stage(&mut self) -> &mut Stage<'f> {
        self.subject.stage()
    }

    /// How batches are run.
    pub(super) fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Iterations in a batch of each arm.
    #[must_use]
    pub fn batch_iterations(&self) -> &[u64] {
        &self.batch_iterations
    }

    /// Takes over batches that were sized before, one length for each arm.
    pub(super) fn set_batch_iterations(&mut self, iterations: &[u64]) {
        for (own, told) in self.batch_iterations.iter_mut().zip(iterations) {
            *own = (*told).clamp(1, MOST_ITERATIONS);
        }
    }

    /// Finds for each arm the shortest batch that the clock can time well.
    ///
    /// # Errors
    /// The first arm that failed.
    pub fn size_batches(&mut self, clock: &impl Clock) -> Result<(), Failure> {
        (0..self.arms.len()).try_for_each(|arm| self.size_batch(clock, arm))
    }

    /// Runs rounds of single iterations until first uses are over. Nothing of it is kept, nor of the
    /// orders that were drawn: those of the rounds that follow depend on the seed alone.
    ///
    /// # Errors
    /// The first arm that failed.
    pub fn warm_up(&mut self, clock: &impl Clock) -> Result<(), Failure> {
        let sized = std::mem::replace(&mut self.batch_iterations, vec![1; self.arms.len()]);
        let (draw, order) = (self.draw.clone(), self.order.clone());
        let warmed = self.run_warm(clock);
        self.batch_iterations = sized;
        (self.draw, self.order) = (draw, order);
        warmed
    }

    fn run_warm(&mut self, clock: &impl Clock) -> Result<(), Failure> {
        let mut rounds = 0;
        let mut spent_ns = 0;
        while spent_ns < WARM_UP_NS || (rounds < WARM_UP_ROUNDS && spent_ns < WARM_UP_AT_MOST_NS) {
            let round = self.round(clock)?;
            let took: u64 = round.batches.iter().map(|batch| batch.elapsed_ns).sum();
            spent_ns += took.max(WARM_UP_NS / 10_000); // a clock that stands still ends it too
            rounds += 1;
        }
        Ok(())
    }

    /// Lengthens the batch until the clock can time it, from the second iteration on (the first pays
    /// for first uses).
    fn size_batch(&mut self, clock: &impl Clock, arm: usize) -> Result<(), Failure> {
        if self.longest_batch() == 1 {
            return Ok(());
        }
        self.batch(clock, arm)?;
        loop {
            let quickest_ns = self.quickest_of_two(clock, arm)?;
            let iterations = self.batch_iterations[arm];
            let wanted = wanted_iterations(iterations, quickest_ns);
            if wanted <= iterations || wanted > self.longest_batch() {
                return Ok(());
            }
            self.batch_iterations[arm] = wanted;
        }
    }

    fn longest_batch(&mut self) -> u64 {
        match self.conditions.cache {
            Cache::Warm => self.stage().longest_batch(),
            Cache::Cold => 1,
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
        (self.on_arm)(arm);
        let iterations = self.batch_iterations[arm];
        if self.conditions.settle {
            self.run_batch(clock, arm, 1)?;
        }
        self.run_batch(clock, arm, iterations)
    }

    /// Where the file cannot be brought into its state, no arm is to blame.
    fn run_batch(
        &mut self,
        clock: &impl Clock,
        arm: usize,
        iterations: u64,
    ) -> Result<Batch, Failure> {
        self.subject.stage().before_batch(self.conditions.cache)?;
        self.arms[arm]
            .batch(self.subject, clock, iterations)
            .map_err(|trouble| Failure {
                arm: Some(arm),
                trouble,
            })
    }
}

/// How many iterations a batch should have, where `iterations` of them took `elapsed_ns`: as few as
/// [`SHORTEST_BATCH`] allows. In longer ones an engine would warm the processor's caches for itself,
/// and there would be fewer rounds.
fn wanted_iterations(iterations: u64, elapsed_ns: u64) -> u64 {
    if elapsed_ns >= SHORTEST_BATCH {
        return iterations;
    }
    let needed = (SHORTEST_BATCH * iterations).div_ceil(elapsed_ns.max(1));
    needed.clamp(iterations, (8 * iterations).min(MOST_ITERATIONS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_short_as_the_clock_allows() {
        assert_eq!(wanted_iterations(1, 60_000), 1);
        assert_eq!(wanted_iterations(1, 25_000), 2);
        assert_eq!(wanted_iterations(1, 100), 8); // step by step: the first may have been slow
        assert_eq!(wanted_iterations(8, 800), 64);
        assert_eq!(wanted_iterations(1, 0), 8);
        assert_eq!(wanted_iterations(MOST_ITERATIONS, 1), MOST_ITERATIONS);
        assert_eq!(wanted_iterations(1, 2_000_000), 1);
        assert_eq!(wanted_iterations(1, 20_000_000), 1);
    }
}
