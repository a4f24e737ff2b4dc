//! The experiments of the simulations: what is drawn, what is true, and what the method claims for it.

use std::ops::RangeInclusive;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::noise::*;
use super::*;

/// A kind of noise and the numbers of rounds it is tried with.
pub(super) struct Kind {
    pub(super) name: &'static str,
    noise: Noise,
    /// The standard deviation of what the rounds of a replicate share, on the log scale.
    effect: f64,
    /// The true median, as a logarithm.
    truth: f64,
    /// The coverage that is claimed.
    pub(super) claim: RangeInclusive<f64>,
    /// Whether the interval speaks for the next run: not where one round in twenty is a spike that the next
    /// run's point is not rid of either.
    pub(super) speaks_for_next: bool,
    /// Rounds in each replicate, and replicates.
    pub(super) sizes: &'static [(usize, usize)],
}

/// What is asked of independent rounds in one process.
const EXACT: RangeInclusive<f64> = 0.93..=0.97;
/// What is asked wherever else the method claims anything.
const HANDLED: RangeInclusive<f64> = 0.90..=1.0;
/// Shown so that the limits are known.
const NOT_CLAIMED: RangeInclusive<f64> = 0.0..=1.0;

const PLAIN: Kind = Kind {
    name: "independent",
    noise: independent,
    effect: 0.0,
    truth: 0.0,
    claim: HANDLED,
    speaks_for_next: true,
    sizes: &[(10, 1), (200, 1)],
};

/// What a first look at a claim has: processes with one round each.
const FEW_PROCESSES: &[(usize, usize)] = &[(1, 3), (1, 4), (1, 5), (1, 8)];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        claim: EXACT,
        sizes: &[(10, 1), (15, 1), (20, 1), (50, 1), (200, 1), (1000, 1)],
        ..PLAIN
    },
    Kind {
        name: "independent, hardly any",
        sizes: &[(6, 1), (7, 1), (8, 1)],
        ..PLAIN
    },
    Kind {
        name: "machine drifts under both arms",
        noise: common_drift,
        ..PLAIN
    },
    Kind {
        name: "heavy tails (t, 2 degrees)",
        noise: heavy_tails,
        ..PLAIN
    },
    Kind {
        name: "spikes on one arm (5 %, ×2 to ×10)",
        noise: spikes_on_one_arm,
        truth: TRUTH_WITH_SPIKES_ON_ONE_ARM,
        sizes: &[(10, 1), (200, 1), (1000, 1)],
        ..PLAIN
    },
    Kind {
        name: "spikes on either arm",
        noise: spikes_on_either_arm,
        ..PLAIN
    },
    Kind {
        name: "lag-1 correlation −0.3",
        noise: |source, rounds| autocorrelated(source, rounds, -0.3),
        sizes: &[(200, 1)],
        ..PLAIN
    },
    Kind {
        name: "lag-1 correlation 0.3",
        noise: |source, rounds| autocorrelated(source, rounds, 0.3),
        sizes: &[(50, 1), (200, 1), (1000, 1)],
        ..PLAIN
    },
    Kind {
        name: "lag-1 correlation 0.45",
        noise: |source, rounds| autocorrelated(source, rounds, 0.45),
        sizes: &[(50, 1), (200, 1), (1000, 1)],
        ..PLAIN
    },
    Kind {
        name: "lag-1 correlation 0.8",
        noise: |source, rounds| autocorrelated(source, rounds, 0.8),
        sizes: &[(200, 1), (1000, 1)],
        ..PLAIN
    },
    Kind {
        name: "not claimed: lag-1 correlation 0.45, few rounds",
        noise: |source, rounds| autocorrelated(source, rounds, 0.45),
        claim: NOT_CLAIMED,
        sizes: &[(20, 1)],
        ..PLAIN
    },
    Kind {
        name: "not claimed: ratio wanders (lag-1 correlation 0.99)",
        noise: |source, rounds| autocorrelated(source, rounds, 0.99),
        claim: NOT_CLAIMED,
        sizes: &[(200, 1)],
        ..PLAIN
    },
    Kind {
        name: "a round each",
        sizes: FEW_PROCESSES,
        ..PLAIN
    },
    Kind {
        name: "a round each, heavy tails (t, 2 degrees)",
        noise: heavy_tails,
        sizes: FEW_PROCESSES,
        ..PLAIN
    },
    Kind {
        name: "a round each, spikes on one arm",
        noise: spikes_on_one_arm,
        truth: TRUTH_WITH_SPIKES_ON_ONE_ARM,
        speaks_for_next: false,
        sizes: FEW_PROCESSES,
        ..PLAIN
    },
    Kind {
        name: "a round each, spikes on either arm",
        noise: spikes_on_either_arm,
        speaks_for_next: false,
        sizes: FEW_PROCESSES,
        ..PLAIN
    },
    Kind {
        name: "a round each, replicates differ by 10 %",
        effect: 0.1,
        sizes: FEW_PROCESSES,
        ..PLAIN
    },
    Kind {
        name: "replicates alike",
        sizes: &[(50, 2), (50, 5), (10, 30)],
        ..PLAIN
    },
    Kind {
        name: "replicates differ by 0.3 %",
        effect: 0.003,
        sizes: &[(50, 2), (50, 5), (10, 30)],
        ..PLAIN
    },
    Kind {
        name: "replicates differ by 1 %",
        effect: 0.01,
        sizes: &[(50, 2), (50, 3), (50, 5), (10, 10), (10, 30)],
        ..PLAIN
    },
    Kind {
        name: "differ by 1 %, lag-1 correlation 0.45",
        noise: |source, rounds| autocorrelated(source, rounds, 0.45),
        effect: 0.01,
        sizes: &[(50, 5), (10, 30)],
        ..PLAIN
    },
    Kind {
        name: "differ by 1 %, lag-1 correlation 0.8, few rounds",
        noise: |source, rounds| autocorrelated(source, rounds, 0.8),
        effect: 0.01,
        sizes: &[(10, 10)],
        ..PLAIN
    },
    Kind {
        name: "differ by 1 %, spikes on either arm",
        noise: spikes_on_either_arm,
        effect: 0.01,
        sizes: &[(50, 5), (10, 30), (1, 30)],
        ..PLAIN
    },
];

