//! Which pages of a file are in memory, as the kernel tells it.
//!
//! Linux 6.5 and later answer `cachestat`; older ones, other Unix systems, and overlay file systems
//! answer `mincore`. Both tell only owners and those who may write: `cachestat` refuses others (since
//! Linux 6.13; before it told everybody the truth), and `mincore` tells them that every page is resident,
//! so it is believed only where the kernel says that this user counts as the owner. That is asked for and
//! not worked out: in a user namespace root is not root over the files of others.
//!
//! Anybody who may read a file can ask with `preadv2(RWF_NOWAIT)`, which reads what is in memory and
//! refuses what is not. It is the last resort, since it costs five calls for each page (a microsecond)
//! and fetches the pages that it does not find. What nobody can tell stays unknown.
//!
//! # Safety
//!
//! The raw calls get pointers to buffers of the length they are told, and a map that no code reads.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(target_os = "linux")]
use super::Usage;

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
    let found = cachestat(file, bytes);
    if matches!(found, Ok(resident) if resident == pages) {
        return found;
    }
    mincore(file, bytes).or_else(|refused| match by_reading(file, pages) {
        Ok(resident) => Ok(resident),
        Err(_) => found.map_err(|_| refused),
    })
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

/// The number of `cachestat(2)`: the same on all architectures but those whose numbers start elsewhere.
/// One that is not known here refuses, as an older kernel does.
#[cfg(target_os = "linux")]
const CACHESTAT: libc::c_long = if cfg!(any(target_arch = "mips", target_arch = "mips32r6")) {
    4_451
} else if cfg!(any(target_arch = "mips64", target_arch = "mips64r6")) {
    // The numbers of the ABI with 64-bit pointers, and of the one without.
    if cfg!(target_pointer_width = "64") {
        5_451
    } else {
        6_451
    }
} else if cfg!(all(target_arch = "x86_64", target_pointer_width = "32")) {
    0x4000_0000 | 451
} else {
    451
};

