//! `mmap_copy`: the file is mapped and copied out into a new buffer, as `mmap.read()` does in Python.

use std::io;

use super::{Access, Bytes, Engine, Reader, Shape, Writer};
use crate::fixture::Fixture;
use crate::sys::{Advice, ReadMap};

/// A map that serves only as the source of a copy.
pub(super) struct MmapCopy;

impl Engine for MmapCopy {
    fn name(&self) -> &'static str {
        "mmap_copy"
    }

    fn about(&self) -> &'static str {
        "a map, copied out into a new buffer"
    }

    fn shape(&self) -> Shape {
        Shape::Slice
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Self)
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Err("what is changed in a copy does not reach the file; see read and mmap")
    }
}

impl Reader for MmapCopy {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        let map = ReadMap::open(fixture, Advice::None)?;
        Ok(Access::Slice(Bytes::New(map.to_vec())))
    }
}
