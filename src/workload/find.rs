//! `find_first`, `find_middle`, `find_last`, `find_absent`: the first place of a needle.
//!
//! Where the needle lies decides how much an engine that stops early is spared, so each place is
//! a workload of its own.

use std::io;

use super::scan::ChunkFinder;
use super::{Answer, Expected, Task, Work, Workload, oracle};
use crate::engine::{Blocks, Stream};
use crate::error::Result;
use crate::fixture::Questions;
use crate::units::ByteCount;

/// A search for one of the fixture's needles.
pub(super) struct Find {
    name: &'static str,
    about: &'static str,
    needle: fn(&Questions) -> &[u8],
}

pub(super) static FIND_FIRST: Find = Find {
    name: "find_first",
    about: "find a text that is near the start",
    needle: |questions| &questions.first,
};

pub(super) static FIND_MIDDLE: Find = Find {
    name: "find_middle",
    about: "find a text that is near the middle",
    needle: |questions| &questions.middle,
};

pub(super) static FIND_LAST: Find = Find {
    name: "find_last",
    about: "find a text that is near the end",
    needle: |questions| &questions.last,
};

pub(super) static FIND_ABSENT: Find = Find {
    name: "find_absent",
    about: "look for a text that is not there",
    needle: |questions| &questions.absent,
};

impl Workload for Find {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let needle = (self.needle)(questions);
        let place = oracle::find(content, needle);
        let looked_at = place.map_or(content.len(), |place| place + needle.len());
        Ok(Expected::answer(Answer::offset(place), Some(looked_at)))
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let finder = ChunkFinder::new((self.needle)(questions));
        Ok(Work::Read(Box::new(Forward(finder))))
    }
}

struct Forward(ChunkFinder);

impl Task for Forward {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::offset(self.0.in_slice(bytes))
    }

    fn on_stream(&mut self, stream: &mut Stream) -> io::Result<Answer> {
        self.0.in_chunks(stream).map(Answer::offset_u64)
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        self.0.in_chunks(blocks).map(Answer::offset_u64)
    }
}
