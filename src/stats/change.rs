//! Whether something changed between two runs.

use super::StatsError;
use super::blocks::inflation;
use super::estimate::{ENOUGH_REPLICATES, FEWEST_REPLICATES, MINIMUM_ROUNDS};
use super::ratio::{Interval, ratio_of};
use super::replicates::{Chance, chance_of_replicates, drift, trimmed_mean};
use super::series::Series;
use super::student::{t_quantile, two_sided};

/// The standard deviation, on the log scale, that one process is taken to have beside others of the same program. A
/// record of one process cannot know it. METHODOLOGY.md says what was found, and for which cells this is little.
pub const ONE_PROCESS: f64 = 0.07;

/// Stands for a spread that was not learnt from the values at hand.
const MANY: usize = 1000;

/// What one run found out about a cell, ready to be held against what another found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// The point, as a logarithm.
    log: f64,
    /// The standard error of the point, as the run itself knows it.
    own: f64,
    /// What the hour adds that all replicates of the run share, as a standard deviation.
    hour: f64,
    /// From how many values (less one) that was learnt.
    degrees: usize,
    /// Rounds of all replicates together.
    pub rounds: usize,
    /// Replicates.
    pub replicates: usize,
}

impl Finding {
    /// From the values of the rounds of each replicate, in order of time: speed-ups, or times.
    ///
    /// The point is that of [`estimate`](super::estimate()), and its chance as well, but for fewer than ten replicates
    /// the chance of rounds comes from their order statistics instead of a bootstrap, which would take minutes for
    /// thousands of cells.
    ///
    /// # Errors
    ///
    /// [`StatsError::Empty`] without replicates or where one has no rounds, [`StatsError::NotPositive`] where a value
    /// is not a finite number above zero.
    pub fn new(replicates: &[Vec<f64>]) -> Result<Self, StatsError> {
        let series = Series::all(replicates)?;
        let mut medians: Vec<f64> = series.iter().map(Series::median).collect();
        let drift = drift(&medians);
        let log = trimmed_mean(&mut medians);
        let own = match (chance_of_replicates(&mut medians), series.len()) {
            (None, _) => {
                let rounds = chance_of_rounds(&series).standard_error;
                Chance {
                    standard_error: (rounds * rounds + ONE_PROCESS * ONE_PROCESS).sqrt(),
                    degrees: MANY,
                }
            }
            (Some(own), ENOUGH_REPLICATES..) => own,
            (Some(own), _) => {
                let rounds = chance_of_rounds(&series);
                if own.reach() < rounds.reach() {
                    rounds
                } else {
                    own
                }
            }
        };
        Ok(Self {
            log,
            own: own.standard_error,
            hour: match series.len() {
                1 => 0.0,
                _ => hour(own, drift),
            },
            degrees: own.degrees,
            rounds: series.iter().map(Series::rounds).sum(),
            replicates: series.len(),
        })
    }

    /// From one value for each replicate, in order of time, in which the rounds of several cells are summed up: only how
    /// the replicates differ tells how well it is known, however many rounds there were.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of_means(means: &[f64]) -> Result<Self, StatsError> {
        let replicates: Vec<Vec<f64>> = means.iter().map(|mean| vec![*mean]).collect();
        Self::new(&replicates)
    }

    /// The point.
    #[must_use]
    pub fn point(&self) -> f64 {
        ratio_of(self.log)
    }

    /// Where the point of another such run lies in 95 of 100 cases; `None` where there were too few rounds to know.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        Change::between(self, self, 0.0).interval.map(|change| {
            let reach = libm::log(change.high());
            Interval::between_logs(self.log - reach, self.log + reach)
        })
    }

    /// How far, squared, chance carried the point, where the machine moved by `moved`: each of two runs lies half of
    /// that from their middle.
    fn variance(&self, moved: f64) -> f64 {
        let hour = self.hour.max(moved / 2.0);
        self.own * self.own + hour * hour
    }
}

/// What the machine did in that hour, which all replicates of a run share. As in
/// [`reach_of_next_run`](super::replicates::reach_of_next_run), it is taken to be as large as the run's `own` chance, or
/// as half of its `drift`.
fn hour(own: Chance, drift: f64) -> f64 {
    own.standard_error.max(drift / 2.0)
}

/// The chance of rounds in the mean of the medians of `series`.
pub(super) fn chance_of_rounds(series: &[Series]) -> Chance {
    let inflation = inflation(series);
    let squares = series.iter().map(|one| one.standard_error(inflation));
    let sum: f64 = squares.map(|error| error * error).sum();
    let rounds: usize = series.iter().map(Series::rounds).sum();
    Chance {
        standard_error: sum.sqrt() / series.len() as f64,
        degrees: ((rounds as f64 / inflation) as usize)
            .saturating_sub(series.len())
            .max(1),
    }
}

