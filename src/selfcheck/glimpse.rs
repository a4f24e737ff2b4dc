//! What a quarter of a second tells of a machine's resolution: how well two equal loads are told to be equal.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::stats::estimate;

/// For all rounds together.
const TIME: Duration = Duration::from_millis(250);

/// For one load, which is long beside the clock and short beside a tick of the scheduler.
const BATCH: Duration = Duration::from_micros(300);

/// How well two equal loads are told to be equal, by rounds in one process. A run has processes and contests that differ
/// more, and resolves less.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glimpse {
    /// How many rounds there were.
    pub rounds: usize,
    /// How far the interval of their ratio reaches to either side, in percent.
    pub half_width_percent: f64,
}

/// Times a load against itself for a quarter of a second; `None` where the clock tells too little.
#[must_use]
pub fn glimpse() -> Option<Glimpse> {
    let bytes = vec![1u8; 16 << 10]; // at home in the first cache
    let timed = |times: u128| {
        let start = Instant::now();
        for _ in 0..times {
            let sum: u64 = black_box(&bytes).iter().map(|byte| u64::from(*byte)).sum();
            black_box(sum);
        }
        start.elapsed()
    };
    const TRIED: u128 = 64;
    timed(TRIED); // reaches memory, and the processor its speed
    let times = (TRIED * BATCH.as_nanos() / timed(TRIED).as_nanos().max(1)).max(1);
    let mut ratios = Vec::new();
    let start = Instant::now();
    while start.elapsed() < TIME {
        let (first, second) = (timed(times).as_secs_f64(), timed(times).as_secs_f64());
        // Both sides are the first of a round equally often.
        let ratio = match ratios.len() % 2 {
            0 => first / second,
            _ => second / first,
        };
        if ratio.is_finite() && ratio > 0.0 {
            ratios.push(ratio);
        }
    }
    let estimate = estimate(&[ratios], 0).ok()?;
    Some(Glimpse {
        rounds: estimate.rounds,
        half_width_percent: estimate.interval?.half_width_percent(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_loads_are_compared_in_many_rounds() {
        let glimpse = glimpse().unwrap();
        assert!(glimpse.rounds >= 6, "{glimpse:?}");
        assert!(glimpse.half_width_percent > 0.0, "{glimpse:?}");
    }
}
