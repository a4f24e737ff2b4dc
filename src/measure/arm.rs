//! An engine doing a workload on a file: made ready, run in batches, its answers checked.

use std::io;

use super::clock::Clock;
use super::round::{Batch, time_batch};
use super::stage::Stage;
use super::trouble::Trouble;
use crate::engine::{Access, Edit, Engine, Reader, Writer};
use crate::error::Result;
use crate::fixture::{Fixture, Scratch};
use crate::workload::{Answer, Expected, Kind, Task, Work, Workload, serve};

/// A stage whose file may be mapped in this process.
pub struct Subject<'f> {
    stage: Stage<'f>,
    fixture: &'f Fixture,
    /// `None` where another process has looked at it.
    content: Option<&'f [u8]>,
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
        let expected = workload.oracle(content, fixture.questions())?;
        Ok(Self {
            content: Some(content),
            ..Self::told(workload, fixture, expected, None)
        })
    }

    /// Whether `engine` can take the content and be asked the question.
    ///
    /// # Errors
    /// The reason where it cannot.
    pub fn suits(&self, engine: &dyn Engine) -> Result<(), Trouble> {
        let accepted = self
            .content
            .map_or(Ok(()), |content| engine.accepts(content));
        accepted.map_err(Trouble::unsupported)?;
        let (workload, questions) = (self.stage.workload(), self.fixture.questions());
        let asked = workload.asks(engine.shape(), questions);
        asked.map_err(Trouble::Unsupported)
    }

    /// Of `expected` the oracle was asked before, by another process that also made the scratch copy.
    pub(super) fn told(
        workload: &'f dyn Workload,
        fixture: &'f Fixture,
        expected: Expected,
        scratch: Option<Scratch>,
    ) -> Self {
        Self {
            stage: Stage::new(workload, fixture, expected, scratch),
            fixture,
            content: None,
        }
    }

    /// The oracle's answer and what throughput counts.
    #[must_use]
    pub fn expected(&self) -> &Expected {
        self.stage.expected()
    }

    /// The fixture.
    #[must_use]
    pub fn fixture(&self) -> &'f Fixture {
        self.fixture
    }

    /// The file and its state.
    pub fn stage(&mut self) -> &mut Stage<'f> {
        &mut self.stage
    }
}

/// One engine in a contest, with a task of its own.
pub struct Arm<'r> {
    way: Way<'r>,
    answers: Vec<Answer>,
    /// The slow-down planted in it, in percent; 0 for none.
    slower_percent: u64,
}

enum Way<'r> {
    Read {
        reader: Box<dyn Reader>,
        task: Box<dyn Task>,
    },
    Kept {
        access: Access<'r>,
        task: Box<dyn Task>,
    },
    Write {
        writer: Box<dyn Writer>,
        edit: Box<dyn Edit>,
        durable: bool,
    },
}

impl<'r> Arm<'r> {
    /// Prepares, outside the clock, what a careful user would prepare once. Reads nothing; every
    /// iteration opens and closes the file.
    ///
    /// # Errors
    /// Where the engine cannot do this work, or the questions do not fit.
    pub fn new(
        engine: &dyn Engine,
        workload: &dyn Workload,
        fixture: &Fixture,
    ) -> Result<Self, Trouble> {
        let way = match work(workload, fixture)? {
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
        Ok(Self::of(way))
    }

    /// Opens the file, outside the clock, and keeps it open for all iterations.
    ///
    /// # Errors
    /// Where the file cannot be opened, the workload writes, or the questions do not fit.
    pub(super) fn kept_open(
        reader: &'r mut dyn Reader,
        workload: &dyn Workload,
        fixture: &'r Fixture,
    ) -> Result<Self, Trouble> {
        let Work::Read(task) = work(workload, fixture)? else {
            return Err(Trouble::unsupported(
                "a change is written when the file is closed",
            ));
        };
        let access = reader
            .open(fixture)
            .map_err(|error| Trouble::Failed(error.to_string()))?;
        Ok(Self::of(Way::Kept { access, task }))
    }

    fn of(way: Way<'r>) -> Self {
        Self {
            way,
            answers: Vec::new(),
            slower_percent: 0,
        }
    }

    /// Plants a slow-down: each batch takes `percent` longer than its work does.
    pub(super) fn slowed_by(mut self, percent: u64) -> Self {
        self.slower_percent = percent;
        self
    }

    /// Runs and times a batch on a file that is in its state, and checks its answers.
    ///
    /// # Errors
    /// What the system answered, or which answer was wrong.
    pub(super) fn batch(
        &mut self,
        subject: &mut Subject<'_>,
        clock: &impl Clock,
        iterations: u64,
    ) -> Result<Batch, Trouble> {
        let batch = self
            .timed(subject.fixture, subject.stage.scratch(), clock, iterations)
            .map_err(|error| Trouble::Failed(error.to_string()))?;
        subject.stage.check(&self.answers)?;
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
        let (answers, slower) = (&mut self.answers, self.slower_percent);
        match (&mut self.way, scratch) {
            (Way::Read { reader, task }, _) => {
                time_batch(clock, iterations, answers, slower, || {
                    serve(task.as_mut(), &mut reader.open(fixture)?)
                })
            }
            (Way::Kept { access, task }, _) => {
                time_batch(clock, iterations, answers, slower, || {
                    access.rewind()?;
                    serve(task.as_mut(), access)
                })
            }
            (
                Way::Write {
                    writer,
                    edit,
                    durable,
                },
                Some(scratch),
            ) => time_batch(clock, iterations, answers, slower, || {
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

fn work(workload: &dyn Workload, fixture: &Fixture) -> Result<Work, Trouble> {
    workload
        .work(fixture.bytes(), fixture.questions())
        .map_err(|error| Trouble::Failed(error.to_string()))
}
