//! Times that were measured before, handed to criterion when it asks.
//!
//! Criterion measures one benchmark after the other, so that two of its times never share a minute, and
//! a machine that changes meanwhile shows as a difference between engines. So it does not measure here:
//! each of its samples is a run of consecutive rounds of the contest, and all samples together are all
//! rounds, each once.
//!
//! A sample is the median of its rounds and not their mean: the record tells medians, and the mean of a
//! few rounds follows the slowest of them.

use std::hint::spin_loop;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup};
use mapmark::measure::{ENGINE, Kept};
use mapmark::stats::{Sample, StatsError};

/// Criterion takes no fewer samples.
const FEWEST_SAMPLES: usize = 10;

/// After so long criterion's `--quick` has seen enough; in it there are two samples.
const QUICK: Duration = Duration::from_millis(20);
const QUICK_SAMPLES: usize = 2;

/// How criterion asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// So many samples.
    pub(crate) samples: usize,
    /// Whether somebody wants exactly as many.
    pub(crate) exactly: bool,
    /// Twice as many iterations each time, until it has seen enough.
    pub(crate) quick: bool,
}

/// What criterion has to be told before it asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    samples: usize,
    warm_up: Duration,
    measurement: Duration,
}

impl Plan {
    pub(crate) fn apply(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        group
            .sample_size(self.samples)
            .warm_up_time(self.warm_up)
            .measurement_time(self.measurement);
    }
}

/// The times of a cell's engine, until criterion has had them.
pub(crate) struct Replay {
    /// Of each sample, nanoseconds of an iteration.
    samples: Vec<f64>,
    /// Of all of them.
    typical_ns: f64,
    /// Iterations that there were for each sample, more or less.
    iterations: u64,
    quick: bool,
    asked: usize,
}

impl Replay {
    /// The times of the engine in the rounds of a cell.
    ///
    /// # Errors
    /// Where there are none.
    pub(crate) fn new(kept: &Kept, asked: Asked) -> Result<Self, StatsError> {
        let batches = || kept.rounds.iter().map(|round| &round.batches[ENGINE]);
        let ns: Vec<f64> = batches().map(|batch| batch.ns_per_iteration()).collect();
        // Of a single iteration for each sample criterion complains; fewer samples hold more.
        let samples = match asked {
            Asked { quick: true, .. } => QUICK_SAMPLES,
            Asked { exactly: true, .. } => asked.samples,
            _ => (ns.len() / 2).clamp(FEWEST_SAMPLES, asked.samples.max(FEWEST_SAMPLES)),
        };
        let samples = samples.min(ns.len()).max(1);
        let part = |number: usize| number * ns.len() / samples;
        let median =
            |number| Ok(Sample::new(ns[part(number)..part(number + 1)].to_vec())?.median());
        let iterations: u64 = batches().map(|batch| batch.iterations).sum();
        Ok(Self {
            samples: (0..samples)
                .map(median)
                .collect::<Result<_, StatsError>>()?,
            typical_ns: Sample::new(ns.clone())?.median(),
            iterations: (iterations / samples as u64).max(1),
            quick: asked.quick,
            asked: 0,
        })
    }

    /// What has criterion ask for as many samples as there are, of about as many iterations as there were.
    ///
    /// It makes its plan from what its warm-up took; so that is one iteration, and takes as long.
    pub(crate) fn plan(&self) -> Plan {
        let samples = self.samples.len();
        let all = self.typical_ns * self.iterations as f64 * samples as f64;
        Plan {
            samples: samples.max(FEWEST_SAMPLES),
            warm_up: nanoseconds(self.typical_ns),
            measurement: if self.quick { QUICK } else { nanoseconds(all) },
        }
    }

    /// Gives criterion what it asks for.
    pub(crate) fn answer(&mut self, bencher: &mut Bencher<'_, WallTime>) {
        let asked = self.asked;
        self.asked += 1;
        match (self.quick, asked) {
            // By then it has both samples, and asks no more.
            (true, 1) => pass(2 * QUICK),
            (true, _) => {}
            (false, 0) => return bencher.iter_custom(|_| self.warm_up()),
            (false, _) => {}
        }
        let number = if self.quick { asked } else { asked - 1 };
        let ns = self.samples[number % self.samples.len()];
        bencher.iter_custom(|iterations| nanoseconds(ns * iterations as f64));
    }

    fn warm_up(&self) -> Duration {
        let time = nanoseconds(self.typical_ns);
        pass(time);
        time
    }
}

/// Lets more than `time` pass.
fn pass(time: Duration) {
    let start = Instant::now();
    while start.elapsed() <= time {
        spin_loop();
    }
}

/// Never zero, which criterion takes for a mistake.
fn nanoseconds(ns: f64) -> Duration {
    Duration::from_nanos(ns.round().max(1.0) as u64)
}
