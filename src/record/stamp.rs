//! Whether a file is still the one that this process wrote.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

/// Which file it is, and how long. Systems that do not tell files apart leave the length alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    identity: Option<(u64, u64)>,
    pub(super) bytes: u64,
}

impl Stamp {
    /// Of what `path` names; of a link, not of what it points to.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        fs::symlink_metadata(path).map(|metadata| Self::new(&metadata))
    }

    /// Of a file that is open.
    pub(super) fn of_file(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::new(&metadata))
    }

    fn new(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let identity = None;
        Self {
            identity,
            bytes: metadata.len(),
        }
    }

    /// Whether both are surely of one file.
    pub(super) fn is_same(self, other: Self) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }

    /// What another process did to the file at `path`, which this was when it was written; `None` where nothing.
    pub(super) fn disturbed(&self, path: &Path) -> Option<String> {
        match Self::of(path) {
            Ok(now) if now == *self => None,
            Ok(now) if now.identity != self.identity => Some("was replaced".to_owned()),
            Ok(now) => Some(format!(
                "was changed to have {} bytes instead of {}",
                now.bytes, self.bytes
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("was removed".to_owned()),
            Err(error) => Some(format!("cannot be looked at any more ({error})")),
        }
    }
}
