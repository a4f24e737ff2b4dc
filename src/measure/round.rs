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
/// when the clock has stopped; the room for them is made before it starts. The batch takes
/// `slower_percent` longer than its work does, which is 0 but where a slow-down is planted.
///
/// # Errors
/// What an iteration answered; the batch is then void.
pub(super) fn time_batch(
    clock: &impl Clock,
    iterations: u64,
    answers: &mut Vec<Answer>,
    slower_percent: u64,
    mut iteration: impl FnMut() -> io::Result<Answer>,
) -> io::Result<Batch> {
    answers.clear();
    answers.reserve(usize::try_from(iterations).unwrap_or(0));
    let usage_before = clock.usage();
    let start_ns = clock.now_ns();
    for _ in 0..iterations {
        answers.push(black_box(iteration()?));
    }
    let worked_ns = clock.now_ns() - start_ns;
    let elapsed_ns = prolonged(clock, start_ns, worked_ns, slower_percent);
    let usage = clock.usage();
    Ok(Batch {
        iterations,
        elapsed_ns,
        usage: usage
            .zip(usage_before)
            .map(|(after, before)| (after - before).within(elapsed_ns)),
    })
}

/// Waits without rest until what began at `start_ns` and took `worked_ns` took `percent` longer, and tells
/// how long that was: a slow-down whose size is known exactly, whatever the work is, and that leaves
/// memory and caches as they are.
fn prolonged(clock: &impl Clock, start_ns: u64, worked_ns: u64, percent: u64) -> u64 {
    let wanted_ns = worked_ns.saturating_add(worked_ns.saturating_mul(percent) / 100);
    let mut elapsed_ns = worked_ns;
    while elapsed_ns < wanted_ns {
        std::hint::spin_loop();
        elapsed_ns = clock.now_ns() - start_ns;
    }
    elapsed_ns
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::clock::Scripted;
    use super::*;
    use crate::sys::Usage;

    /// A clock on which a reading takes a nanosecond, and work as long as it says.
    #[derive(Default)]
    struct Ticking(Cell<u64>);

    impl Ticking {
        fn work(&self, ns: u64) {
            self.0.set(self.0.get() + ns);
        }
    }

    impl Clock for Ticking {
        fn now_ns(&self) -> u64 {
            self.0.replace(self.0.get() + 1)
        }

        fn usage(&self) -> Option<Usage> {
            None
        }
    }

    #[test]
    fn a_planted_slow_down_is_exact_whatever_the_work_takes() {
        for percent in [0, 1, 2, 5, 10] {
            for work_ns in [30_000, 100_000, 5_000_000] {
                let clock = Ticking::default();
                let batch = time_batch(&clock, 4, &mut Vec::new(), percent, || {
                    clock.work(work_ns);
                    Ok(Answer::Count(1))
                });
                let factor = batch.unwrap().ns_per_iteration() / work_ns as f64;
                let expected = 1.0 + percent as f64 / 100.0;
                assert!((factor - expected).abs() < 2e-5, "{percent} %: {factor}");
            }
        }
    }

    #[test]
    fn a_batch_is_what_the_clock_says() {
        let clock = Scripted::new(vec![900]);
        let mut answers = Vec::new();
        let batch = time_batch(&clock, 3, &mut answers, 0, || Ok(Answer::Count(4))).unwrap();
        assert_eq!(batch.elapsed_ns, 900);
        assert_eq!(batch.ns_per_iteration(), 300.0);
        assert_eq!(batch.usage.unwrap().minor_faults, 2);
        assert_eq!(answers, [Answer::Count(4); 3]);
    }

    #[test]
    fn a_failed_iteration_voids_the_batch() {
        let clock = Scripted::new(vec![900]);
        let failing = || Err(io::ErrorKind::UnexpectedEof.into());
        assert!(time_batch(&clock, 3, &mut Vec::new(), 0, failing).is_err());
    }
}
