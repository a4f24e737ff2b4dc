//! A first estimate while a run is under way: cheap enough to be made after every pass.

use super::ratio::{Interval, logs, ratio_of};
use super::replicates::{drift, reach_of_next_run, reach_of_replicates, trimmed_mean};
use super::{Estimate, MINIMUM_ROUNDS, Sample, StatsError};

/// The same as [`estimate()`](super::estimate()) from ten replicates on. From fewer, its interval comes from their
/// spread alone, without the bootstrap over rounds that would hold up the run; so it may be too narrow where two or
/// three agree by accident. That is enough to decide where to look again, and nothing else is decided by it.
///
/// # Errors
///
/// [`StatsError::Empty`] without replicates or where one has no rounds, [`StatsError::NotPositive`] where a speed-up
/// is not a finite number above zero.
pub fn glance(replicates: &[Vec<f64>]) -> Result<Estimate, StatsError> {
    if replicates.is_empty() {
        return Err(StatsError::Empty);
    }
    let mut medians = replicates
        .iter()
        .map(|rounds| Ok(Sample::new(logs(rounds)?)?.median()))
        .collect::<Result<Vec<f64>, StatsError>>()?;
    let drift = drift(&medians);
    let log = trimmed_mean(&mut medians);
    let reach = reach_of_replicates(&mut medians);
    let rounds = replicates.iter().map(Vec::len).sum();
    let within = |reach: f64| {
        let known = medians.len() > 1 && rounds >= MINIMUM_ROUNDS;
        known.then(|| Interval::between_logs(log - reach, log + reach))
    };
    Ok(Estimate {
        point: ratio_of(log),
        interval: within(reach_of_next_run(reach, drift)),
        this_run: within(reach),
        rounds,
        replicates: medians.len(),
        block_length: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::estimate;

    #[test]
    fn ten_replicates_give_what_the_estimate_gives() -> Result<(), StatsError> {
        let rounds = |number: u32| vec![1.0 + f64::from(number % 4) / 50.0; 6];
        let replicates: Vec<Vec<f64>> = (0..10).map(rounds).collect();
        let (first, last) = (glance(&replicates)?, estimate(&replicates, 1)?);
        assert_eq!((first.point, first.interval), (last.point, last.interval));
        assert_eq!(first.this_run, last.this_run);
        Ok(())
    }

    #[test]
    fn one_replicate_and_five_rounds_have_no_interval() -> Result<(), StatsError> {
        assert_eq!(
            glance(&[vec![1.0, 1.1, 1.2, 1.0, 1.1, 1.2]])?.interval,
            None
        );
        assert_eq!(
            glance(&[vec![1.0, 1.1], vec![1.0, 1.1, 1.2]])?.interval,
            None
        );
        assert!(glance(&[vec![1.0; 3], vec![1.1; 3]])?.interval.is_some());
        assert_eq!(glance(&[]), Err(StatsError::Empty));
        assert_eq!(glance(&[vec![]]), Err(StatsError::Empty));
        Ok(())
    }
}