/// How a value changed from one run to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// New over base.
    pub ratio: f64,
    /// The 95 % interval of it; `None` where too few rounds or replicates stand behind a side.
    pub interval: Option<Interval>,
    /// How probable a change this large, to either side, is between two runs of the same thing; 1 where the interval
    /// is not known.
    pub p_value: f64,
    /// Whether most of what widens the interval is how far the machine moved meanwhile.
    pub unsettled: bool,
}

impl Change {
    /// The change from `base` to `new`, between which the machine is known to have moved by `moved`, either way, on the
    /// log scale; 0 where nothing tells.
    ///
    /// The difference of the points on the log scale, over the root of the sum of their variances, is held against
    /// Student's distribution: the test of Yuen, "The Two-Sample Trimmed t for Unequal Population Variances" (1974),
    /// with Welch's degrees of freedom (1947). The variance of each side holds its hour already, once. The interval
    /// that a record prints is for the difference of two such runs, so it holds both sides' share: two of those must
    /// not be added, but averaged in squares.
    #[must_use]
    pub fn between(base: &Finding, new: &Finding, moved: f64) -> Self {
        if base.rounds.min(new.rounds) < MINIMUM_ROUNDS {
            return Self::unknown(new.log - base.log);
        }
        Self::tested(base, new, moved)
    }

    /// A change of which the point is known and nothing else.
    fn unknown(log: f64) -> Self {
        Self {
            ratio: ratio_of(log),
            interval: None,
            p_value: 1.0,
            unsettled: false,
        }
    }

    fn tested(base: &Finding, new: &Finding, moved: f64) -> Self {
        let log = new.log - base.log;
        let ratio = ratio_of(log);
        let moved = moved.abs();
        let variances = [base, new].map(|side| side.variance(moved));
        let variance = variances[0] + variances[1];
        let degrees = welch(variances, [base.degrees, new.degrees]);
        // What is a whole number but for rounding stays one.
        let reach = t_quantile((degrees + 1e-9) as usize) * variance.sqrt();
        let p_value = match (log == 0.0, variance == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => two_sided(log / variance.sqrt(), degrees),
        };
        Self {
            ratio,
            interval: Some(Interval::between_logs(log - reach, log + reach)),
            p_value,
            unsettled: variance > 2.0 * (base.variance(0.0) + new.variance(0.0)),
        }
    }

    /// The change that a run found in itself: `finding` is of new over base, taken round by round.
    ///
    /// Whatever the hour does, it does to both sides of every round, so only the run's own chance is in it, held against
    /// the Student's distribution of its replicates. One replicate cannot know how far its processes lie from others, and
    /// of two the interval says nothing: below [`FEWEST_REPLICATES`] there is none.
    #[must_use]
    pub fn within(finding: &Finding) -> Self {
        if finding.replicates < FEWEST_REPLICATES {
            return Self::unknown(finding.log);
        }
        let new = Finding {
            hour: 0.0,
            ..*finding
        };
        let base = Finding {
            log: 0.0,
            own: 0.0,
            ..new
        };
        Self::tested(&base, &new, 0.0)
    }

    /// No change at all: both sides are one measurement.
    #[must_use]
    pub fn none() -> Self {
        Self {
            ratio: 1.0,
            interval: Some(Interval::between_logs(0.0, 0.0)),
            p_value: 1.0,
            unsettled: false,
        }
    }
}

