//! `rounds.csv` read back: the speed-up of every round, for pictures.
//!
//! It is read as a stream, and four bytes a round are kept: a file of millions of lines needs some
//! megabytes. A killed run may leave an unfinished last line, which is left out.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{Error, Result};
use crate::stats;

/// How far from its end the last whole line of a file is looked for.
const LONGEST_LINE: u64 = 64 << 10;

/// The speed-ups of all rounds of a run, by cell.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    cells: HashMap<String, CellRounds>,
}

/// The speed-ups of a cell's rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellRounds {
    /// The rounds of each replicate in order of time: logarithms to the base 2, so that 1 is twice as
    /// fast as the baseline.
    pub replicates: Vec<Vec<f32>>,
    /// The number of the replicate that the last of them is.
    last: u64,
}

impl Rounds {
    /// Those of the cell with this id.
    #[must_use]
    pub fn of(&self, cell: &str) -> Option<&CellRounds> {
        self.cells.get(cell)
    }

    /// How many rounds there are in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.values().map(CellRounds::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn add(&mut self, batch: &BatchLine, speedup: f64) {
        let rounds = match self.cells.get_mut(&batch.cell) {
            Some(rounds) => rounds,
            None => self.cells.entry(batch.cell.clone()).or_default(),
        };
        if rounds.replicates.is_empty() || rounds.last != batch.replicate {
            rounds.replicates.push(Vec::new());
            rounds.last = batch.replicate;
        }
        if let Some(replicate) = rounds.replicates.last_mut() {
            replicate.push(speedup.log2() as f32);
        }
    }
}

impl CellRounds {
    /// How many rounds there are in all replicates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.replicates.iter().map(Vec::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them in order of time.
    pub fn all(&self) -> impl Iterator<Item = f32> + '_ {
        self.replicates.iter().flatten().copied()
    }
}

/// Reads the rounds at `path`; `None` where there is no such file, as in a record that was sent alone.
///
/// # Errors
/// Where it cannot be read, or is not what [`Directory`](super::Directory) writes; the message names
/// the line.
pub fn load_rounds(path: &Path) -> Result<Option<Rounds>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    let length = whole_lines(&mut file).map_err(|error| Error::io("read", path, error))?;
    let reader = csv::ReaderBuilder::new()
        .buffer_capacity(1 << 16)
        .from_reader(file.take(length));
    let read = read_rounds(reader);
    read.map(Some)
        .map_err(|reason| Error::bad_file(path, reason))
}

/// How many bytes of `file` stand in lines that are finished; leaves it at its start.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.by_ref().take(LONGEST_LINE).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let newline = tail.iter().rposition(|byte| *byte == b'\n');
    Ok(newline.map_or(0, |at| from + at as u64 + 1))
}

fn read_rounds(mut reader: csv::Reader<impl Read>) -> Result<Rounds, String> {
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut rounds = Rounds::default();
    if headers.is_empty() {
        return Ok(rounds);
    }
    let columns = Columns::of(&headers)?;
    let mut line = csv::StringRecord::new();
    let mut engine: Option<(BatchLine, f64)> = None;
    while reader
        .read_record(&mut line)
        .map_err(|error| error.to_string())?
    {
        let at = line.position().map_or(0, csv::Position::line);
        let told = |reason: String| format!("line {at}: {reason}");
        let (arm, batch, ns) = columns.batch(&line).map_err(told)?;
        match (arm, engine.take()) {
            (Arm::Engine, None) => engine = Some((batch, ns)),
            (Arm::Baseline, Some((own, engine_ns))) if own == batch => {
                let speedup = stats::speed_up(ns, engine_ns);
                rounds.add(&own, speedup.map_err(|error| told(error.to_string()))?);
            }
            _ => return Err(told("is not the other batch of its round".to_owned())),
        }
    }
    Ok(rounds)
}

/// The side of a round that a batch is.
enum Arm {
    Engine,
    Baseline,
}

