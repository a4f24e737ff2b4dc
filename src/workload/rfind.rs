//! `rfind_first`, `rfind_last`, `rfind_absent`: the last place of a needle, searched from the end.

use std::io;

use super::scan::BlockFinderRev;
use super::{Answer, Expected, Task, Work, Workload, oracle};
use crate::engine::{Blocks, Shape};
use crate::error::Result;
use crate::fixture::Questions;
use crate::units::ByteCount;

/// A search backwards for one of the fixture's needles.
pub(super) struct Rfind {
    name: &'static str,
    about: &'static str,
    needle: fn(&Questions) -> &[u8],
}

pub(super) static RFIND_FIRST: Rfind = Rfind {
    name: "rfind_first",
    about: "find, from the end, a text that is near the start",
    needle: |questions| &questions.first,
};

pub(super) static RFIND_LAST: Rfind = Rfind {
    name: "rfind_last",
    about: "find, from the end, a text that is near the end",
    needle: |questions| &questions.last,
};

pub(super) static RFIND_ABSENT: Rfind = Rfind {
    name: "rfind_absent",
    about: "look, from the end, for a text that is not there",
    needle: |questions| &questions.absent,
};

impl Workload for Rfind {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn serves(&self, shape: Shape) -> Result<(), &'static str> {
        match shape {
            Shape::Slice | Shape::Blocks => Ok(()),
            Shape::Stream => Err("a stream runs forwards; pread reads blocks from the end"),
        }
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let place = oracle::rfind(content, (self.needle)(questions));
        let looked_at = content.len() - place.unwrap_or(0);
        Ok(Expected::answer(Answer::offset(place), Some(looked_at)))
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let finder = BlockFinderRev::new((self.needle)(questions));
        Ok(Work::Read(Box::new(Backward(finder))))
    }
}

struct Backward(BlockFinderRev);

impl Task for Backward {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::offset(self.0.in_slice(bytes))
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        self.0.in_blocks(blocks).map(Answer::offset_u64)
    }
}
