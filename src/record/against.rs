//! Another build that took part in the same rounds.

use serde::{Deserialize, Serialize};

use crate::machine::Build;

/// What stands in `rounds.csv` behind the id of a cell whose two arms are the builds.
const BEHIND: &str = "/against";

/// The reason of a cell of which no round of both builds is finished.
pub const NO_ROUND: &str = "no round of both builds was finished";

/// Another build that took turns with this one in every round, and what could be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The other build.
    pub build: Build,
    /// An entry for each cell of this build that was measured or failed.
    pub cells: Vec<AgainstCell>,
}

/// A cell of this build beside the other's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgainstCell {
    /// Its id.
    pub id: String,
    /// What came of it.
    pub outcome: AgainstOutcome,
}

/// What came of a cell beside another build's. The figures are in the rounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgainstOutcome {
    /// Both builds were measured.
    Measured {
        /// In so many rounds.
        rounds: usize,
    },
    /// The other build does not have it.
    New {
        /// What it lacks.
        reason: String,
    },
    /// The two are not the same work, or one of them failed.
    Incomparable {
        /// In what they differ, or what went wrong.
        reason: String,
    },
}

impl AgainstCell {
    /// The id of its rounds: this build's batches stand there as the engine's, the other's as the
    /// baseline's.
    #[must_use]
    pub fn rounds_id(id: &str) -> String {
        format!("{id}{BEHIND}")
    }
}
