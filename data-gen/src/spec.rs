//! What the user asks for: size, seed, line ending and alphabet. Together they fix every byte.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ByteCount, Error};

/// Everything that decides a text fixture's bytes. Equal specs give equal bytes on every machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextSpec {
    /// Exact length of the fixture.
    pub bytes: ByteCount,
    /// Picks one text of the many with these settings; any value is as good as another.
    pub seed: u64,
    /// What ends every line, the last one included.
    pub line_ending: LineEnding,
    /// Whether words of more than one byte a character occur.
    pub alphabet: Alphabet,
}

impl TextSpec {
    /// The smallest fixture that has room for everything that is planted.
    pub const MINIMUM: ByteCount = ByteCount(1024);

    /// An ASCII text with LF line endings.
    pub fn new(bytes: ByteCount, seed: u64) -> Self {
        Self {
            bytes,
            seed,
            line_ending: LineEnding::Lf,
            alphabet: Alphabet::Ascii,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.bytes < Self::MINIMUM {
            return Err(Error::too_small(self.bytes));
        }
        Ok(())
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LineEnding {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    Crlf,
}

impl LineEnding {
    /// The bytes at the end of each line.
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::Crlf => b"\r\n",
        }
    }
}

impl fmt::Display for LineEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lf => "lf",
            Self::Crlf => "crlf",
        })
    }
}

/// Which characters the words are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Alphabet {
    /// One byte a character.
    Ascii,
    /// ASCII words mixed with words of 2, 3 and 4 byte characters.
    Utf8,
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ascii => "ascii",
            Self::Utf8 => "utf8",
        })
    }
}
