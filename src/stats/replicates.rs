//! Many replicates, one number: the trimmed mean of their medians, and its chance error.

use super::student::t_quantile;

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
    medians.sort_unstable_by(f64::total_cmp);
    let kept = kept(medians);
    let &[first, .., last] = kept else { return 0.0 };
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
    let standard_error = (squares / (count - 1.0) * count).sqrt() / kept.len() as f64;
    t_quantile(kept.len() - 1) * standard_error
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
    fn few_replicates_reach_as_far_as_student_says() {
        // Mean 3, standard deviation sqrt(2.5), standard error sqrt(0.5), t = 2.776.
        let reach = reach_of_replicates(&mut [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((reach - 2.776 * 0.5_f64.sqrt()).abs() < 1e-3);
        assert_eq!(reach_of_replicates(&mut [0.3]), 0.0);
    }
}
