//! What an estimate means: faster, slower, the same, or not yet known.

use super::ratio::log_of;
use super::{Estimate, Interval, MINIMUM_ROUNDS};

/// The default equivalence margin: speed-ups within 2 % either way are the same in practice.
pub const EQUIVALENCE_MARGIN: f64 = 0.02;

/// Beyond this many times the rounds there are, no number of rounds is named: the effect sits on its boundary.
const MOST_TIMES_THE_ROUNDS: f64 = 10_000.0;

/// The noise floor of a contest: how large an effect this machine shows where there is none.
///
/// An effect inside the floor is unresolved whatever its own interval says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    /// How far from 1, on the log scale, the floor reaches to either side.
    reach: f64,
}

impl Floor {
    /// The floor found by `null`, the estimate of the baseline against itself: as far to both sides of 1 as the
    /// farther end of its interval. `None` where that interval is not known.
    pub fn new(null: &Estimate) -> Option<Self> {
        let interval = null.interval?;
        Some(Self {
            reach: log_of(interval.low())
                .abs()
                .max(log_of(interval.high()).abs()),
        })
    }

    /// The ratios inside the floor; always contains 1.
    pub fn band(&self) -> Interval {
        Interval::between_logs(-self.reach, self.reach)
    }
}

/// What a cell's estimate says of its engine against the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval lies above 1 and above the noise floor.
    Faster,
    /// The whole interval lies below 1 and below the noise floor.
    Slower,
    /// The whole interval, and the noise floor, lie within the equivalence margin. Goes before faster and slower: an
    /// effect of 0.5 % that is known precisely is the same in practice.
    Same,
    /// None of these.
    Inconclusive {
        /// About how many rounds in all (not on top of those there are) would decide, if the point stayed where it
        /// is, the interval shrank with one over the square root of the rounds, and replicates grew with them.
        /// `None` where rounds are not what is missing: the point lies inside the floor, or on a boundary.
        rounds_needed: Option<u64>,
    },
}

impl Verdict {
    /// The verdict as one word: `faster`, `slower`, `same` or `inconclusive`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Same => "same",
            Self::Inconclusive { .. } => "inconclusive",
        }
    }
}

/// Judges `estimate` against the noise `floor` of its contest, if one was measured.
///
/// `margin` is the equivalence margin as a fraction, usually [`EQUIVALENCE_MARGIN`]: ratios from `1 / (1 + margin)`
/// to `1 + margin` are the same in practice. Where it is not above zero, nothing is.
pub fn verdict(estimate: &Estimate, floor: Option<&Floor>, margin: f64) -> Verdict {
    let Some(interval) = estimate.interval else {
        return Verdict::Inconclusive {
            rounds_needed: Some(MINIMUM_ROUNDS as u64),
        };
    };
    let floor = floor.map_or(0.0, |floor| floor.reach);
    // A floor beyond the margin leaves no way to be the same; NaN compares as false and leaves none either.
    let margin = log_of(1.0 + margin);
    let margin = if floor <= margin { margin } else { 0.0 };
    let (low, high) = (log_of(interval.low()), log_of(interval.high()));
    if -margin <= low && high <= margin && margin > 0.0 {
        Verdict::Same
    } else if low > floor {
        Verdict::Faster
    } else if high < -floor {
        Verdict::Slower
    } else {
        let point = log_of(estimate.point);
        let times = times_to_differ(point, low, high, floor)
            .min(times_to_be_same(point, low, high, margin));
        let rounds = (times * estimate.rounds as f64).ceil() as u64;
        Verdict::Inconclusive {
            rounds_needed: (times <= MOST_TIMES_THE_ROUNDS).then_some(rounds),
        }
    }
}

/// How many times as long a run would decide an inconclusive `estimate`, if the point stayed where it is, and its
/// interval and the noise `floor` shrank with one over the square root of the time; `None` where no time would, or nobody
/// can know.
///
/// Unlike [`Verdict::Inconclusive`]'s number of rounds, which takes the floor as it is, this lets the floor shrink too: a
/// longer run measures it longer.
pub fn times_to_decide(estimate: &Estimate, floor: Option<Interval>, margin: f64) -> Option<f64> {
    let interval = estimate.interval?;
    let floor = floor.map_or(0.0, |floor| log_of(floor.high()));
    let (point, margin) = (log_of(estimate.point), log_of(1.0 + margin));
    let (low, high) = (log_of(interval.low()), log_of(interval.high()));
    let near = if point > 0.0 {
        point - low
    } else {
        high - point
    };
    let differ = times_to_shrink(near + floor, point.abs());
    let same = times_to_be_same(point, low, high, margin).max(times_to_shrink(floor, margin));
    Some(differ.min(same)).filter(|times| *times <= MOST_TIMES_THE_ROUNDS)
}

/// How many times the rounds would bring the interval's near end out of the floor; infinite where none would.
fn times_to_differ(point: f64, low: f64, high: f64, floor: f64) -> f64 {
    let width = if point > 0.0 {
        point - low
    } else {
        high - point
    };
    times_to_shrink(width, point.abs() - floor)
}

