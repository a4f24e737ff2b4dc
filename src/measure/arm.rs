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
use crate::workload::{Answer, Kind, Prepared, Task, Work, Workload, serve};

/// How long to wait, each time, for pages that a kernel is evicting, in milliseconds.
const PAUSES_MS: [u64; 8] = [1, 5, 20, 80, 200, 500, 1_000, 2_000];

/// The file of a contest, with what every iteration has to find out about it.
pub struct Subject<'f> {
    fixture: &'f Fixture,
    content: &'f [u8],
    prepared: Prepared,
    kind: Kind,
    scratch: Option<Scratch>,
}

impl<'f> Subject<'f> {
    /// Asks the oracle. `content` is the fixture's.
    ///
    /// # Errors
    /// Where the workload's questions do not fit.
    pub fn new(workload: &dyn Workload, fixture: &'f Fixture, content: &'f [u8]) -> Result<Self> {
        Ok(Self {
            fixture,
            content,
            prepared: workload.prepare(content, fixture.questions())?,
            kind: workload.kind(),
            scratch: None,
        })
    }

    /// The oracle's answer and what throughput counts.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
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
        if self.kind != Kind::Reads && self.scratch.is_none() {
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

    fn path(&self) -> &Path {
        match &self.scratch {
            Some(scratch) => scratch.path(),
            None => self.fixture.path(),
        }
    }

    fn durable(&self) -> bool {
        self.kind == Kind::Writes { durable: true }
    }

    /// The most iterations that can run without restoring the scratch copy.
    pub(super) fn longest_batch(&self) -> u64 {
        if self.kind == Kind::Reads {
            u64::MAX
        } else {
            1
        }
    }

    fn restore(&mut self) -> Result<(), String> {
        match &mut self.scratch {
            Some(scratch) => scratch.restore().map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    fn check(&self, answers: &[Answer]) -> Result<(), String> {
        let expected = self.prepared.expected;
        if let Some(wrong) = answers.iter().find(|answer| **answer != expected) {
            return Err(format!("wrong answer: {wrong} instead of {expected}"));
        }
        if let (Some(scratch), Work::Write { outcome, .. }) = (&self.scratch, &self.prepared.work)
            && !scratch.holds(outcome).map_err(|error| error.to_string())?
        {
            return Err("wrong answer: the changed file differs from the oracle's".to_owned());
        }
        Ok(())
    }
}

/// One engine in a contest, with a task of its own.
pub struct Arm {
    engine: &'static dyn Engine,
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
    },
}

impl Arm {
    /// Prepares, outside the clock, what a careful user would prepare once.
    ///
    /// # Errors
    /// The reason why the engine cannot do this work.
    pub fn new(engine: &'static dyn Engine, subject: &Subject<'_>) -> Result<Self, &'static str> {
        engine.accepts(subject.content)?;
        let way = match &subject.prepared.work {
            Work::Read(task) => Way::Read {
                reader: engine.reader(),
                task: task(),
            },
            Work::Write { edit, .. } => Way::Write {
                writer: engine.writer()?,
                edit: edit(),
            },
        };
        Ok(Self {
            engine,
            way,
            answers: Vec::new(),
        })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &'static dyn Engine {
        self.engine
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
            .timed(subject, clock, iterations)
            .map_err(|error| error.to_string())?;
        subject.check(&self.answers)?;
        Ok(batch)
    }

    fn timed(
        &mut self,
        subject: &mut Subject<'_>,
        clock: &impl Clock,
        iterations: u64,
    ) -> io::Result<Batch> {
        let (fixture, durable) = (subject.fixture, subject.durable());
        let answers = &mut self.answers;
        match (&mut self.way, &mut subject.scratch) {
            (Way::Read { reader, task }, _) => time_batch(clock, iterations, answers, || {
                serve(task.as_mut(), reader.open(fixture)?)
            }),
            (Way::Write { writer, edit }, Some(scratch)) => {
                time_batch(clock, iterations, answers, || {
                    let count = writer.open(scratch)?.edit(edit.as_mut(), durable)?;
                    Ok(Answer::Count(count))
                })
            }
            (Way::Write { .. }, None) => Err(io::Error::other("no scratch copy was made")),
        }
    }
}
