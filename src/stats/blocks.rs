//! How many consecutive rounds belong together.

use super::series::Series;

/// How many lags in a row must be insignificant before the autocorrelation counts as gone: `K` of Politis & White.
const QUIET_LAGS: usize = 5;

/// How much longer than the rule says blocks are. The rule seeks the least squared error of the variance; an interval
/// suffers more from a variance that is too small, as short blocks make it, than from one that is uncertain.
/// By simulation (lag-1 correlation 0.45 and 0.8, 200 rounds): as the rule says 91.5 % and 88.6 %, twice as long 93.2 %
/// and 91.9 %.
const LONGER: f64 = 2.0;

/// The length, in rounds, of the blocks that the bootstrap keeps whole; at least 1.
///
/// Neighbouring rounds resemble each other while a shared cache or a clock frequency stays as it is, and rounds that
/// resemble each other tell less than their number suggests. Blocks carry that resemblance into every resample.
///
/// The rule is that of Politis & White, "Automatic Block-Length Selection for the Dependent Bootstrap" (2004), for the
/// circular bootstrap, with the correction of Patton, Politis & White (2009). It is applied not to the logarithms but
/// to the side of the median each one lies on: that is all a median sees of a round (its influence function is the
/// sign), and it leaves a spike no more weight than any other round. The correlations of all replicates are pooled.
///
/// Where neighbours repel each other the answer is 1: shorter intervals on the strength of estimated negative
/// correlations would be a bet.
pub(super) fn block_length(replicates: &[Series]) -> usize {
    let rounds: usize = replicates.iter().map(Series::rounds).sum();
    let n = rounds as f64;
    let Correlation { spread, slope } = correlation(replicates);
    if spread <= 1.0 {
        return 1;
    }
    let length = LONGER * libm::cbrt(1.5 * slope * slope / (spread * spread) * n);
    length
        .min(3.0 * n.sqrt())
        .ceil()
        .min((rounds / 3) as f64)
        .max(1.0) as usize
}

/// How many times more a median varies than if neighbouring rounds had nothing to do with each other; at least 1.
pub(super) fn inflation(replicates: &[Series]) -> f64 {
    correlation(replicates).spread.max(1.0)
}

/// Sums over the autocorrelations of signs, from one significant lag to the same on the other side.
struct Correlation {
    /// Of the correlations.
    spread: f64,
    /// Of the correlations, each times its lag.
    slope: f64,
}

fn correlation(replicates: &[Series]) -> Correlation {
    let rounds: usize = replicates.iter().map(Series::rounds).sum();
    let n = rounds as f64;
    let longest_lag = n.sqrt().ceil() as usize;
    let products: Vec<f64> = (0..=2 * longest_lag + QUIET_LAGS)
        .map(|lag| sum_of_products(replicates, lag))
        .collect();
    if products[0] == 0.0 {
        return Correlation {
            spread: 1.0,
            slope: 0.0,
        };
    }
    let correlation = |lag: usize| products[lag] / products[0];

    let significant = 2.0 * (n.log10() / n).sqrt();
    let quiet_after =
        |lag: &usize| (1..=QUIET_LAGS).all(|ahead| correlation(lag + ahead).abs() < significant);
    // One lag is always looked at: weak correlation stays under the threshold and yet widens the truth.
    let window = 2 * (1..=longest_lag).find(quiet_after).unwrap_or(longest_lag);

    // Sums over lags from -window to window, of which the negative ones mirror the positive ones.
    let (mut spread, mut slope) = (1.0, 0.0);
    for lag in 1..=window {
        let flat_top = (2.0 * (1.0 - lag as f64 / window as f64)).min(1.0);
        spread += 2.0 * flat_top * correlation(lag);
        slope += 2.0 * flat_top * lag as f64 * correlation(lag);
    }
    Correlation { spread, slope }
}

/// The sum, over all replicates, of the products of the signs of rounds `lag` apart in the same replicate.
fn sum_of_products(replicates: &[Series], lag: usize) -> f64 {
    let of_one = |series: &Series| {
        let signs = series.signs();
        signs
            .iter()
            .zip(signs.iter().skip(lag))
            .map(|(now, later)| now * later)
            .sum::<f64>()
    };
    replicates.iter().map(of_one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::StatsError;

    /// The block length of one replicate of 60 rounds.
    fn length_of(speed_up: impl Fn(usize) -> f64) -> Result<usize, StatsError> {
        let rounds: Vec<f64> = (0..60).map(speed_up).collect();
        Ok(block_length(&[Series::new(&rounds)?]))
    }

    #[test]
    fn rounds_that_stay_together_are_kept_together() -> Result<(), StatsError> {
        assert!(
            length_of(|round| if 0b1011_0111_0010 >> (round / 5) & 1 == 0 {
                1.0
            } else {
                1.1
            })? >= 5
        );
        Ok(())
    }

    #[test]
    fn equal_and_alternating_rounds_stand_alone() -> Result<(), StatsError> {
        assert_eq!(length_of(|_| 1.5)?, 1);
        assert_eq!(
            length_of(|round| if round % 2 == 0 { 1.0 } else { 1.1 })?,
            1
        );
        Ok(())
    }
}
