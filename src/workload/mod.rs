//! What is done with the bytes. A workload makes ready a [`Task`] for workloads that read, or an
//! [`Edit`] for those that write, and says which shapes it can serve honestly.
//!
//! To add one: a new file here, its `mod` line and its line in [`WORKLOADS`].

mod find;
mod open_only;
mod oracle;
mod regex_scan;
mod replace;
mod rfind;
mod scan;
mod seek_read;
mod touch_pages;
mod whole_file;

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::engine::{Access, Blocks, Edit, Shape, Stream};
use crate::error::Result;
use crate::fixture::Questions;
use crate::units::ByteCount;

/// One kind of work on a file, the same for every engine.
pub trait Workload: Sync {
    /// The name in tables and on the command line.
    fn name(&self) -> &'static str;

    /// What it does, in one line.
    fn about(&self) -> &'static str;

    /// Raised whenever the work inside the clock changes, so that records are not compared blindly.
    fn version(&self) -> u32 {
        1
    }

    /// Whether the result ranks engines or only shows where time goes.
    fn role(&self) -> Role {
        Role::Ranked
    }

    /// In which runs it is measured without being named.
    fn audience(&self) -> Audience {
        Audience::WhenNamed
    }

    /// Whether it reads or writes.
    fn kind(&self) -> Kind {
        Kind::Reads
    }

    /// Whether bytes that arrive in this shape can be served honestly.
    ///
    /// # Errors
    /// The reason to show where they cannot.
    fn serves(&self, _shape: Shape) -> Result<(), &'static str> {
        Ok(())
    }

    /// Whether these questions can be asked of bytes that arrive in this shape.
    ///
    /// # Errors
    /// The reason to show where they cannot.
    fn asks(&self, _shape: Shape, _questions: &Questions) -> Result<(), String> {
        Ok(())
    }

    /// What a reader must know where an iteration found nothing: the answer is `absent` or a count of 0. `None` where
    /// that is what the workload is about.
    fn found_nothing(&self) -> Option<&'static str> {
        None
    }

    /// What it searches for, replaces or draws, in words that tell one query from another; empty where its only input
    /// is the file. A record keeps it, because two queries may have one answer.
    fn query(&self, _questions: &Questions) -> String {
        String::new()
    }

    /// The right answer, by loops so simple that they are unlikely to be wrong. `content` is the
    /// whole file.
    ///
    /// # Errors
    /// Where the questions do not fit the file (a pattern that is no pattern).
    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected>;

    /// The work of one arm on a file of so many bytes, made outside the clock: what a careful user
    /// prepares once. It reads nothing, so that a new process can begin with it.
    ///
    /// # Errors
    /// As for [`oracle`](Self::oracle).
    fn work(&self, bytes: ByteCount, questions: &Questions) -> Result<Work>;
}

/// What a workload's result is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Engines are compared by it.
    Ranked,
    /// It explains the others and is shown apart.
    Control,
}

/// In which runs of `mapmark run` a workload takes part without being named, the fewest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// In every run, in a first look of some seconds too.
    FirstLook,
    /// In a run that has a minute.
    Minute,
    /// In none.
    WhenNamed,
}

/// What a workload does to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only reads.
    Reads,
    /// It changes a scratch copy.
    Writes {
        /// Whether the change must be on the device before an iteration ends.
        durable: bool,
    },
}

/// What every iteration has to find out, and to leave behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The answer.
    pub answer: Answer,
    /// Bytes that an iteration has to look at, where that is a meaning of the workload: the
    /// numerator of throughput.
    pub looks_at: Option<ByteCount>,
    /// The digest of what the file must hold after a workload that writes.
    pub outcome: Option<String>,
}

impl Expected {
    fn answer(answer: Answer, looks_at: Option<usize>) -> Self {
        Self {
            answer,
            looks_at: looks_at.map(|bytes| ByteCount(bytes as u64)),
            outcome: None,
        }
    }
}

/// The work of one arm.
pub enum Work {
    /// It reads.
    Read(Box<dyn Task>),
    /// It changes the file.
    Write(Box<dyn Edit>),
}

