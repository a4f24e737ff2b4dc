//! The axes of the question, each with its values and their names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Defines an axis of the question: its values and their names.
macro_rules! axis {
    ($(#[$doc:meta])* $axis:ident, $what:literal { $($(#[$value_doc:meta])* $value:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $axis { $($(#[$value_doc])* #[serde(rename = $name)] $value,)+ }

        impl $axis {
            /// Every value, in the order of the tables.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The name in tables, records and on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }
        }

        impl fmt::Display for $axis {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $axis {
            type Err = Error;

            fn from_str(word: &str) -> Result<Self> {
                let names = Self::ALL.iter().map(|value| value.name());
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.name() == word)
                    .ok_or_else(|| Error::unknown($what, word, names))
            }
        }
    };
}

axis!(
    /// Where the file is when an iteration begins.
    Cache, "cache state" {
        /// In memory, every page of it.
        Warm = "warm",
        /// On the device, every page of it.
        Cold = "cold",
    }
);

axis!(
    /// What ran in the process before.
    Process, "process" {
        /// The same iteration, many times.
        Steady = "steady",
        /// Nothing: one iteration in a new process.
        Fresh = "fresh",
    }
);

axis!(
    /// What an iteration pays for.
    Scope, "scope" {
        /// Opening and closing too.
        PerCall = "per_call",
        /// Only the work, on a file that stays open.
        KeptOpen = "kept_open",
    }
);

axis!(
    /// How much a suite measures, and for how long.
    Profile, "profile" {
        /// The default cells in little time, for a first look and for CI.
        Quick = "quick",
        /// The engines most people choose between.
        Default = "default",
        /// Every engine.
        Full = "full",
    }
);
