//! Files and directories that are not to stay: one scheme of names, and one sweep of those whose owner was killed.
//!
//! A name is [`MARK`] and 16 drawn letters. The owner holds a lock as long as it lives: on the file itself, and of a
//! directory on the file [`ALIVE`] in it. Whoever can lock what has such a name may take it away; where a system has
//! no locks, nothing is taken away. Nothing else keeps makers and sweepers apart: what was swept between being made
//! and being locked is made again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use tempfile::{NamedTempFile, TempDir};

use crate::regular::{Links, open_regular_with};

/// What the names of temporaries begin with.
const MARK: &str = ".mapmark-";

/// How many letters are drawn.
const DRAWN: usize = 16;

/// The file in a temporary directory whose lock tells that the owner lives.
const ALIVE: &str = ".alive";

/// How often one is made again that others take away.
const ATTEMPTS: usize = 100;

/// A file that is to be renamed into place, and goes when it is dropped before.
#[derive(Debug)]
pub struct TemporaryFile(NamedTempFile);

impl TemporaryFile {
    /// One in the directory of `path`, so that a rename to it will do. What others left there is swept before.
    ///
    /// # Errors
    /// What the system answered.
    pub fn beside(path: &Path) -> io::Result<Self> {
        // As any new file. The default is for secrets.
        Self::with_mode(path, 0o666)
    }

    /// The same with the permissions of `mode`, of which the process's mask takes its part away.
    ///
    /// # Errors
    /// What the system answered.
    pub fn with_mode(path: &Path, mode: u32) -> io::Result<Self> {
        let directory = directory_of(path);
        sweep(directory);
        let mut builder = tempfile::Builder::new();
        builder.prefix(MARK).rand_bytes(DRAWN);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        #[cfg(not(unix))]
        let _ = mode;
        for _ in 0..ATTEMPTS {
            let file = builder.tempfile_in(directory)?;
            if stays(file.as_file(), file.path()) {
                return Ok(Self(file));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// The file.
    #[must_use]
    pub fn as_file(&self) -> &File {
        self.0.as_file()
    }

    /// Renames it to `path`, and closes it.
    ///
    /// # Errors
    /// What the system answered; the file is gone then.
    pub fn persist(self, path: &Path) -> io::Result<()> {
        self.0
            .persist(path)
            .map(drop)
            .map_err(|refused| refused.error)
    }
}

/// A directory that goes when it is dropped, with all that is in it.
#[derive(Debug)]
pub struct TemporaryDirectory {
    // Closed first: where no more files can be opened, removing needs the room of one.
    _alive: File,
    directory: TempDir,
}

impl TemporaryDirectory {
    /// One in `parent`. What others left there is swept before.
    ///
    /// # Errors
    /// What the system answered; nothing is left then.
    pub fn below(parent: &Path) -> io::Result<Self> {
        sweep(parent);
        let mut error = io::ErrorKind::NotFound.into();
        for _ in 0..ATTEMPTS {
            let mut builder = tempfile::Builder::new();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                // What is copied into it may be a file that nobody else may read.
                builder.permissions(fs::Permissions::from_mode(0o700));
            }
            let directory = builder.prefix(MARK).rand_bytes(DRAWN).tempdir_in(parent)?;
            let path = directory.path().join(ALIVE);
            match File::create_new(&path) {
                Ok(alive) if stays(&alive, &path) => {
                    return Ok(Self {
                        _alive: alive,
                        directory,
                    });
                }
                Ok(_) => {}
                Err(refused) => {
                    // It is empty. Where no file can be opened, that is the way to remove it.
                    let _ = fs::remove_dir(directory.path());
                    error = refused;
                    if error.kind() != io::ErrorKind::NotFound {
                        break;
                    }
                }
            }
        }
        Err(error)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes the temporaries in `directory` whose owner was killed. What cannot be removed is tried again next time.
pub fn sweep(directory: &Path) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        if !is_ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        // Of the entry itself: a link is nothing that was made here.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => sweep_directory(&path),
            Ok(kind) if kind.is_file() => {
                if let Ok(Some(_held)) = orphan(&path) {
                    let _ = fs::remove_file(&path);
                }
            }
            _ => {}
        }
    }
}

fn sweep_directory(path: &Path) {
    match orphan(&path.join(ALIVE)) {
        Ok(Some(_held)) => {
            let _ = fs::remove_dir_all(path);
        }
        // The owner was killed before it could say that it lives, or is about to: removed if it is empty.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _ = fs::remove_dir(path);
        }
        _ => {}
    }
}

