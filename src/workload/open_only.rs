//! `open_only`, a control: get hold of the bytes and look at none of them.
//!
//! It shows what opening, mapping and giving back cost. Nothing was read by a map, so it ranks
//! nobody.

use super::{Answer, Expected, Role, Shape, Task, Work, Workload};
use crate::error::Result;
use crate::fixture::Questions;
use crate::units::ByteCount;

pub(super) struct OpenOnly;

impl Workload for OpenOnly {
    fn name(&self) -> &'static str {
        "open_only"
    }

    fn about(&self) -> &'static str {
        "get hold of the bytes, look at none"
    }

    fn role(&self) -> Role {
        Role::Control
    }

    fn serves(&self, shape: Shape) -> Result<(), &'static str> {
        match shape {
            Shape::Slice => Ok(()),
            Shape::Stream | Shape::Blocks => {
                Err("it holds no bytes before it is asked for some, so there is nothing to compare")
            }
        }
    }

    fn oracle(&self, content: &[u8], _questions: &Questions) -> Result<Expected> {
        Ok(Expected::answer(Answer::Count(content.len() as u64), None))
    }

    fn work(&self, _bytes: ByteCount, _questions: &Questions) -> Result<Work> {
        Ok(Work::Read(Box::new(Hold)))
    }
}

struct Hold;

impl Task for Hold {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        // The bytes themselves go through the black box, so that nothing can remove their arrival.
        Answer::Count(std::hint::black_box(bytes).len() as u64)
    }
}
