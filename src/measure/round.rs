//! The only timed region of the project.

use std::hint::black_box;
use std::io;

use serde::{Deserialize, Serialize};

use super::clock::Clock;
use crate::sys::Usage;
use crate::workload::Answer;

/// Batches shorter than this, in nanoseconds, get more iterations: the clock's own cost and steps
/// would show in them. Longer ones are never joined, because short batches give narrow intervals.
pub const SHORTEST_BATCH: u64 = 50_000;

/// Consecutive iterations of one arm, timed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// How many.
    pub iterations: u64,
    /// How long they took together, in nanoseconds.
    pub elapsed_ns: u64,
    /// What the kernel charged for them; `None` where it does not tell.
    pub usage: Option<Usage>,
}

impl Batch {
    /// Nanoseconds for one iteration.
    #[must_use]
    pub fn ns_per_iteration(&self) -> f64 {
        self.elapsed_ns as f64 / self.iterations.max(1) as f64
    }
}

/// One batch of each arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The batches, in the order of the arms.
    pub batches: Vec<Batch>,
    /// For each arm, its place in the order in which the batches ran.
    pub positions: Vec<usize>,
}

impl Round {
    /// Whether an arm had to fetch bytes from a device, so that the file was not warm.
    #[must_use]
    pub fn waited_for_device(&self) -> bool {
        let usages = self.batches.iter().filter_map(|batch| batch.usage);
        usages
            .into_iter()
            .any(|usage| usage.blocks_in > 0 || usage.major_faults > 0)
    }
}

/// Runs and times a batch. What it found out goes into `answers`, to be checked by the caller
/// when the clock has stopped; the room for them is made before it starts.
///
/// # Errors
/// What an iteration answered; the batch is then void.
pub(super) fn time_batch(
    clock: &impl Clock,
    iterations: u64,
    answers: &mut Vec<Answer>,
    mut iteration: impl FnMut() -> io::Result<Answer>,
) -> io::Result<Batch> {
    answers.clear();
    answers.reserve(usize::try_from(iterations).unwrap_or(0));
    let usage_before = clock.usage();
    let start_ns = clock.now_ns();
    for _ in 0..iterations {
        answers.push(black_box(iteration()?));
    }
    let elapsed_ns = clock.now_ns() - start_ns;
    let usage = clock.usage();
    Ok(Batch {
        iterations,
        elapsed_ns,
        usage: usage
            .zip(usage_before)
            .map(|(after, before)| after - before),
    })
}

#[cfg(test)]
mod tests {
    use super::super::clock::Scripted;
    use super::*;

    #[test]
    fn a_batch_is_what_the_clock_says() {
        let clock = Scripted::new(vec![900]);
        let mut answers = Vec::new();
        let batch = time_batch(&clock, 3, &mut answers, || Ok(Answer::Count(4))).unwrap();
        assert_eq!(batch.elapsed_ns, 900);
        assert_eq!(batch.ns_per_iteration(), 300.0);
        assert_eq!(batch.usage.unwrap().minor_faults, 2);
        assert_eq!(answers, [Answer::Count(4); 3]);
    }

    #[test]
    fn a_failed_iteration_voids_the_batch() {
        let clock = Scripted::new(vec![900]);
        let failing = || Err(io::ErrorKind::UnexpectedEof.into());
        assert!(time_batch(&clock, 3, &mut Vec::new(), failing).is_err());
    }
}