/// Asks `cachestat(2)`.
#[cfg(target_os = "linux")]
fn cachestat(file: &File, bytes: u64) -> io::Result<u64> {
    use std::os::fd::AsRawFd;

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

/// How many pages are probed after one was not there.
#[cfg(target_os = "linux")]
const PROBES: u64 = 64;

/// Reads a byte of each page, without waiting. All pages are resident where each is there. After the
/// first that is not, [`PROBES`] of them, evenly spread, stand for the rest, so that the answer below
/// "all" is an estimate, and 0 means that none of them was there. Pages that had to be fetched for that
/// are forgotten again.
///
/// It goes from the last page to the first: a page that was read ahead may carry the kernel's mark to
/// read on from there, and what it then fetches lies behind the pages that are still to be asked for.
#[cfg(target_os = "linux")]
fn by_reading(file: &File, pages: u64) -> io::Result<u64> {
    use rustix::fs::{Advice, fadvise};

    // Without reading ahead, an answer "no" changes no page but the one that was asked for. The advice
    // holds for this descriptor only.
    fadvise(file, 0, None, Advice::Random)?;
    let mut missing_below = pages;
    while missing_below > 0 && is_there(file, missing_below - 1)? {
        missing_below -= 1;
    }
    if missing_below == 0 {
        return Ok(pages);
    }
    let step = pages.div_ceil(PROBES);
    let asked = pages.div_ceil(step);
    let mut there = 0;
    for page in (0..asked).rev().map(|probe| probe * step) {
        there += u64::from(page >= missing_below || is_there(file, page)?);
    }
    let at_least = pages - missing_below;
    let at_most = pages - 1; // the one that was found missing
    Ok((pages * there / asked).max(at_least).min(at_most))
}

/// Whether a page is in memory; if it was not, it is forgotten again.
#[cfg(target_os = "linux")]
fn is_there(file: &File, page: u64) -> io::Result<bool> {
    use rustix::fs::{Advice, fadvise};
    use rustix::io::{Errno, ReadWriteFlags, pread, preadv2};

    let size = super::page_size() as u64;
    let offset = page * size;
    let mut byte = [0];
    let mut buffers = [io::IoSliceMut::new(&mut byte)];
    // The kernel starts to fetch a page before it refuses it, and a fast device may have it there in time. What
    // this thread has fetched tells.
    let fetched = || Usage::now().map_or(0, |usage| usage.blocks_in);
    let before = fetched();
    loop {
        match preadv2(file, &mut buffers, offset, ReadWriteFlags::NOWAIT) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) if fetched() == before => return Ok(true),
            Ok(_) | Err(Errno::AGAIN) => break,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // It is on its way, and a page that is on its way is not forgotten.
    pread(file, &mut [0], offset)?;
    let length = std::num::NonZeroU64::new(size);
    fadvise(file, offset, length, Advice::DontNeed)?;
    Ok(false)
}

/// Whether the kernel takes this user for the owner of `file`, or lets them write to it, so that it tells
/// them the truth about its pages.
#[cfg(target_os = "linux")]
fn is_told_the_truth(file: &File) -> bool {
    use std::os::fd::AsRawFd;

    use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, accessat, open};

    // Of the very file, whatever its name is by now.
    let same = format!("/proc/self/fd/{}", file.as_raw_fd());
    // Only owners, and those who count as such, may leave the time of access alone.
    let flags = OFlags::RDONLY | OFlags::NOATIME | OFlags::CLOEXEC;
    open(&same, flags, Mode::empty()).is_ok()
        || accessat(CWD, &same, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// The owner and root, as far as other systems are known.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_told_the_truth(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;

    let user = rustix::process::geteuid();
    let owner = file.metadata().map(|metadata| metadata.uid());
    user.is_root() || owner.is_ok_and(|owner| owner == user.as_raw())
}

/// `mincore(2)` over a map of the file that nothing reads.
#[cfg(unix)]
fn mincore(file: &File, bytes: u64) -> io::Result<u64> {
    if !is_told_the_truth(file) {
        return Err(io::Error::other(
            "the system tells it only to the file's owner; measure a copy of the file, which is yours",
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

/// How many bytes of `path` are holes: parts that no device holds, so that nothing is fetched where they
/// are read. 0 where the file system does not tell.
///
/// # Errors
/// Where the file cannot be opened or sought in.
#[cfg(target_os = "linux")]
pub fn hole_bytes(path: &Path) -> io::Result<u64> {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;

    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let (mut at, mut holes) = (0, 0);
    while at < end {
        let data = match seek(&file, SeekFrom::Data(at)) {
            Ok(data) => data.min(end),
            Err(Errno::NXIO) => end,
            Err(Errno::INVAL) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        holes += data.saturating_sub(at);
        at = match seek(&file, SeekFrom::Hole(data)) {
            Ok(hole) if hole > data => hole,
            _ => end,
        };
    }
    Ok(holes)
}

/// See Linux's `hole_bytes`: elsewhere nobody asks.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn hole_bytes(_path: &Path) -> io::Result<u64> {
    Ok(0)
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

    #[cfg(target_os = "linux")]
    #[test]
    fn reading_without_waiting_tells_it_too_and_leaves_no_trace() {
        let file = tempfile::NamedTempFile::new_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let pages = 300;
        std::fs::write(file.path(), vec![7u8; pages * super::super::page_size()]).unwrap();
        let asked = || by_reading(&File::open(file.path()).unwrap(), pages as u64);
        match asked() {
            Ok(resident) => assert_eq!(resident, pages as u64),
            Err(error) => return skipped(&error.to_string()),
        }
        evict(file.path()).unwrap();
        if residency(file.path()).unwrap().resident > 0 {
            return skipped("nothing leaves memory here; the sources may be on tmpfs");
        }
        for _ in 0..20 {
            assert_eq!(asked().unwrap(), 0);
            assert_eq!(residency(file.path()).unwrap().resident, 0);
        }
        // A page in front alone, and the second half.
        let half = pages / 2 * super::super::page_size();
        std::io::Read::read(&mut File::open(file.path()).unwrap(), &mut [0]).unwrap();
        let front = residency(file.path()).unwrap().resident;
        let mut back = File::open(file.path()).unwrap();
        std::io::Seek::seek(&mut back, io::SeekFrom::Start(half as u64)).unwrap();
        io::copy(&mut back, &mut io::sink()).unwrap();
        let (all, estimate) = (residency(file.path()).unwrap(), asked().unwrap());
        assert!(front > 0 && !all.is_warm(), "{front} of {all:?}");
        assert!(
            estimate.abs_diff(all.resident) <= 10,
            "{estimate} of {all:?}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_owners_and_writers_are_told_the_truth() {
        use std::os::unix::fs::PermissionsExt;

        let file = tempfile::NamedTempFile::new().unwrap();
        let asked = || is_told_the_truth(&File::open(file.path()).unwrap());
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(asked());
        if !rustix::process::geteuid().is_root() {
            assert!(!is_told_the_truth(&File::open("/bin/sh").unwrap()));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn holes_are_counted() {
        use std::os::unix::fs::FileExt;

        let file = tempfile::NamedTempFile::new_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let holes = || hole_bytes(file.path()).unwrap();
        assert_eq!(holes(), 0);
        file.as_file().set_len(8 << 20).unwrap();
        match holes() {
            0 => return skipped("this file system does not tell of holes"),
            all => assert_eq!(all, 8 << 20),
        }
        file.as_file().write_at(&[7; 1 << 20], 2 << 20).unwrap();
        assert_eq!(holes(), 7 << 20);
        file.as_file().write_at(&[7; 1], (8 << 20) - 1).unwrap();
        assert!((6 << 20..7 << 20).contains(&holes()), "{}", holes());
    }

    #[test]
    fn an_empty_file_has_no_pages() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(residency(file.path()).unwrap().is_warm());
    }
}