/// The work of one arm of a reading workload: one method for each shape.
pub trait Task {
    /// On all bytes at once.
    fn on_slice(&mut self, bytes: &[u8]) -> Answer;

    /// On one chunk after the other.
    ///
    /// # Errors
    /// What the system answered, or that the shape is not served.
    fn on_stream(&mut self, _stream: &mut Stream) -> io::Result<Answer> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// On ranges.
    ///
    /// # Errors
    /// What the system answered, or that the shape is not served.
    fn on_blocks(&mut self, _blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Serves whatever shape arrived, and leaves it open.
///
/// # Errors
/// What the system answered, or that the shape is not served.
pub fn serve(task: &mut dyn Task, access: &mut Access<'_>) -> io::Result<Answer> {
    match access {
        Access::Slice(bytes) => Ok(task.on_slice(bytes)),
        Access::Stream(stream) => task.on_stream(stream),
        Access::Blocks(blocks) => task.on_blocks(blocks),
    }
}

/// What an iteration found out. Compared with the oracle's outside the clock, every time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Where something begins.
    Offset(u64),
    /// That it is not there.
    Absent,
    /// How many there are.
    Count(u64),
    /// What the bytes add up to.
    Sum(u64),
}

impl Answer {
    fn offset(found: Option<usize>) -> Self {
        found.map_or(Self::Absent, |offset| Self::Offset(offset as u64))
    }

    fn offset_u64(found: Option<u64>) -> Self {
        found.map_or(Self::Absent, Self::Offset)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => write!(f, "offset {offset}"),
            Self::Absent => f.write_str("absent"),
            Self::Count(count) => write!(f, "count {count}"),
            Self::Sum(sum) => write!(f, "sum {sum}"),
        }
    }
}

/// Every workload, in the order of the tables: those that rank engines, then the controls.
pub static WORKLOADS: &[&dyn Workload] = &[
    &whole_file::WholeFile,
    &find::FIND_FIRST,
    &find::FIND_MIDDLE,
    &find::FIND_LAST,
    &find::FIND_ABSENT,
    &rfind::RFIND_FIRST,
    &rfind::RFIND_LAST,
    &rfind::RFIND_ABSENT,
    &regex_scan::RegexScan,
    &seek_read::SeekRead,
    &replace::REPLACE,
    &replace::REPLACE_DURABLE,
    &open_only::OpenOnly,
    &touch_pages::TouchPages,
];

/// The workload of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Workload> {
    WORKLOADS
        .iter()
        .copied()
        .find(|workload| workload.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions() -> Questions {
        let text = |text: &str| text.as_bytes().to_vec();
        Questions {
            first: text("one"),
            middle: text("two"),
            last: text("three"),
            absent: text("nine"),
            pattern: "t.".to_owned(),
            from: text("one"),
            to: text("eno"),
            seed: 1,
        }
    }

    type Change = fn(&mut Questions);

    /// Whatever a task is made of tells its query from others: answers of two may be equal.
    #[test]
    fn a_query_tells_all_that_the_work_is_made_of() {
        let changes: [(Change, &[&str]); 8] = [
            (
                |asked| asked.first.push(b'x'),
                &["find_first", "rfind_first"],
            ),
            (|asked| asked.middle.push(b'x'), &["find_middle"]),
            (|asked| asked.last.push(b'x'), &["find_last", "rfind_last"]),
            (
                |asked| asked.absent.push(b'x'),
                &["find_absent", "rfind_absent"],
            ),
            (|asked| asked.pattern.push('x'), &["regex_scan"]),
            (
                |asked| asked.from.push(b'x'),
                &["replace", "replace_durable"],
            ),
            (|asked| asked.to.push(b'x'), &["replace", "replace_durable"]),
            (|asked| asked.seed += 1, &["seek_read"]),
        ];
        for (change, expected) in changes {
            let mut other = questions();
            change(&mut other);
            let differs =
                |workload: &&&dyn Workload| workload.query(&questions()) != workload.query(&other);
            let found: Vec<_> = WORKLOADS.iter().filter(differs).collect();
            let names: Vec<_> = found.iter().map(|workload| workload.name()).collect();
            assert_eq!(names, expected);
        }
    }
}
