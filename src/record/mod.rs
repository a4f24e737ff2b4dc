//! What a run found out. Measuring and reporting meet only here: every table can be made again
//! from a record, on another machine, years later.

mod access;
mod against;
mod cell;
mod claims;
mod consistent;
mod contests;
mod counters;
mod directory;
mod figures;
mod lines;
mod ratios;
mod rebuild;
mod replay;
mod replicates;
mod rounds;
mod stamp;
mod store;
mod wire;

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod rereading;

use serde::{Deserialize, Serialize};

use crate::machine::{Build, Machine};
use crate::measure::ClockFacts;
use crate::plan::{Profile, Sweep};

pub use access::Access;
pub use against::{Against, AgainstCell, AgainstOutcome, NO_ROUND};
pub use cell::{ArmFigures, Cell, ExpectedAnswer, FixtureId, Measured, Outcome};
pub use claims::{
    AtEqualWork, ClaimArm, ClaimFigures, ClaimRow, ClaimVerdict, Claimed, Claims, Factor, Ladder,
    PythonFacts, Side, Step,
};
pub(crate) use consistent::{check_ratio, check_time_ns};
#[cfg(test)]
pub(crate) use contests::samples;
pub use contests::{Comparable, Contests};
pub use counters::{Counters, Shares};
pub use directory::Directory;
pub use figures::{Compared, glance, half_width_percent, outcome};
pub use ratios::ratios_csv;
pub use rebuild::{UNKNOWN_VERSION, open};
pub use replay::{CellRounds, Rounds, load_rounds};
pub use replicates::{Metric, Replicates, Times, replicates, times_of_builds};
pub use store::{RESULTS, Reservation, check_output, locate, write_atomically};
pub use wire::{SCHEMA, load, to_json};

/// A run: the conditions, and a cell for everything that was to be measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What drove the measurement.
    pub driver: Driver,
    /// When it began, in UTC, as RFC 3339 writes it.
    pub created: String,
    /// Whether it came to its end: set when nothing more is written. `None` in older records, which do not tell; see
    /// [`has_ended`](Self::has_ended).
    pub ended: Option<bool>,
    /// The command line.
    pub command: Vec<String>,
    /// What drew the orders and the resamples.
    pub seed: u64,
    /// How much was measured, and for how long.
    pub profile: Option<Profile>,
    /// The ids of the cells that were to be measured.
    pub plan: Vec<String>,
    /// How the program was built.
    pub build: Build,
    /// Where it ran.
    pub machine: Machine,
    /// How fine its clock is.
    pub clock: Option<ClockFacts>,
    /// How `mapmark run` was told to measure; `None` for other drivers.
    pub settings: Option<Settings>,
    /// What was asked of a file of somebody's own.
    pub questions: Vec<String>,
    /// What a reader should know before trusting the figures.
    pub notes: Vec<String>,
    /// What came of each cell, as far as the run got.
    pub cells: Vec<Cell>,
    /// What came of published claims; `None` for drivers that ask for none.
    pub claims: Option<Claims>,
    /// Another build that took part in the same rounds; `None` where none did.
    pub against: Option<Against>,
}

/// The reason of a cell that a run has not come to yet.
pub const NOT_YET: &str = "it was not its turn yet";

impl Run {
    /// Whether it came to its end, in time or by an interrupt; a run that was killed did not, and one that still runs
    /// has not. Of an older record the cells that it lacks tell; `None` where it lacks none, where an interrupt may be
    /// why, or where `cargo bench` wrote it, which leaves out what its filter does.
    #[must_use]
    pub fn has_ended(&self) -> Option<bool> {
        let is_short =
            self.cells.len() < self.plan.len() || self.cells.iter().any(Cell::is_to_come);
        let is_interrupted = || self.notes.iter().any(|note| note.contains("interrupted"));
        self.ended.or(match self.driver {
            Driver::Run | Driver::Claim if is_short && !is_interrupted() => Some(false),
            _ => None,
        })
    }

    /// How many of its cells it has come to.
    #[must_use]
    pub fn come_to(&self) -> usize {
        let come_to = self.cells.iter().filter(|cell| !cell.is_to_come());
        come_to.count()
    }

    /// Whether it swept sizes to find where the faster engine changes.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        let settings = self.settings.as_ref();
        settings.is_some_and(|settings| settings.sweep.is_some())
    }
}

/// How much was measured, and under which conditions besides those of the cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds for all of it.
    pub budget_s: f64,
    /// Half the width of the widest interval at which to stop early, in percent.
    pub precision_percent: Option<f64>,
    /// Replicates to run.
    pub replicates: usize,
    /// Whether an untimed iteration went before each batch.
    pub settle: bool,
    /// The processor that workers stayed on.
    pub pinned_to: Option<u32>,
    /// Bytes of memory that workers had.
    pub memory_limit_bytes: Option<u64>,
    /// The share of the steady cells' time that was spent in timed batches, in percent.
    pub measuring_percent: Option<f64>,
    /// The sizes that were swept to find where the faster engine changes; `None` where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
}

/// What drove a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// `cargo bench`.
    Criterion,
    /// `mapmark run`.
    Run,
    /// `mapmark claim`.
    Claim,
}

impl Driver {
    /// Every driver.
    pub const ALL: [Self; 3] = [Self::Criterion, Self::Run, Self::Claim];

    /// The name in records and directory names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Criterion => "criterion",
            Self::Run => "run",
            Self::Claim => "claim",
        }
    }
}
