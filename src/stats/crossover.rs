//! Where, along a range of sizes, the faster engine changes.

use super::Verdict;
use super::ratio::log_of;

/// What was found at one size of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swept {
    /// The size, in bytes.
    pub bytes: u64,
    /// Baseline time over engine time.
    pub speedup: f64,
    /// What may be said of it. `same` and `inconclusive` decide nothing here: neither side is ahead.
    pub verdict: Verdict,
}

/// Who is faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// The engine.
    Engine,
    /// The baseline.
    Baseline,
}

/// A change of the faster engine: an interval of sizes.
///
/// It lies between two sizes that are decided, the one this way and the other that way, with none decided between
/// them. Nothing narrower is known: the sizes between were not measured, or their verdicts decide nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossover {
    /// Who is faster behind it.
    pub to: Lead,
    /// The largest size before it that is decided, by its place among the sizes.
    pub last: usize,
    /// The smallest size behind it that is decided, by its place.
    pub first: usize,
    /// The size, in bytes, where the speed-up is 1; `None` where it is so more than once in the interval.
    pub at_bytes: Option<f64>,
}

impl Swept {
    /// Who is faster at this size, where that is decided.
    pub fn lead(&self) -> Option<Lead> {
        match self.verdict {
            Verdict::Faster => Some(Lead::Engine),
            Verdict::Slower => Some(Lead::Baseline),
            Verdict::Same | Verdict::Inconclusive { .. } => None,
        }
    }
}

/// The changes along `sizes`, which ascend.
pub fn crossovers(sizes: &[Swept]) -> Vec<Crossover> {
    let mut found = Vec::new();
    let mut before: Option<(usize, Lead)> = None;
    for (place, size) in sizes.iter().enumerate() {
        let Some(lead) = size.lead() else { continue };
        if let Some((last, other)) = before
            && other != lead
        {
            found.push(Crossover {
                to: lead,
                last,
                first: place,
                at_bytes: crossing(&sizes[last..=place]),
            });
        }
        before = Some((place, lead));
    }
    found
}

