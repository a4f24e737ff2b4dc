//! Why a cell cannot be measured.

/// How often rounds may lose their pages before the cell is given up.
pub(super) const ATTEMPTS: u32 = 10;

/// Why a cell has no figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The state of the cache is not the one wanted, or nobody can tell.
    Unverified(String),
    /// A wrong answer, or the system refused.
    Failed(String),
    /// The content of the file, or the engine itself, rules it out.
    Unsupported(String),
}

impl Trouble {
    /// The reason, in words.
    #[must_use]
    pub fn reason(self) -> String {
        match self {
            Self::Unverified(reason) | Self::Failed(reason) | Self::Unsupported(reason) => reason,
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
