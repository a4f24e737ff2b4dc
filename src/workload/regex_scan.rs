//! `regex_scan`: how often a regular expression matches, by the same engine over bytes for all,
//! so that checking UTF-8 is not charged to one side.

use std::io;

use regex::bytes::Regex;

use super::scan::LineCounter;
use super::{Answer, Expected, Task, Work, Workload};
use crate::engine::{Blocks, Stream};
use crate::error::{Error, Result};
use crate::fixture::Questions;
use crate::units::ByteCount;

pub(super) struct RegexScan;

impl Workload for RegexScan {
    fn name(&self) -> &'static str {
        "regex_scan"
    }

    fn about(&self) -> &'static str {
        "count the matches of a regular expression"
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let pattern = compiled(questions)?;
        // Line by line is the naive way here: it shares the matcher, and nothing else.
        let lines = content.split_inclusive(|byte| *byte == b'\n');
        let matches = lines.map(|line| pattern.find_iter(line).count() as u64);
        Ok(Expected::answer(
            Answer::Count(matches.sum()),
            Some(content.len()),
        ))
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let counter = LineCounter::new(compiled(questions)?);
        Ok(Work::Read(Box::new(Scan(counter))))
    }
}

fn compiled(questions: &Questions) -> Result<Regex> {
    Regex::new(&questions.pattern)
        .map_err(|error| Error::usage(format!("pattern `{}`: {error}", questions.pattern)))
}

struct Scan(LineCounter);

impl Task for Scan {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::Count(self.0.in_slice(bytes))
    }

    fn on_stream(&mut self, stream: &mut Stream) -> io::Result<Answer> {
        self.0.in_chunks(stream).map(Answer::Count)
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        self.0.in_chunks(blocks).map(Answer::Count)
    }
}
