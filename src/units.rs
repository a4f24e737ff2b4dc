//! Quantities with their unit in the type, and the one place where they become text.
//!
//! Text carries three significant digits: a fourth would promise more than a shared machine holds. One notation for
//! each kind of figure: a ratio is a plain number under its heading and has an `x` behind it in running text, a range is
//! `low … high`, a change and a reach are percentages.

use std::fmt;

pub use data_gen::ByteCount;

/// A duration in nanoseconds. Fractional, because most are a batch divided by its iterations.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Nanos(pub f64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&scaled(
            self.0,
            &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")],
        ))
    }
}

/// Bytes looked at in each second of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Throughput {
    /// Bytes a second.
    pub bytes_per_second: f64,
}

impl Throughput {
    /// `bytes` looked at in `time`; `None` where no time was spent.
    #[must_use]
    pub fn new(bytes: ByteCount, time: Nanos) -> Option<Self> {
        (time.0 > 0.0).then(|| Self {
            bytes_per_second: bytes.0 as f64 * 1e9 / time.0,
        })
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&scaled(
            self.bytes_per_second,
            &[(1e9, "GB/s"), (1e6, "MB/s"), (1e3, "kB/s"), (1.0, "B/s")],
        ))
    }
}

/// Bytes as people say them: `2.07 MB`.
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    scaled(
        bytes as f64,
        &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "bytes")],
    )
}

/// Bytes of memory, which comes in powers of two: `23.5 GiB`.
#[must_use]
pub fn memory_text(bytes: f64) -> String {
    let [gib, mib, kib] = [30, 20, 10].map(|power| f64::from(1 << power));
    scaled(
        bytes,
        &[(gib, "GiB"), (mib, "MiB"), (kib, "KiB"), (1.0, "bytes")],
    )
}

/// About so many `bytes`, to two digits and from 100 on to three, spelt in the kind of unit that `like` is spelt in: `340KiB`, `1.2MB`.
#[must_use]
pub fn about(bytes: f64, like: ByteCount) -> String {
    const BINARY: [(f64, &str); 4] = [
        (1_073_741_824.0, "GiB"),
        (1_048_576.0, "MiB"),
        (1024.0, "KiB"),
        (1.0, "B"),
    ];
    const DECIMAL: [(f64, &str); 4] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")];
    let units = if like.to_string().ends_with("iB") {
        BINARY
    } else {
        DECIMAL
    };
    let unit = units.iter().find(|(factor, _)| bytes >= *factor);
    let (factor, name) = unit.copied().unwrap_or((1.0, "B"));
    let value = bytes / factor;
    match value {
        _ if value < 9.95 && factor > 1.0 => format!("{value:.1}{name}"),
        _ => format!("{value:.0}{name}"),
    }
}

/// A speed-up: baseline time over engine time. Above 1 the engine is the faster one.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&significant(self.0))
    }
}

/// `value` in the largest unit that leaves at least one digit before the point.
fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let rounded_up = value * 1.0005; // 999.6 µs is written 1.00 ms, not 1000 µs
    let (factor, name) = units
        .iter()
        .find(|(factor, _)| rounded_up >= *factor)
        .or(units.last())
        .copied()
        .unwrap_or((1.0, ""));
    format!("{} {name}", significant(value / factor))
}

/// Three significant digits: `0.0123`, `1.23`, `12.3`, `123`, `12300`; with an exponent below 0.0001 and from ten
/// million on: `1.23e-5`.
#[must_use]
pub fn significant(value: f64) -> String {
    to_digits(value, 3)
}

fn to_digits(value: f64, digits: u8) -> String {
    let rounded = format!("{:.*e}", usize::from(digits) - 1, value);
    let exponent = rounded.split_once('e').map(|(_, exponent)| exponent);
    let Some(exponent) = exponent.and_then(|exponent| exponent.parse::<i32>().ok()) else {
        return format!("{value}"); // not a finite number
    };
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(-4..7).contains(&exponent) {
        return rounded;
    }
    let decimals = usize::try_from(i32::from(digits) - 1 - exponent).unwrap_or(0);
    // The rounded number and not `value`: 12,345 has no more than its digits.
    let rounded: f64 = rounded.parse().unwrap_or(value);
    format!("{rounded:.decimals$}")
}

/// An interval of ratios is too wide to say anything where its ends lie on both sides of 1 and more than this many
/// times apart: "three times as slow, or three times as fast".
const TOO_WIDE: f64 = 10.0;

/// Ends that lie fewer steps of the third digit apart than this have a fourth.
const FEW_STEPS: f64 = 5.0;

/// What stands in place of the ends of an interval that says nothing.
pub const TOO_WIDE_TO_SAY: &str = "too wide to say";

