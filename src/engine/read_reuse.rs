//! `read_reuse`: the whole file into one buffer that is kept between iterations.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Access, Bytes, Engine, Reader, Rewrite, Shape, WriteAccess, Writer};
use crate::fixture::{Fixture, Scratch};

/// What `read` costs once its buffer is neither mapped nor zeroed again.
pub(super) struct ReadReuse;

impl Engine for ReadReuse {
    fn name(&self) -> &'static str {
        "read_reuse"
    }

    fn about(&self) -> &'static str {
        "Read::read_to_end into one buffer that is kept"
    }

    fn shape(&self) -> Shape {
        Shape::Slice
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(KeptBuffer::default())
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Ok(Box::new(KeptBuffer::default()))
    }
}

#[derive(Default)]
struct KeptBuffer(Vec<u8>);

impl KeptBuffer {
    fn fill(&mut self, path: &Path) -> io::Result<&mut [u8]> {
        self.0.clear();
        File::open(path)?.read_to_end(&mut self.0)?;
        Ok(&mut self.0)
    }
}

impl Reader for KeptBuffer {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        Ok(Access::Slice(Bytes::Kept(self.fill(fixture.path())?)))
    }
}

impl Writer for KeptBuffer {
    fn open<'a>(&'a mut self, scratch: &'a mut Scratch) -> io::Result<WriteAccess<'a>> {
        let bytes = self.fill(scratch.path())?;
        Ok(Rewrite::kept(bytes, scratch))
    }
}
