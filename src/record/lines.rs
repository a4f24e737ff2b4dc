//! `rounds.csv` round by round, for all who read it back: whatever its length, one round is in memory.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use data_gen::open_regular;

use crate::error::Error;

/// The columns that there must be, in the order in which [`Columns::line`] takes them.
const COLUMNS: [&str; 6] = [
    "replicate",
    "round",
    "cell",
    "arm",
    "iterations",
    "elapsed_ns",
];

/// The columns of counters, which may be missing.
const USAGE: [&str; 4] = ["minor_faults", "major_faults", "user_ns", "system_ns"];

/// The most cells of which rounds are read: what is kept of each fills memory however short its rounds are.
pub(super) const MOST_CELLS: usize = 200_000;

/// No line of a record is as long; what has none is no text of lines.
const LONGEST_LINE: u64 = 4096;

/// The lines of a file, one at a time, none longer than [`LONGEST_LINE`]. A last line without an end, as a run leaves
/// that was killed, is left out.
struct Lines<R> {
    source: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The next line; the error is a fragment to stand behind the path.
    fn advance(&mut self) -> Result<Option<&[u8]>, String> {
        self.line.clear();
        self.number += 1;
        let mut source = self.source.by_ref().take(LONGEST_LINE);
        let length = source
            .read_until(b'\n', &mut self.line)
            .map_err(|error| format!("line {}: {error}", self.number))?;
        match self.line.strip_suffix(b"\n") {
            Some(line) => Ok(Some(line.strip_suffix(b"\r").unwrap_or(line))),
            None if length as u64 == LONGEST_LINE => Err(format!(
                "line {}: is longer than {LONGEST_LINE} bytes; this is no list of rounds",
                self.number
            )),
            None => Ok(None),
        }
    }
}

/// The two batches of a round.
pub(super) struct RoundLine<'l> {
    /// The id of the cell.
    pub(super) cell: &'l str,
    /// The number of the pass.
    pub(super) replicate: u64,
    pub(super) engine: BatchLine,
    pub(super) baseline: BatchLine,
}

/// One batch.
#[derive(Clone, Copy)]
pub(super) struct BatchLine {
    pub(super) iterations: u64,
    pub(super) elapsed_ns: u64,
    /// Minor and major faults, nanoseconds in user mode and in the kernel; `None` where one is not known.
    pub(super) usage: Option<[u64; USAGE.len()]>,
}

impl BatchLine {
    /// Nanoseconds for one iteration.
    pub(super) fn time_ns(&self) -> f64 {
        self.elapsed_ns as f64 / self.iterations as f64
    }
}

