//! Why touching a mapped page of a file failed (`SIGBUS`), as far as a look at the file tells.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What happened to the file at `path`, which had so many `bytes` when it was mapped. Looks at it, and reads
/// nothing.
#[must_use]
pub fn bus_error(path: &Path, bytes: u64) -> String {
    let file = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return format!("{file} was removed, and cut, while mapped (SIGBUS)");
        }
        Err(error) => return format!("{file} cannot be looked at after a SIGBUS: {error}"),
    };
    if metadata.len() < bytes {
        return format!(
            "the file was truncated while mapped (SIGBUS): {file} has {} of {bytes} bytes",
            metadata.len()
        );
    }
    if has_holes(&metadata) && is_full(path) {
        return format!(
            "no room for a page of the file (SIGBUS): {file} has holes, and its file system is full; free some"
        );
    }
    format!(
        "a page of the file could not be had (SIGBUS), although {file} has all its {bytes} bytes: its device \
         failed to read it, memory is damaged, or its file system was full; see the system's log"
    )
}

#[cfg(unix)]
fn has_holes(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.blocks().saturating_mul(512) < metadata.len()
}

#[cfg(unix)]
fn is_full(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|system| system.f_bavail == 0)
}

#[cfg(not(unix))]
fn has_holes(_metadata: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_full(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_that_is_shorter_was_truncated() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("text");
        fs::write(&path, [b'x'; 100]).unwrap();
        let told = |bytes| bus_error(&path, bytes);
        assert!(
            told(101).contains("truncated while mapped"),
            "{}",
            told(101)
        );
        assert!(told(101).contains("has 100 of 101 bytes"), "{}", told(101));
        for bytes in [100, 99] {
            assert!(!told(bytes).contains("truncated"), "{}", told(bytes));
            assert!(told(bytes).contains("has all its"), "{}", told(bytes));
        }
        fs::remove_file(&path).unwrap();
        assert!(told(100).contains("was removed"), "{}", told(100));
    }
}
