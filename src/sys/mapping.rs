//! Memory maps of fixtures and scratch copies.
//!
//! # Safety
//!
//! See the head of [`sys`](super): each constructor borrows the value that promises that nobody
//! changes the file behind the map's back.
#![allow(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use memmap2::{Mmap, MmapMut, MmapOptions};

use crate::fixture::{Fixture, Scratch};

/// What the kernel is told about a map when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing: pages are mapped as they are touched.
    None,
    /// Map every page at once (`MAP_POPULATE`; Linux only).
    Populate,
    /// `madvise(MADV_SEQUENTIAL)` (Unix only).
    Sequential,
    /// `madvise(MADV_RANDOM)` (Unix only).
    Random,
}

impl Advice {
    /// Whether this system can follow the advice; the reason where it cannot.
    ///
    /// # Errors
    /// The sentence to show as the reason of an `unsupported` cell.
    pub fn supported(self) -> Result<(), &'static str> {
        match self {
            Self::None => Ok(()),
            Self::Populate if cfg!(any(target_os = "linux", target_os = "android")) => Ok(()),
            Self::Populate => Err("only Linux can populate a map when it is made"),
            Self::Sequential | Self::Random if cfg!(unix) => Ok(()),
            Self::Sequential | Self::Random => Err("only Unix takes advice about a map"),
        }
    }

    fn options(self) -> MmapOptions {
        let mut options = MmapOptions::new();
        if self == Self::Populate {
            options.populate();
        }
        options
    }

    #[cfg(unix)]
    fn memmap2(self) -> Option<memmap2::Advice> {
        match self {
            Self::None | Self::Populate => None,
            Self::Sequential => Some(memmap2::Advice::Sequential),
            Self::Random => Some(memmap2::Advice::Random),
        }
    }
}

/// A shared, read-only map of a whole fixture. The file handle is closed once the map stands.
#[derive(Debug)]
pub struct ReadMap<'f> {
    map: Mmap,
    promise: PhantomData<&'f Fixture>,
}

impl<'f> ReadMap<'f> {
    /// Opens and maps `fixture`.
    ///
    /// # Errors
    /// What `open`, `mmap` or `madvise` answered.
    pub fn open(fixture: &'f Fixture, advice: Advice) -> io::Result<Self> {
        let file = File::open(fixture.path())?;
        // SAFETY: `Fixture` promises that nobody changes its file while it is borrowed.
        let map = unsafe { advice.options().map(&file) }?;
        #[cfg(unix)]
        if let Some(advice) = advice.memmap2() {
            map.advise(advice)?;
        }
        Ok(Self {
            map,
            promise: PhantomData,
        })
    }
}

impl Deref for ReadMap<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

/// A shared, writable map of a whole scratch copy: what is written reaches the file.
#[derive(Debug)]
pub struct WriteMap<'s> {
    map: MmapMut,
    #[cfg(target_vendor = "apple")]
    file: std::fs::File,
    promise: PhantomData<&'s mut Scratch>,
}

impl<'s> WriteMap<'s> {
    /// Opens `scratch` for reading and writing and maps it.
    ///
    /// # Errors
    /// What `open`, `mmap` or `madvise` answered.
    pub fn open(scratch: &'s mut Scratch, advice: Advice) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(scratch.path())?;
        // SAFETY: `Scratch` is private to this process and mutably borrowed by the map.
        let map = unsafe { advice.options().map_mut(&file) }?;
        #[cfg(unix)]
        if let Some(advice) = advice.memmap2() {
            map.advise(advice)?;
        }
        Ok(Self {
            map,
            #[cfg(target_vendor = "apple")]
            file,
            promise: PhantomData,
        })
    }

    /// Waits until what was written is on the device, as `sync_data` does: `msync(MS_SYNC)`, and
    /// on Apple's systems, where that leaves the device's own cache alone, `sync_data` behind it.
    ///
    /// # Errors
    /// What the system answered.
    pub fn flush(&self) -> io::Result<()> {
        if self.map.is_empty() {
            return Ok(());
        }
        self.map.flush()?;
        #[cfg(target_vendor = "apple")]
        self.file.sync_data()?;
        Ok(())
    }
}

impl Deref for WriteMap<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

impl DerefMut for WriteMap<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.map
    }
}

/// Bytes in a page of memory.
#[must_use]
pub fn page_size() -> usize {
    #[cfg(unix)]
    {
        rustix::param::page_size()
    }
    #[cfg(not(unix))]
    {
        4096
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;

    /// A map of a file that the test has made, and how many bytes its pages are.
    pub(in crate::sys) fn read_only(path: &Path) -> (Mmap, u64) {
        let file = File::open(path).unwrap();
        // SAFETY: the test that made the file does not change it while the map stands.
        let map = unsafe { MmapOptions::new().map(&file) }.unwrap();
        let pages = map.len().next_multiple_of(page_size()) as u64;
        (map, pages)
    }
}
