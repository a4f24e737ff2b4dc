//! How far the machine moved between two runs, as far as the baseline tells.
//!
//! A ratio leaves out what the machine does to both arms alike. What it does to one of them alone, for as long as a
//! whole run, no statistics of two runs can tell from a change of the program: less room in a shared cache slows a copy
//! of the file and not a system call. But each run timed its baseline, and how far that moved is known. METHODOLOGY.md
//! has the experiment.

use super::Metric;
use crate::record::Measured;

/// What tells how far the machine moved.
pub(super) enum Yardstick {
    /// Nothing: the machines differ, which is said above the verdicts.
    OtherMachine,
    /// For the speed-up of a cell, the baseline of its own contest.
    OwnBaseline,
    /// For times the same, and for those of the baseline itself the baselines of all contests: how far they moved, as
    /// the root of the mean square of their logarithms. No time is held against less.
    AllBaselines(f64),
}

impl Yardstick {
    /// For a comparison on one machine. `baselines` are the cells of baselines that both sides measured and that are the
    /// same question, one for each contest.
    pub(super) fn new<'m>(
        metric: Metric,
        baselines: impl Iterator<Item = (&'m Measured, &'m Measured)>,
    ) -> Self {
        match metric {
            Metric::Speedup => Self::OwnBaseline,
            Metric::Time => {
                let squares = baselines.map(|(base, new)| moved(base, new) * moved(base, new));
                let (sum, count) = squares.fold((0.0, 0_u32), |(sum, count), square| {
                    (sum + square, count + 1)
                });
                Self::AllBaselines((sum / f64::from(count.max(1))).sqrt())
            }
        }
    }

    /// How far the machine moved between the two measurements of a cell, on the log scale and either way; `None` where
    /// nothing tells.
    pub(super) fn moved(&self, of_baseline: bool, base: &Measured, new: &Measured) -> Option<f64> {
        match self {
            Self::OtherMachine => None,
            Self::AllBaselines(all) if of_baseline => Some(*all),
            Self::AllBaselines(all) => Some(moved(base, new).max(*all)),
            Self::OwnBaseline => Some(moved(base, new)),
        }
    }
}

/// How far the baseline of a cell moved, on the log scale and either way: the median of all its rounds, as recorded.
fn moved(base: &Measured, new: &Measured) -> f64 {
    let moved = libm::log(new.baseline.time.0 / base.baseline.time.0).abs();
    if moved.is_finite() { moved } else { 0.0 }
}
