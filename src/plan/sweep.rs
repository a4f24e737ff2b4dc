//! A range of sizes that is measured in doublings.

use std::str::FromStr;

use data_gen::TextSpec;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::units::ByteCount;

/// So many sizes are measured at most: from the smallest fixture they reach to 512 GiB.
pub const MOST_SIZES: usize = 30;

/// How a range is written.
const EXAMPLE: &str = "write --sweep 4KiB..64MiB";

/// Sizes from one end to the other, each twice the one before; the last end belongs to it even where
/// it is no doubling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// The smallest size.
    #[serde(rename = "from_bytes")]
    pub from: ByteCount,
    /// The largest size.
    #[serde(rename = "to_bytes")]
    pub to: ByteCount,
}

impl Sweep {
    /// Its sizes, ascending.
    #[must_use]
    pub fn sizes(&self) -> Vec<ByteCount> {
        let double = |size: &u64| size.checked_mul(2);
        // A record may hold a range from 0, which doubles for ever.
        let doublings = std::iter::successors(Some(self.from.0.max(1)), double);
        let below = doublings.take_while(|size| *size < self.to.0);
        below.chain([self.to.0]).map(ByteCount).collect()
    }

    fn checked(self) -> std::result::Result<Self, String> {
        let Self { from, to } = self;
        let least = TextSpec::MINIMUM;
        if from > to {
            return Err(format!(
                "it runs from large to small; write --sweep {to}..{from}"
            ));
        }
        if from < least {
            return Err(format!(
                "the smallest fixture has {least}; begin there or above"
            ));
        }
        if from == to {
            return Err(
                "both ends are the same size; a change needs two, so name a range, or one \
                        size by --size"
                    .to_owned(),
            );
        }
        let sizes = self.sizes().len();
        if sizes > MOST_SIZES {
            return Err(format!(
                "it holds {sizes} sizes, and {MOST_SIZES} are the most; name a shorter range"
            ));
        }
        Ok(self)
    }
}

impl FromStr for Sweep {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = |reason: String| Error::usage(format!("--sweep {text}: {reason}"));
        let Some((from, to)) = text.split_once("..") else {
            return Err(refused(format!("it is no range of sizes; {EXAMPLE}")));
        };
        let end = |word: &str, which: &str| match word.trim() {
            "" => Err(refused(format!("its {which} is missing; {EXAMPLE}"))),
            word => word
                .parse::<ByteCount>()
                .map_err(|error| refused(error.to_string())),
        };
        let (from, to) = (end(from, "smallest size")?, end(to, "largest size")?);
        Self { from, to }.checked().map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sizes(text: &str) -> Vec<String> {
        let sweep: Sweep = text.parse().unwrap();
        sweep.sizes().iter().map(ByteCount::to_string).collect()
    }

    #[test]
    fn sizes_double_up_to_the_end() {
        assert_eq!(sizes("4KiB..32KiB"), ["4KiB", "8KiB", "16KiB", "32KiB"]);
        assert_eq!(sizes("2MB..9MB"), ["2MB", "4MB", "8MB", "9MB"]);
        assert_eq!(sizes("1KiB .. 1025"), ["1KiB", "1025B"]);
        assert_eq!(sizes("4KiB..64MiB").len(), 15);
    }

    #[test]
    fn what_is_no_range_is_refused_with_the_value_and_what_to_do() {
        for (text, told) in [
            ("", "no range"),
            ("4KiB", "no range"),
            ("..", "smallest size is missing"),
            ("4KiB..", "largest size is missing"),
            ("..4KiB", "smallest size is missing"),
            ("64MiB..4KiB", "write --sweep 4KiB..64MiB"),
            ("0..1", "the smallest fixture has 1KiB"),
            ("4KiB..4096", "both ends"),
            ("1KiB..1TiB", "it holds 31 sizes, and 30 are the most"),
            ("4KiB..2MX", "unknown unit"),
            ("small..large", "unknown unit"),
            ("4KiB..8KiB..16KiB", "unknown unit"),
            ("-4KiB..8KiB", "unknown unit"),
            ("4KiB..99999999999999999999", "more than 2^64"),
        ] {
            let error = text.parse::<Sweep>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("--sweep {text}: ")), "{error}");
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_damaged_range_ends() {
        for (from, to) in [(0, 0), (0, u64::MAX), (u64::MAX, 0), (5, 3)] {
            let (from, to) = (ByteCount(from), ByteCount(to));
            assert!(Sweep { from, to }.sizes().len() <= 66);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics(text: String, from in "[0-9]{0,20}[kKmM]?i?[bB]?", to in "[0-9]{0,20}[gGtT]?i?[bB]?") {
            let _ = (text.parse::<Sweep>(), format!("{from}..{to}").parse::<Sweep>());
        }

        #[test]
        fn sizes_ascend_from_one_end_to_the_other(from in 1024_u64..1 << 40, more in 1_u64..1 << 40) {
            let (from, to) = (ByteCount(from), ByteCount(from + more));
            let sizes = Sweep { from, to }.sizes();
            prop_assert_eq!((sizes[0], sizes[sizes.len() - 1]), (from, to));
            prop_assert!(sizes.is_sorted_by(|one, next| one < next && next.0 <= 2 * one.0));
        }
    }
}
