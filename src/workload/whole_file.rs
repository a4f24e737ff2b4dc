//! `whole_file`: every byte is looked at once, by counting line feeds.
//!
//! Counting runs at tens of gigabytes a second, so that the sink stays small beside the arrival.

use std::io;

use memchr::memchr_iter;

use super::{Answer, Audience, Expected, Task, Work, Workload, oracle};
use crate::engine::{Blocks, Chunks, Stream};
use crate::error::Result;
use crate::fixture::Questions;
use crate::units::ByteCount;

pub(super) struct WholeFile;

impl Workload for WholeFile {
    fn name(&self) -> &'static str {
        "whole_file"
    }

    fn about(&self) -> &'static str {
        "read every byte: count the line feeds"
    }

    fn audience(&self) -> Audience {
        Audience::FirstLook
    }

    fn oracle(&self, content: &[u8], _questions: &Questions) -> Result<Expected> {
        let lines = Answer::Count(oracle::count_byte(content, b'\n'));
        Ok(Expected::answer(lines, Some(content.len())))
    }

    fn work(&self, _bytes: ByteCount, _questions: &Questions) -> Result<Work> {
        Ok(Work::Read(Box::new(CountLines)))
    }
}

struct CountLines;

impl CountLines {
    fn in_chunks(chunks: &mut impl Chunks) -> io::Result<Answer> {
        let mut count = 0;
        loop {
            let chunk = chunks.next()?;
            if chunk.is_empty() {
                return Ok(Answer::Count(count));
            }
            count += memchr_iter(b'\n', chunk).count() as u64;
        }
    }
}

impl Task for CountLines {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::Count(memchr_iter(b'\n', bytes).count() as u64)
    }

    fn on_stream(&mut self, stream: &mut Stream) -> io::Result<Answer> {
        Self::in_chunks(stream)
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        Self::in_chunks(blocks)
    }
}