impl Kind {
    /// The estimate from one drawing of all rounds.
    fn estimate(&self, size: (usize, usize), seed: u64) -> Result<Estimate, StatsError> {
        let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
        let replicate = |_| {
            let shared = self.effect * source.normal();
            let logs = (self.noise)(&mut source, size.0);
            logs.iter().map(|log| (log + shared).exp()).collect()
        };
        estimate(&(0..size.1).map(replicate).collect::<Vec<_>>(), seed)
    }

    /// The share of `repetitions` whose interval holds the truth, and their median half-width in percent.
    pub(super) fn coverage(
        &self,
        size: (usize, usize),
        repetitions: u64,
    ) -> Result<(f64, f64), StatsError> {
        let (mut held, mut half_widths) = (0, Vec::new());
        for seed in 0..repetitions {
            let interval = self
                .estimate(size, seed)?
                .this_run
                .ok_or(StatsError::Empty)?;
            held += u64::from(interval.contains(self.truth.exp()));
            half_widths.push(interval.half_width_percent());
        }
        Ok((
            held as f64 / repetitions as f64,
            Sample::new(half_widths)?.median(),
        ))
    }

    /// The share of `repetitions` in which the point of another run lies in the interval of a first.
    pub(super) fn next_runs_held(
        &self,
        size: (usize, usize),
        repetitions: u64,
    ) -> Result<f64, StatsError> {
        let mut held = 0;
        for seed in 0..repetitions {
            let first = self.estimate(size, seed)?;
            let next = self.estimate(size, seed + repetitions)?;
            let interval = first.interval.ok_or(StatsError::Empty)?;
            held += u64::from(interval.contains(next.point));
        }
        Ok(held as f64 / repetitions as f64)
    }

    /// The shares of `repetitions` with a verdict of faster or slower, and of same, beside an independent floor.
    pub(super) fn verdicts(
        &self,
        size: (usize, usize),
        repetitions: u64,
    ) -> Result<(f64, f64), StatsError> {
        let (mut different, mut same) = (0, 0);
        for seed in 0..repetitions {
            let floor = Floor::new(&self.estimate(size, seed + repetitions)?);
            match verdict(
                &self.estimate(size, seed)?,
                floor.as_ref(),
                EQUIVALENCE_MARGIN,
            ) {
                Verdict::Faster | Verdict::Slower => different += 1,
                Verdict::Same => same += 1,
                Verdict::Inconclusive { .. } => {}
            }
        }
        let count = repetitions as f64;
        Ok((f64::from(different) / count, f64::from(same) / count))
    }

    /// Whether a verdict of faster or slower would be a fault.
    pub(super) fn is_null(&self) -> bool {
        self.truth == 0.0 && self.claim != NOT_CLAIMED
    }
}
