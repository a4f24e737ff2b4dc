//! Quantities with their unit in the type, and the one place where they become text.
//!
//! Text carries three significant digits: a fourth would promise more than a shared machine holds.

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

/// Three significant digits without an exponent: `0.0123`, `1.23`, `12.3`, `123`, `12300`.
#[must_use]
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let exponent = format!("{:.2e}", value.abs())
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse::<i32>().ok())
        .unwrap_or(0);
    let decimals = usize::try_from(2 - exponent).unwrap_or(0);
    if decimals > 0 {
        return format!("{value:.decimals$}");
    }
    let step = 10f64.powi((exponent - 2).max(0));
    format!("{:.0}", (value / step).round() * step)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(significant(value), text);
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
