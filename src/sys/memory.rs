//! What this process holds in memory, and what it has read and written, as Linux tells it in
//! `/proc`. Elsewhere both stay unknown.

use std::fs;
use std::ops::Sub;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

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

/// Bytes of the file at `path` that this process has mapped and resident now; `None` where the system
/// does not tell. Walks every map; not for timed code.
#[must_use]
pub fn mapped_of(path: &Path) -> Option<u64> {
    let path = path.canonicalize().ok()?;
    let text = fs::read_to_string("/proc/self/smaps").ok()?;
    Some(mapped_in(&text, path.to_str()?))
}

/// A header such as `7f00-7f80 r--s 00000000 fe:00 42   /path` begins a map; `Rss:` is one of the lines
/// that follow.
fn mapped_in(smaps: &str, path: &str) -> u64 {
    let mut own = false;
    let mut kib_in_all = 0;
    for line in smaps.lines() {
        let first = line.split(' ').next().unwrap_or_default();
        if first.contains('-') && !first.ends_with(':') {
            own = line.ends_with(path) && line.contains(" /");
        } else if own && let Some(rest) = line.strip_prefix("Rss:") {
            let kib = rest.trim().trim_end_matches(" kB");
            kib_in_all += kib.parse::<u64>().unwrap_or(0);
        }
    }
    kib_in_all * 1024
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

impl Transfer {
    /// Reads the counters, which counts as reading from the next time on.
    #[must_use]
    pub fn now() -> Option<Self> {
        // Of the thread, as `Usage` is; kernels before 3.17 know the whole process only.
        let text = fs::read_to_string("/proc/thread-self/io")
            .or_else(|_| fs::read_to_string("/proc/self/io"))
            .ok()?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Option<Self> {
        let count = |name| value(text, name)?.parse().ok();
        Some(Self {
            read_bytes: count("rchar")?,
            read_calls: count("syscr")?,
            written_bytes: count("wchar")?,
            write_calls: count("syscw")?,
        })
    }

    /// What was moved between two readings of one thread, without what the first of them cost.
    /// Calls are exact. Bytes are right to a few: a reading costs as many as its numbers have
    /// digits, and the cost is measured once.
    #[must_use]
    pub fn between(before: Self, after: Self) -> Self {
        static COST: OnceLock<Transfer> = OnceLock::new();
        let cost = COST.get_or_init(|| Self::cost_of_a_reading().unwrap_or_default());
        after - before - *cost
    }

    /// Two readings with nothing between them.
    fn cost_of_a_reading() -> Option<Self> {
        let before = Self::now()?;
        let after = Self::now()?;
        Some(after - before)
    }
}

impl Sub for Transfer {
    type Output = Self;

    /// What was moved between two readings, the first of them included.
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
        assert_eq!(mapped_in(smaps, "/data/text-2MB.txt"), 1960 * 1024);
        assert_eq!(mapped_in(smaps, "/data/other.txt"), 0);
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
        let Some(before) = Transfer::now() else {
            return; // a kernel that keeps no account
        };
        file.write_all(&block).unwrap();
        file.rewind().unwrap();
        file.read_exact(&mut block).unwrap();
        let moved = Transfer::between(before, Transfer::now().unwrap());
        assert_eq!((moved.read_calls, moved.write_calls), (1, 1));
        assert_eq!(moved.written_bytes, 100_000);
        assert!(moved.read_bytes.abs_diff(100_000) < 50, "{moved:?}");
    }
}
