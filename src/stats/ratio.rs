//! Speed-ups, intervals of them, and the way to their logarithms and back.

use super::StatsError;

/// The speed-up of one round: baseline time over engine time, so above 1 the engine is faster.
///
/// Both times are nanoseconds per iteration of the same workload in the same round.
///
/// # Errors
///
/// [`StatsError::NotPositive`] where a time, or the ratio of two extreme ones, is not a finite number above zero.
pub fn speed_up(
    baseline_ns_per_iteration: f64,
    engine_ns_per_iteration: f64,
) -> Result<f64, StatsError> {
    positive(positive(baseline_ns_per_iteration)? / positive(engine_ns_per_iteration)?)
}

/// The geometric mean of `ratios`: the one mean for which the reciprocals give the reciprocal
/// (Fleming & Wallace, "How Not to Lie with Statistics", 1986).
///
/// # Errors
///
/// [`StatsError::Empty`] without ratios, [`StatsError::NotPositive`] where one is not a finite number above zero.
pub fn geometric_mean(ratios: &[f64]) -> Result<f64, StatsError> {
    if ratios.is_empty() {
        return Err(StatsError::Empty);
    }
    let logs = logs(ratios)?;
    Ok(ratio_of(logs.iter().sum::<f64>() / logs.len() as f64))
}

/// A range of ratios, both ends included: positive, finite, the low end not above the high one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    /// The interval between two ratios.
    ///
    /// # Errors
    ///
    /// [`StatsError::NotPositive`] where an end is not a finite number above zero,
    /// [`StatsError::EndsSwapped`] where `low` is above `high`.
    pub fn new(low: f64, high: f64) -> Result<Self, StatsError> {
        let (low, high) = (positive(low)?, positive(high)?);
        if low > high {
            Err(StatsError::EndsSwapped { low, high })
        } else {
            Ok(Self { low, high })
        }
    }

    /// The interval between two logarithms of ratios, in either order.
    pub(super) fn between_logs(one: f64, other: f64) -> Self {
        Self {
            low: ratio_of(one.min(other)),
            high: ratio_of(one.max(other)),
        }
    }

    /// The low end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The high end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Whether `ratio` lies in the interval, ends included.
    pub fn contains(&self, ratio: f64) -> bool {
        (self.low..=self.high).contains(&ratio)
    }

    /// How far the ends lie from the interval's own (geometric) middle, in percent: the `1.3` of "± 1.3 %".
    pub fn half_width_percent(&self) -> f64 {
        100.0 * (self.high.sqrt() / self.low.sqrt() - 1.0)
    }
}

/// `value`, if it is a finite number above zero.
fn positive(value: f64) -> Result<f64, StatsError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(StatsError::NotPositive { value })
    }
}

/// The natural logarithms of `ratios`, in the same order.
pub(super) fn logs(ratios: &[f64]) -> Result<Vec<f64>, StatsError> {
    ratios
        .iter()
        .map(|&ratio| positive(ratio).map(libm::log))
        .collect()
}

/// The natural logarithm of a ratio; NaN where it is not positive, which compares as false with everything.
pub(super) fn log_of(ratio: f64) -> f64 {
    libm::log(ratio)
}

/// The ratio with this natural logarithm, held inside the finite numbers above zero.
pub(super) fn ratio_of(log: f64) -> f64 {
    libm::exp(log).clamp(f64::MIN_POSITIVE, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faster_engine_has_a_speed_up_above_one() {
        assert_eq!(speed_up(300.0, 200.0), Ok(1.5));
        assert_eq!(speed_up(200.0, 400.0), Ok(0.5));
    }

    #[test]
    fn impossible_times_are_errors() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(speed_up(bad, 1.0).is_err());
            assert!(speed_up(1.0, bad).is_err());
        }
        assert!(speed_up(f64::MAX, f64::MIN_POSITIVE).is_err());
        assert!(speed_up(f64::MIN_POSITIVE, f64::MAX).is_err());
    }

    #[test]
    fn geometric_mean_of_reciprocals_is_one() -> Result<(), StatsError> {
        assert!((geometric_mean(&[4.0, 0.25])? - 1.0).abs() < 1e-15);
        assert!((geometric_mean(&[2.0, 8.0])? - 4.0).abs() < 1e-14);
        assert_eq!(geometric_mean(&[]), Err(StatsError::Empty));
        assert_eq!(
            geometric_mean(&[1.0, 0.0]),
            Err(StatsError::NotPositive { value: 0.0 })
        );
        Ok(())
    }

    #[test]
    fn interval_checks_its_ends() -> Result<(), StatsError> {
        assert!(Interval::new(1.0, 0.5).is_err());
        assert!(Interval::new(0.0, 0.5).is_err());
        assert!(Interval::new(0.5, f64::NAN).is_err());
        let interval = Interval::new(0.8, 1.25)?;
        assert!(interval.contains(0.8) && interval.contains(1.0) && interval.contains(1.25));
        assert!(!interval.contains(0.79) && !interval.contains(f64::NAN));
        assert!((interval.half_width_percent() - 25.0).abs() < 1e-12);
        Ok(())
    }
}
