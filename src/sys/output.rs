//! What other code prints, held back until it is whole.

use std::io;

/// Runs `print` while standard output and standard error, where they are no terminal, go to a file;
/// what is in the file then goes where it was to go, and the result tells whether it got there.
///
/// The macros that print panic if a reader has gone away or a disk is full, and a library that uses them
/// loses its work with the line. Within `print` neither can happen.
#[cfg(unix)]
pub fn hold_output<T>(print: impl FnOnce() -> T) -> (T, io::Result<()>) {
    let held = unix::Held::new();
    let result = print();
    (result, held.pass_on())
}

/// See Unix's: elsewhere nothing is held back.
#[cfg(not(unix))]
pub fn hold_output<T>(print: impl FnOnce() -> T) -> (T, io::Result<()>) {
    (print(), Ok(()))
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, IsTerminal, Read, Seek, Write};
    use std::os::fd::{AsFd, OwnedFd};

    use rustix::stdio::{dup2_stderr, dup2_stdout};

    /// The streams that go to a file meanwhile. Dropping it, as a panic does, passes on what it can.
    pub(super) struct Held {
        streams: Vec<Stream>,
    }

    /// A file, and where its text belongs.
    struct Stream {
        file: File,
        belongs: OwnedFd,
        restore: fn(&OwnedFd) -> rustix::io::Result<()>,
    }

    impl Held {
        /// Where no file can be made, the stream stays as it is.
        pub(super) fn new() -> Self {
            let (out, err) = (io::stdout(), io::stderr());
            let mut streams = Vec::new();
            // Half a line that was printed before belongs in front.
            let flushed = io::stdout().flush();
            if flushed.is_ok() && !out.is_terminal() {
                streams.extend(lead_away(&out, |to| dup2_stdout(to)).ok());
            }
            if !err.is_terminal() {
                // Lines of both keep their order where both go to one place.
                let shared = streams
                    .first()
                    .filter(|first| is_same(&first.belongs, &err));
                let stream = match shared.map(|first| first.file.try_clone()) {
                    Some(file) => file.and_then(|file| lead_into(file, &err, |to| dup2_stderr(to))),
                    None => lead_away(&err, |to| dup2_stderr(to)),
                };
                streams.extend(stream.ok());
            }
            Self { streams }
        }

        /// Restores the streams, and prints what was held back.
        ///
        /// # Errors
        /// The first stream that did not take all of it.
        pub(super) fn pass_on(mut self) -> io::Result<()> {
            self.release()
        }

        fn release(&mut self) -> io::Result<()> {
            let mut result = io::stdout().flush();
            for stream in self.streams.drain(..) {
                result = result.and(stream.release());
            }
            result
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            // A panic is on its way; it says what went wrong.
            let _ = self.release();
        }
    }

    impl Stream {
        fn release(mut self) -> io::Result<()> {
            (self.restore)(&self.belongs)?;
            let mut text = Vec::new();
            self.file.rewind()?;
            self.file.read_to_end(&mut text)?;
            // Of two streams in one file, the first passes everything on.
            self.file.set_len(0)?;
            File::from(self.belongs).write_all(&text)
        }
    }

    fn lead_away(
        stream: &impl AsFd,
        restore: fn(&OwnedFd) -> rustix::io::Result<()>,
    ) -> io::Result<Stream> {
        lead_into(tempfile::tempfile()?, stream, restore)
    }

    fn lead_into(
        file: File,
        stream: &impl AsFd,
        restore: fn(&OwnedFd) -> rustix::io::Result<()>,
    ) -> io::Result<Stream> {
        let belongs = stream.as_fd().try_clone_to_owned()?;
        restore(&OwnedFd::from(file.try_clone()?))?;
        Ok(Stream {
            file,
            belongs,
            restore,
        })
    }

    /// Whether two streams go to the same file, pipe or device.
    fn is_same(one: &impl AsFd, other: &impl AsFd) -> bool {
        let identity = |stream: rustix::fs::Stat| (stream.st_dev, stream.st_ino);
        match (rustix::fs::fstat(one), rustix::fs::fstat(other)) {
            (Ok(one), Ok(other)) => identity(one) == identity(other),
            _ => false,
        }
    }
}
