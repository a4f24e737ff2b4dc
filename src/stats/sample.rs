//! A checked list of numbers and its order statistics.

use super::StatsError;

/// At least one value, all of them finite.
///
/// The values may be in any unit (nanoseconds, ratios, logarithms of ratios); results come back in the same one.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    values: Vec<f64>,
}

impl Sample {
    /// Checks and keeps `values`; their order does not matter.
    ///
    /// # Errors
    ///
    /// [`StatsError::Empty`] without values, [`StatsError::NotFinite`] at the first NaN or infinity.
    pub fn new(values: Vec<f64>) -> Result<Self, StatsError> {
        if values.is_empty() {
            return Err(StatsError::Empty);
        }
        match values.iter().find(|value| !value.is_finite()) {
            Some(&value) => Err(StatsError::NotFinite { value }),
            None => Ok(Self { values }),
        }
    }

    /// The middle value; of an even number of values, the mean of the two in the middle. Linear time.
    pub fn median(&self) -> f64 {
        let last = self.values.len() - 1;
        self.between(last / 2, last.div_ceil(2), 0.5)
    }

    /// The value below which about the share `probability` of the sample lies: linear interpolation between the two
    /// nearest order statistics, definition 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages" (1996).
    /// Linear time.
    ///
    /// # Errors
    ///
    /// [`StatsError::NotAProbability`] where `probability` is not in 0 … 1.
    pub fn quantile(&self, probability: f64) -> Result<f64, StatsError> {
        if !(0.0..=1.0).contains(&probability) {
            return Err(StatsError::NotAProbability { value: probability });
        }
        let position = probability * (self.values.len() - 1) as f64;
        Ok(self.between(
            position.floor() as usize,
            position.ceil() as usize,
            position.fract(),
        ))
    }

    /// The point `weight` of the way from one order statistic to another, both counted from 0.
    fn between(&self, lower: usize, upper: usize, weight: f64) -> f64 {
        let mut values = self.values.clone();
        let (_, &mut low, above) = values.select_nth_unstable_by(lower, f64::total_cmp);
        let high = if upper == lower {
            low
        } else {
            above.iter().copied().fold(f64::INFINITY, f64::min)
        };
        // Not `low + weight * (high - low)`: that difference overflows where the ends are huge and opposite.
        low * (1.0 - weight) + high * weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle_or_the_mean_of_the_two() -> Result<(), StatsError> {
        assert_eq!(Sample::new(vec![7.0])?.median(), 7.0);
        assert_eq!(Sample::new(vec![9.0, 1.0, 5.0])?.median(), 5.0);
        assert_eq!(Sample::new(vec![4.0, 1.0, 100.0, 2.0])?.median(), 3.0);
        Ok(())
    }

    #[test]
    fn quantiles_interpolate_between_order_statistics() -> Result<(), StatsError> {
        let sample = Sample::new(vec![40.0, 10.0, 30.0, 20.0])?;
        for (probability, expected) in [
            (0.0, 10.0),
            (0.25, 17.5),
            (0.5, 25.0),
            (0.9, 37.0),
            (1.0, 40.0),
        ] {
            assert!((sample.quantile(probability)? - expected).abs() < 1e-12);
        }
        assert!(sample.quantile(1.5).is_err());
        assert!(sample.quantile(f64::NAN).is_err());
        Ok(())
    }

    #[test]
    fn huge_values_do_not_overflow() -> Result<(), StatsError> {
        assert_eq!(Sample::new(vec![-f64::MAX, f64::MAX])?.median(), 0.0);
        Ok(())
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        assert_eq!(Sample::new(vec![]), Err(StatsError::Empty));
        assert_eq!(
            Sample::new(vec![1.0, f64::INFINITY]),
            Err(StatsError::NotFinite {
                value: f64::INFINITY
            })
        );
        assert!(Sample::new(vec![f64::NAN]).is_err());
    }
}
