//! The shapes in which bytes arrive, and what each can do. Matched once in an iteration; nothing
//! virtual sits inside a scan.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::{Deref, DerefMut};
use std::path::Path;

use crate::fixture::Scratch;
use crate::sys::{ReadMap, WriteMap};

/// Bytes in a block of positional reads.
pub const BLOCK_BYTES: usize = 64 << 10;

/// What a workload can ask of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All bytes at once, in one slice.
    Slice,
    /// One chunk after the other, forwards; seeking throws the buffer away.
    Stream,
    /// Any range, by its offset.
    Blocks,
}

/// The bytes of an opened fixture. Dropping it closes, unmaps and frees.
#[derive(Debug)]
pub enum Access<'a> {
    /// All bytes at once.
    Slice(Bytes<'a>),
    /// One chunk after the other.
    Stream(Stream),
    /// Any range.
    Blocks(Blocks<'a>),
}

/// A whole file in memory.
#[derive(Debug)]
pub enum Bytes<'a> {
    /// In a buffer made for this iteration.
    New(Vec<u8>),
    /// In a buffer that the engine keeps.
    Kept(&'a [u8]),
    /// In the page cache, mapped.
    Map(ReadMap<'a>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::New(bytes) => bytes,
            Self::Kept(bytes) => bytes,
            Self::Map(map) => map,
        }
    }
}

/// What arrives in consecutive pieces: the one interface behind all forward scans.
pub trait Chunks {
    /// The next piece; empty at the end.
    ///
    /// # Errors
    /// What the system answered.
    fn next(&mut self) -> io::Result<&[u8]>;
}

/// A buffered reader.
#[derive(Debug)]
pub struct Stream {
    reader: BufReader<File>,
    handed_out: usize,
}

impl Stream {
    pub(super) fn new(reader: BufReader<File>) -> Self {
        Self {
            reader,
            handed_out: 0,
        }
    }

    /// Seeks to `offset` and fills `buffer` from there.
    ///
    /// # Errors
    /// What the system answered; an unexpected end of the file among it.
    pub fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.reader.seek(SeekFrom::Start(offset))?;
        self.reader.read_exact(buffer)
    }
}

impl Access<'_> {
    /// Goes back to the start, so that another iteration can be served.
    ///
    /// # Errors
    /// What the system answered.
    pub fn rewind(&mut self) -> io::Result<()> {
        match self {
            Self::Slice(_) => Ok(()),
            Self::Stream(stream) => {
                stream.handed_out = 0;
                stream.reader.rewind()
            }
            Self::Blocks(blocks) => {
                blocks.position = 0;
                blocks.ended = false;
                Ok(())
            }
        }
    }
}

impl Chunks for Stream {
    fn next(&mut self) -> io::Result<&[u8]> {
        self.reader.consume(self.handed_out);
        let chunk = self.reader.fill_buf()?;
        self.handed_out = chunk.len();
        Ok(chunk)
    }
}

/// Positional reads through one block that the engine keeps.
#[derive(Debug)]
pub struct Blocks<'a> {
    file: File,
    block: &'a mut Vec<u8>,
    position: u64,
    ended: bool,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(file: File, block: &'a mut Vec<u8>) -> Self {
        Self {
            file,
            block,
            position: 0,
            ended: false,
        }
    }

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// What the system answered; an unexpected end of the file among it.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match read_at(&self.file, buffer, offset)? {
            filled if filled == buffer.len() => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// The bytes of the file from `start` to `end`, at most a block unless one is too short for it.
    ///
    /// # Errors
    /// What the system answered; an unexpected end of the file among it.
    pub fn range(&mut self, start: u64, end: u64) -> io::Result<&[u8]> {
        let length = usize::try_from(end - start).map_err(io::Error::other)?;
        if self.block.len() < length {
            self.block.resize(length, 0);
        }
        match read_at(&self.file, &mut self.block[..length], start)? {
            filled if filled == length => Ok(&self.block[..length]),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// The length of the file.
    ///
    /// # Errors
    /// What the system answered.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }
}

impl Chunks for Blocks<'_> {
    fn next(&mut self) -> io::Result<&[u8]> {
        if self.ended {
            return Ok(&[]);
        }
        let filled = read_at(&self.file, self.block, self.position)?;
        self.position += filled as u64;
        self.ended = filled < self.block.len();
        Ok(&self.block[..filled])
    }
}

/// Fills as much of `buffer` as the file holds from `offset` on.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_some_at(file, &mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;

#[cfg(unix)]
fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

#[cfg(windows)]
fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = file.seek_write(bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}

