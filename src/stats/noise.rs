//! Kinds of noise for the simulations, each with a true speed-up of 1 unless it says otherwise.

use rand::Rng;
use rand::rngs::Xoshiro256PlusPlus;

/// The standard deviation of the logarithm of one round's speed-up, spikes and tails apart.
const NOISE: f64 = 0.02;

/// The logarithms of the speed-ups of one replicate of so many rounds.
pub(super) type Noise = fn(&mut Source, usize) -> Vec<f64>;

/// Random numbers for an experiment.
pub(crate) struct Source(pub(crate) Xoshiro256PlusPlus);

impl Source {
    /// Above 0 and at most 1.
    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal: Box & Muller, "A Note on the Generation of Random Normal Deviates" (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// In one of twenty rounds a slowdown by a factor of 2 to 10, as a logarithm; else 0.
    fn spike(&mut self) -> f64 {
        if self.uniform() <= 0.05 {
            (2.0 + 8.0 * self.uniform()).ln()
        } else {
            0.0
        }
    }
}

pub(super) fn independent(source: &mut Source, rounds: usize) -> Vec<f64> {
    (0..rounds).map(|_| NOISE * source.normal()).collect()
}

/// Student's t with two degrees of freedom, whose variance is infinite.
pub(super) fn heavy_tails(source: &mut Source, rounds: usize) -> Vec<f64> {
    (0..rounds)
        .map(|_| NOISE * source.normal() / (-source.uniform().ln()).sqrt().max(1e-9))
        .collect()
}

/// Each round resembles the one before it: an autoregressive process of order one.
pub(super) fn autocorrelated(source: &mut Source, rounds: usize, lag_1: f64) -> Vec<f64> {
    let mut state = source.normal();
    let next = |_| {
        state = lag_1 * state + (1.0 - lag_1 * lag_1).sqrt() * source.normal();
        NOISE * state
    };
    (0..rounds).map(next).collect()
}

/// Both arms ride on a machine whose speed walks at random, by 1 % a round.
pub(super) fn common_drift(source: &mut Source, rounds: usize) -> Vec<f64> {
    let mut machine = 0.0;
    let mut arm = || {
        machine += 0.01 / 2.0_f64.sqrt() * source.normal();
        machine + NOISE / 2.0_f64.sqrt() * source.normal()
    };
    (0..rounds).map(|_| arm() - arm()).collect()
}

pub(super) fn spikes_on_either_arm(source: &mut Source, rounds: usize) -> Vec<f64> {
    (0..rounds)
        .map(|_| NOISE * source.normal() + source.spike() - source.spike())
        .collect()
}

/// Spikes on the engine's arm only; the truth is [`TRUTH_WITH_SPIKES_ON_ONE_ARM`].
pub(super) fn spikes_on_one_arm(source: &mut Source, rounds: usize) -> Vec<f64> {
    (0..rounds)
        .map(|_| NOISE * source.normal() - source.spike())
        .collect()
}

/// The true median (a logarithm) where one round in twenty lies far below the rest: the 0.45 / 0.95 point of
/// undisturbed rounds.
pub(super) const TRUTH_WITH_SPIKES_ON_ONE_ARM: f64 = -0.066_01 * NOISE;
