//! What this process can have and holds in memory, and what it has read and written, as Linux tells it
//! in `/proc`. Elsewhere all of it stays unknown.

use std::fs::{self, File};
use std::io::Read;
use std::ops::Sub;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cgroup::{GroupLimit, Hierarchy};
use super::proc_text;

/// How much memory this process can have now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// Bytes, of the machine's or within the limit.
    pub bytes: u64,
    /// The limit on this process's control group, or one above, that leaves the least room.
    pub limit: Option<GroupLimit>,
}

impl Available {
    /// Asks the system; `None` where it does not tell.
    #[must_use]
    pub fn now() -> Option<Self> {
        let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
        let bytes = kib(&meminfo, "MemAvailable")?;
        let hierarchy = Hierarchy::of_this_process().ok();
        let limit = hierarchy.and_then(|hierarchy| hierarchy.tightest());
        Some(Self {
            bytes: limit
                .iter()
                .fold(bytes, |bytes, limit| bytes.min(limit.room_bytes)),
            limit,
        })
    }
}

/// Resident memory of this process, by what is behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    /// Memory of its own: heap, stacks, and private pages that were written.
    pub anonymous_bytes: u64,
    /// Pages of files that are mapped, memory shared between processes among them. Pages of the
    /// cache that are read and not mapped are nobody's, and not in it.
    pub file_bytes: u64,
}

impl Sub for Resident {
    type Output = Self;

    /// What came on top between two counts.
    fn sub(self, earlier: Self) -> Self {
        Self {
            anonymous_bytes: self.anonymous_bytes.saturating_sub(earlier.anonymous_bytes),
            file_bytes: self.file_bytes.saturating_sub(earlier.file_bytes),
        }
    }
}

impl Resident {
    /// Counts them now. Walks every map, so it takes longer the more is mapped; not for timed code.
    #[must_use]
    pub fn now() -> Option<Self> {
        let read = |path| fs::read_to_string(path).ok();
        // The counts of `status` are kept by each processor on its own and lag behind; the walk is
        // exact, and not in every kernel.
        read("/proc/self/smaps_rollup")
            .and_then(|text| Self::from_rollup(&text))
            .or_else(|| Self::from_status(&read("/proc/self/status")?))
    }

    fn from_rollup(text: &str) -> Option<Self> {
        let anonymous_bytes = kib(text, "Anonymous")?;
        Some(Self {
            anonymous_bytes,
            file_bytes: kib(text, "Rss")?.saturating_sub(anonymous_bytes),
        })
    }

    fn from_status(text: &str) -> Option<Self> {
        Some(Self {
            anonymous_bytes: kib(text, "RssAnon")?,
            file_bytes: kib(text, "RssFile")? + kib(text, "RssShmem")?,
        })
    }
}

/// Bytes of the file at `path` that this process has mapped and resident now; `None` where it has no
/// map of it, or the system does not tell. Walks every map; not for timed code.
#[must_use]
pub fn mapped_of(path: &Path) -> Option<u64> {
    let path = path.canonicalize().ok()?;
    mapped_in(&fs::read("/proc/self/smaps").ok()?, &path)
}

/// A header such as `7f00-7f80 r--s 00000000 fe:00 42   /path` begins a map; `Rss:` is one of the lines
/// that follow.
fn mapped_in(smaps: &[u8], path: &Path) -> Option<u64> {
    let wanted = proc_text::in_maps(path);
    let mut own = false;
    let mut kib_in_all = None;
    for line in smaps.split(|byte| *byte == b'\n') {
        if let Some(name) = name_of_map(line) {
            own = name == wanted;
            if own {
                kib_in_all.get_or_insert(0);
            }
        } else if own && let Some(kib) = line.strip_prefix(b"Rss:") {
            let kib = std::str::from_utf8(kib).ok()?;
            let kib: u64 = kib.trim().strip_suffix(" kB")?.parse().ok()?;
            kib_in_all = kib_in_all.map(|sum: u64| sum.saturating_add(kib));
        }
    }
    kib_in_all?.checked_mul(1024)
}

