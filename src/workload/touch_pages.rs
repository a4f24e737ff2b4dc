//! `touch_pages`, a control: look at one byte of every page.
//!
//! For a map it is the price of its page faults and nothing more; engines that copy pay in full.

use std::io;

use super::{Answer, Expected, Role, Task, Work, Workload};
use crate::engine::{Blocks, Chunks, Stream};
use crate::error::Result;
use crate::fixture::Questions;
use crate::sys;
use crate::units::ByteCount;

pub(super) struct TouchPages;

impl Workload for TouchPages {
    fn name(&self) -> &'static str {
        "touch_pages"
    }

    fn about(&self) -> &'static str {
        "look at one byte of every page"
    }

    fn role(&self) -> Role {
        Role::Control
    }

    fn oracle(&self, content: &[u8], _questions: &Questions) -> Result<Expected> {
        let stride = sys::page_size();
        let mut sum = 0;
        for (offset, byte) in content.iter().enumerate() {
            if offset % stride == 0 {
                sum += u64::from(*byte);
            }
        }
        Ok(Expected::answer(Answer::Sum(sum), None))
    }

    fn work(&self, _bytes: ByteCount, _questions: &Questions) -> Result<Work> {
        Ok(Work::Read(Box::new(Touch {
            stride: sys::page_size(),
        })))
    }
}

struct Touch {
    stride: usize,
}

impl Touch {
    fn sum(&self, bytes: &[u8]) -> u64 {
        bytes
            .iter()
            .step_by(self.stride)
            .copied()
            .map(u64::from)
            .sum()
    }

    fn in_chunks(&self, chunks: &mut impl Chunks) -> io::Result<Answer> {
        let mut sum = 0;
        let mut to_next = 0; // bytes of the next chunk that still belong to the page touched last
        loop {
            let chunk = chunks.next()?;
            if chunk.is_empty() {
                return Ok(Answer::Sum(sum));
            }
            if let Some(rest) = chunk.get(to_next..) {
                sum += self.sum(rest);
                to_next = (self.stride - rest.len() % self.stride) % self.stride;
            } else {
                to_next -= chunk.len();
            }
        }
    }
}

impl Task for Touch {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::Sum(self.sum(bytes))
    }

    fn on_stream(&mut self, stream: &mut Stream) -> io::Result<Answer> {
        self.in_chunks(stream)
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        self.in_chunks(blocks)
    }
}
