//! Why a cell cannot be measured.

use serde::{Deserialize, Serialize};

/// How often rounds may lose their pages before the cell is given up.
pub(super) const ATTEMPTS: u32 = 20;

/// Why a cell has no figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The state of the cache is not the one wanted, or nobody can tell.
    Unverified(String),
    /// A wrong answer, or the system refused.
    Failed(String),
    /// The content of the file, the system or the engine itself rules it out.
    Unsupported(String),
    /// Something optional was missing, or the run ended before.
    Skipped(String),
    /// A worker ended without an answer, or could not be started. Only its parent says so: whatever was
    /// tried is tried once more before an engine is blamed.
    #[serde(skip)]
    Died(String),
}

impl Trouble {
    /// The reason, in words.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Unverified(reason)
            | Self::Failed(reason)
            | Self::Unsupported(reason)
            | Self::Skipped(reason)
            | Self::Died(reason) => reason,
        }
    }

    /// The same, where it was the baseline's trouble and concerns another cell.
    #[must_use]
    pub fn of_baseline(self) -> Self {
        let told = |reason: String| format!("the baseline: {reason}");
        match self {
            Self::Unverified(reason) => Self::Unverified(told(reason)),
            Self::Failed(reason) => Self::Failed(told(reason)),
            Self::Unsupported(reason) => Self::Unsupported(told(reason)),
            Self::Skipped(reason) => Self::Skipped(told(reason)),
            Self::Died(reason) => Self::Died(told(reason)),
        }
    }

    pub(super) fn pages_left() -> Self {
        Self::Unverified(format!(
            "pages of the file left memory in each of {ATTEMPTS} attempts; free some, and measure \
             again"
        ))
    }

    pub(super) fn unsupported(reason: &'static str) -> Self {
        Self::Unsupported(reason.to_owned())
    }
}
