//! `mmap` and its advised kin: the file is mapped, and the map is the slice.

use std::io;

use super::{Access, Bytes, Engine, Reader, Shape, WriteAccess, Writer};
use crate::fixture::{Fixture, Scratch};
use crate::sys::{Advice, ReadMap, WriteMap};

/// A map of the whole file, made with some advice.
#[derive(Clone, Copy)]
pub(super) struct MmapWith {
    name: &'static str,
    about: &'static str,
    advice: Advice,
}

pub(super) static MMAP: MmapWith = MmapWith {
    name: "mmap",
    about: "a shared map of the whole file, read or changed in place",
    advice: Advice::None,
};

pub(super) static MMAP_POPULATE: MmapWith = MmapWith {
    name: "mmap_populate",
    about: "a map whose pages are all mapped when it is made (MAP_POPULATE)",
    advice: Advice::Populate,
};

pub(super) static MMAP_SEQUENTIAL: MmapWith = MmapWith {
    name: "mmap_sequential",
    about: "a map advised to be read from start to end (MADV_SEQUENTIAL)",
    advice: Advice::Sequential,
};

pub(super) static MMAP_RANDOM: MmapWith = MmapWith {
    name: "mmap_random",
    about: "a map advised to be read in no order (MADV_RANDOM)",
    advice: Advice::Random,
};

impl Engine for MmapWith {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn available(&self) -> Result<(), &'static str> {
        self.advice.supported()
    }

    fn shape(&self) -> Shape {
        Shape::Slice
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(*self)
    }

    fn writer(&self) -> Result<Box<dyn Writer>, &'static str> {
        Ok(Box::new(*self))
    }
}

impl Reader for MmapWith {
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>> {
        let map = ReadMap::open(fixture, self.advice)?;
        Ok(Access::Slice(Bytes::Map(map)))
    }
}

impl Writer for MmapWith {
    fn open<'a>(&'a mut self, scratch: &'a mut Scratch) -> io::Result<WriteAccess<'a>> {
        Ok(WriteAccess::InPlace(WriteMap::open(scratch, self.advice)?))
    }
}