/// The ends of a range of ratios, `0.973 … 1.42`: both with three significant digits, or both with four where three
/// would hardly tell them apart (`0.9973 … 1.003`). At most 23 characters.
#[must_use]
pub fn range(low: f64, high: f64) -> String {
    let digits = digits_between(low, high);
    format!("{} … {}", to_digits(low, digits), to_digits(high, digits))
}

fn digits_between(low: f64, high: f64) -> u8 {
    let step = 10f64.powf(high.log10().floor() - 2.0);
    if high - low < FEW_STEPS * step { 4 } else { 3 }
}

/// A 95 % interval of ratios as a [`range`], or [`TOO_WIDE_TO_SAY`] where it holds 1 and its ends lie more than ten
/// times apart: figures would look like a finding.
#[must_use]
pub fn interval(low: f64, high: f64) -> String {
    if says_nothing(low, high) {
        return TOO_WIDE_TO_SAY.to_owned();
    }
    range(low, high)
}

/// How far above 1 a noise floor reaches, with the digits of a [`range`]; below 1 it reaches to the reciprocal.
#[must_use]
pub fn floor(high: f64) -> String {
    to_digits(high, digits_between(1.0, high))
}

/// Whether an interval of ratios is too wide to say anything.
#[must_use]
pub fn says_nothing(low: f64, high: f64) -> bool {
    (low..=high).contains(&1.0) && high / low > TOO_WIDE
}

/// A factor in running text, where no heading says that it is one: `1.86x`.
#[must_use]
pub fn times(factor: f64) -> String {
    format!("{}x", significant(factor))
}

/// How far something reaches to either side, in percent: `1.3 %`, `12 %`.
#[must_use]
pub fn percent(value: f64) -> String {
    if value.abs() >= 99.5 {
        return format!("{} %", significant(value));
    }
    let decimals = usize::from(value.abs() < 9.95);
    match format!("{value:.decimals$}") {
        zero if value > 0.0 && zero == "0.0" => format!("{} %", to_digits(value, 1)),
        other => format!("{other} %"),
    }
}

/// A change by a ratio: `+3.2 %`, `−7.1 %`, `+800 %`. What is left of almost nothing never becomes `−100 %`.
#[must_use]
pub fn change(ratio: f64) -> String {
    let percent = 100.0 * (ratio - 1.0);
    let text = match percent {
        large if large >= 99.95 => format!("+{}", significant(large)),
        small if small <= -99.95 => {
            let left = (100.0 + small).max(0.001);
            let decimals = (-left.log10()).ceil().clamp(1.0, 3.0) as usize;
            format!("{:.decimals$}", left - 100.0)
        }
        other => format!("{other:+.1}"),
    };
    // Neither −0.0 nor +0.0 is a direction.
    match text.as_str() {
        "+0.0" | "-0.0" => "0.0 %".to_owned(),
        other => format!("{} %", other.replace('-', "−")),
    }
}

