//! Many replicates, one number: the trimmed mean of their medians, and its chance error.

use super::student::{NORMAL, t_quantile};

/// The mean of `medians` (logarithms, one for each replicate) without the tenth at either end. Sorts them.
pub(super) fn trimmed_mean(medians: &mut [f64]) -> f64 {
    medians.sort_unstable_by(f64::total_cmp);
    mean(kept(medians))
}

/// How far from their trimmed mean, to either side, the chance of replicates reaches; 0 for one replicate, which
/// cannot know. Sorts `medians`.
///
/// Student's t times the standard error of a trimmed mean, from the Winsorised spread: Tukey & McLaughlin, "Less
/// Vulnerable Confidence and Significance Procedures for Location Based on a Single Sample" (1963).
pub(super) fn reach_of_replicates(medians: &mut [f64]) -> f64 {
    chance_of_replicates(medians).map_or(0.0, |chance| chance.reach())
}

/// A standard error, and from how many values (less one) it was learnt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance {
    pub(super) standard_error: f64,
    pub(super) degrees: usize,
}

impl Chance {
    /// How far it reaches to either side, 95 times in a hundred.
    pub(super) fn reach(&self) -> f64 {
        t_quantile(self.degrees) * self.standard_error
    }
}

/// The standard error of the trimmed mean of `medians`, as [`reach_of_replicates`] has it; `None` for one replicate.
/// Sorts `medians`.
pub(super) fn chance_of_replicates(medians: &mut [f64]) -> Option<Chance> {
    medians.sort_unstable_by(f64::total_cmp);
    let kept = kept(medians);
    let &[first, .., last] = kept else {
        return None;
    };
    let winsorised: Vec<f64> = medians
        .iter()
        .map(|median| median.clamp(first, last))
        .collect();
    let centre = mean(&winsorised);
    let squares: f64 = winsorised
        .iter()
        .map(|value| (value - centre) * (value - centre))
        .sum();
    let count = medians.len() as f64;
    Some(Chance {
        standard_error: (squares / (count - 1.0) * count).sqrt() / kept.len() as f64,
        degrees: kept.len() - 1,
    })
}

/// How far the middle of the second half of `medians`, which are in order of time, lies from that of the first; 0 where
/// there are fewer than two in either.
pub(super) fn drift(medians: &[f64]) -> f64 {
    let half = medians.len() / 2;
    if half < 2 {
        return 0.0;
    }
    let (early, late) = (&medians[..half], &medians[medians.len() - half..]);
    (middle(late) - middle(early)).abs()
}

/// How far from this run's point that of the next one may lie, 95 times in a hundred, where this run's own chance
/// reaches `reach` far and the replicates drifted by `drift`.
///
/// The next point has an error of its own, so the variance of the difference is twice that of one run: a prediction
/// interval for the mean of as many replicates again (Hahn & Meeker, "Statistical Intervals", 1991, section 4.7). But
/// what a machine does for minutes on end is shared by all replicates of a run and shows in none of them. That part
/// between runs is taken to be as large as a run's own error, or half of what the run drifted from its first half to
/// its second, if that is more. The first is an assumption, and METHODOLOGY.md has the experiment that bears it out.
pub(super) fn reach_of_next_run(reach: f64, drift: f64) -> f64 {
    let between_runs = reach_between_runs(reach, drift);
    (2.0 * (reach * reach + between_runs * between_runs)).sqrt()
}

/// The part between runs of [`reach_of_next_run`].
pub(super) fn reach_between_runs(reach: f64, drift: f64) -> f64 {
    reach.max(NORMAL * drift / 2.0)
}

/// The median of values that are not sorted.
fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

/// What is left of sorted values without the tenth at either end.
fn kept(sorted: &[f64]) -> &[f64] {
    let left_out = sorted.len() / 10;
    &sorted[left_out..sorted.len() - left_out]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_left_out_at_either_end() {
        let mut ten = [5.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, -1e9, 1e9];
        assert_eq!(trimmed_mean(&mut ten), 4.5);
        assert_eq!(trimmed_mean(&mut [1.0, 2.0, 6.0]), 3.0);
    }

    #[test]
    fn a_run_that_drifts_promises_less() {
        assert_eq!(drift(&[1.0, 2.0, 1.5]), 0.0);
        assert_eq!(drift(&[1.0, 2.0, 9.0, 4.0, 5.0]), 3.0);
        assert_eq!(
            drift(&[0.0, 0.0, 9.0, 0.0, 1.0, 1.0]),
            1.0,
            "one of three may be wild"
        );
        assert_eq!(reach_of_next_run(1.0, 0.5), 2.0);
        assert!(reach_of_next_run(1.0, 4.0) > 5.0);
    }

    #[test]
    fn few_replicates_reach_as_far_as_student_says() {
        // Mean 3, standard deviation sqrt(2.5), standard error sqrt(0.5), t = 2.776.
        let reach = reach_of_replicates(&mut [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((reach - 2.776 * 0.5_f64.sqrt()).abs() < 1e-3);
        assert_eq!(reach_of_replicates(&mut [0.3]), 0.0);
    }
}
