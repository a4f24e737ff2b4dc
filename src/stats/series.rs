//! The rounds of one replicate, in order of time, ready to be resampled.

use super::ratio::logs;
use super::student::NORMAL;
use super::{Sample, StatsError};

/// The logarithms of one replicate's speed-ups, with what every resample would otherwise compute again.
#[derive(Debug)]
pub(super) struct Series {
    /// The logarithms from small to large.
    sorted: Vec<f64>,
    /// For each round, in order of time, the place of its logarithm in `sorted`.
    ranks: Vec<usize>,
    /// For each round, in order of time, whether it lies below (−1), at (0) or above (1) the median.
    signs: Vec<f64>,
    median: f64,
}

impl Series {
    /// Takes the speed-ups of one replicate, in order of time.
    pub(super) fn new(speed_ups: &[f64]) -> Result<Self, StatsError> {
        let logs = logs(speed_ups)?;
        let median = Sample::new(logs.clone())?.median();
        let mut order: Vec<usize> = (0..logs.len()).collect();
        order.sort_by(|&one, &other| logs[one].total_cmp(&logs[other]));
        let mut ranks = vec![0; logs.len()];
        for (rank, &round) in order.iter().enumerate() {
            ranks[round] = rank;
        }
        let side = |log: &f64| f64::from(*log > median) - f64::from(*log < median);
        let signs = logs.iter().map(side).collect();
        let sorted = order.iter().map(|&round| logs[round]).collect();
        Ok(Self {
            sorted,
            ranks,
            signs,
            median,
        })
    }

    /// Takes the speed-ups of all replicates: at least one.
    pub(super) fn all(replicates: &[Vec<f64>]) -> Result<Vec<Self>, StatsError> {
        if replicates.is_empty() {
            return Err(StatsError::Empty);
        }
        replicates.iter().map(|rounds| Self::new(rounds)).collect()
    }

    /// How many rounds there are: at least one.
    pub(super) fn rounds(&self) -> usize {
        self.ranks.len()
    }

    /// The median of the logarithms.
    pub(super) fn median(&self) -> f64 {
        self.median
    }

    /// The standard error of the median, where it varies `inflation` times more than that of independent rounds.
    ///
    /// The width of the 95 % range between order statistics, as that of a normal distribution would be: McKean &
    /// Schrader, "A Comparison of Methods for Studentizing the Sample Median" (1984). Unlike a bootstrap it costs
    /// nothing where thousands of cells are compared.
    pub(super) fn standard_error(&self, inflation: f64) -> f64 {
        let last = self.rounds() - 1;
        let reach = NORMAL * (inflation * self.rounds() as f64).sqrt() / 2.0;
        let below = (last as f64 / 2.0 - reach).max(0.0) as usize;
        (self.sorted[last - below] - self.sorted[below]) / (2.0 * NORMAL)
    }

    /// The side of the median each round lies on, in order of time.
    pub(super) fn signs(&self) -> &[f64] {
        &self.signs
    }

    /// The ranks of `length` consecutive rounds from `start` on; after the last round comes the first again.
    pub(super) fn circle(&self, start: usize, length: usize) -> impl Iterator<Item = usize> {
        self.ranks[start..]
            .iter()
            .chain(&self.ranks)
            .take(length)
            .copied()
    }

    /// The median of a resample that drew the value of each rank `counts[rank]` times, as many as there are rounds.
    pub(super) fn median_of_counts(&self, counts: &[u32]) -> f64 {
        let last = self.rounds() - 1;
        let (mut drawn, mut low) = (0, None);
        for (value, &count) in self.sorted.iter().zip(counts) {
            drawn += count as usize;
            if low.is_none() && drawn > last / 2 {
                low = Some(*value);
            }
            if drawn > last.div_ceil(2) {
                return f64::midpoint(low.unwrap_or(*value), *value);
            }
        }
        self.median
    }
}
