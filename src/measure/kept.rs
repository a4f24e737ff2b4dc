//! What is kept of a contest's rounds, and how they are taken apart into those of its cells.

use super::round::Round;

/// Place of the engine among the two arms of a cell's rounds.
pub const ENGINE: usize = 0;
/// Place of the baseline among the two arms of a cell's rounds.
pub const BASELINE: usize = 1;

/// Rounds whose cache state was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The rounds, in order of time.
    pub rounds: Vec<Round>,
    /// Rounds thrown away because pages of the file left memory meanwhile.
    pub voided: u64,
}

impl Kept {
    /// The rounds of one cell: of the rounds of all arms, the batches of `engine` and of `baseline`,
    /// in the places [`ENGINE`] and [`BASELINE`].
    ///
    /// All cells of a contest are taken from the same rounds, so the times that are printed of two
    /// of them are comparable too, not only those within one.
    #[must_use]
    pub fn of_cell(&self, engine: usize, baseline: usize) -> Self {
        let pair = |round: &Round| Round {
            batches: vec![round.batches[engine], round.batches[baseline]],
            positions: vec![round.positions[engine], round.positions[baseline]],
        };
        Self {
            rounds: self.rounds.iter().map(pair).collect(),
            voided: self.voided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::round::Batch;
    use super::*;

    #[test]
    fn cells_of_a_contest_share_the_batches_of_its_baseline() {
        let batch = |elapsed_ns| Batch {
            iterations: 1,
            elapsed_ns,
            usage: None,
        };
        let kept = Kept {
            rounds: vec![Round {
                batches: vec![batch(10), batch(11), batch(12)],
                positions: vec![2, 0, 1],
            }],
            voided: 4,
        };
        let times = |cell: &Kept| {
            let batches = &cell.rounds[0].batches;
            [batches[ENGINE].elapsed_ns, batches[BASELINE].elapsed_ns]
        };
        let (null, other) = (kept.of_cell(0, 1), kept.of_cell(2, 0));
        assert_eq!((times(&null), times(&other)), ([10, 11], [12, 10]));
        assert_eq!(other.rounds[0].positions, [1, 2]);
        assert_eq!((null.voided, other.voided), (4, 4));
    }
}