/// The name in the header of a map, which is empty for anonymous memory; `None` where a line is no
/// header. Its five fields in front are separated by single spaces.
fn name_of_map(line: &[u8]) -> Option<&[u8]> {
    let mut fields = line.splitn(6, |byte| *byte == b' ');
    let range = fields.next()?;
    if !range.contains(&b'-') || range.ends_with(b":") {
        return None;
    }
    Some(fields.nth(4).unwrap_or_default().trim_ascii_start())
}

/// What calls such as `read` and `write` have moved for this thread, from the cache or the device
/// alike. What arrives through a map is in none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Bytes that were read.
    pub read_bytes: u64,
    /// Calls that read.
    pub read_calls: u64,
    /// Bytes that were written.
    pub written_bytes: u64,
    /// Calls that wrote.
    pub write_calls: u64,
}

/// The counters as they stood once, and what this reading of them adds to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferReading {
    told: Transfer,
    own: Transfer,
}

impl TransferReading {
    /// Reads the counters.
    #[must_use]
    pub fn now() -> Option<Self> {
        // Of the thread, as `Usage` is; kernels before 3.17 know the whole process only.
        let mut file = File::open("/proc/thread-self/io")
            .or_else(|_| File::open("/proc/self/io"))
            .ok()?;
        // Each call counts, and its bytes, from the next on.
        let mut own = Transfer::default();
        let mut text = Vec::new();
        let mut piece = [0; 1024];
        loop {
            let bytes = file.read(&mut piece).ok()?;
            own.read_calls += 1;
            own.read_bytes += bytes as u64;
            match piece.get(..bytes)? {
                [] => break,
                read => text.extend_from_slice(read),
            }
        }
        let told = Transfer::parse(std::str::from_utf8(&text).ok()?)?;
        Some(Self { told, own })
    }

    /// What was moved between `before` and this reading, of the same thread, without what reading costs.
    #[must_use]
    pub fn since(&self, before: &Self) -> Transfer {
        self.told - before.told - before.own
    }
}

impl Transfer {
    fn parse(text: &str) -> Option<Self> {
        let count = |name| value(text, name)?.parse().ok();
        Some(Self {
            read_bytes: count("rchar")?,
            read_calls: count("syscr")?,
            written_bytes: count("wchar")?,
            write_calls: count("syscw")?,
        })
    }
}

impl Sub for Transfer {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            read_bytes: self.read_bytes.saturating_sub(earlier.read_bytes),
            read_calls: self.read_calls.saturating_sub(earlier.read_calls),
            written_bytes: self.written_bytes.saturating_sub(earlier.written_bytes),
            write_calls: self.write_calls.saturating_sub(earlier.write_calls),
        }
    }
}

