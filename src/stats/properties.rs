//! What must hold for every input, checked on inputs nobody chose.

use proptest::collection::vec;
use proptest::num::f64::ANY;
use proptest::prelude::*;

use super::*;

/// One to twelve replicates of one to forty rounds, between forty times slower and forty times faster.
fn replicates() -> impl Strategy<Value = Vec<Vec<f64>>> {
    vec(vec((-3.7..3.7).prop_map(f64::exp), 1..40), 1..12)
}

fn each(replicates: &[Vec<f64>], change: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    replicates
        .iter()
        .map(|rounds| rounds.iter().map(|&ratio| change(ratio)).collect())
        .collect()
}

/// Point, low end and high end; without an interval the point three times.
fn numbers(replicates: &[Vec<f64>]) -> Result<[f64; 3], StatsError> {
    let estimate = estimate(replicates, 1)?;
    let ends = estimate
        .interval
        .map_or((estimate.point, estimate.point), |interval| {
            (interval.low(), interval.high())
        });
    Ok([estimate.point, ends.0, ends.1])
}

fn close(one: [f64; 3], other: [f64; 3]) -> bool {
    one.iter()
        .zip(other)
        .all(|(one, other)| (one / other - 1.0).abs() < 1e-9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_common_factor_passes_through(replicates in replicates(), factor in 0.01..100.0) {
        let expected = numbers(&replicates)?.map(|ratio| ratio * factor);
        prop_assert!(close(numbers(&each(&replicates, |ratio| ratio * factor))?, expected));
    }

    #[test]
    fn swapping_the_arms_turns_everything_over(replicates in replicates()) {
        let [point, low, high] = numbers(&replicates)?;
        prop_assert!(close(numbers(&each(&replicates, f64::recip))?, [1.0 / point, 1.0 / high, 1.0 / low]));
    }

    #[test]
    fn the_point_lies_in_the_interval_and_the_interval_among_nothing_absurd(replicates in replicates()) {
        let [point, low, high] = numbers(&replicates)?;
        prop_assert!(0.0 < low && low <= point && point <= high && high.is_finite());
    }

    #[test]
    fn no_numbers_whatever_make_it_panic(
        replicates in vec(vec(ANY, 0..9), 0..4), (one, other, margin) in (ANY, ANY, ANY), seed in any::<u64>(),
    ) {
        let _ = (speed_up(one, other), geometric_mean(&[one, other]), Interval::new(one, other));
        let _ = Sample::new(vec![one, other]).map(|sample| (sample.median(), sample.quantile(margin)));
        let positive = each(&replicates, |any| any.abs());
        for replicates in [replicates, positive] {
            if let Ok(estimate) = estimate(&replicates, seed) {
                let floor = Floor::new(&estimate);
                prop_assert!(floor.is_none_or(|floor| floor.band().contains(1.0)));
                let _ = verdict(&Estimate { point: one, ..estimate }, floor.as_ref(), margin);
            }
        }
    }
}
