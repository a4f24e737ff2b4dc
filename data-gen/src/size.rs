//! [`ByteCount`]: sizes as people spell them, without rounding.
//!
//! The `bytesize` crate parses and prints through `f64`, so `parse(display(n)) == n` fails for it
//! and `14.4MB` is exact only by luck; a fixture's size has to be exact.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Error;

/// A number of bytes. `2MB` is 2,000,000 and `2MiB` is 2,097,152.
///
/// Parsing takes any decimal number that comes to a whole number of bytes, units in any case.
/// Printing gives the shortest spelling that parses back to the same number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ByteCount(pub u64);

/// Largest first, so that of two equally short spellings the one with the larger unit wins.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

/// More would overflow the arithmetic, and no shortest spelling has as many.
const FRACTION_DIGITS: usize = 18;

impl FromStr for ByteCount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |reason| Error::size(text, reason);
        let trimmed = text.trim();
        let unit_at = trimmed
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(unit_at);
        let factor = factor(unit.trim_start()).ok_or_else(|| {
            refuse("has an unknown unit; use B, kB, KiB, MB, MiB, GB, GiB, TB or TiB")
        })?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
            return Err(refuse("is not a size; write one like 14.4MB or 2MiB"));
        }
        // Zeros at the end add nothing and would count against the limit.
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > FRACTION_DIGITS {
            return Err(refuse("is not a whole number of bytes"));
        }
        let whole: u64 = whole
            .parse()
            .map_err(|_| refuse("is more than 2^64 bytes"))?;
        let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        let parts = fraction.parse::<u128>().unwrap_or(0) * u128::from(factor);
        if !parts.is_multiple_of(scale) {
            return Err(refuse("is not a whole number of bytes"));
        }
        u64::try_from(u128::from(whole) * u128::from(factor) + parts / scale)
            .map(Self)
            .map_err(|_| refuse("is more than 2^64 bytes"))
    }
}

fn factor(unit: &str) -> Option<u64> {
    if unit.is_empty() {
        return Some(1);
    }
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    Some(*factor)
}

impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shortest = UNITS
            .iter()
            .filter_map(|&(name, factor)| spell(self.0, name, factor))
            .min_by_key(String::len)
            .unwrap_or_else(|| format!("{}B", self.0));
        f.pad(&shortest)
    }
}

/// `bytes` in this unit, exactly, or nothing where that takes too many digits or starts with a 0.
fn spell(bytes: u64, name: &str, factor: u64) -> Option<String> {
    if bytes < factor && factor > 1 {
        return None;
    }
    let mut text = (bytes / factor).to_string();
    let mut rest = u128::from(bytes % factor);
    if rest > 0 {
        text.push('.');
    }
    for _ in 0..FRACTION_DIGITS {
        if rest == 0 {
            break;
        }
        rest *= 10;
        text.push_str(&(rest / u128::from(factor)).to_string());
        rest %= u128::from(factor);
    }
    (rest == 0).then(|| text + name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Option<u64> {
        text.parse::<ByteCount>().ok().map(|count| count.0)
    }

    #[test]
    fn sizes_are_read_as_people_spell_them() {
        for (text, expected) in [
            ("0", 0),
            ("4096", 4096),
            ("4096B", 4096),
            ("2MB", 2_000_000),
            ("2MiB", 2_097_152),
            ("14.4MB", 14_400_000),
            ("14.4 mb", 14_400_000),
            (" 1.5KiB ", 1536),
            ("1kB", 1000),
            ("1KB", 1000),
            ("1kib", 1024),
            ("0.5GiB", 536_870_912),
            ("3TB", 3_000_000_000_000),
            ("1TIB", 1 << 40),
            ("1.0000000000000000000000B", 1),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_of_bytes_is_refused() {
        for text in [
            "",
            "B",
            ".",
            ".5MB",
            "1.MB",
            "1.2.3MB",
            "-1",
            "+1",
            "1e6",
            "1XB",
            "1.5",
            "0.1KiB",
            "1.0001kB",
            "1,000",
            "18446744073709551616",
            "16777216TiB",
            "1 000",
            "MB1",
            "0.0000000000000000001TB",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn the_shortest_spelling_is_printed() {
        for (number, expected) in [
            (0, "0B"),
            (15, "15B"),
            (1000, "1kB"),
            (1024, "1KiB"),
            (4095, "4095B"),
            (4096, "4KiB"),
            (14_400_000, "14.4MB"),
            (2_000_000, "2MB"),
            (2_097_152, "2MiB"),
            (1_572_864, "1.5MiB"),
            (u64::MAX, "18446744073709551615B"),
        ] {
            assert_eq!(ByteCount(number).to_string(), expected);
        }
        assert_eq!(format!("{:>6}", ByteCount(1000)), "   1kB");
    }

    #[test]
    fn json_holds_a_plain_number() {
        let json = serde_json::to_string(&ByteCount(7)).unwrap();
        assert_eq!(json, "7");
        assert_eq!(
            serde_json::from_str::<ByteCount>(&json).unwrap(),
            ByteCount(7)
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_back(number: u64, shift in 0_u32..64, zeros in 0_u32..19) {
            for number in [number >> shift, (number >> shift).saturating_mul(10_u64.pow(zeros)), number << shift] {
                prop_assert_eq!(bytes(&ByteCount(number).to_string()), Some(number));
            }
        }

        #[test]
        fn no_text_panics(text: String, number in "[0-9]{0,25}[.]?[0-9]{0,25}[kKmMgGtT]?i?[bB]?") {
            let _ = (bytes(&text), bytes(&number));
        }
    }
}
