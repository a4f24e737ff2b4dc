//! What the rounds say: pure statistics of speed-ups, with no clock, no files and no printing.
//!
//! Times become speed-ups ([`speed_up`]), the speed-ups of a cell become an [`Estimate`] ([`estimate()`]),
//! and an estimate beside the noise floor of its contest becomes a [`Verdict`] ([`verdict()`]):
//!
//! ```text
//! ratio ──► sample ──► series, blocks ──► bootstrap ──► estimate ──► verdict
//! ```
//!
//! Two runs beside each other are [`Finding`]s, and what lies between them a [`Change`]; a table of changes is judged
//! as a whole ([`holm`]), and a row of runs has a [`Course`].
//!
//! Verdicts along a range of sizes have [`crossovers`].
//!
//! Everything is reckoned on the logarithm of the ratio, where "twice as fast" and "half as fast" lie equally far
//! from 1; so swapping the two arms of a contest turns every result into its reciprocal. Logarithms come from
//! `libm`, not from the platform, and random numbers from a named generator: the same rounds and the same seed give
//! the same bits everywhere. How often the intervals hold what they claim is measured in `simulations`.

mod error;

mod ratio;
mod sample;

mod blocks;
mod replicates;
mod series;
mod student;

mod bootstrap;
mod estimate;
mod glance;
mod verdict;

mod crossover;

mod change;
mod family;
mod step;

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod experiments;
#[cfg(test)]
pub(crate) mod noise;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod simulations;

pub use bootstrap::RESAMPLES;
pub use change::{Change, Finding, ONE_PROCESS};
pub use crossover::{Crossover, Lead, Swept, crossovers};
pub use error::StatsError;
pub use estimate::{
    ENOUGH_REPLICATES, Estimate, FEWEST_REPLICATES, MINIMUM_ROUNDS, Shares, estimate,
};
pub use family::{FAMILY_LEVEL, holm};
pub use glance::glance;
pub use ratio::{Interval, geometric_mean, speed_up};
pub use sample::Sample;
pub use step::{Course, LONGEST, course};
pub use verdict::{EQUIVALENCE_MARGIN, Floor, Verdict, times_to_decide, verdict};
