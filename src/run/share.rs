//! How much of a run's time was spent measuring.

use std::time::Duration;

use crate::measure::Kept;
use crate::plan::{Contest, Process};
use crate::workload::Kind;

/// Time spent on steady cells that read, and the part of it that was timed. Those that write restore
/// their file before each batch, and new processes are begun for each: there the harness has to take
/// time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    spent: Duration,
    timed: Duration,
}

impl Share {
    /// Adds a visit that took `spent`.
    pub(super) fn add(&mut self, contest: &Contest, spent: Duration, kept: &Kept) {
        if contest.process != Process::Steady || contest.workload.kind() != Kind::Reads {
            return;
        }
        let batches = kept.rounds.iter().flat_map(|round| &round.batches);
        let timed_ns = batches.fold(0u64, |sum, batch| sum.saturating_add(batch.elapsed_ns));
        self.spent += spent;
        self.timed += Duration::from_nanos(timed_ns);
    }

    /// The part that was timed, in percent; `None` where no such cell was measured.
    pub(super) fn percent(&self) -> Option<f64> {
        let spent = self.spent.as_secs_f64();
        (spent > 0.0).then(|| 100.0 * self.timed.as_secs_f64() / spent)
    }
}
