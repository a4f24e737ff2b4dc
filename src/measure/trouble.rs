//! Why a cell cannot be measured.

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

    pub(super) fn unsupported(reason: &'static str) -> Self {
        Self::Unsupported(reason.to_owned())
    }
}
