//! Axes of ratios, where twice as fast and half as fast lie equally far from 1, and of times.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use crate::units::significant;

/// A straight axis with ticks where one wants them. (Those of plotters for fractions cannot be told.)
#[derive(Clone, Debug)]
pub(super) struct Axis {
    range: Range<f64>,
    ticks: Vec<f64>,
}

impl Axis {
    pub(super) fn new(range: Range<f64>, ticks: Vec<f64>) -> Self {
        Self { range, ticks }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    /// The pixel that `value` falls on.
    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        (f64::from(first) + share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// An axis of ratios. Everything on it is a logarithm to the base 2.
#[derive(Clone, Debug)]
pub(super) struct RatioAxis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
}

/// How far beyond the points, in powers of 2, the ends of intervals are followed.
const FARTHEST: f64 = 2.0;

/// The least that an axis shows to either side of its middle: 2 %.
const LEAST: f64 = 0.0286;

impl RatioAxis {
    /// The axis that holds 1 and all `logs`, with a little room and room for so many ticks.
    pub(super) fn around(logs: impl IntoIterator<Item = f64>, most_ticks: usize) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for log in logs.into_iter().filter(|log| log.is_finite()) {
            low = low.min(log);
            high = high.max(log);
        }
        let room = 0.05 * (high - low).max(LEAST);
        let (low, high) = ((low - room).min(-LEAST), (high + room).max(LEAST));
        Self {
            low,
            high,
            ticks: ticks(low, high, most_ticks),
        }
    }

    /// The axis that holds all `points` and, as far as those do not squeeze them together, the `ends` of their
    /// intervals; 1 need not be on it. All are logarithms.
    pub(super) fn spanning(
        points: &[f64],
        ends: impl IntoIterator<Item = f64>,
        most_ticks: usize,
    ) -> Self {
        let known = || points.iter().copied().filter(|log| log.is_finite());
        let least = known().fold(f64::INFINITY, f64::min);
        let most = known().fold(f64::NEG_INFINITY, f64::max);
        if least > most {
            return Self::around([], most_ticks);
        }
        let beyond = (most - least).max(LEAST);
        let ends = ends.into_iter().filter(|end| end.is_finite());
        let ends = ends.map(|end| end.clamp(least - beyond, most + beyond));
        let (low, high) = ends.fold((least, most), |(low, high), end| {
            (low.min(end), high.max(end))
        });
        let room = (0.05 * (high - low)).max(LEAST - (high - low) / 2.0);
        let (low, high) = (low - room, high + room);
        Self {
            low,
            high,
            ticks: ticks(low, high, most_ticks),
        }
    }

    /// The axis that holds 1 and all `points`, and the `ends` of their intervals as far as those do not
    /// squeeze the points together. Neither are logarithms.
    pub(super) fn of(
        points: impl IntoIterator<Item = f64>,
        ends: impl IntoIterator<Item = f64>,
    ) -> Self {
        let points: Vec<f64> = points.into_iter().map(f64::log2).collect();
        let least = points.iter().copied().fold(0.0, f64::min) - FARTHEST;
        let most = points.iter().copied().fold(0.0, f64::max) + FARTHEST;
        let ends = ends.into_iter().map(f64::log2);
        let held: Vec<f64> = ends.map(|end| end.clamp(least, most)).collect();
        Self::around(held.into_iter().chain(points), 9)
    }

    pub(super) fn axis(&self) -> Axis {
        Axis::new(self.low..self.high, self.ticks.clone())
    }

    /// `log`, moved to the nearest edge where it lies beyond.
    pub(super) fn held(&self, log: f64) -> f64 {
        log.clamp(self.low, self.high)
    }
}

/// Where the axis has its ticks: powers of 2 where it spans some, with halves between them where it
/// spans few, else round steps from 1.
fn ticks(low: f64, high: f64, most_ticks: usize) -> Vec<f64> {
    let octaves = high - low;
    if octaves >= 1.5 {
        let step = (octaves / most_ticks as f64).ceil().max(1.0);
        let powers = (low / step).floor() as i64..=(high / step).floor() as i64;
        let between = 1.5_f64.log2();
        let dense = octaves < 3.0 && 2.0 * octaves <= most_ticks as f64;
        return powers
            .flat_map(|power| [power as f64 * step, power as f64 + between])
            .filter(|tick| (low..=high).contains(tick))
            .filter(|tick| dense || tick % step == 0.0)
            .collect();
    }
    let (least, most) = (low.exp2(), high.exp2());
    let decades = (-12..=12).map(|decade| 10_f64.powi(decade));
    for step in decades.flat_map(|decade| [decade, 2.0 * decade, 5.0 * decade]) {
        let first = (least / step).ceil() as i64;
        let last = (most / step).floor() as i64;
        if usize::try_from(last - first).is_ok_and(|steps| steps < most_ticks) {
            let ratios = (first..=last).map(|tick| tick as f64 * step);
            return ratios.filter(|ratio| *ratio > 0.0).map(f64::log2).collect();
        }
    }
    vec![0.0]
}

/// What stands at a tick: `0.25`, `1`, `1.05`, `1e9`.
pub(super) fn ratio_text(log: f64) -> String {
    let ratio = log.exp2();
    if !(1e-3..1e6).contains(&ratio) {
        let text = format!("{ratio:.2e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e{power}");
    }
    if ratio < 0.1 {
        return significant(ratio);
    }
    format!("{}", (ratio * 1e3).round() / 1e3)
}

/// Ticks of 1, 2 and 5 times powers of 10 between two times; logarithms to the base 10, both ways.
pub(super) fn time_ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = low.floor() as i64..=high.ceil() as i64;
    let within = |log: &f64| (low..=high).contains(log);
    let marks = |factors: &'static [f64]| -> Vec<f64> {
        decades
            .clone()
            .flat_map(|decade| factors.iter().map(move |by| decade as f64 + by.log10()))
            .filter(within)
            .collect()
    };
    let few = marks(&[1.0]);
    if few.len() >= 4 {
        return few;
    }
    marks(&[1.0, 2.0, 5.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64) -> Vec<String> {
        let axis = RatioAxis::around([low.log2(), high.log2()], 9);
        axis.ticks.iter().map(|tick| ratio_text(*tick)).collect()
    }

    #[test]
    fn wide_axes_count_in_powers_of_two() {
        assert_eq!(texts(0.4, 4.0), ["0.5", "1", "2", "4"]);
        assert_eq!(texts(0.4, 250.0), ["1", "4", "16", "64", "256"]);
        assert_eq!(texts(0.5, 2.5), ["0.5", "0.75", "1", "1.5", "2"]);
    }

    #[test]
    fn narrow_axes_count_in_round_steps() {
        assert_eq!(
            texts(1.0, 1.0),
            [
                "0.985", "0.99", "0.995", "1", "1.005", "1.01", "1.015", "1.02"
            ]
        );
        assert_eq!(
            texts(0.9, 1.3),
            [
                "0.9", "0.95", "1", "1.05", "1.1", "1.15", "1.2", "1.25", "1.3"
            ]
        );
    }

    #[test]
    fn an_axis_without_one_has_round_steps_as_well() {
        let texts = |low: f64, high: f64| -> Vec<String> {
            let axis = RatioAxis::spanning(&[low.log2(), high.log2()], [], 6);
            assert!(axis.low < low.log2() && axis.high > high.log2());
            axis.ticks.iter().map(|tick| ratio_text(*tick)).collect()
        };
        assert_eq!(texts(240.0, 260.0), ["240", "245", "250", "255", "260"]);
        assert_eq!(texts(2.0, 2.0), ["1.98", "2", "2.02", "2.04"]);
        assert_eq!(texts(1.0, 9.0), ["1", "2", "4", "8"]);
        assert_eq!(texts(5e-4, 5e-4), ["4.95e-4", "5e-4", "5.05e-4", "5.1e-4"]);
        assert_eq!(texts(2e6, 2e6), ["1.98e6", "2e6", "2.02e6", "2.04e6"]);
        assert_eq!(ratio_text(1e9_f64.log2()), "1e9");
    }

    #[test]
    fn far_ends_do_not_squeeze_the_points() {
        let axis = RatioAxis::spanning(&[1.0, 1.5], [-40.0, 40.0], 6);
        assert!(axis.low > 0.0 && axis.high < 2.5, "{axis:?}");
        let axis = RatioAxis::spanning(&[], [f64::NAN], 6);
        assert!(axis.low < axis.high);
    }

    #[test]
    fn one_is_on_every_axis_and_nothing_breaks_it() {
        for logs in [vec![], vec![f64::NAN], vec![5.0], vec![-900.0, 900.0]] {
            let axis = RatioAxis::around(logs, 9);
            assert!(axis.low < 0.0 && axis.high > 0.0);
            assert!(axis.ticks.len() <= 10, "{axis:?}");
        }
    }

    #[test]
    fn times_have_few_ticks() {
        let ticks = time_ticks(4.9, 6.1);
        let ns: Vec<f64> = ticks.iter().map(|log| 10f64.powf(*log).round()).collect();
        assert_eq!(ns, [100_000.0, 200_000.0, 500_000.0, 1_000_000.0]);
        assert_eq!(time_ticks(1.0, 6.0).len(), 6);
    }
}
