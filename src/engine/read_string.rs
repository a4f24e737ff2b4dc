//! `read_string`: `std::fs::read_to_string`, which pays for checking UTF-8 as text modes do.

use std::fs;
use std::io;

use super::{Access, Bytes, Engine, Reader, Rewrite, Shape, WriteAccess, Writer};
use crate::fixture::{Fixture, Scratch};

/// The whole file into a new `String` each time.
pub(super) struct ReadString;

impl Engine for ReadString {
    fn name(&self) -> &'static str {
        "read_string"
    }

    fn about(&self) -> &'static str {
        "std::fs::read_to_string: a new buffer, checked to be UTF-8"
    }

    fn accepts(&self, content: &[u8]) -> Result<(), &'static str> {
        match std::str::from_utf8(content) {
            Ok(_) => Ok(()),
            Err(_) => Err("the file is not valid UTF-8, and a String must be"),
        }
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

impl Reader for ReadString {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        let text = fs::read_to_string(fixture.path())?;
        Ok(Access::Slice(Bytes::New(text.into_bytes())))
    }
}

impl Writer for ReadString {
    fn open<'a>(&'a mut self, scratch: &'a mut Scratch) -> io::Result<WriteAccess<'a>> {
        let text = fs::read_to_string(scratch.path())?;
        Ok(Rewrite::fresh(text.into_bytes(), scratch))
    }
}
