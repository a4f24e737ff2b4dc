//! The program of workers: the file that was found when the run began, whatever its path names later.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The program that runs, where the system gives it a path that stays true.
const THIS: &str = "/proc/self/exe";

/// A program that workers are started from. A build that replaces or removes it during a run changes nothing.
#[derive(Clone, Debug)]
pub(super) struct Program {
    path: PathBuf,
    /// The file itself; `None` where the system cannot start an open file, where an interpreter has to open it again,
    /// or where it is looked up in the search path.
    held: Option<Arc<File>>,
}

impl Program {
    /// The program at `path`, as it is now.
    pub(super) fn at(path: PathBuf) -> Self {
        let held = match path.parent() {
            Some(parent) if parent != "" => hold(&path),
            _ => None,
        };
        Self { path, held }
    }

    /// The program that runs.
    ///
    /// # Errors
    /// Where the system does not tell which that is.
    pub(super) fn this() -> io::Result<Self> {
        Ok(Self {
            path: std::env::current_exe()?,
            held: hold(Path::new(THIS)),
        })
    }

    /// The path that it was found under, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path to start or copy it by, in this process and in its children until they run another program.
    pub(super) fn source(&self) -> PathBuf {
        #[cfg(target_os = "linux")]
        if let Some(held) = &self.held {
            use std::os::fd::AsRawFd;
            return format!("/proc/self/fd/{}", held.as_raw_fd()).into();
        }
        self.path.clone()
    }
}

/// The file at `path`, where it is a program of the processor's own and the system starts open files.
fn hold(path: &Path) -> Option<Arc<File>> {
    let mut file = data_gen::open_regular(path).ok()?;
    let mut magic = [0; 4];
    file.read_exact(&mut magic).ok()?;
    let is_startable = magic == *b"\x7fELF" && Path::new(THIS).exists();
    is_startable.then(|| Arc::new(file))
}
