//! `read`: `std::fs::read` into a new buffer. The baseline.

use std::fs;
use std::io;

use super::{Access, Bytes, Engine, Reader, Rewrite, Shape, WriteAccess, Writer};
use crate::fixture::{Fixture, Scratch};

/// The whole file into a new `Vec` each time.
pub(super) struct Read;

impl Engine for Read {
    fn name(&self) -> &'static str {
        "read"
    }

    fn about(&self) -> &'static str {
        "std::fs::read: the whole file into a new buffer"
    }

    fn shape(&self) -> Shape {
        Shape::Slice
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Self)
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Ok(Box::new(Self))
    }
}

impl Reader for Read {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        Ok(Access::Slice(Bytes::New(fs::read(fixture.path())?)))
    }
}

impl Writer for Read {
    fn open<'a>(&'a mut self, scratch: &'a mut Scratch) -> io::Result<WriteAccess<'a>> {
        let bytes = fs::read(scratch.path())?;
        Ok(Rewrite::fresh(bytes, scratch))
    }
}