/// The same for the file at `path`; tells whether there is one.
///
/// # Errors
/// As for [`each_round`], and where it cannot be read or is no regular file.
pub(super) fn each_round_at(
    path: &Path,
    take: impl FnMut(&RoundLine<'_>) -> Result<(), String>,
) -> Result<bool, Error> {
    let file = match open_regular(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    let read = each_round(BufReader::with_capacity(1 << 18, file), take);
    read.map_err(|reason| Error::bad_file(path, reason))?;
    Ok(true)
}

/// Hands each whole round of `source` to `take`. What a run that was killed leaves behind the last of them, a piece of
/// a line or the first batch of a round, is left out.
///
/// # Errors
/// Where it is no list of rounds, a round lacks a batch or rounds of a cell are out of order, or `take` refuses one; the
/// message is a fragment to stand behind the path, and names the line.
pub(super) fn each_round(
    source: impl BufRead,
    mut take: impl FnMut(&RoundLine<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut lines = Lines {
        source,
        line: Vec::new(),
        number: 0,
    };
    let Some(header) = lines.advance()? else {
        return Ok(());
    };
    let columns = Columns::of(header)?;
    let mut rounds = Pairs::default();
    while let Some(line) = lines.advance()? {
        let taken = columns
            .line(line)
            .and_then(|line| rounds.add(&line, &mut take));
        taken.map_err(|reason| format!("line {}: {reason}", lines.number))?;
    }
    Ok(())
}

/// Batches on their way to be rounds.
#[derive(Default)]
struct Pairs {
    /// For each cell replicate and round of its last batch.
    last: HashMap<Vec<u8>, (u64, u64)>,
    /// The first batch of a round whose second is still to come, and its cell.
    first: Option<((u64, u64), Arm, BatchLine)>,
    cell: Vec<u8>,
}

impl Pairs {
    fn add(
        &mut self,
        line: &Line<'_>,
        take: &mut impl FnMut(&RoundLine<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some((at, arm, batch)) = self.first.take() else {
            self.in_order(line)?;
            self.first = Some((line.at, line.arm, line.batch));
            self.cell.clear();
            self.cell.extend_from_slice(line.cell);
            return Ok(());
        };
        if (self.cell.as_slice(), at) != (line.cell, line.at) || arm == line.arm {
            return Err("is not the other batch of the round in the line before".to_owned());
        }
        let (engine, baseline) = match arm {
            Arm::Engine => (batch, line.batch),
            Arm::Baseline => (line.batch, batch),
        };
        let cell = std::str::from_utf8(line.cell).map_err(|_| "the cell is no text".to_owned())?;
        take(&RoundLine {
            cell,
            replicate: at.0,
            engine,
            baseline,
        })
    }

    /// Whether the round of `line` stands behind those of its cell that came before.
    fn in_order(&mut self, line: &Line<'_>) -> Result<(), String> {
        let is_full = self.last.len() == MOST_CELLS;
        match self.last.get_mut(line.cell) {
            Some(last) if line.at <= *last => Err(
                "the round stands there already, or a later one does; rounds are in order"
                    .to_owned(),
            ),
            Some(last) => {
                *last = line.at;
                Ok(())
            }
            None if is_full => Err(format!(
                "is of one more than {MOST_CELLS} cells, the most that are read"
            )),
            None => {
                self.last.insert(line.cell.to_owned(), line.at);
                Ok(())
            }
        }
    }
}

/// Where the columns stand.
struct Columns {
    places: [usize; COLUMNS.len()],
    /// Those of the counters; `None` where a file lacks one.
    usage: Option<[usize; USAGE.len()]>,
    count: usize,
}

/// One line.
struct Line<'l> {
    /// Replicate and round.
    at: (u64, u64),
    cell: &'l [u8],
    arm: Arm,
    batch: BatchLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arm {
    Engine,
    Baseline,
}

impl Columns {
    fn of(header: &[u8]) -> Result<Self, String> {
        let names: Vec<&[u8]> = header.split(|byte| *byte == b',').collect();
        let place = |column: &str| names.iter().position(|name| *name == column.as_bytes());
        let mut places = [0; COLUMNS.len()];
        for (own, column) in places.iter_mut().zip(COLUMNS) {
            *own = place(column)
                .ok_or_else(|| format!("line 1: has no column `{column}`; is it a rounds.csv?"))?;
        }
        let usage = USAGE.map(place);
        Ok(Self {
            places,
            usage: (usage.iter().all(Option::is_some))
                .then(|| usage.map(Option::unwrap_or_default)),
            count: names.len(),
        })
    }

    fn line<'l>(&self, line: &'l [u8]) -> Result<Line<'l>, String> {
        let mut fields: [&[u8]; COLUMNS.len()] = [&[]; COLUMNS.len()];
        let mut counters: [&[u8]; USAGE.len()] = [&[]; USAGE.len()];
        let mut count = 0;
        for (number, field) in line.split(|byte| *byte == b',').enumerate() {
            if let Some(column) = self.places.iter().position(|place| *place == number) {
                fields[column] = field;
            } else if let Some(places) = &self.usage
                && let Some(column) = places.iter().position(|place| *place == number)
            {
                counters[column] = field;
            }
            count += 1;
        }
        if count != self.count {
            return Err(format!("has {count} fields instead of {}", self.count));
        }
        let whole = |field: &[u8]| std::str::from_utf8(field).ok()?.parse::<u64>().ok();
        let number = |column: usize, least: u64| {
            let value = whole(fields[column]).filter(|value| *value >= least);
            value.ok_or_else(|| {
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
        // Where the system does not tell, the field is empty.
        let known = counters.map(whole);
        let usage = known.iter().all(Option::is_some);
        Ok(Line {
            at,
            cell: fields[2],
            arm,
            batch: BatchLine {
                iterations: number(4, 1)?,
                elapsed_ns: number(5, 1)?,
                usage: usage.then(|| known.map(Option::unwrap_or_default)),
            },
        })
    }
}
