//! Where a worker leaves a byte for a parent that may find it dead: at the start of a file of fixed
//! length, which is the worker's standard error.
//!
//! A note is written to its place. What a program prints goes behind it, wherever that is called
//! standard error, and can neither be taken for a note nor grow: on Linux the file is sealed memory, and
//! elsewhere whoever waits for the worker asks whether it is [`overgrown`](Notes::overgrown).

use std::fs::File;
use std::io;
use std::process::Stdio;

/// Where text begins, in bytes; before it is the note.
const TEXT: u64 = 64;

/// The whole file. Nobody reads what a worker prints; it is there to be seen in a debugger.
const BYTES: u64 = 1 << 16;

/// The notes of one worker, in its parent.
#[derive(Debug)]
pub struct Notes {
    file: File,
    /// Whether the system keeps the file from growing.
    is_sealed: bool,
}

impl Notes {
    /// Makes an empty page for notes.
    ///
    /// # Errors
    /// Where the system has no file that a note can be written to in place.
    pub fn new() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Ok(file) = sealed() {
            return Self::of(file, true);
        }
        if cfg!(not(unix)) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let file = tempfile::tempfile()?;
        file.set_len(BYTES)?;
        Self::of(file, false)
    }

    fn of(mut file: File, is_sealed: bool) -> io::Result<Self> {
        use std::io::Seek;
        // Every process that has this file shares the place in it.
        file.seek(io::SeekFrom::Start(TEXT))?;
        Ok(Self { file, is_sealed })
    }

    /// The file as the standard error of a process.
    ///
    /// # Errors
    /// Where there is no descriptor left.
    pub fn stdio(&self) -> io::Result<Stdio> {
        Ok(Stdio::from(self.file.try_clone()?))
    }

    /// The last note; `None` where there is none.
    #[must_use]
    pub fn last(&self) -> Option<u8> {
        let mut note = [0];
        #[cfg(unix)]
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut note, 0).ok()?;
        (note != [0]).then_some(note[0])
    }

    /// Whether it may grow, so that it has to be looked at.
    #[must_use]
    pub fn can_grow(&self) -> bool {
        !self.is_sealed
    }

    /// Whether more was printed than anybody reads.
    #[must_use]
    pub fn overgrown(&self) -> bool {
        let metadata = self.file.metadata();
        metadata.is_ok_and(|metadata| metadata.len() > BYTES)
    }
}

/// Leaves `note`, which is not 0, for the parent of this process. One small write into memory.
pub fn note(note: u8) {
    // Where standard error is no file, as of a worker that somebody runs by hand, nobody reads it.
    #[cfg(unix)]
    let _ = rustix::io::pwrite(io::stderr(), &[note], 0);
    #[cfg(not(unix))]
    let _ = note;
}

/// Memory of `BYTES` bytes that cannot grow. Nothing in it is a program, and a system may insist on
/// hearing that (`vm.memfd_noexec=2`); one before Linux 6.3 does not know the flag.
#[cfg(target_os = "linux")]
fn sealed() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let made = match memfd_create("mapmark", flags | MemfdFlags::NOEXEC_SEAL) {
        Err(rustix::io::Errno::INVAL) => memfd_create("mapmark", flags),
        made => made,
    };
    let file = File::from(made?);
    file.set_len(BYTES)?;
    fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::FileExt;

    use super::*;

    fn unsealed() -> io::Result<Notes> {
        Notes::of(tempfile::tempfile()?, false)
    }

    #[test]
    fn what_is_printed_is_no_note() {
        for mut notes in [Notes::new().unwrap(), unsealed().unwrap()] {
            assert_eq!(notes.last(), None);
            notes.file.write_all("\u{3002}\u{ff}".as_bytes()).unwrap();
            notes.file.write_all(&[0x81, 0xff, 0x82]).unwrap();
            assert_eq!(notes.last(), None);
            notes.file.write_all_at(&[0x82], 0).unwrap();
            notes.file.write_all(&[0x81]).unwrap();
            assert_eq!(notes.last(), Some(0x82));
        }
    }

    #[test]
    fn what_is_printed_without_end_fills_a_page_and_no_more() {
        let mut notes = Notes::new().unwrap();
        let much = vec![b'y'; 1 << 20];
        if notes.can_grow() {
            notes = unsealed().unwrap();
        }
        let written = notes.file.write_all(&much);
        assert!(notes.overgrown() == notes.can_grow());
        assert!(notes.can_grow() || written.is_err());
        let mut notes = unsealed().unwrap();
        notes.file.write_all(&much).unwrap();
        assert!(notes.overgrown());
    }
}
