//! Which pages of a file are in memory, as the kernel tells it.
//!
//! Linux 6.5 and later answer `cachestat`; older ones, other Unix systems, and overlay file systems
//! answer `mincore`.
//! `mincore` reports every page resident for a file that the caller may not write, so it is
//! believed only about files of this user. What nobody can tell stays unknown.
//!
//! # Safety
//!
//! The raw calls get pointers to buffers of the length they are told, and a map that no code reads.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;

/// How much of a file is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residency {
    /// Pages of the file that are in memory.
    pub resident: u64,
    /// Pages of the file.
    pub pages: u64,
}

impl Residency {
    /// Whether every page is in memory, so that no iteration waits for the device.
    #[must_use]
    pub fn is_warm(self) -> bool {
        self.resident == self.pages
    }
}

/// Asks the kernel how much of `path` is in memory.
///
/// # Errors
/// Where the file cannot be opened, or the system offers no answer that can be believed.
pub fn residency(path: &Path) -> io::Result<Residency> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let page = super::page_size() as u64;
    let pages = bytes.div_ceil(page);
    if bytes == 0 {
        return Ok(Residency { resident: 0, pages });
    }
    let resident = resident_pages(&file, bytes)?;
    Ok(Residency { resident, pages })
}

/// Writes `path` back and asks the kernel to forget its pages. Needs no privilege; whether they are
/// gone, [`residency`] tells.
///
/// # Errors
/// Where the file cannot be opened, or the system takes no such advice.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub fn evict(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    file.sync_data()?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(())
}

/// See the other systems' `evict`: here there is none.
///
/// # Errors
/// Always.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub fn evict(_path: &Path) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system takes no advice to forget a file's pages",
    ))
}

/// `cachestat` looks at the pages of the file that was opened. Where that only stands for another
/// (overlayfs) it finds none, and an older system refuses it; so only its yes is final.
#[cfg(target_os = "linux")]
fn resident_pages(file: &File, bytes: u64) -> io::Result<u64> {
    let pages = bytes.div_ceil(super::page_size() as u64);
    match cachestat(file, bytes) {
        Ok(resident) if resident == pages => Ok(resident),
        Ok(resident) => Ok(mincore(file, bytes).unwrap_or(resident)),
        Err(_) => mincore(file, bytes),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn resident_pages(file: &File, bytes: u64) -> io::Result<u64> {
    mincore(file, bytes)
}

#[cfg(not(unix))]
fn resident_pages(_file: &File, _bytes: u64) -> io::Result<u64> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system does not tell which pages of a file are in memory",
    ))
}

/// `cachestat(2)`: number 451 on every architecture with the unified table.
#[cfg(target_os = "linux")]
fn cachestat(file: &File, bytes: u64) -> io::Result<u64> {
    use std::os::fd::AsRawFd;

    const CACHESTAT: libc::c_long = 451;
    #[repr(C)]
    struct Range {
        offset: u64,
        length: u64,
    }
    #[repr(C)]
    #[derive(Default)]
    struct Stat {
        cached: u64,
        dirty: u64,
        writeback: u64,
        evicted: u64,
        recently_evicted: u64,
    }

    let range = Range {
        offset: 0,
        length: bytes,
    };
    let mut stat = Stat::default();
    // SAFETY: both structures have the layout of the kernel's and live until the call returns.
    let status = unsafe {
        libc::syscall(
            CACHESTAT,
            file.as_raw_fd(),
            &raw const range,
            &raw mut stat,
            0,
        )
    };
    if status != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(stat.cached)
}

/// `mincore(2)` over a map of the file that nothing reads.
#[cfg(unix)]
fn mincore(file: &File, bytes: u64) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;

    let user = rustix::process::geteuid();
    if !user.is_root() && file.metadata()?.uid() != user.as_raw() {
        return Err(io::Error::other(
            "mincore tells the truth only about files of this user",
        ));
    }
    let length = usize::try_from(bytes).map_err(io::Error::other)?;
    // SAFETY: nothing reads the map; it only names pages to `mincore`.
    let map = unsafe { memmap2::MmapOptions::new().len(length).map(file) }?;
    let mut pages = vec![0u8; length.div_ceil(super::page_size())];
    // SAFETY: the map is `length` bytes long, and the vector has a byte for each of its pages.
    let status = unsafe {
        libc::mincore(
            map.as_ptr().cast_mut().cast(),
            length,
            pages.as_mut_ptr().cast(),
        )
    };
    if status != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(pages.iter().filter(|page| **page & 1 == 1).count() as u64)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_just_written_is_warm() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![7u8; 50_000]).unwrap();
        let answer = residency(file.path()).unwrap();
        assert_eq!(
            answer.pages,
            50_000u64.div_ceil(super::super::page_size() as u64)
        );
        assert!(answer.is_warm());
        let by_mincore = mincore(&File::open(file.path()).unwrap(), 50_000).unwrap();
        assert_eq!(by_mincore, answer.resident);
    }

    /// Says what is left out, past the capture of what passing tests print.
    fn skipped(why: &str) {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "skipped: {why}");
    }

    #[test]
    fn an_evicted_file_comes_back_by_reading() {
        // Beside the sources, since the directory for temporary files may be memory itself.
        let file = tempfile::NamedTempFile::new_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        std::fs::write(file.path(), vec![7u8; 50_000]).unwrap();
        match evict(file.path()) {
            Ok(()) => {}
            Err(error) => return skipped(&error.to_string()),
        }
        let evicted = residency(file.path()).unwrap();
        if evicted.is_warm() {
            return skipped("nothing leaves memory here; the sources may be on tmpfs");
        }
        assert!(evicted.resident < evicted.pages);
        std::fs::read(file.path()).unwrap();
        assert!(residency(file.path()).unwrap().is_warm());
    }

    #[test]
    fn an_empty_file_has_no_pages() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(residency(file.path()).unwrap().is_warm());
    }
}
