//! An engine doing a workload on a file: made ready, run in batches, its answers checked.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::clock::Clock;
use super::round::{Batch, time_batch};
use super::trouble::Trouble;
use crate::engine::{Edit, Engine, Reader, Writer};
use crate::error::{Error, Result};
use crate::fixture::{Fixture, Scratch};
use crate::sys;
use crate::workload::{Answer, Expected, Kind, Task, Work, Workload, serve};

/// How long to wait, each time, for pages that a kernel is evicting, in milliseconds.
const PAUSES_MS: [u64; 8] = [1, 5, 20, 80, 200, 500, 1_000, 2_000];

/// The file of a contest, with what every iteration has to find out about it.
pub struct Subject<'f> {
    workload: &'f dyn Workload,
    fixture: &'f Fixture,
    content: &'f [u8],
    expected: Expected,
    scratch: Option<Scratch>,
}

impl<'f> Subject<'f> {
    /// Asks the oracle. `content` is the fixture's.
    ///
    /// # Errors
    /// Where the workload's questions do not fit.
    pub fn new(
        workload: &'f dyn Workload,
        fixture: &'f Fixture,
        content: &'f [u8],
    ) -> Result<Self> {
        Ok(Self {
            workload,
            fixture,
            content,
            expected: workload.oracle(content, fixture.questions())?,
            scratch: None,
        })
    }

    /// The oracle's answer and what throughput counts.
    #[must_use]
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The fixture.
    #[must_use]
    pub fn fixture(&self) -> &'f Fixture {
        self.fixture
    }

    /// Makes the scratch copy for a workload that writes, brings the file that the arms use
    /// into memory, and verifies that it is there.
    ///
    /// # Errors
    /// Where the copy cannot be made, a page is missing, the system does not tell, or the fixture
    /// changed.
    pub(super) fn make_ready(&mut self) -> Result<(), Trouble> {
        let failed = |error: Error| Trouble::Failed(error.to_string());
        if self.workload.kind() != Kind::Reads && self.scratch.is_none() {
            let scratch = Scratch::copy_of(self.fixture).map_err(failed)?;
            // As for fixtures: pages that were read, not pages that were just written.
            let _ = sys::evict(scratch.path());
            self.scratch = Some(scratch);
        }
        self.warm()
    }

    /// Reads the file that the arms use until every page of it is in memory. A kernel that is
    /// evicting just now is waited for, for some seconds.
    ///
    /// # Errors
    /// Where pages do not stay in memory, the system does not tell, or the fixture changed.
    pub(super) fn warm(&self) -> Result<(), Trouble> {
        for pause in PAUSES_MS {
            std::fs::read(self.path()).map_err(|error| {
                Trouble::Failed(Error::io("read", self.path(), error).to_string())
            })?;
            if self.is_warm()? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(pause));
        }
        Err(Trouble::Unverified(
            "pages of the file do not stay in memory; free some, and measure again".to_owned(),
        ))
    }

    /// Whether every page of the file that the arms use is in memory, and the fixture as it was.
    ///
    /// # Errors
    /// Where the system does not tell, or the fixture changed.
    pub(super) fn is_warm(&self) -> Result<bool, Trouble> {
        self.fixture
            .check_unchanged()
            .map_err(|error| Trouble::Failed(error.to_string()))?;
        let residency = sys::residency(self.path()).map_err(|error| {
            Trouble::Unverified(format!(
                "whether the file is in memory is not known: {error}"
            ))
        })?;
        Ok(residency.is_warm())
    }

    /// The file that the arms use.
    pub(super) fn path(&self) -> &Path {
        match &self.scratch {
            Some(scratch) => scratch.path(),
            None => self.fixture.path(),
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

    /// Whether `engine` can take the fixture's content.
    pub(super) fn suits(&self, engine: &dyn Engine) -> Result<(), Trouble> {
        engine.accepts(self.content).map_err(Trouble::unsupported)
    }

    /// What is done with it.
    pub(super) fn workload(&self) -> &'f dyn Workload {
        self.workload
    }

    fn restore(&mut self) -> Result<(), String> {
        match &mut self.scratch {
            Some(scratch) => scratch.restore().map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    pub(super) fn check(&self, answers: &[Answer]) -> Result<(), String> {
        let expected = self.expected.answer;
        if let Some(wrong) = answers.iter().find(|answer| **answer != expected) {
            return Err(format!("wrong answer: {wrong} instead of {expected}"));
        }
        if let (Some(scratch), Some(outcome)) = (&self.scratch, &self.expected.outcome)
            && !scratch.holds(outcome).map_err(|error| error.to_string())?
        {
            return Err("wrong answer: the changed file differs from the oracle's".to_owned());
        }
        Ok(())
    }
}

/// One engine in a contest, with a task of its own.
pub struct Arm {
    way: Way,
    answers: Vec<Answer>,
}

enum Way {
    Read {
        reader: Box<dyn Reader>,
        task: Box<dyn Task>,
    },
    Write {
        writer: Box<dyn Writer>,
        edit: Box<dyn Edit>,
        durable: bool,
    },
}

impl Arm {
    /// Prepares, outside the clock, what a careful user would prepare once. Reads nothing.
    ///
    /// # Errors
    /// Where the engine cannot do this work, or the questions do not fit.
    pub fn new(
        engine: &dyn Engine,
        workload: &dyn Workload,
        fixture: &Fixture,
    ) -> Result<Self, Trouble> {
        let work = workload
            .work(fixture.bytes(), fixture.questions())
            .map_err(|error| Trouble::Failed(error.to_string()))?;
        let way = match work {
            Work::Read(task) => Way::Read {
                reader: engine.reader(),
                task,
            },
            Work::Write(edit) => Way::Write {
                writer: engine.writer().map_err(Trouble::unsupported)?,
                edit,
                durable: workload.kind() == Kind::Writes { durable: true },
            },
        };
        Ok(Self {
            way,
            answers: Vec::new(),
        })
    }

    /// Restores the scratch copy if there is one, runs and times a batch, and checks its answers.
    ///
    /// # Errors
    /// In words, what the system answered or which answer was wrong.
    pub(super) fn batch(
        &mut self,
        subject: &mut Subject<'_>,
        clock: &impl Clock,
        iterations: u64,
    ) -> Result<Batch, String> {
        subject.restore()?;
        let batch = self
            .timed(subject.fixture, subject.scratch.as_mut(), clock, iterations)
            .map_err(|error| error.to_string())?;
        subject.check(&self.answers)?;
        Ok(batch)
    }

    /// Runs and times a batch; its answers are in [`answers`](Self::answers).
    ///
    /// # Errors
    /// What the system answered.
    pub(super) fn timed(
        &mut self,
        fixture: &Fixture,
        scratch: Option<&mut Scratch>,
        clock: &impl Clock,
        iterations: u64,
    ) -> io::Result<Batch> {
        let answers = &mut self.answers;
        match (&mut self.way, scratch) {
            (Way::Read { reader, task }, _) => time_batch(clock, iterations, answers, || {
                serve(task.as_mut(), reader.open(fixture)?)
            }),
            (
                Way::Write {
                    writer,
                    edit,
                    durable,
                },
                Some(scratch),
            ) => time_batch(clock, iterations, answers, || {
                let count = writer.open(scratch)?.edit(edit.as_mut(), *durable)?;
                Ok(Answer::Count(count))
            }),
            (Way::Write { .. }, None) => Err(io::Error::other("no scratch copy was made")),
        }
    }

    /// What the last batch found out.
    pub(super) fn answers(&self) -> &[Answer] {
        &self.answers
    }
}
