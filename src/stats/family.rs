//! Many questions at once: how many false alarms a whole table may raise.

/// The probability, as it is reckoned, that a table in which nothing changed raises any alarm at all.
///
/// What is promised is one table in twenty. What a machine does for an hour is no draw from a normal distribution, and
/// an experiment with real runs (METHODOLOGY.md) had more alarms than were reckoned; the rest is for that.
pub const FAMILY_LEVEL: f64 = 0.01;

/// The p-values of a table, each raised so that one below [`FAMILY_LEVEL`] is an alarm that the whole table, not the
/// one cell, raises falsely so seldom.
///
/// Holm, "A Simple Sequentially Rejective Multiple Test Procedure" (1979): the smallest of `m` values counts `m` times,
/// the next `m − 1` times, and none less than the one before. It holds however the cells depend on each other, and
/// those of a run do: they share a baseline and an hour. A rate of false discoveries (Benjamini & Hochberg, 1995)
/// would allow more of them the more cells there are, and one is enough to stop somebody's work.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (done, &cell) in order.iter().enumerate() {
        let times = (p_values.len() - done) as f64;
        least = least.max((times * p_values[cell]).min(1.0));
        adjusted[cell] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_steps_are_taken() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (value, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((value - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
