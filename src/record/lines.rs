//! `rounds.csv` line by line, for all who read it back: whatever its length, one line is in memory.

use std::io::{BufRead, Read};

/// The columns that are read, in the order in which [`Columns::line`] takes them.
const COLUMNS: [&str; 6] = [
    "replicate",
    "round",
    "cell",
    "arm",
    "iterations",
    "elapsed_ns",
];

/// No line of a record is as long; what has none is no text of lines.
const LONGEST_LINE: u64 = 4096;

/// What becomes of a last line without an end, which a run leaves that was killed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Torn {
    Refused,
    LeftOut,
}

/// The lines of a file, one at a time, none longer than [`LONGEST_LINE`].
pub(super) struct Lines<R> {
    source: R,
    torn: Torn,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn of(source: R, torn: Torn) -> Self {
        Self {
            source,
            torn,
            line: Vec::new(),
            number: 0,
        }
    }

    /// Says in which line, which was the last that was read, something is wrong.
    pub(super) fn blame(&self, reason: &str) -> String {
        format!("line {}: {reason}", self.number)
    }

    /// The next line; the error is a fragment to stand behind the path.
    pub(super) fn advance(&mut self) -> Result<Option<&[u8]>, String> {
        self.line.clear();
        self.number += 1;
        let mut source = self.source.by_ref().take(LONGEST_LINE);
        let length = source
            .read_until(b'\n', &mut self.line)
            .map_err(|error| format!("line {}: {error}", self.number))?;
        if length == 0 {
            return Ok(None);
        }
        let Some(line) = self.line.strip_suffix(b"\n") else {
            return match self.torn {
                _ if length as u64 == LONGEST_LINE => {
                    let reason = "bytes; this is no list of rounds";
                    Err(self.blame(&format!("is longer than {LONGEST_LINE} {reason}")))
                }
                Torn::LeftOut => Ok(None),
                Torn::Refused => {
                    Err(self.blame("is cut off; the run may have been killed while it wrote"))
                }
            };
        };
        Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// Where the columns stand.
pub(super) struct Columns {
    places: [usize; COLUMNS.len()],
    count: usize,
}

/// One batch.
pub(super) struct Line<'l> {
    /// Replicate and round.
    pub(super) at: (u64, u64),
    pub(super) cell: &'l [u8],
    pub(super) arm: Arm,
    /// Nanoseconds for one iteration.
    pub(super) time_ns: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arm {
    Engine,
    Baseline,
}

impl Columns {
    pub(super) fn of(header: &[u8]) -> Result<Self, String> {
        let names: Vec<&[u8]> = header.split(|byte| *byte == b',').collect();
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = names
                .iter()
                .position(|name| *name == column.as_bytes())
                .ok_or_else(|| format!("line 1: has no column `{column}`; is it a rounds.csv?"))?;
        }
        Ok(Self {
            places,
            count: names.len(),
        })
    }

    pub(super) fn line<'l>(&self, line: &'l [u8]) -> Result<Line<'l>, String> {
        let mut fields: [&[u8]; COLUMNS.len()] = [&[]; COLUMNS.len()];
        let mut count = 0;
        for (number, field) in line.split(|byte| *byte == b',').enumerate() {
            if let Some(column) = self.places.iter().position(|place| *place == number) {
                fields[column] = field;
            }
            count += 1;
        }
        if count != self.count {
            return Err(format!("has {count} fields instead of {}", self.count));
        }
        let number = |column: usize, least: u64| {
            let text = std::str::from_utf8(fields[column]).ok();
            let value = text.and_then(|text| text.parse::<u64>().ok());
            value.filter(|value| *value >= least).ok_or_else(|| {
                let field = String::from_utf8_lossy(fields[column]);
                format!(
                    "{} is `{field}`, no whole number from {least} on",
                    COLUMNS[column]
                )
            })
        };
        let at = (number(0, 0)?, number(1, 0)?);
        let arm = match fields[3] {
            b"engine" => Arm::Engine,
            b"baseline" => Arm::Baseline,
            other => {
                let other = String::from_utf8_lossy(other);
                return Err(format!("arm is `{other}`, neither engine nor baseline"));
            }
        };
        let (iterations, elapsed_ns) = (number(4, 1)?, number(5, 1)?);
        Ok(Line {
            at,
            cell: fields[2],
            arm,
            time_ns: elapsed_ns as f64 / iterations as f64,
        })
    }
}