/// Degrees of freedom of a sum of two variances: Welch, "The Generalization of 'Student's' Problem when Several
/// Different Population Variances are Involved" (1947).
fn welch([base, new]: [f64; 2], degrees: [usize; 2]) -> f64 {
    let part = |variance: f64, degrees: usize| variance * variance / degrees.max(1) as f64;
    let sum = base + new;
    let degrees = sum * sum / (part(base, degrees[0]) + part(new, degrees[1]));
    // Without any variance at all the question does not arise.
    if degrees.is_finite() {
        degrees.clamp(1.0, MANY as f64)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::estimate;

    /// Ten replicates of eight rounds about `centre`, each a little off.
    fn run(centre: f64, spread: f64) -> Vec<Vec<f64>> {
        let offset = |number: usize, of: usize| number as f64 / (of - 1) as f64 - 0.5;
        (0..10)
            .map(|replicate| {
                let about = centre * libm::exp(spread * offset(replicate * 7 % 10, 10));
                (0..8)
                    .map(|round| about * libm::exp(0.01 * offset(round * 3 % 8, 8)))
                    .collect()
            })
            .collect()
    }

    fn finding(centre: f64, spread: f64) -> Result<Finding, StatsError> {
        Finding::new(&run(centre, spread))
    }

    #[test]
    fn a_change_is_a_ratio_with_both_sides_chance() -> Result<(), StatsError> {
        let (base, new) = (finding(2.0, 0.02)?, finding(1.8, 0.02)?);
        let change = Change::between(&base, &new, 0.0);
        assert!((change.ratio - 0.9).abs() < 1e-12);
        let interval = change.interval.ok_or(StatsError::Empty)?;
        assert!(interval.contains(0.9) && !interval.contains(1.0));
        assert!(change.p_value < 1e-4, "{}", change.p_value);
        let back = Change::between(&new, &base, 0.0);
        assert!((back.ratio * change.ratio - 1.0).abs() < 1e-12);
        assert!((back.p_value - change.p_value).abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn a_run_against_its_like_reaches_as_far_as_the_record_says() -> Result<(), StatsError> {
        let rounds = run(1.5, 0.04);
        let printed = estimate(&rounds, 1)?.interval.ok_or(StatsError::Empty)?;
        let side = Finding::new(&rounds)?;
        let own = side.interval().ok_or(StatsError::Empty)?;
        // Two runs together know their spread from twice the values, which makes Student's factor smaller.
        assert!(own.low() >= printed.low() && own.high() <= printed.high());
        assert!(own.half_width_percent() > 0.85 * printed.half_width_percent());
        Ok(())
    }

    #[test]
    fn without_spread_every_difference_counts_and_none_does_not() -> Result<(), StatsError> {
        let flat = |value| Finding::new(&vec![vec![value; 8]; 10]);
        let none = Change::between(&flat(2.0)?, &flat(2.0)?, 0.0);
        assert_eq!((none.ratio, none.p_value), (1.0, 1.0));
        assert!(Change::between(&flat(2.0)?, &flat(2.1)?, 0.0).p_value < 1e-12);
        Ok(())
    }

    #[test]
    fn one_process_speaks_for_itself_only() -> Result<(), StatsError> {
        let one = |centre: f64| Finding::new(&[vec![centre; 100]]);
        let small = Change::between(&one(1.0)?, &one(1.1)?, 0.0);
        let large = Change::between(&one(1.0)?, &one(3.0)?, 0.0);
        assert!(small.p_value > 0.1 && large.p_value < 1e-6);
        Ok(())
    }

    #[test]
    fn what_the_machine_moved_by_is_no_change() -> Result<(), StatsError> {
        let (base, new) = (finding(2.0, 0.01)?, finding(1.8, 0.01)?);
        let still = Change::between(&base, &new, 0.0);
        assert!(still.p_value < 1e-4 && !still.unsettled, "{still:?}");
        // Less than the runs themselves tell of adds nothing.
        assert_eq!(Change::between(&base, &new, 1e-4), still);
        for moved in [0.1, -0.1] {
            let change = Change::between(&base, &new, moved);
            assert_eq!(change.ratio, still.ratio);
            // The half on either side: a standard deviation of moved / √2, and a little for the runs.
            assert!((0.1..0.3).contains(&change.p_value), "{change:?}");
            assert!(change.unsettled);
        }
        let large = Change::between(&finding(2.0, 0.01)?, &finding(0.5, 0.01)?, 0.1);
        assert!(large.p_value < 1e-6, "{large:?}");
        // What one process is from another, and what the machine did, are two things.
        let one = |centre: f64| Finding::new(&[vec![centre; 100]]);
        let change = |moved| Ok(Change::between(&one(1.0)?, &one(2.0)?, moved));
        let (still, moved) = (change(0.0)?, change(0.6)?);
        assert!(still.p_value < 1e-6 && moved.p_value > 0.05 && moved.unsettled);
        Ok(())
    }

    #[test]
    fn too_few_rounds_decide_nothing() -> Result<(), StatsError> {
        let few = Finding::new(&[vec![1.0, 1.1, 1.2, 1.3, 1.4]])?;
        let change = Change::between(&few, &finding(3.0, 0.02)?, 0.0);
        assert_eq!((change.interval, change.p_value), (None, 1.0));
        assert_eq!(few.interval(), None);
        Ok(())
    }

    #[test]
    fn two_builds_need_three_replicates_however_many_rounds_there_were() -> Result<(), StatsError> {
        let many = |replicates| Finding::new(&vec![vec![1.5; 100]; replicates]);
        for replicates in [1, 2] {
            let change = Change::within(&many(replicates)?);
            assert_eq!((change.interval, change.p_value), (None, 1.0));
            assert!((change.ratio - 1.5).abs() < 1e-12);
            let mean = Finding::of_means(&vec![1.5; replicates])?;
            assert_eq!(Change::within(&mean).interval, None);
        }
        assert!(Change::within(&many(3)?).interval.is_some());
        // Student's of two degrees of freedom: 4.303 standard errors to either side.
        let means = [1.0_f64, 1.01, 1.02].map(f64::ln);
        let spread = means.map(|mean| mean - means.iter().sum::<f64>() / 3.0);
        let error = (spread.map(|off| off * off).iter().sum::<f64>() / 2.0 / 3.0).sqrt();
        let change = Change::within(&Finding::of_means(&[1.0, 1.01, 1.02])?);
        let high = change.interval.ok_or(StatsError::Empty)?.high();
        assert!(((high / change.ratio).ln() / error - 4.303).abs() < 1e-3);
        Ok(())
    }
}
