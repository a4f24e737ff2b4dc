//! `pread`: positional reads and writes of 64 KiB blocks through one kept buffer.

use std::fs::File;
use std::io;

use super::{Access, BLOCK_BYTES, Blocks, Engine, Reader, Shape, WriteAccess, WriteBlocks, Writer};
use crate::fixture::{Fixture, Scratch};

/// Reads only what is asked for, where it is asked for.
pub(super) struct Pread;

impl Engine for Pread {
    fn name(&self) -> &'static str {
        "pread"
    }

    fn about(&self) -> &'static str {
        "positional reads of 64 KiB blocks into a kept buffer"
    }

    fn shape(&self) -> Shape {
        Shape::Blocks
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(KeptBlock::default())
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Ok(Box::new(KeptBlock::default()))
    }
}

struct KeptBlock(Vec<u8>);

impl Default for KeptBlock {
    fn default() -> Self {
        Self(vec![0; BLOCK_BYTES])
    }
}

impl Reader for KeptBlock {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        let file = File::open(fixture.path())?;
        Ok(Access::Blocks(Blocks::new(file, &mut self.0)))
    }
}

impl Writer for KeptBlock {
    fn open<'a>(&'a mut self, scratch: &'a mut Scratch) -> io::Result<WriteAccess<'a>> {
        let file = File::options()
            .read(true)
            .write(true)
            .open(scratch.path())?;
        Ok(WriteAccess::Blocks(WriteBlocks::new(file, &mut self.0)))
    }
}
