//! `mapmark run`: contests measured by workers, spread over the whole run, into a record.
//!
//! ```text
//! plan -> courses (oracle asked) -> schedule -> visits by workers -> rounds.csv, run.json
//! ```

mod course;
mod driver;
mod prepare;
mod rival;
mod schedule;
mod share;
#[cfg(test)]
mod simulations;
mod sweep;

pub use driver::{Finished, Progress, drive};
pub use prepare::Loaded;
pub use rival::OtherBuild;
pub use schedule::{Schedule, Turn};

use std::path::PathBuf;
use std::time::Duration;

use crate::measure::Hands;
use crate::plan::Contest;
use crate::record::{Driver, Settings};

/// Time for all of it, unless told otherwise.
pub const BUDGET: Duration = Duration::from_secs(60);
/// The same for a first look.
pub const QUICK_BUDGET: Duration = Duration::from_secs(10);

/// Replicates, unless told otherwise. From ten on their spread alone makes the interval, which fewer
/// cannot carry, and starting them costs little.
pub const REPLICATES: usize = 10;
/// The same for a first look.
pub const QUICK_REPLICATES: usize = 5;

/// What a run needs to know besides the files.
pub struct Orders {
    /// What drives it: `run` or `claim`.
    pub driver: Driver,
    /// When it begins, as RFC 3339 writes it.
    pub created: String,
    /// The contests.
    pub contests: Vec<Contest>,
    /// How much, and under which conditions.
    pub settings: Settings,
    /// Draws the orders and the resamples.
    pub seed: u64,
    /// Those that have the work done.
    pub hands: Hands,
    /// Another build that takes turns with this one in every round.
    pub against: Option<OtherBuild>,
    /// The directory to make; `None` for one named after the time.
    pub out: Option<PathBuf>,
    /// The command line, as the record keeps it.
    pub command: Vec<String>,
    /// What will be asked of a file of somebody's own, in words.
    pub questions: Vec<String>,
}
