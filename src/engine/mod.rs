//! How the bytes arrive. An engine opens a fixture and hands over one [`Access`]: a slice, a
//! stream, or positional reads; for workloads that write, one [`WriteAccess`].
//!
//! To add one: a new file here, its `mod` line and its line in [`ENGINES`].

mod access;
mod buf_reader;
mod mmap;
mod mmap_copy;
mod pread;
mod read;
mod read_reuse;
mod read_string;

use std::io;

use crate::fixture::{Fixture, Scratch};

pub use access::{
    Access, BLOCK_BYTES, Blocks, Bytes, Chunks, Edit, Edited, Rewrite, Shape, Stream, WriteAccess,
    WriteBlocks,
};

/// One way for the bytes of a file to arrive.
pub trait Engine: Sync {
    /// The name in tables and on the command line.
    fn name(&self) -> &'static str;

    /// What it does, in one line.
    fn about(&self) -> &'static str;

    /// Raised whenever the work inside the clock changes, so that records are not compared blindly.
    fn version(&self) -> u32 {
        1
    }

    /// Whether this system has it.
    ///
    /// # Errors
    /// The reason to show where it has not.
    fn available(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// Whether it can take a file with this content.
    ///
    /// # Errors
    /// The reason to show where it cannot.
    fn accepts(&self, _content: &[u8]) -> Result<(), &'static str> {
        Ok(())
    }

    /// The shape in which the bytes arrive.
    fn shape(&self) -> Shape;

    /// What a careful user prepares once, outside the clock.
    fn reader(&self) -> Box<dyn Reader>;

    /// The same for workloads that write.
    ///
    /// # Errors
    /// The reason to show where the engine cannot write.
    fn writer(&self) -> Result<Box<dyn Writer>, &'static str>;
}

/// An engine made ready: opens the fixture, once in every iteration.
pub trait Reader {
    /// Gets hold of the bytes.
    ///
    /// # Errors
    /// What the system answered.
    fn open<'a>(&'a mut self, fixture: &'a Fixture) -> io::Result<Access<'a>>;
}

/// An engine made ready to change a file.
pub trait Writer {
    /// Gets hold of the bytes, to change them.
    ///
    /// # Errors
    /// What the system answered.
    fn open<'a>(&'a mut self, scratch: &'a mut Scratch) -> io::Result<WriteAccess<'a>>;
}

/// Every engine, in the order of the tables: the baseline first.
pub static ENGINES: &[&dyn Engine] = &[
    &read::Read,
    &read_string::ReadString,
    &read_reuse::ReadReuse,
    &buf_reader::BUF_READER,
    &buf_reader::BUF_READER_8K,
    &pread::Pread,
    &mmap::MMAP,
    &mmap_copy::MmapCopy,
    &mmap::MMAP_POPULATE,
    &mmap::MMAP_SEQUENTIAL,
    &mmap::MMAP_RANDOM,
];

/// The engine of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Engine> {
    ENGINES.iter().copied().find(|engine| engine.name() == name)
}