/// The size where the speed-ups, joined by straight lines on log scales, are 1; `None` where they are so more than
/// once, or nowhere.
fn crossing(sizes: &[Swept]) -> Option<f64> {
    let above: Vec<f64> = sizes.iter().map(|size| log_of(size.speedup)).collect();
    // A speed-up of exactly 1 belongs to the line that leads to it.
    let crosses = |pair: &[f64]| pair[0] != 0.0 && pair[0] * pair[1] <= 0.0;
    let mut pairs = (0..above.len().saturating_sub(1)).filter(|at| crosses(&above[*at..*at + 2]));
    let (Some(at), None) = (pairs.next(), pairs.next()) else {
        return None;
    };
    let (low, high) = (sizes[at].bytes as f64, sizes[at + 1].bytes as f64);
    let share = above[at] / (above[at] - above[at + 1]);
    let bytes = libm::exp(log_of(low) + share * (log_of(high) - log_of(low)));
    // Rounding must not carry it out of the interval.
    bytes.is_finite().then(|| bytes.max(low).min(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const OPEN: Verdict = Verdict::Inconclusive {
        rounds_needed: None,
    };

    /// Sizes from 1 KiB on, doubling: `+` faster, `-` slower, `=` the same, `?` open.
    fn sizes(verdicts: &str) -> Vec<Swept> {
        let swept = |(place, sign): (usize, char)| {
            let (speedup, verdict) = match sign {
                '+' => (2.0, Verdict::Faster),
                '-' => (0.5, Verdict::Slower),
                '=' => (1.001, Verdict::Same),
                _ => (0.98, OPEN),
            };
            Swept {
                bytes: 1024 << place,
                speedup,
                verdict,
            }
        };
        verdicts.chars().enumerate().map(swept).collect()
    }

    /// The intervals, by place, and who is faster behind.
    fn places(verdicts: &str) -> Vec<(usize, usize, Lead)> {
        let found = crossovers(&sizes(verdicts));
        found
            .iter()
            .map(|one| (one.last, one.first, one.to))
            .collect()
    }

    #[test]
    fn a_change_lies_between_the_last_and_the_first_that_are_decided() {
        use Lead::{Baseline, Engine};
        assert_eq!(places("---+++"), [(2, 3, Engine)]);
        assert_eq!(places("+++--"), [(2, 3, Baseline)]);
        assert_eq!(places("--??=++"), [(1, 5, Engine)]);
        assert_eq!(places("-+-"), [(0, 1, Engine), (1, 2, Baseline)]);
        assert_eq!(places("??-?+??"), [(2, 4, Engine)]);
    }

    #[test]
    fn where_nothing_is_decided_otherwise_nothing_changes() {
        for none in [
            "", "+", "?", "----", "+?+", "????", "??+", "-??", "=?=", "===-",
        ] {
            assert_eq!(places(none), [], "{none}");
        }
    }

    #[test]
    fn the_point_lies_in_the_middle_where_the_ends_are_equally_far() {
        let found = crossovers(&sizes("-+"));
        let at = found[0].at_bytes.unwrap();
        assert!((at - 1024.0 * 2f64.sqrt()).abs() < 1e-6, "{at}");
        let mut three = sizes("-?+");
        three[1].speedup = 1.0;
        assert_eq!(crossovers(&three)[0].at_bytes, Some(2048.0));
    }

    #[test]
    fn where_the_speed_up_is_one_more_than_once_no_point_is_named() {
        let mut sizes = sizes("-??+");
        sizes[1].speedup = 1.01;
        sizes[2].speedup = 0.99;
        assert_eq!(crossovers(&sizes)[0].at_bytes, None);
    }

    fn verdict() -> impl Strategy<Value = Verdict> {
        prop_oneof![
            Just(Verdict::Faster),
            Just(Verdict::Slower),
            Just(Verdict::Same),
            Just(OPEN),
        ]
    }

    fn any_sizes() -> impl Strategy<Value = Vec<Swept>> {
        vec((0.01_f64..100.0, verdict()), 0..20).prop_map(|found| {
            let swept = |(place, (speedup, verdict)): (usize, (f64, Verdict))| Swept {
                bytes: 1000 << place,
                speedup,
                verdict,
            };
            found.into_iter().enumerate().map(swept).collect()
        })
    }

    /// The arms swapped.
    fn swapped(size: &Swept) -> Swept {
        Swept {
            speedup: 1.0 / size.speedup,
            verdict: match size.verdict {
                Verdict::Faster => Verdict::Slower,
                Verdict::Slower => Verdict::Faster,
                other => other,
            },
            ..*size
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn changes_lie_one_behind_the_other_and_take_turns(sizes in any_sizes()) {
            let found = crossovers(&sizes);
            for one in &found {
                prop_assert!(one.last < one.first);
                prop_assert_eq!(sizes[one.first].lead(), Some(one.to));
                prop_assert_ne!(sizes[one.last].lead(), Some(one.to));
                let between = &sizes[one.last + 1..one.first];
                prop_assert!(between.iter().all(|size| size.lead().is_none()));
                if let Some(at) = one.at_bytes {
                    let (low, high) = (sizes[one.last].bytes, sizes[one.first].bytes);
                    prop_assert!(low as f64 <= at && at <= high as f64);
                }
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].first <= pair[1].last && pair[0].to != pair[1].to);
            }
        }

        #[test]
        fn swapping_the_arms_moves_nothing(sizes in any_sizes()) {
            let other: Vec<Swept> = sizes.iter().map(swapped).collect();
            let (one, other) = (crossovers(&sizes), crossovers(&other));
            prop_assert_eq!(one.len(), other.len());
            for (one, other) in one.iter().zip(&other) {
                prop_assert_eq!((one.last, one.first), (other.last, other.first));
                prop_assert_ne!(one.to, other.to);
            }
        }

        #[test]
        fn undecided_sizes_move_no_interval(
            sizes in any_sizes(), places in vec(any::<prop::sample::Index>(), 0..8), noise in vec(0.9_f64..1.1, 8),
        ) {
            let decided: Vec<Swept> = sizes.iter().copied().filter(|size| size.lead().is_some()).collect();
            let ends = |sizes: &[Swept]| -> Vec<(u64, u64, Lead)> {
                let found = crossovers(sizes);
                found.iter().map(|one| (sizes[one.last].bytes, sizes[one.first].bytes, one.to)).collect()
            };
            let mut noisy = sizes.clone();
            for (place, speedup) in places.iter().zip(noise) {
                if let Some(size) = (!noisy.is_empty()).then(|| place.index(noisy.len())) && noisy[size].lead().is_none() {
                    noisy[size].speedup = speedup;
                }
            }
            prop_assert_eq!(ends(&noisy), ends(&decided));
        }

        #[test]
        fn a_curve_that_only_rises_changes_once_at_most(start in -3.0_f64..3.0, rises in vec(0.0_f64..0.5, 1..20), margin in 0.0_f64..0.5) {
            let mut log = start;
            let sizes: Vec<Swept> = rises.iter().enumerate().map(|(place, rise)| {
                log += rise;
                let verdict = if log > margin { Verdict::Faster } else if log < -margin { Verdict::Slower } else { OPEN };
                Swept { bytes: 1024 << place, speedup: log.exp(), verdict }
            }).collect();
            let found = crossovers(&sizes);
            prop_assert!(found.len() <= 1);
            prop_assert!(found.iter().all(|one| one.to == Lead::Engine && one.at_bytes.is_some()));
        }

        #[test]
        fn no_numbers_make_it_panic(found in vec((any::<u64>(), prop::num::f64::ANY, verdict()), 0..9)) {
            let swept = |(bytes, speedup, verdict)| Swept { bytes, speedup, verdict };
            let sizes: Vec<Swept> = found.into_iter().map(swept).collect();
            let _ = crossovers(&sizes);
        }
    }
}