/// Which round a batch belongs to.
#[derive(PartialEq)]
struct BatchLine {
    cell: String,
    replicate: u64,
    round: u64,
}

/// Where the fields stand that pictures need.
struct Columns {
    replicate: usize,
    round: usize,
    cell: usize,
    arm: usize,
    iterations: usize,
    elapsed_ns: usize,
}

impl Columns {
    fn of(headers: &csv::StringRecord) -> Result<Self, String> {
        let find = |name: &str| {
            headers
                .iter()
                .position(|header| header == name)
                .ok_or_else(|| format!("line 1: has no column `{name}`"))
        };
        Ok(Self {
            replicate: find("replicate")?,
            round: find("round")?,
            cell: find("cell")?,
            arm: find("arm")?,
            iterations: find("iterations")?,
            elapsed_ns: find("elapsed_ns")?,
        })
    }

    /// The arm, its round, and nanoseconds for one iteration.
    fn batch(&self, line: &csv::StringRecord) -> Result<(Arm, BatchLine, f64), String> {
        let field = |column: usize| line.get(column).unwrap_or_default();
        let number = |column: usize| {
            let text = field(column);
            text.parse::<u64>()
                .map_err(|_| format!("`{text}` is no number"))
        };
        let arm = match field(self.arm) {
            "engine" => Arm::Engine,
            "baseline" => Arm::Baseline,
            other => return Err(format!("has the arm `{other}`, which is unknown")),
        };
        let batch = BatchLine {
            cell: field(self.cell).to_owned(),
            replicate: number(self.replicate)?,
            round: number(self.round)?,
        };
        let iterations = number(self.iterations)?.max(1);
        let ns = number(self.elapsed_ns)? as f64 / iterations as f64;
        Ok((arm, batch, ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "replicate,round,position,cell,arm,iterations,elapsed_ns\n";

    fn read(lines: &str) -> Result<Option<Rounds>> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rounds.csv");
        std::fs::write(&path, format!("{HEADER}{lines}")).unwrap();
        load_rounds(&path)
    }

    #[test]
    fn rounds_come_back_by_replicate_in_order() {
        let lines = "0,0,1,w/mmap/2MB,engine,1,100\n0,0,0,w/mmap/2MB,baseline,2,400\n\
                     0,1,1,w/mmap/2MB,engine,1,200\n0,1,0,w/mmap/2MB,baseline,1,100\n\
                     1,0,1,w/mmap/2MB,engine,1,100\n1,0,0,w/mmap/2MB,baseline,1,100\n";
        let rounds = read(lines).unwrap().unwrap();
        let cell = rounds.of("w/mmap/2MB").unwrap();
        assert_eq!(cell.replicates, [vec![1.0, -1.0], vec![0.0]]);
        assert_eq!(rounds.len(), 3);
        assert!(rounds.of("w/read/2MB").is_none());
    }

    #[test]
    fn an_unfinished_last_line_is_left_out() {
        let lines = "0,0,1,w/mmap/2MB,engine,1,100\n0,0,0,w/mmap/2MB,baseline,1,200\n\
                     0,1,1,w/mmap/2MB,engine,1,1";
        assert_eq!(read(lines).unwrap().unwrap().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (lines, word) in [
            ("0,0,1,c,engine,1,x\n", "line 2: `x` is no number"),
            ("0,0,1,c,both,1,1\n", "line 2: has the arm `both`"),
            (
                "0,0,1,c,engine,1,5\n0,1,1,c,baseline,1,5\n",
                "line 3: is not the other batch",
            ),
            ("0,0,1,c,engine,1,5\n0,0\n", "line: 3"),
        ] {
            let error = read(lines).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
            assert!(error.contains("rounds.csv"), "{error}");
        }
    }

    #[test]
    fn no_file_and_an_empty_file_hold_no_rounds() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rounds.csv");
        assert!(load_rounds(&path).unwrap().is_none());
        std::fs::write(&path, "").unwrap();
        assert!(load_rounds(&path).unwrap().unwrap().is_empty());
    }
}
