//! `rfind_first`, `rfind_last`, `rfind_absent`: the last place of a needle, searched from the end.

use std::io;

use super::find::{NOT_THERE, all_for};
use super::scan::BlockFinderRev;
use super::{Answer, Expected, Task, Work, Workload, oracle};
use crate::engine::{Blocks, Shape};
use crate::error::Result;
use crate::fixture::{Place, Questions, quoted};
use crate::units::ByteCount;

/// A search backwards for one of the fixture's needles.
pub(super) struct Rfind {
    name: &'static str,
    about: &'static str,
    place: Place,
}

pub(super) static RFIND_FIRST: Rfind = Rfind {
    name: "rfind_first",
    about: "find, from the end, a text that is near the start",
    place: Place::First,
};

pub(super) static RFIND_LAST: Rfind = Rfind {
    name: "rfind_last",
    about: "find, from the end, a text that is near the end",
    place: Place::Last,
};

pub(super) static RFIND_ABSENT: Rfind = Rfind {
    name: "rfind_absent",
    about: "look, from the end, for a text that is not there",
    place: Place::Absent,
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

    fn asks(&self, _shape: Shape, questions: &Questions) -> Result<(), String> {
        questions.has_needle(self.place, Place::First)
    }

    fn found_nothing(&self) -> Option<&'static str> {
        (self.place != Place::Absent).then_some(NOT_THERE)
    }

    fn query(&self, questions: &Questions) -> String {
        format!("needle {}", quoted(questions.needle(self.place)))
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let needle = questions.needle(self.place);
        let place = oracle::rfind(content, needle);
        let looked_at = match place {
            Some(place) => content.len() - place,
            None => all_for(needle, content),
        };
        Ok(Expected::answer(Answer::offset(place), Some(looked_at)))
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let finder = BlockFinderRev::new(questions.needle(self.place));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::pick;

    #[test]
    fn only_what_the_file_has_a_text_for_is_asked() {
        let asks = |workload: &Rfind, questions| workload.asks(Shape::Slice, questions).is_ok();
        let barren = pick(&[0; 5000], None, None).questions;
        let own = pick(&[0; 5000], Some(b"\0"), None).questions;
        for workload in [&RFIND_FIRST, &RFIND_LAST] {
            assert!(!asks(workload, &barren), "{}", workload.name);
        }
        assert!(asks(&RFIND_ABSENT, &barren) && asks(&RFIND_ABSENT, &own));
        assert!(asks(&RFIND_LAST, &own) && !asks(&RFIND_FIRST, &own));
    }

    #[test]
    fn a_needle_of_ones_own_may_occur_often_or_never() {
        let answer = |content: &[u8], needle: &[u8]| {
            let questions = pick(content, Some(needle), None).questions;
            let expected = RFIND_LAST.oracle(content, &questions).unwrap();
            let Ok(Work::Read(mut task)) = RFIND_LAST.work(ByteCount(0), &questions) else {
                panic!("no work");
            };
            assert_eq!(task.on_slice(content), expected.answer);
            (expected.answer, expected.looks_at)
        };
        let looked_at = |bytes| Some(ByteCount(bytes));
        assert_eq!(
            answer(b"-ababa--", b"aba"),
            (Answer::Offset(3), looked_at(5))
        );
        assert_eq!(answer(b"-ababa--", b"c"), (Answer::Absent, looked_at(8)));
        assert_eq!(answer(b"", b"aba"), (Answer::Absent, looked_at(0)));
        assert_eq!(answer(b"ab", b"aba"), (Answer::Absent, looked_at(0)));
    }
}
