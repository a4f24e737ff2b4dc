//! `buf_reader` and `buf_reader_8k`: `BufReader` with a 64 KiB buffer and with std's default.

use std::fs::File;
use std::io::{self, BufReader};

use super::{Access, BLOCK_BYTES, Engine, Reader, Shape, Stream, Writer};
use crate::fixture::Fixture;

/// A stream that reads ahead by `capacity` bytes.
#[derive(Clone, Copy)]
pub(super) struct BufReaderOf {
    name: &'static str,
    about: &'static str,
    capacity: usize,
}

pub(super) static BUF_READER: BufReaderOf = BufReaderOf {
    name: "buf_reader",
    about: "BufReader with a 64 KiB buffer",
    capacity: BLOCK_BYTES,
};

pub(super) static BUF_READER_8K: BufReaderOf = BufReaderOf {
    name: "buf_reader_8k",
    about: "BufReader with std's default buffer, 8 KiB",
    capacity: 8 << 10,
};

impl Engine for BufReaderOf {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn shape(&self) -> Shape {
        Shape::Stream
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(*self)
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Err("a BufReader only reads")
    }
}

impl Reader for BufReaderOf {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        let file = File::open(fixture.path())?;
        let reader = BufReader::with_capacity(self.capacity, file);
        Ok(Access::Stream(Stream::new(reader)))
    }
}
