//! What the combined median would have been, had other rounds of the same kind been drawn.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::replicates::trimmed_mean;
use super::series::Series;

/// How often the rounds are drawn anew. The ends of an interval then move by about 3 % of its half-width from one
/// seed to another, which is less than they move from one run to another.
pub const RESAMPLES: usize = 2000;

/// Draws the rounds of every replicate anew, [`RESAMPLES`] times, and returns the combined median of each draw, as a
/// logarithm.
///
/// This is the circular block bootstrap of Politis & Romano, "A Circular Block-Resampling Procedure for Stationary
/// Data" (1992): blocks of `block_length` consecutive rounds from random starts, the last one cut so that as many
/// rounds are drawn as there were. A replicate too short for three blocks is drawn in shorter ones.
pub(super) fn resampled(replicates: &[Series], block_length: usize, seed: u64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut counts: Vec<Vec<u32>> = replicates
        .iter()
        .map(|series| vec![0; series.rounds()])
        .collect();
    let mut medians = vec![0.0; replicates.len()];
    let draw = |_| {
        for ((series, counts), median) in replicates.iter().zip(&mut counts).zip(&mut medians) {
            draw_rounds(series, block_length, &mut random, counts);
            *median = series.median_of_counts(counts);
        }
        trimmed_mean(&mut medians)
    };
    (0..RESAMPLES).map(draw).collect()
}

/// Fills `counts` with how often each rank of `series` is drawn.
fn draw_rounds(series: &Series, block_length: usize, random: &mut impl Rng, counts: &mut [u32]) {
    counts.fill(0);
    let rounds = series.rounds();
    let block = block_within(series, block_length);
    let mut missing = rounds;
    while missing > 0 {
        let length = block.min(missing);
        for rank in series.circle(below(rounds, random), length) {
            counts[rank] += 1;
        }
        missing -= length;
    }
}

/// The length of blocks in `series`: `block_length`, or less where that would leave fewer than three blocks.
pub(super) fn block_within(series: &Series, block_length: usize) -> usize {
    block_length.min(series.rounds() / 3).max(1)
}

/// A number from 0 to `bound - 1`, all equally likely to within one part in 2^64 / `bound`.
///
/// Of the generator only `next_u64` is used, whose values are fixed by its algorithm; ranges are drawn here because
/// how a library does it may change between its releases.
fn below(bound: usize, random: &mut impl Rng) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}
