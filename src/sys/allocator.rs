//! Which memory allocator serves this process, and what it was told.
//!
//! # Safety
//!
//! `gnu_get_libc_version` returns a pointer to a constant, NUL-terminated text.
#![allow(unsafe_code)]

/// `glibc 2.36`; `None` where it is not known.
#[must_use]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn allocator() -> Option<String> {
    // SAFETY: the call takes nothing and returns a constant.
    let version = unsafe { libc::gnu_get_libc_version() };
    // SAFETY: the constant ends with a NUL and lives as long as the process.
    let version = unsafe { std::ffi::CStr::from_ptr(version) };
    Some(format!("glibc {}", version.to_str().ok()?))
}

/// `glibc 2.36`; `None` where it is not known.
#[must_use]
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn allocator() -> Option<String> {
    None
}

/// Beginnings of variables that allocators read: of glibc and of jemalloc (`MALLOC_CONF`), of mimalloc,
/// tcmalloc and scudo, of macOS.
const OF_ALLOCATORS: [&str; 8] = [
    "MALLOC_",
    "_RJEM_MALLOC_",
    "JEMALLOC_",
    "MIMALLOC_",
    "TCMALLOC_",
    "SCUDO_",
    "Malloc",
    "GLIBC_TUNABLES",
];

/// Variables that put other code in the place of the C library's.
const OF_LOADERS: [&str; 2] = ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES"];

/// Code that the system puts into every process, whatever its environment.
const OF_SYSTEM: &str = "/etc/ld.so.preload";

/// What the environment tells the allocator, or puts in its place, in order: `LD_PRELOAD=libjemalloc.so.2,
/// MALLOC_ARENA_MAX=1`; `none` where that is nothing.
#[must_use]
pub fn allocator_settings() -> String {
    // Most systems have no such file.
    let preloaded = std::fs::read_to_string(OF_SYSTEM).unwrap_or_default();
    let of_system = [(OF_SYSTEM.to_owned(), preloaded)];
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let own = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    settings(own.chain(of_system))
}

fn settings(all: impl Iterator<Item = (String, String)>) -> String {
    let mut found: Vec<String> = all
        .filter_map(|(name, value)| {
            let counts = OF_ALLOCATORS.iter().any(|begin| name.starts_with(begin))
                || OF_LOADERS.contains(&name.as_str())
                || name == OF_SYSTEM;
            let value = without_directories(value.trim());
            (counts && !value.is_empty()).then(|| format!("{name}={value}"))
        })
        .collect();
    found.sort();
    if found.is_empty() {
        found.push("none".to_owned());
    }
    found.join(", ")
}

/// The value with all files by their own names, as directories may tell whose machine it is.
fn without_directories(value: &str) -> String {
    let words = value.split_inclusive(|c: char| c.is_whitespace() || ":,;=".contains(c));
    let names = words.filter_map(|word| word.rsplit('/').next());
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_allocator_is_told_is_found_and_nothing_else() {
        let told = |variables: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            settings(variables.iter().map(owned))
        };
        assert_eq!(told(&[("HOME", "/home/me"), ("LD_PRELOAD", " ")]), "none");
        let some = [
            ("MALLOC_MMAP_THRESHOLD_", "1073741824"),
            ("PATH", "/bin"),
            (
                "LD_PRELOAD",
                "/home/me/lib/libjemalloc.so.2:/opt/a.so other.so",
            ),
            ("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=1"),
            ("MALLOC_ARENA_MAX", ""),
        ];
        assert_eq!(
            told(&some),
            "GLIBC_TUNABLES=glibc.malloc.trim_threshold=1, \
             LD_PRELOAD=libjemalloc.so.2:a.so other.so, MALLOC_MMAP_THRESHOLD_=1073741824"
        );
        assert_eq!(
            told(&[("MALLOC_CONF", "prof_prefix:/home/me/heap,narenas:1")]),
            "MALLOC_CONF=prof_prefix:heap,narenas:1"
        );
        for (name, value) in [
            ("MALLOC_CONF", "dirty_decay_ms:0"),
            ("_RJEM_MALLOC_CONF", "narenas:1"),
            ("MIMALLOC_LARGE_OS_PAGES", "1"),
            ("TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES", "0"),
            ("SCUDO_OPTIONS", "x=1"),
            ("MallocNanoZone", "0"),
        ] {
            assert_eq!(told(&[(name, value)]), format!("{name}={value}"));
        }
    }
}
