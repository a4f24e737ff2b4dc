//! `replace` and `replace_durable`: every occurrence of a word by one of equal length.
//!
//! The same search and the same copy of a few bytes for every engine; they differ in how the bytes
//! come and go. A durable arm waits until its change is on the device.

use memchr::memmem::Finder;

use super::{Answer, Audience, Expected, Kind, Shape, Work, Workload, oracle};
use crate::engine::{Edit, Edited};
use crate::error::{Error, Result};
use crate::fixture::{self, Questions, quoted};
use crate::units::ByteCount;

/// Replacing in a scratch copy.
pub(super) struct Replace {
    name: &'static str,
    about: &'static str,
    durable: bool,
}

pub(super) static REPLACE: Replace = Replace {
    name: "replace",
    about: "replace a word everywhere by one of equal length",
    durable: false,
};

pub(super) static REPLACE_DURABLE: Replace = Replace {
    name: "replace_durable",
    about: "the same, and wait until it is on the device",
    durable: true,
};

impl Workload for Replace {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn audience(&self) -> Audience {
        match self.durable {
            true => Audience::WhenNamed,
            false => Audience::FirstLook,
        }
    }

    fn kind(&self) -> Kind {
        Kind::Writes {
            durable: self.durable,
        }
    }

    fn serves(&self, shape: Shape) -> Result<(), &'static str> {
        match shape {
            Shape::Slice | Shape::Blocks => Ok(()),
            Shape::Stream => Err("a reader only reads; see read, pread and mmap"),
        }
    }

    fn asks(&self, _shape: Shape, questions: &Questions) -> Result<(), String> {
        if questions.from.is_empty() {
            return Err("there is no word to replace in this file".to_owned());
        }
        Ok(())
    }

    fn found_nothing(&self) -> Option<&'static str> {
        Some("the word is not in this file, so nothing was replaced: every engine only searched")
    }

    fn query(&self, questions: &Questions) -> String {
        let (from, to) = (quoted(&questions.from), quoted(&questions.to));
        format!("{from} replaced by {to}")
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let (outcome, count) = oracle::replace(content, &questions.from, &questions.to);
        Ok(Expected {
            outcome: Some(fixture::digest_of(&outcome)),
            ..Expected::answer(Answer::Count(count), Some(content.len()))
        })
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let (from, to) = (&questions.from, &questions.to);
        if from.len() != to.len() || from.is_empty() {
            return Err(Error::usage(format!(
                "`{}` and `{}` differ in length, and a file is changed in place only by equal length",
                from.escape_ascii(),
                to.escape_ascii()
            )));
        }
        Ok(Work::Write(Box::new(Swap {
            finder: Finder::new(from).into_owned(),
            to: to.clone(),
        })))
    }
}

struct Swap {
    finder: Finder<'static>,
    to: Vec<u8>,
}

impl Edit for Swap {
    fn apply(&mut self, bytes: &mut [u8]) -> Edited {
        let mut edited = Edited::default();
        while let Some(place) = self.finder.find(&bytes[edited.end..]) {
            let start = edited.end + place;
            edited.end = start + self.to.len();
            edited.count += 1;
            bytes[start..edited.end].copy_from_slice(&self.to);
        }
        edited
    }

    fn span(&self) -> usize {
        self.to.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::pick;

    #[test]
    fn a_file_without_a_word_is_left_out_with_a_reason() {
        let mut questions = pick(b"no words", None, None).questions;
        assert_eq!(REPLACE.asks(Shape::Slice, &questions), Ok(()));
        questions.from.clear();
        let reason = REPLACE.asks(Shape::Blocks, &questions).unwrap_err();
        assert_eq!(reason, "there is no word to replace in this file");
    }
}
