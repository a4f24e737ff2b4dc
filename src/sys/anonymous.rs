//! A file without a name: nobody else can open it, and it is gone when it is closed.

use std::fs::File;
use std::io;

/// Makes an empty file without a name, for reading and writing. It lives in memory where the system
/// can (Linux), else in the directory for temporary files.
///
/// # Errors
/// Where neither can be made.
pub fn anonymous_file() -> io::Result<File> {
    #[cfg(target_os = "linux")]
    if let Ok(file) = in_memory() {
        return Ok(file);
    }
    tempfile::tempfile()
}

/// `memfd_create(2)`; the name shows in `/proc` only. Nothing in it is a program, and a system may insist
/// on hearing that (`vm.memfd_noexec=2`); one before Linux 6.3 does not know the word.
#[cfg(target_os = "linux")]
fn in_memory() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};

    let make = |flags| memfd_create("mapmark", MemfdFlags::CLOEXEC | flags);
    let descriptor = match make(MemfdFlags::NOEXEC_SEAL) {
        Err(rustix::io::Errno::INVAL) => make(MemfdFlags::empty()),
        made => made,
    }?;
    Ok(File::from(descriptor))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut file = anonymous_file().unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        file.write_all(b"one two").unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one two");
    }

    #[test]
    fn two_files_are_apart() {
        let (mut one, other) = (anonymous_file().unwrap(), anonymous_file().unwrap());
        one.write_all(b"one").unwrap();
        assert_eq!(other.metadata().unwrap().len(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_lives_in_memory_and_has_no_name() {
        use std::os::fd::AsRawFd;

        let file = in_memory().unwrap();
        let place = format!("/proc/self/fd/{}", file.as_raw_fd());
        let name = std::fs::read_link(place).unwrap();
        assert!(name.to_string_lossy().starts_with("/memfd:"), "{name:?}");
        let seals = rustix::fs::fcntl_get_seals(&file).unwrap();
        let executable = rustix::fs::fstat(&file).unwrap().st_mode & 0o111 != 0;
        assert!(!executable || seals.is_empty(), "{seals:?}");
    }
}
