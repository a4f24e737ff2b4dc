//! Whole sweeps on noise whose truth is known: how often what they say is false, and what is won by
//! spending the time next to the change.
//!
//! The quick test repeats them a few dozen times. The table of METHODOLOGY.md comes from
//!
//! ```text
//! cargo test --release --lib run::simulations -- --ignored --nocapture
//! ```

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::schedule::Schedule;
use super::sweep::{BROAD_PASSES, Range, next_to_changes, quotas};
use crate::stats::noise::Source;
use crate::stats::{self, EQUIVALENCE_MARGIN, Estimate, Floor, StatsError, Swept, crossovers};

/// Sizes of the range, and how many of them lie below the change, which falls between two of them.
const SIZES: usize = 13;
const BELOW: f64 = 6.3;

/// Standard deviations, on the log scale, of replicates and of rounds.
const REPLICATES_DIFFER: f64 = 0.05;
const ROUNDS_DIFFER: f64 = 0.02;

const ROUNDS: usize = 12;
const EVEN: usize = 10;
const LEAST: usize = 5;

/// The speed-ups of a replicate's rounds.
fn replicate(source: &mut Source, truth: f64) -> Vec<f64> {
    let middle = truth + REPLICATES_DIFFER * source.normal();
    let round = |_| (middle + ROUNDS_DIFFER * source.normal()).exp();
    (0..ROUNDS).map(round).collect()
}

/// The replicates of a size: of the engine, and of the baseline beside itself.
#[derive(Clone, Default)]
struct Measured {
    engine: Vec<Vec<f64>>,
    twin: Vec<Vec<f64>>,
}

impl Measured {
    fn found(
        &self,
        size: usize,
        estimate: impl Fn(&[Vec<f64>]) -> Result<Estimate, StatsError>,
    ) -> Result<Swept, StatsError> {
        let floor = Floor::new(&estimate(&self.twin)?);
        let estimate = estimate(&self.engine)?;
        Ok(Swept {
            bytes: 4096 << size,
            speedup: estimate.point,
            verdict: stats::verdict(&estimate, floor.as_ref(), EQUIVALENCE_MARGIN),
        })
    }
}

/// What a sweep finds where the logarithm of the speed-up rises by `slope` from size to size, or an even run.
fn sweep(slope: f64, seed: u64, prefers: bool) -> Result<Vec<Swept>, StatsError> {
    let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
    let mut schedule = Schedule::new(SIZES, EVEN, Duration::from_secs(60), seed);
    let mut sizes = vec![Measured::default(); SIZES];
    let mut spent = Duration::ZERO;
    while let Some(turn) = schedule.next(spent) {
        spent += turn.time;
        let truth = slope * (turn.contest as f64 - BELOW);
        sizes[turn.contest]
            .engine
            .push(replicate(&mut source, truth));
        sizes[turn.contest].twin.push(replicate(&mut source, 0.0));
        if prefers && schedule.pass_is_complete() && schedule.begun() >= BROAD_PASSES {
            let found = sizes.iter().enumerate();
            let found = found.map(|(size, own)| own.found(size, stats::glance));
            let range = Range {
                contests: (0..SIZES).collect(),
                found: found.collect::<Result<_, _>>()?,
            };
            let chosen = next_to_changes(&[range]);
            schedule.redistribute(&quotas(&schedule.done(), LEAST, EVEN, &chosen));
        }
    }
    let found = sizes.iter().enumerate();
    let last = |rounds: &[Vec<f64>]| stats::estimate(rounds, seed);
    found.map(|(size, own)| own.found(size, last)).collect()
}

/// Of many sweeps, in percent: sizes with a false verdict, sweeps that find one change where it is, and how
/// many doublings its interval takes on average. And how many changes were found in all.
struct Tally {
    false_verdicts: f64,
    changes: usize,
    right: f64,
    doublings: f64,
}

fn tally(slope: f64, sweeps: u64, prefers: bool) -> Result<Tally, StatsError> {
    let (mut wrong, mut changes, mut right, mut doublings) = (0, 0, 0, 0);
    for seed in 0..sweeps {
        let found = sweep(slope, seed, prefers)?;
        let is_false = |(size, found): &(usize, &Swept)| {
            let rises = slope * (*size as f64 - BELOW);
            match found.verdict.name() {
                "faster" => rises <= 0.0,
                "slower" => rises >= 0.0,
                _ => false,
            }
        };
        wrong += found.iter().enumerate().filter(is_false).count();
        let found = crossovers(&found);
        changes += found.len();
        if let [change] = found[..]
            && (change.last as f64) < BELOW
            && change.first as f64 > BELOW
        {
            right += 1;
            doublings += change.first - change.last;
        }
    }
    let percent = |count: usize, of: usize| 100.0 * count as f64 / of as f64;
    Ok(Tally {
        false_verdicts: percent(wrong, SIZES * sweeps as usize),
        changes,
        right: percent(right, sweeps as usize),
        doublings: doublings as f64 / right.max(1) as f64,
    })
}

#[test]
fn a_sweep_finds_the_change_in_a_shorter_interval_and_is_no_more_often_wrong()
-> Result<(), StatsError> {
    let (even, preferring) = (tally(0.06, 40, false)?, tally(0.06, 40, true)?);
    assert!(preferring.doublings < even.doublings);
    assert!(preferring.right >= 90.0, "{}", preferring.right);
    assert!(
        preferring.false_verdicts < 1.0,
        "{}",
        preferring.false_verdicts
    );
    // Where there is no change, none is made up.
    let none = tally(0.0, 40, true)?;
    assert!(none.false_verdicts < 2.5, "{}", none.false_verdicts);
    assert_eq!(none.changes, 0);
    Ok(())
}

#[test]
#[ignore = "takes a minute"]
fn the_table_of_sweeps() -> Result<(), StatsError> {
    println!("| rise a doubling | time | sizes with a false verdict | change found | doublings |");
    for slope in [0.0, 0.03, 0.06, 0.15, 0.4] {
        for (how, prefers) in [("even", false), ("next to the change", true)] {
            let tally = tally(slope, 1000, prefers)?;
            println!(
                "| {:.0} % | {how} | {:.2} % | {:.1} % | {:.2} |",
                100.0 * slope,
                tally.false_verdicts,
                tally.right,
                tally.doublings
            );
        }
    }
    Ok(())
}
