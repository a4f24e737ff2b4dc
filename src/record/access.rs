//! Who may read a file that is made from another: nobody who may not read that one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// The permissions of a file that is made, before the umask takes its part away. Systems without such permissions
/// leave them to the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(u32);

impl Access {
    /// Whatever the umask leaves.
    pub const USUAL: Self = Self(0o666);

    /// What is made from the file at `path`: where only its owner may read it, nobody else may read that. The group
    /// may where it may read the file and new files are of the same group.
    ///
    /// # Errors
    /// Where the file cannot be looked at.
    pub fn like(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path).map_err(|error| Error::io("look at", path, error))?;
        Ok(Self::of(&metadata))
    }

    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let all = metadata.mode() & 0o004 != 0;
        let is_own_group = metadata.gid() == rustix::process::getegid().as_raw();
        let group = metadata.mode() & 0o040 != 0 && (all || is_own_group);
        Self(0o600 | if group { 0o060 } else { 0 } | if all { 0o006 } else { 0 })
    }

    #[cfg(not(unix))]
    fn of(_metadata: &fs::Metadata) -> Self {
        Self::USUAL
    }

    /// What is made from both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The bits of the mode.
    #[must_use]
    pub fn mode(self) -> u32 {
        self.0
    }

    /// Has a file that `options` make get these permissions.
    pub fn apply(self, options: &mut OpenOptions) -> &mut OpenOptions {
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(self.0);
        }
        options
    }

    /// Takes from a file that was there before what these permissions do not give.
    ///
    /// # Errors
    /// What the system answered.
    pub fn narrow(self, file: &File) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata()?.permissions().mode();
            let narrower = mode & (self.0 | 0o7700);
            if narrower != mode {
                file.set_permissions(fs::Permissions::from_mode(narrower))?;
            }
        }
        #[cfg(not(unix))]
        let _ = file;
        Ok(())
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_made_from_a_file_is_for_its_readers_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        fs::write(&path, "").unwrap();
        for (mode, expected) in [
            (0o600, 0o600),
            (0o400, 0o600),
            (0o640, 0o660),
            (0o644, 0o666),
            (0o604, 0o606),
            (0o000, 0o600),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Access::like(&path).unwrap().mode(), expected, "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let file = File::open(&path).unwrap();
        Access(0o600).narrow(&file).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(Access::like(&place.path().join("none")).is_err());
    }
}