/// A change of equal length, made wherever it applies.
pub trait Edit {
    /// Changes `bytes` and tells what was done.
    fn apply(&mut self, bytes: &mut [u8]) -> Edited;

    /// Bytes that one place to change spans, so that block-wise editing misses none at an edge.
    fn span(&self) -> usize;
}

/// What an [`Edit`] did to a run of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edited {
    /// Places changed.
    pub count: u64,
    /// Where the last of them ended, 0 where there was none.
    pub end: usize,
}

/// The bytes of an opened scratch copy, to be changed.
#[derive(Debug)]
pub enum WriteAccess<'a> {
    /// Read into a buffer; changed there and written over the file.
    Rewrite(Rewrite<'a>),
    /// Mapped; changed in place.
    InPlace(WriteMap<'a>),
    /// Block by block; only changed blocks are written.
    Blocks(WriteBlocks<'a>),
}

impl WriteAccess<'_> {
    /// Makes the change and puts it into the file, with `durable` onto the device. Returns the
    /// number of places changed. Buffers and maps are kept until this is dropped.
    ///
    /// # Errors
    /// What the system answered.
    pub fn edit(&mut self, edit: &mut dyn Edit, durable: bool) -> io::Result<u64> {
        match self {
            Self::Rewrite(rewrite) => rewrite.edit(edit, durable),
            Self::InPlace(map) => {
                let edited = edit.apply(map);
                if durable {
                    map.flush()?;
                }
                Ok(edited.count)
            }
            Self::Blocks(blocks) => blocks.edit(edit, durable),
        }
    }
}

/// A whole file in a buffer, to be written over the file it came from.
#[derive(Debug)]
pub struct Rewrite<'a> {
    bytes: Buffer<'a>,
    path: &'a Path,
}

#[derive(Debug)]
enum Buffer<'a> {
    New(Vec<u8>),
    Kept(&'a mut [u8]),
}

impl<'a> Rewrite<'a> {
    /// From a buffer made for this iteration.
    pub(super) fn fresh(bytes: Vec<u8>, scratch: &'a Scratch) -> WriteAccess<'a> {
        WriteAccess::Rewrite(Self {
            bytes: Buffer::New(bytes),
            path: scratch.path(),
        })
    }

    /// From a buffer that the engine keeps.
    pub(super) fn kept(bytes: &'a mut [u8], scratch: &'a Scratch) -> WriteAccess<'a> {
        WriteAccess::Rewrite(Self {
            bytes: Buffer::Kept(bytes),
            path: scratch.path(),
        })
    }

    /// Overwrites the file without truncating it first: truncation would make some file systems
    /// start writing to the device on close, which the other engines are not asked to do.
    fn edit(&mut self, edit: &mut dyn Edit, durable: bool) -> io::Result<u64> {
        let edited = edit.apply(&mut self.bytes);
        let mut file = File::options().write(true).open(self.path)?;
        file.write_all(&self.bytes)?;
        if durable {
            file.sync_data()?;
        }
        Ok(edited.count)
    }
}

impl Deref for Buffer<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::New(bytes) => bytes,
            Self::Kept(bytes) => bytes,
        }
    }
}

impl DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::New(bytes) => bytes,
            Self::Kept(bytes) => bytes,
        }
    }
}

/// Positional reads and writes through one block that the engine keeps.
#[derive(Debug)]
pub struct WriteBlocks<'a> {
    file: File,
    block: &'a mut Vec<u8>,
}

impl<'a> WriteBlocks<'a> {
    pub(super) fn new(file: File, block: &'a mut Vec<u8>) -> Self {
        Self { file, block }
    }

    /// Blocks overlap by one byte less than the edit spans, or begin where the last change ended,
    /// so that an edge neither hides a place nor shows changed bytes to the edit again.
    fn edit(&mut self, edit: &mut dyn Edit, durable: bool) -> io::Result<u64> {
        let overlap = edit.span().saturating_sub(1);
        if self.block.len() <= 2 * overlap {
            self.block.resize(2 * overlap + 1, 0);
        }
        let mut count = 0;
        let mut start = 0u64;
        loop {
            let filled = read_at(&self.file, self.block, start)?;
            let edited = edit.apply(&mut self.block[..filled]);
            if edited.count > 0 {
                write_all_at(&self.file, &self.block[..filled], start)?;
                count += edited.count;
            }
            if filled < self.block.len() {
                break;
            }
            start += edited.end.max(filled - overlap) as u64;
        }
        if durable {
            self.file.sync_data()?;
        }
        Ok(count)
    }
}
