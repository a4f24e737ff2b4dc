//! `find_first`, `find_middle`, `find_last`, `find_absent`: the first place of a needle.
//!
//! Where the needle lies decides how much an engine that stops early is spared, so each place is
//! a workload of its own.

use std::io;

use super::scan::ChunkFinder;
use super::{Answer, Audience, Expected, Task, Work, Workload, oracle};
use crate::engine::{Blocks, Shape, Stream};
use crate::error::Result;
use crate::fixture::{Place, Questions, quoted};
use crate::units::ByteCount;

/// What is said where a needle that should be there is not.
pub(super) const NOT_THERE: &str =
    "the text is not in this file, so every engine searched all of it";

/// A search for one of the fixture's needles.
pub(super) struct Find {
    name: &'static str,
    about: &'static str,
    place: Place,
}

pub(super) static FIND_FIRST: Find = Find {
    name: "find_first",
    about: "find a text that is near the start",
    place: Place::First,
};

pub(super) static FIND_MIDDLE: Find = Find {
    name: "find_middle",
    about: "find a text that is near the middle",
    place: Place::Middle,
};

pub(super) static FIND_LAST: Find = Find {
    name: "find_last",
    about: "find a text that is near the end",
    place: Place::Last,
};

pub(super) static FIND_ABSENT: Find = Find {
    name: "find_absent",
    about: "look for a text that is not there",
    place: Place::Absent,
};

impl Workload for Find {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn audience(&self) -> Audience {
        match self.place {
            Place::Absent => Audience::FirstLook,
            Place::First => Audience::Minute,
            Place::Middle | Place::Last => Audience::WhenNamed,
        }
    }

    fn asks(&self, _shape: Shape, questions: &Questions) -> Result<(), String> {
        questions.has_needle(self.place, Place::Last)
    }

    fn found_nothing(&self) -> Option<&'static str> {
        (self.place != Place::Absent).then_some(NOT_THERE)
    }

    fn query(&self, questions: &Questions) -> String {
        format!("needle {}", quoted(questions.needle(self.place)))
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let needle = questions.needle(self.place);
        let place = oracle::find(content, needle);
        let looked_at = match place {
            Some(place) => place + needle.len(),
            None => all_for(needle, content),
        };
        Ok(Expected::answer(Answer::offset(place), Some(looked_at)))
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let finder = ChunkFinder::new(questions.needle(self.place));
        Ok(Work::Read(Box::new(Forward(finder))))
    }
}

/// How much of `content` has to be looked at to know that `needle` is not in it: nothing where it is shorter.
pub(super) fn all_for(needle: &[u8], content: &[u8]) -> usize {
    if needle.len() > content.len() {
        return 0;
    }
    content.len()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::pick;

    #[test]
    fn only_what_the_file_has_a_text_for_is_asked() {
        let asks = |workload: &Find, questions| workload.asks(Shape::Slice, questions).is_ok();
        let barren = pick(&[0; 5000], None, None).questions;
        let own = pick(&[0; 5000], Some(b"\0"), None).questions;
        for workload in [&FIND_FIRST, &FIND_LAST] {
            assert!(!asks(workload, &barren), "{}", workload.name);
        }
        assert!(asks(&FIND_ABSENT, &barren) && asks(&FIND_ABSENT, &own));
        assert!(asks(&FIND_FIRST, &own) && !asks(&FIND_LAST, &own));
    }

    #[test]
    fn a_needle_of_ones_own_may_occur_often_or_never() {
        let answer = |content: &[u8], needle: &[u8]| {
            let questions = pick(content, Some(needle), None).questions;
            let expected = FIND_FIRST.oracle(content, &questions).unwrap();
            let Ok(Work::Read(mut task)) = FIND_FIRST.work(ByteCount(0), &questions) else {
                panic!("no work");
            };
            assert_eq!(task.on_slice(content), expected.answer);
            (expected.answer, expected.looks_at)
        };
        let looked_at = |bytes| Some(ByteCount(bytes));
        assert_eq!(
            answer(b"-ababa--", b"aba"),
            (Answer::Offset(1), looked_at(4))
        );
        assert_eq!(answer(b"-ababa--", b"c"), (Answer::Absent, looked_at(8)));
        assert_eq!(answer(b"", b"aba"), (Answer::Absent, looked_at(0)));
        assert_eq!(answer(b"ab", b"aba"), (Answer::Absent, looked_at(0)));
    }
}
