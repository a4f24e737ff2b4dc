//! `rounds.csv` read back: the speed-up of every round, for pictures.
//!
//! Four bytes a round are kept: a file of millions of lines needs some megabytes.

use std::collections::HashMap;
use std::path::Path;

use super::lines::{RoundLine, each_round_at};
use crate::error::Result;
use crate::stats;

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

    fn add(&mut self, round: &RoundLine<'_>) -> Result<(), String> {
        let speedup = stats::speed_up(round.baseline.time_ns(), round.engine.time_ns())
            .map_err(|error| error.to_string())?;
        let rounds = match self.cells.get_mut(round.cell) {
            Some(rounds) => rounds,
            None => self.cells.entry(round.cell.to_owned()).or_default(),
        };
        if rounds.replicates.is_empty() || rounds.last != round.replicate {
            rounds.replicates.push(Vec::new());
            rounds.last = round.replicate;
        }
        if let Some(rounds) = rounds.replicates.last_mut() {
            rounds.push(speedup.log2() as f32);
        }
        Ok(())
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
    let mut rounds = Rounds::default();
    let there = each_round_at(path, |round| rounds.add(round))?;
    Ok(there.then_some(rounds))
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
            ("0,0,1,c,engine,1,x\n", "line 2: elapsed_ns is `x`"),
            ("0,0,1,c,both,1,1\n", "line 2: arm is `both`"),
            (
                "0,0,1,c,engine,1,5\n0,1,1,c,baseline,1,5\n",
                "line 3: is not the other batch",
            ),
            ("0,0,1,c,engine,1,5\n0,0\n", "line 3: has 2 fields"),
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
