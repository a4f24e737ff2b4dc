//! A first estimate while a run is under way: cheap enough to be made after every pass.

use super::{Estimate, Finding, StatsError};

/// The point of [`estimate()`](super::estimate()), with the interval of a [`Finding`]: where there are fewer than ten
/// replicates the chance of rounds comes from their order statistics, not from a bootstrap that would hold up the run.
/// That is enough to decide where to look again, and nothing else is decided by it.
///
/// # Errors
///
/// [`StatsError::Empty`] without replicates or where one has no rounds, [`StatsError::NotPositive`] where a speed-up
/// is not a finite number above zero.
pub fn glance(replicates: &[Vec<f64>]) -> Result<Estimate, StatsError> {
    let finding = Finding::new(replicates)?;
    let interval = finding.interval();
    Ok(Estimate {
        point: finding.point(),
        interval,
        this_run: interval,
        shares: None,
        rounds: finding.rounds,
        replicates: finding.replicates,
        block_length: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::estimate;

    /// Rounds that scatter by some percent around 1.1, replicates by less.
    fn replicates(count: u32) -> Vec<Vec<f64>> {
        let round = |number: u32| 1.1 + f64::from(number * 7919 % 101) / 2000.0;
        let rounds = |first: u32| (first..first + 40).map(round).collect();
        (0..count).map(|replicate| rounds(31 * replicate)).collect()
    }

    #[test]
    fn a_glance_sees_about_what_the_estimate_sees() -> Result<(), StatsError> {
        for count in [3, 5, 10, 30] {
            let replicates = replicates(count);
            let (first, last) = (glance(&replicates)?, estimate(&replicates, 1)?);
            assert_eq!(first.point, last.point);
            let width = |estimate: Estimate| estimate.interval.map(|own| own.half_width_percent());
            let times =
                width(first).ok_or(StatsError::Empty)? / width(last).ok_or(StatsError::Empty)?;
            assert!((0.6..1.7).contains(&times), "{count}: {times}");
        }
        Ok(())
    }

    #[test]
    fn where_nothing_is_known_there_is_no_interval() -> Result<(), StatsError> {
        assert_eq!(
            glance(&[vec![1.0, 1.1], vec![1.0, 1.1, 1.2]])?.interval,
            None
        );
        assert_eq!(glance(&[]), Err(StatsError::Empty));
        assert_eq!(glance(&[vec![]]), Err(StatsError::Empty));
        Ok(())
    }
}
