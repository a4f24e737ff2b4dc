//! The file of a contest, in the state that an iteration needs.

use std::path::Path;
use std::time::Duration;

use super::interrupt::INTERRUPTED;
use super::trouble::Trouble;
use crate::error::Error;
use crate::fixture::{Scratch, Target};
use crate::plan::Cache;
use crate::sys;
use crate::workload::{Answer, Expected, Kind, Workload};

/// How long to wait, each time, for pages that a kernel is evicting, in milliseconds.
const PAUSES_MS: [u64; 8] = [1, 5, 20, 80, 200, 500, 1_000, 2_000];

/// The file of a contest, with what every iteration has to find out about it. It brings the file
/// into its state and never maps it.
pub struct Stage<'f> {
    workload: &'f dyn Workload,
    target: &'f Target,
    expected: Expected,
    scratch: Option<Scratch>,
}

impl<'f> Stage<'f> {
    /// Of `expected` the oracle was asked before. Without `scratch`, a workload that writes gets a
    /// copy when it first needs one.
    #[must_use]
    pub fn new(
        workload: &'f dyn Workload,
        target: &'f Target,
        expected: Expected,
        scratch: Option<Scratch>,
    ) -> Self {
        Self {
            workload,
            target,
            expected,
            scratch,
        }
    }

    /// The oracle's answer and what throughput counts.
    #[must_use]
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The file.
    #[must_use]
    pub fn target(&self) -> &'f Target {
        self.target
    }

    /// What is done with it.
    #[must_use]
    pub fn workload(&self) -> &'f dyn Workload {
        self.workload
    }

    /// The private copy, once there is one.
    pub(super) fn scratch(&mut self) -> Option<&mut Scratch> {
        self.scratch.as_mut()
    }

    /// The file that the arms use.
    pub(super) fn path(&self) -> &Path {
        match &self.scratch {
            Some(scratch) => scratch.path(),
            None => self.target.path(),
        }
    }

    /// The most iterations that can run without restoring the scratch copy.
    pub(super) fn longest_batch(&self) -> u64 {
        if self.workload.kind() == Kind::Reads {
            u64::MAX
        } else {
            1
        }
    }

    /// Makes the scratch copy for a workload that writes, unless it is there.
    ///
    /// # Errors
    /// Where the copy cannot be made.
    pub fn make_scratch(&mut self) -> Result<(), Trouble> {
        if self.workload.kind() != Kind::Reads && self.scratch.is_none() {
            self.scratch = Some(Scratch::copy_of(self.target).map_err(failed)?);
            self.redraw_scratch();
        }
        Ok(())
    }

    /// Has the pages of the scratch copy, if there is one, read into memory anew, as those of
    /// fixtures are: pages that were just written lie in larger pieces.
    pub fn redraw_scratch(&mut self) {
        if let Some(scratch) = &self.scratch {
            // Where nothing can be forgotten, the pages are used as they lie; what cannot be read
            // fails when it is used.
            let _ = sys::evict(scratch.path());
            let _ = self.target.stop().read(scratch.path());
        }
    }

    /// Makes the scratch copy if need be, and brings the file that the arms use into the state.
    ///
    /// # Errors
    /// Where the copy cannot be made, the state cannot be reached, the system does not tell, or the
    /// file changed.
    pub(super) fn make_ready(&mut self, cache: Cache) -> Result<(), Trouble> {
        self.make_scratch()?;
        self.bring_into(cache)
    }

    /// Before a batch: restores the scratch copy, and evicts what must be cold.
    ///
    /// # Errors
    /// As [`make_ready`](Self::make_ready).
    pub(super) fn before_batch(&mut self, cache: Cache) -> Result<(), Trouble> {
        if let Some(scratch) = &mut self.scratch {
            scratch.restore().map_err(failed)?;
        }
        match cache {
            Cache::Warm => Ok(()),
            Cache::Cold => self.cool(),
        }
    }

    /// Warm: every page in memory. Cold: none.
    pub(super) fn bring_into(&self, cache: Cache) -> Result<(), Trouble> {
        match cache {
            Cache::Warm if self.is_warm()? => Ok(()),
            Cache::Warm => self.warm(),
            Cache::Cold => self.cool(),
        }
    }

    /// Reads the file that the arms use until every page of it is in memory. A kernel that is
    /// evicting just now is waited for, for some seconds.
    ///
    /// # Errors
    /// Where pages do not stay in memory, the system does not tell, or the file changed.
    pub(super) fn warm(&self) -> Result<(), Trouble> {
        for pause in PAUSES_MS {
            let read = self.target.stop().read(self.path());
            read.map_err(|error| failed(Error::io("read", self.path(), error)))?;
            if self.is_warm()? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(pause));
        }
        Err(Trouble::Unverified(
            "pages of the file do not stay in memory; free some, and measure again".to_owned(),
        ))
    }

    /// Whether every page of the file that the arms use is in memory, and the file as it was.
    ///
    /// # Errors
    /// Where the system does not tell, or the file changed.
    pub(super) fn is_warm(&self) -> Result<bool, Trouble> {
        self.target.check_unchanged().map_err(failed)?;
        let residency = sys::residency(self.path()).map_err(|error| {
            Trouble::Unverified(format!(
                "whether the file is in memory is not known: {error}"
            ))
        })?;
        Ok(residency.is_warm())
    }

    /// Evicts the file and verifies that no page of it is left in memory.
    ///
    /// # Errors
    /// Where pages stay, the system does not tell, or takes no advice to evict; or the file changed.
    pub(super) fn cool(&self) -> Result<(), Trouble> {
        let unknown = |error: std::io::Error| {
            Trouble::Unverified(format!("the file cannot be evicted: {error}"))
        };
        self.target.check_unchanged().map_err(failed)?;
        sys::evict(self.path()).map_err(unknown)?;
        match sys::residency(self.path()).map_err(unknown)?.resident {
            0 => Ok(()),
            // A file that is being written to has pages that cannot be evicted yet.
            _ if self.target.check_unchanged().is_err() => self.is_warm().map(|_| ()),
            left => Err(Trouble::Unverified(format!(
                "{left} pages of the file stay in memory after eviction; a file on tmpfs is memory, \
                 and one that others map is not evicted"
            ))),
        }
    }

    /// Holds answers, and what a workload that writes left behind, against the oracle's.
    ///
    /// # Errors
    /// Which answer was wrong.
    pub(super) fn check(&self, answers: &[Answer]) -> Result<(), Trouble> {
        check_answers(answers, self.expected.answer)?;
        if let (Some(scratch), Some(outcome)) = (&self.scratch, &self.expected.outcome)
            && scratch.digest().map_err(failed)? != *outcome
        {
            return Err(Trouble::Failed(
                "wrong answer: the changed file differs from the oracle's".to_owned(),
            ));
        }
        Ok(())
    }
}

/// Holds answers against the right one.
///
/// # Errors
/// Which answer was wrong.
fn check_answers(answers: &[Answer], expected: Answer) -> Result<(), Trouble> {
    match answers.iter().find(|answer| **answer != expected) {
        Some(wrong) => Err(Trouble::Failed(format!(
            "wrong answer: {wrong} instead of {expected}"
        ))),
        None => Ok(()),
    }
}

fn failed(error: Error) -> Trouble {
    match error.is_interrupt() {
        true => Trouble::Skipped(INTERRUPTED.to_owned()),
        false => Trouble::Failed(error.to_string()),
    }
}
