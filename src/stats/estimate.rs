//! The speed-up of a cell and how well it is known.

use super::blocks::block_length;
use super::bootstrap::{block_within, resampled};
use super::change::chance_of_rounds;
use super::ratio::{Interval, ratio_of};
use super::replicates::{
    chance_of_replicates, drift, reach_between_runs, reach_of_next_run, reach_of_replicates,
    trimmed_mean,
};
use super::series::Series;
use super::student::{NORMAL, t_quantile};
use super::{Sample, StatsError};

/// The fewest rounds of one or two replicates from which an interval is given: of five values, all lie on one side of
/// the median once in sixteen times, so no range inside them holds it 95 times in a hundred.
pub const MINIMUM_ROUNDS: usize = 6;

/// From this many replicates on their medians make an interval, however few rounds each has: what is asked of them
/// is Student's, not a range of order statistics. Of two, it reaches twelve standard errors far and says nothing.
pub const FEWEST_REPLICATES: usize = 3;

/// From this many replicates on, their spread alone gives the interval; fewer may agree by accident.
pub const ENOUGH_REPLICATES: usize = 10;

/// The speed-up of one cell, from all its rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The speed-up: the median round of each replicate, combined over replicates.
    pub point: f64,
    /// Where the point of the next run, as long as this one on the same machine, lies in 95 of 100
    /// cases; `None` where it cannot be known.
    ///
    /// From one replicate it speaks of that one process only.
    pub interval: Option<Interval>,
    /// The narrower 95 % interval of what this run would have found with endless rounds.
    pub this_run: Option<Interval>,
    /// Where the width of `interval` comes from; `None` where there is none, or nobody asked.
    pub shares: Option<Shares>,
    /// How many rounds there were in all replicates together.
    pub rounds: usize,
    /// How many replicates there were.
    pub replicates: usize,
    /// How many consecutive rounds hang together, so that a bootstrap must keep them in one block; 1 where they are
    /// independent.
    pub block_length: usize,
}

/// Where the width of an interval comes from: parts of its variance, which sum to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// The chance of rounds within a replicate, which more rounds in each narrow.
    pub rounds: f64,
    /// What else tells replicates from each other, such as where a process's pages came to lie; more replicates narrow
    /// it.
    pub replicates: f64,
    /// What is kept for differences between runs, which no replicate shows: as much as the other two together, or what
    /// the drift within this run says if that is more. A quieter machine narrows it. 0 for one replicate.
    pub between_runs: f64,
}

impl Shares {
    /// The shares of an interval over `series`, whose own chance reaches `reach` far.
    fn new(series: &[Series], medians: &mut [f64], reach: f64, drift: f64) -> Self {
        let rounds = chance_of_rounds(series).standard_error;
        // The spread of replicates holds the chance of their rounds.
        let of_rounds = match chance_of_replicates(medians) {
            Some(all) if all.standard_error > rounds => {
                let share = rounds / all.standard_error;
                share * share
            }
            _ => 1.0,
        };
        let between = match series.len() {
            1 => 0.0,
            _ => reach_between_runs(reach, drift),
        };
        let own = match reach * reach / (reach * reach + between * between) {
            share if share.is_finite() => share,
            _ => 1.0, // an interval without width
        };
        Self {
            rounds: own * of_rounds,
            replicates: own * (1.0 - of_rounds),
            between_runs: 1.0 - own,
        }
    }
}