/// The text behind `name:` in a file of such lines.
fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key == name).then(|| value.trim())
    })
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let kib: u64 = value(text, name)?.strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLLUP: &str = "55ee90bd0000-7fffba1f1000 ---p 00000000 00:00 0      [rollup]\n\
                          Rss:                1680 kB\nPss_Anon:            999 kB\n\
                          Anonymous:           112 kB\nAnonHugePages:         0 kB\n";
    const STATUS: &str = "VmRSS:\t    1620 kB\nRssAnon:\t     116 kB\nRssFile:\t    1500 kB\n\
                          RssShmem:\t       4 kB\n";
    const IO: &str = "rchar: 6976\nwchar: 7\nsyscr: 10\nsyscw: 1\nread_bytes: 4096\n\
                      write_bytes: 0\ncancelled_write_bytes: 0\n";

    #[test]
    fn only_maps_of_the_file_count() {
        let smaps = "55d0-55e0 r-xp 00000000 fe:00 7   /bin/mapmark\nRss:    64 kB\nPss:  1 kB\n\
                     7f00-7f80 r--s 00000000 fe:00 42  /data/text-2MB.txt\nRss:  1956 kB\n\
                     7f80-7f90 r--s 00100000 fe:00 42  /data/text-2MB.txt\nRss:     4 kB\n\
                     7fff-8000 rw-p 00000000 00:00 0   [stack]\nRss:  12 kB\n";
        let mapped = |path: &str| mapped_in(smaps.as_bytes(), Path::new(path));
        assert_eq!(mapped("/data/text-2MB.txt"), Some(1960 * 1024));
        assert_eq!(mapped("/data/other.txt"), None);
        assert_eq!(mapped("/text-2MB.txt"), None, "a name is matched whole");
        assert_eq!(mapped("2MB.txt"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn maps_of_files_with_awkward_names_are_found() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let home = tempfile::tempdir().unwrap();
        let names: [&[u8]; 5] = [
            b"two words",
            b"two\nlines",
            b"back\\slash \\012",
            b"not \xff UTF-8",
            b"a-b: kB",
        ];
        for name in names {
            let path = home.path().join(OsStr::from_bytes(name));
            fs::write(&path, vec![7; 10_000]).unwrap();
            let (map, pages) = super::super::mapping::tests::read_only(&path);
            assert!(map.iter().all(|byte| *byte == 7));
            assert_eq!(mapped_of(&path), Some(pages), "{path:?}");
            drop(map);
            assert_eq!(mapped_of(&path), None, "{path:?}");
        }
    }

    #[test]
    fn anonymous_and_file_memory_are_told_apart() {
        let exact = Resident::from_rollup(ROLLUP).unwrap();
        assert_eq!(exact.anonymous_bytes, 112 << 10);
        assert_eq!(exact.file_bytes, 1568 << 10);
        let lagging = Resident::from_status(STATUS).unwrap();
        assert_eq!(lagging.anonymous_bytes, 116 << 10);
        assert_eq!(lagging.file_bytes, 1504 << 10);
        assert_eq!(Resident::from_rollup("Rss: 4 kB"), None);
        assert_eq!(Resident::from_status("VmRSS: 4 kB"), None);
    }

    #[test]
    fn the_counters_of_calls_are_read() {
        let transfer = Transfer::parse(IO).unwrap();
        assert_eq!((transfer.read_bytes, transfer.read_calls), (6976, 10));
        assert_eq!((transfer.written_bytes, transfer.write_calls), (7, 1));
        assert_eq!(Transfer::parse("rchar: 1\nwchar: x"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_is_touched_is_resident() {
        let before = Resident::now().unwrap();
        let pages = std::hint::black_box(vec![1u8; 128 << 20]);
        let after = Resident::now().unwrap();
        assert_eq!(pages.len(), 128 << 20);
        // Other tests of this process come and go meanwhile.
        assert!(after.anonymous_bytes > before.anonymous_bytes + (32 << 20));
        assert!(after.file_bytes > 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn reading_the_counters_is_not_among_what_they_tell() {
        use std::io::{Read, Seek, Write};

        let mut file = tempfile::tempfile().unwrap();
        let mut block = vec![7u8; 100_000];
        // Numbers get longer meanwhile: from three digits to seven.
        for bytes in [1_000, 10, 100_000, 1] {
            let Some(before) = TransferReading::now() else {
                return; // a kernel that keeps no account
            };
            file.rewind().unwrap();
            file.write_all(&block[..bytes]).unwrap();
            file.rewind().unwrap();
            file.read_exact(&mut block[..bytes]).unwrap();
            let moved = TransferReading::now().unwrap().since(&before);
            assert_eq!((moved.read_calls, moved.write_calls), (1, 1));
            assert_eq!(moved.written_bytes, bytes as u64);
            assert_eq!(moved.read_bytes, bytes as u64);
        }
    }
}