/// The interval of a [`change`], `−9.1 % … −5.0 %`; too wide as an [`interval`] is.
#[must_use]
pub fn change_interval(low: f64, high: f64) -> String {
    if says_nothing(low, high) {
        return TOO_WIDE_TO_SAY.to_owned();
    }
    format!("{} … {}", change(low), change(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_about_so_large_has_two_or_three_digits() {
        let binary = ByteCount(4096);
        for (bytes, like, text) in [
            (348_160.0, binary, "340KiB"),
            (349_999.0, binary, "342KiB"),
            (525_312.0, binary, "513KiB"), // not below a size of 512KiB that it lies above
            (12_000.0, binary, "12KiB"),
            (1_258_291.2, binary, "1.2MiB"),
            (1_258_291.2, ByteCount(2_000_000), "1.3MB"),
            (700.0, ByteCount(1025), "700B"),
            (3e12, binary, "2794GiB"),
        ] {
            assert_eq!(about(bytes, like), text);
        }
    }

    #[test]
    fn three_significant_digits_at_every_size() {
        for (value, text) in [
            (0.0, "0"),
            (0.012_34, "0.0123"),
            (0.744, "0.744"),
            (0.999_6, "1.00"),
            (1.0, "1.00"),
            (13.04, "13.0"),
            (99.96, "100"),
            (302.4, "302"),
            (12_345.0, "12300"),
            (-1.234, "-1.23"),
            (9_999_499.0, "1.00e7"),
            (12_345_678.0, "1.23e7"),
            (0.000_123_4, "0.000123"),
            (0.000_012_34, "1.23e-5"),
        ] {
            assert_eq!(significant(value), text);
        }
    }

    #[test]
    fn both_ends_of_a_range_have_as_many_digits() {
        for (low, high, text) in [
            (0.973_1, 1.02, "0.9731 … 1.020"),
            (0.953_1, 0.971, "0.953 … 0.971"),
            (1.245, 1.26, "1.245 … 1.260"),
            (0.1, 0.100_4, "0.1000 … 0.1004"),
            (0.953, 1.02, "0.953 … 1.02"),
            (0.9, 1.02, "0.900 … 1.02"),
            (0.998_9, 1.000_9, "0.9989 … 1.001"),
            (31.26, 37.83, "31.3 … 37.8"),
            (0.98, 4.0, "0.980 … 4.00"),
            (1.31, 120.0, "1.31 … 120"),
            (0.000_98, 0.313, "0.000980 … 0.313"),
            (1.0, 1.0, "1.000 … 1.000"),
            (12_345.0, 23_456.0, "12300 … 23500"),
        ] {
            assert_eq!(interval(low, high), text);
        }
    }

    #[test]
    fn an_interval_that_holds_both_answers_ten_times_apart_says_so() {
        assert_eq!(interval(0.000_98, 3133.0), "too wide to say");
        assert_eq!(interval(0.99, 120.0), "too wide to say");
        assert_eq!(interval(0.35, 2.9), "0.350 … 2.90");
        assert_eq!(change_interval(0.1, 30.0), "too wide to say");
        assert_eq!(change_interval(0.85, 1.29), "−15.0 % … +29.0 %");
    }

    #[test]
    fn changes_are_percentages_of_whatever_size() {
        for (ratio, text) in [
            (1.0, "0.0 %"),
            (0.999_9, "0.0 %"),
            (1.032, "+3.2 %"),
            (0.929, "−7.1 %"),
            (1.999, "+99.9 %"),
            (9.0, "+800 %"),
            (12.34, "+1130 %"),
            (0.012_34, "−98.8 %"),
            (0.000_98, "−99.9 %"),
            (1e-300, "−99.999 %"),
        ] {
            assert_eq!(change(ratio), text);
        }
    }

    #[test]
    fn a_reach_in_percent_never_vanishes() {
        for (value, text) in [
            (1.3, "1.3 %"),
            (12.34, "12 %"),
            (123_456.0, "123000 %"),
            (0.004, "0.004 %"),
            (0.0, "0.0 %"),
        ] {
            assert_eq!(percent(value), text);
        }
    }

    proptest! {
        /// Of every interval text both ends read back as what they were, to half a unit of the last digit.
        #[test]
        fn ends_read_back(log_low in -690.0..690.0_f64, log_width in prop_oneof![0.0..0.2_f64, 0.0..3.0, 0.0..700.0]) {
            let low = log_low.exp();
            let high = (log_low + log_width).exp().clamp(low, 1e300);
            let text = interval(low, high);
            prop_assert!(text.chars().count() <= 23, "{text}");
            if text == TOO_WIDE_TO_SAY {
                prop_assert!(low <= 1.0 && high >= 1.0 && high > 10.0 * low);
                return Ok(());
            }
            let (one, other) = text.split_once(" … ").unwrap();
            let ends: [f64; 2] = [one.parse().unwrap(), other.parse().unwrap()];
            prop_assert!(0.0 < ends[0] && ends[0] <= ends[1], "{text}");
            for (end, told) in [low, high].into_iter().zip(ends) {
                prop_assert!((told / end - 1.0).abs() <= 0.005 * (1.0 + 1e-9), "{end}: {text}");
            }
        }

        #[test]
        fn changes_read_back(log in -690.0..690.0_f64) {
            let text = change(log.exp());
            prop_assert!(text.chars().count() <= 12, "{text}");
            let number = text.strip_suffix(" %").unwrap().replace('−', "-");
            let told: f64 = number.parse().unwrap();
            let percent = 100.0 * (log.exp() - 1.0);
            prop_assert!(told > -100.0 && (told - percent).abs() <= 0.051 + 0.0051 * percent.abs(), "{percent}: {text}");
        }
    }

    #[test]
    fn the_unit_follows_the_size() {
        assert_eq!(Nanos(0.5).to_string(), "0.500 ns");
        assert_eq!(Nanos(999.6).to_string(), "1.00 µs");
        assert_eq!(Nanos(152_300.0).to_string(), "152 µs");
        assert_eq!(Nanos(2.5e9).to_string(), "2.50 s");
        let throughput = Throughput::new(ByteCount(2_000_000), Nanos(1e6));
        assert_eq!(throughput.map(|t| t.to_string()), Some("2.00 GB/s".into()));
        assert_eq!(Throughput::new(ByteCount(1), Nanos(0.0)), None);
    }
}