/// Estimates a speed-up from the rounds of its replicates.
///
/// `replicates` holds, for each replicate, the speed-ups of its rounds in order of time. The same rounds and the same
/// `seed` give the same bits on every machine.
///
/// **Point.** The median of each replicate, which spikes cannot move far, then the mean of these on the log scale,
/// leaving out a tenth of the replicates at either end. A replicate counts once however many rounds it had, because
/// what is redrawn with each process (address layout, page placement) is shared by all its rounds.
///
/// **Interval.** Chance enters at two levels, and each is asked for its own 95 % range:
///
/// * *Rounds:* percentiles of a bootstrap over blocks of consecutive rounds ([`RESAMPLES`](super::RESAMPLES) draws),
///   stretched by Student's factor for the number of blocks, as a spread learnt from few blocks is learnt too small.
/// * *Replicates*, where there are several: Student's t times their standard error. A bootstrap over replicates comes
///   to the same when they are many, and is too narrow when they are five.
///
/// The spread of replicates already holds the chance of their rounds, so it gives the interval alone where there are
/// at least ten. Fewer may agree by accident: then the wider of the two ranges counts, either way from the point.
/// That is the interval of this run. A reader takes an interval for a promise about the next run, and the one that is
/// printed keeps it: see `reach_of_next_run`. One replicate knows nothing of others, and its interval promises
/// nothing. Three replicates have an interval however few rounds they had, one each included: Student's is exact for
/// as few values if their logarithms are normal, and reaches farther still where they are not. Replicates must therefore be in order of time too.
///
/// Drawing replicates and rounds in one bootstrap would count the chance of rounds twice (Davison & Hinkley,
/// "Bootstrap Methods and their Application", 1997, section 3.8).
///
/// # Errors
///
/// [`StatsError::Empty`] without replicates or where one has no rounds, [`StatsError::NotPositive`] where a speed-up
/// is not a finite number above zero.
pub fn estimate(replicates: &[Vec<f64>], seed: u64) -> Result<Estimate, StatsError> {
    let series = Series::all(replicates)?;
    let rounds = series.iter().map(Series::rounds).sum();
    let block_length = block_length(&series);
    let mut medians: Vec<f64> = series.iter().map(Series::median).collect();
    let drift = drift(&medians);
    let log = trimmed_mean(&mut medians);

    let (mut below, mut above) = (0.0, 0.0);
    if series.len() < ENOUGH_REPLICATES {
        (below, above) = reach_of_rounds(&series, log, block_length, seed)?;
    }
    let either = reach_of_replicates(&mut medians);
    let (below, above) = (either.max(below), either.max(above));
    let reaching = |below: f64, above: f64| {
        let interval = Interval::between_logs(log - below, log + above);
        let enough = rounds >= MINIMUM_ROUNDS || series.len() >= FEWEST_REPLICATES;
        enough.then_some(interval)
    };
    let next = |reach: f64| match series.len() {
        1 => reach,
        _ => reach_of_next_run(reach, drift),
    };
    let interval = reaching(next(below), next(above));
    let reach = f64::midpoint(below, above);
    Ok(Estimate {
        point: ratio_of(log),
        interval,
        shares: interval.map(|_| Shares::new(&series, &mut medians, reach, drift)),
        this_run: reaching(below, above),
        rounds,
        replicates: series.len(),
        block_length,
    })
}