/// How many times the rounds would bring both ends within the margin; infinite where none would.
fn times_to_be_same(point: f64, low: f64, high: f64, margin: f64) -> f64 {
    times_to_shrink(point - low, margin + point).max(times_to_shrink(high - point, margin - point))
}

/// How many times the rounds bring a distance of `width` down to `room`, as it shrinks with their square root.
fn times_to_shrink(width: f64, room: f64) -> f64 {
    if room > 0.0 {
        (width / room) * (width / room)
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::StatsError;

    fn known(low: f64, point: f64, high: f64) -> Result<Estimate, StatsError> {
        let interval = Some(Interval::new(low, high)?);
        Ok(Estimate {
            point,
            interval,
            this_run: interval,
            shares: None,
            rounds: 100,
            replicates: 5,
            block_length: 1,
        })
    }

    fn judge(low: f64, point: f64, high: f64, null: (f64, f64)) -> Result<Verdict, StatsError> {
        let floor = Floor::new(&known(null.0, 1.0, null.1)?);
        Ok(verdict(
            &known(low, point, high)?,
            floor.as_ref(),
            EQUIVALENCE_MARGIN,
        ))
    }

    #[test]
    fn the_floor_reaches_as_far_as_the_farther_end_on_both_sides() -> Result<(), StatsError> {
        let band = Floor::new(&known(1.01, 1.03, 1.05)?)
            .ok_or(StatsError::Empty)?
            .band();
        assert!((band.high() - 1.05).abs() < 1e-12 && (band.low() - 1.0 / 1.05).abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn an_interval_clear_of_the_floor_decides() -> Result<(), StatsError> {
        assert_eq!(judge(1.10, 1.15, 1.20, (0.99, 1.01))?, Verdict::Faster);
        assert_eq!(judge(0.70, 0.75, 0.80, (0.99, 1.01))?, Verdict::Slower);
        Ok(())
    }

    #[test]
    fn a_small_effect_known_precisely_is_the_same() -> Result<(), StatsError> {
        assert_eq!(judge(1.004, 1.005, 1.006, (0.999, 1.001))?, Verdict::Same);
        assert_eq!(judge(0.985, 0.99, 1.01, (0.985, 1.001))?, Verdict::Same);
        Ok(())
    }

    #[test]
    fn no_number_of_rounds_helps_inside_the_floor() -> Result<(), StatsError> {
        let hidden = Verdict::Inconclusive {
            rounds_needed: None,
        };
        assert_eq!(judge(1.03, 1.04, 1.05, (0.9, 1.01))?, hidden);
        assert_eq!(judge(0.999, 1.0, 1.001, (0.9, 1.01))?, hidden);
        Ok(())
    }

    #[test]
    fn half_the_width_needs_four_times_the_rounds() -> Result<(), StatsError> {
        let (point, twice) = (1.05_f64, 1.05_f64 * 1.05);
        let wide = verdict(
            &known(point / twice, point, point * twice)?,
            None,
            EQUIVALENCE_MARGIN,
        );
        let Verdict::Inconclusive {
            rounds_needed: Some(rounds),
        } = wide
        else {
            return Err(StatsError::Empty);
        };
        assert!((400..=401).contains(&rounds), "{rounds}");
        Ok(())
    }

    #[test]
    fn a_longer_run_has_a_narrower_floor_too() -> Result<(), StatsError> {
        // As far from 1 as interval and floor together reach.
        let (point, wide) = (1.1_f64, 1.1_f64.sqrt());
        let estimate = known(point / wide, point, point * wide)?;
        let times = |floor: f64| {
            let floor = Interval::new(1.0 / floor, floor).ok();
            times_to_decide(&estimate, floor, EQUIVALENCE_MARGIN)
        };
        assert!((times(wide).ok_or(StatsError::Empty)? - 1.0).abs() < 1e-9);
        assert!((times(wide.powi(3)).ok_or(StatsError::Empty)? - 4.0).abs() < 1e-9);
        let bare = Estimate {
            interval: None,
            ..estimate
        };
        assert_eq!(times_to_decide(&bare, None, EQUIVALENCE_MARGIN), None);
        Ok(())
    }

    #[test]
    fn without_an_interval_the_first_few_rounds_are_missing() -> Result<(), StatsError> {
        let estimate = Estimate {
            interval: None,
            ..known(1.0, 2.0, 3.0)?
        };
        assert_eq!(Floor::new(&estimate), None);
        let expected = Verdict::Inconclusive {
            rounds_needed: Some(6),
        };
        assert_eq!(verdict(&estimate, None, EQUIVALENCE_MARGIN), expected);
        Ok(())
    }

    #[test]
    fn without_a_margin_nothing_is_the_same() -> Result<(), StatsError> {
        for margin in [0.0, -1.0, -3.0, f64::NAN] {
            assert_eq!(
                verdict(&known(1.0, 1.0, 1.0)?, None, margin).name(),
                "inconclusive"
            );
        }
        Ok(())
    }
}