/// The file at `path`, locked, where nobody else holds it; whoever made it just now waits until it is dropped.
fn orphan(path: &Path) -> io::Result<Option<File>> {
    let file = open_regular_with(OpenOptions::new().read(true), Links::Refused, path)?;
    Ok(file.try_lock().is_ok().then_some(file))
}

/// Locks a file that was just made; whether nobody swept it before.
fn stays(file: &File, path: &Path) -> bool {
    // Where files cannot be locked nobody else can lock them either, and nothing is swept.
    let _ = file.lock();
    fs::symlink_metadata(path).is_ok()
}

/// Whether a temporary is called so.
fn is_ours(name: &str) -> bool {
    let drawn = name.strip_prefix(MARK).unwrap_or_default();
    drawn.len() == DRAWN && drawn.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The directory that `path` is in.
#[must_use]
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orphans_are_swept_and_the_living_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        let living = TemporaryDirectory::below(place.path()).unwrap();
        let written = TemporaryFile::beside(&path("file")).unwrap();
        let orphan = path(".mapmark-0123456789abcdEF");
        fs::create_dir_all(orphan.join("this")).unwrap();
        fs::write(orphan.join(ALIVE), "").unwrap();
        fs::write(orphan.join("this/copy.txt"), "copy").unwrap();
        fs::create_dir(path(".mapmark-0000000000000001")).unwrap();
        fs::write(path(".mapmark-0000000000000002"), "part").unwrap();
        sweep(place.path());
        assert!(living.path().exists() && written.0.path().exists());
        drop(living);
        written.persist(&path("file")).unwrap();
        let left: Vec<_> = fs::read_dir(place.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        let directories = [
            ".scratch-notes",
            ".mapmark-notes",
            ".mapmark-0000000000000001",
        ];
        for name in directories {
            fs::create_dir(path(name)).unwrap();
            fs::write(path(name).join("notes.txt"), "mine").unwrap();
        }
        let files = [
            ".writing-letters",
            ".mapmark-",
            ".mapmark-of_somebody_else",
            "mapmark-0123456789abcdef",
        ];
        for name in files {
            fs::write(path(name), "mine").unwrap();
        }
        #[cfg(unix)]
        for (name, to) in [
            (".mapmark-000000000000000a", ".scratch-notes"),
            (".mapmark-000000000000000b", "mine"),
        ] {
            std::os::unix::fs::symlink(path(to), path(name)).unwrap();
        }
        let count = || fs::read_dir(place.path()).unwrap().count();
        let before = count();
        sweep(place.path());
        assert_eq!(count(), before);
        for name in directories {
            assert!(path(name).join("notes.txt").exists(), "{name}");
        }
    }

    #[test]
    fn makers_and_sweepers_do_not_meet() {
        let place = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for number in 0..4 {
                let place = place.path();
                scope.spawn(move || {
                    for _ in 0..100 {
                        let directory = TemporaryDirectory::below(place).unwrap();
                        fs::write(directory.path().join("copy.txt"), "copy").unwrap();
                        let path = place.join(format!("file-{number}"));
                        TemporaryFile::beside(&path)
                            .unwrap()
                            .persist(&path)
                            .unwrap();
                        assert!(directory.path().join("copy.txt").exists());
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4);
    }
}