/// How far below and above `point` (a logarithm) the chance of rounds reaches.
fn reach_of_rounds(
    series: &[Series],
    point: f64,
    block_length: usize,
    seed: u64,
) -> Result<(f64, f64), StatsError> {
    let draws = Sample::new(resampled(series, block_length, seed))?;
    let blocks_in = |one: &Series| one.rounds() / block_within(one, block_length);
    let blocks: usize = series.iter().map(blocks_in).sum();
    let stretch = t_quantile(blocks.saturating_sub(series.len())) / NORMAL;
    Ok((
        stretch * (point - draws.quantile(0.025)?),
        stretch * (draws.quantile(0.975)? - point),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUNDS: [f64; 8] = [1.25, 1.5, 1.125, 1.375, 1.75, 1.3125, 1.4375, 1.0625];

    #[test]
    fn same_rounds_and_seed_give_the_same_bits_everywhere() -> Result<(), StatsError> {
        let (low, high) = ends(&[ROUNDS.to_vec()], 7)?;
        assert_eq!(
            (low.to_bits(), high.to_bits()),
            (4_607_563_166_673_438_536, 4_609_589_763_693_957_760)
        );
        Ok(())
    }

    #[test]
    fn five_rounds_have_a_point_but_no_interval() -> Result<(), StatsError> {
        let estimate = estimate(&[vec![1.0, 1.1, 1.2], vec![2.0, 2.2]], 0)?;
        assert_eq!(
            (estimate.rounds, estimate.replicates, estimate.interval),
            (5, 2, None)
        );
        Ok(())
    }

    #[test]
    fn three_processes_of_one_round_have_the_interval_of_student() -> Result<(), StatsError> {
        let factors: [f64; 3] = [154.0, 160.0, 166.0];
        let (low, high) = ends(&factors.map(|factor| vec![factor]), 0)?;
        let logs = factors.map(f64::ln);
        let mean = logs.iter().sum::<f64>() / 3.0;
        let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
        // Twice as far as this run's own: see `reach_of_next_run`.
        let reach = 2.0 * 4.303 * (squares / 2.0 / 3.0).sqrt();
        assert!((low / (mean - reach).exp() - 1.0).abs() < 1e-9, "{low}");
        assert!((high / (mean + reach).exp() - 1.0).abs() < 1e-9, "{high}");
        assert!(low > 100.0, "the claim of 100 is decided");
        let two = estimate(&[vec![154.0], vec![166.0]], 0)?;
        assert_eq!(two.interval, None);
        Ok(())
    }

    #[test]
    fn a_replicate_counts_once_however_long_it_is() -> Result<(), StatsError> {
        let point = estimate(&[vec![1.0; 100], vec![4.0; 6]], 0)?.point;
        assert!((point - 2.0).abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn replicates_that_disagree_widen_the_interval() -> Result<(), StatsError> {
        let shifted: Vec<f64> = ROUNDS.iter().map(|ratio| 2.0 * ratio).collect();
        let (low, high) = ends(&[ROUNDS.to_vec(), ROUNDS.to_vec(), shifted], 7)?;
        assert!(low < 1.0 && high > 3.0);
        Ok(())
    }

    /// Rounds that scatter around `middle` by a tenth or so.
    fn around(middle: f64) -> Vec<f64> {
        let rounds = ROUNDS.iter().cycle().take(80);
        rounds
            .map(|ratio| middle * (ratio / 1.3).powf(0.3))
            .collect()
    }

    #[test]
    fn the_shares_say_what_makes_an_interval_wide() -> Result<(), StatsError> {
        let shares = |replicates: &[Vec<f64>]| {
            let shares = estimate(replicates, 7)?.shares.ok_or(StatsError::Empty)?;
            let sum = shares.rounds + shares.replicates + shares.between_runs;
            assert!((sum - 1.0).abs() < 1e-12, "{shares:?}");
            Ok::<_, StatsError>(shares)
        };
        let alike = shares(&vec![around(1.0); 5])?;
        assert!((alike.rounds - 0.5).abs() < 1e-9, "{alike:?}");
        assert!((alike.between_runs - 0.5).abs() < 1e-9, "{alike:?}");
        let apart: Vec<Vec<f64>> = [1.0, 3.0, 1.1, 2.9, 2.0, 2.0, 1.0, 3.0, 2.9, 1.1]
            .map(around)
            .to_vec();
        let apart = shares(&apart)?;
        assert!(apart.replicates > 0.45 && apart.rounds < 0.05, "{apart:?}");
        let drifts: Vec<Vec<f64>> = [1.0, 1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0]
            .map(around)
            .to_vec();
        assert!(shares(&drifts)?.between_runs > 0.5);
        let one = shares(&[around(1.0)])?;
        assert_eq!((one.rounds, one.between_runs), (1.0, 0.0));
        assert_eq!(estimate(&[vec![1.0; 3]], 0)?.shares, None);
        Ok(())
    }

    #[test]
    fn what_is_no_ratio_is_refused() {
        assert_eq!(estimate(&[], 0), Err(StatsError::Empty));
        assert_eq!(estimate(&[vec![1.0], vec![]], 0), Err(StatsError::Empty));
        assert_eq!(
            estimate(&[vec![1.0, 0.0]], 0),
            Err(StatsError::NotPositive { value: 0.0 })
        );
    }

    fn ends(replicates: &[Vec<f64>], seed: u64) -> Result<(f64, f64), StatsError> {
        let interval = estimate(replicates, seed)?
            .interval
            .ok_or(StatsError::Empty)?;
        Ok((interval.low(), interval.high()))
    }
}
