//! The files that are measured, and the promise that nobody changes them meanwhile.
//!
//! A [`Fixture`] is made only here: in a directory that mapmark owns, read-only, its length and
//! digest checked. Writing workloads get a [`Scratch`], a private copy that is restored between
//! iterations. What is asked of a file (needles, pattern, words to replace) are its [`Questions`].

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use data_gen::{ByteCount, Digest, Manifest, Place, TextSpec};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::error::{Error, Result};

/// The seed of the fixtures that the suites make, so that everybody measures the same bytes.
pub const FIXTURE_SEED: u64 = 7;

/// What the workloads ask of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// A text near the start, and nowhere else.
    pub first: Vec<u8>,
    /// A text near the middle, and nowhere else.
    pub middle: Vec<u8>,
    /// A text near the end, and nowhere else.
    pub last: Vec<u8>,
    /// A text that does not occur.
    pub absent: Vec<u8>,
    /// A regular expression over bytes whose matches lie within lines.
    pub pattern: String,
    /// The word to replace.
    pub from: Vec<u8>,
    /// What to put in its place: as long as `from`.
    pub to: Vec<u8>,
    /// Draws the offsets of random reads.
    pub seed: u64,
}

impl Questions {
    fn of(manifest: &Manifest) -> Self {
        let needle = |place| manifest.needle(place).needle.clone().into_bytes();
        Self {
            first: needle(Place::First),
            middle: needle(Place::Middle),
            last: needle(Place::Last),
            absent: needle(Place::Absent),
            pattern: manifest.pattern.clone(),
            from: manifest.replace.from.clone().into_bytes(),
            to: manifest.replace.to.clone().into_bytes(),
            seed: manifest.seed,
        }
    }
}

/// A read-only file that stays as it is while anybody borrows it.
#[derive(Debug)]
pub struct Fixture(Description);

/// What another process needs to take over a fixture that was checked in this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket(Description);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Description {
    path: PathBuf,
    name: String,
    bytes: ByteCount,
    digest: String,
    stamp: Stamp,
    questions: Questions,
}

impl Ticket {
    /// The fixture that was checked, as long as it is still the same file.
    ///
    /// # Errors
    /// Where it shrank, grew, changed or vanished.
    pub fn open(self) -> Result<Fixture> {
        let fixture = Fixture(self.0);
        fixture.check_unchanged()?;
        Ok(fixture)
    }
}

impl Fixture {
    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The name under which results speak of it, `text-2MB`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its length.
    #[must_use]
    pub fn bytes(&self) -> ByteCount {
        self.0.bytes
    }

    /// Its digest, as its manifest has it.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// What another process needs to take it over.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        Ticket(self.0.clone())
    }

    /// What to ask of it.
    #[must_use]
    pub fn questions(&self) -> &Questions {
        &self.0.questions
    }

    /// Whether the file is still the one that was checked.
    ///
    /// # Errors
    /// Where it shrank, grew, changed or vanished.
    pub fn check_unchanged(&self) -> Result<()> {
        if Stamp::of(&self.0.path)? == self.0.stamp {
            return Ok(());
        }
        Err(Error::bad_file(
            &self.0.path,
            "the file changed while it was measured; measure again when nothing writes to it",
        ))
    }

    /// Reads the whole file and brings it into the page cache.
    ///
    /// # Errors
    /// What the system answered.
    pub fn read(&self) -> Result<Vec<u8>> {
        fs::read(&self.0.path).map_err(|error| Error::io("read", &self.0.path, error))
    }
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: (u64, u64),
}

impl Stamp {
    fn of(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path).map_err(|error| Error::io("look at", path, error))?;
        Ok(Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: {
                use std::os::unix::fs::MetadataExt;
                (metadata.dev(), metadata.ino())
            },
        })
    }
}

/// How a fixture came to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was there and passed its checks.
    Found,
    /// It was made now.
    Made,
    /// It was there, but failed a check, and was made again.
    MadeAgain {
        /// What was wrong with the old one.
        reason: String,
    },
}

/// The directory that holds the fixtures.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    /// Opens the directory, making it if need be.
    ///
    /// # Errors
    /// Where it cannot be made or written to.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)
            .map_err(|error| Error::io("make the fixture directory", &directory, error))?;
        Ok(Self { directory })
    }

    /// Where the fixtures are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The text fixture of `bytes` bytes: found and checked, or made.
    ///
    /// # Errors
    /// Where the directory cannot be written or is full, the size is too small for a text with
    /// needles, or the file changes while it is checked.
    pub fn text(&self, bytes: ByteCount) -> Result<(Fixture, Origin)> {
        let _only_maker = self.lock()?;
        let spec = TextSpec::new(bytes, FIXTURE_SEED);
        let name = format!("text-{bytes}");
        let path = self.directory.join(format!("{name}.txt"));
        let (manifest, origin) = match check(&path, &spec)? {
            Checked::Good(manifest) => (*manifest, Origin::Found),
            Checked::Missing => (make(&spec, &path)?, Origin::Made),
            Checked::Bad(reason) => (make(&spec, &path)?, Origin::MadeAgain { reason }),
        };
        let fixture = Fixture(Description {
            stamp: Stamp::of(&path)?,
            questions: Questions::of(&manifest),
            bytes,
            digest: manifest.digest,
            path,
            name,
        });
        Ok((fixture, origin))
    }

    /// A fixture with the given content, for tests of awkward cases.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn with_content(
        &self,
        name: &str,
        content: &[u8],
        questions: Questions,
    ) -> Result<Fixture> {
        let path = self.directory.join(format!("{name}.txt"));
        remove_if_there(&path)?;
        fs::write(&path, content).map_err(|error| Error::io("write", &path, error))?;
        set_read_only(&path)?;
        Ok(Fixture(Description {
            stamp: Stamp::of(&path)?,
            name: name.to_owned(),
            bytes: ByteCount(content.len() as u64),
            digest: digest_of(content),
            path,
            questions,
        }))
    }

    /// Keeps a second process from making the same file at the same time.
    fn lock(&self) -> Result<File> {
        let path = self.directory.join(".lock");
        let file = File::create(&path)
            .map_err(|error| Error::io("write to the fixture directory", &path, error))?;
        file.lock()
            .map_err(|error| Error::io("lock", &path, error))?;
        Ok(file)
    }
}

fn digest_of(content: &[u8]) -> String {
    let mut digest = Digest::new();
    digest.update(content);
    digest.finish()
}

enum Checked {
    Good(Box<Manifest>),
    Missing,
    Bad(String),
}

/// Holds the file at `path` against `spec`, its manifest, its length and its digest.
fn check(path: &Path, spec: &TextSpec) -> Result<Checked> {
    if !path.exists() {
        return Ok(Checked::Missing);
    }
    let before = Stamp::of(path)?;
    let manifest = match Manifest::load(path) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Checked::Bad(error.to_string())),
    };
    if let Some(reason) = stale(&manifest, spec) {
        return Ok(Checked::Bad(reason));
    }
    if before.bytes != manifest.bytes.0 {
        return Ok(Checked::Bad(format!(
            "it has {} bytes instead of {}",
            before.bytes, manifest.bytes.0
        )));
    }
    let digest = data_gen::digest_file(path)?;
    if Stamp::of(path)? != before {
        return Err(Error::bad_file(
            path,
            "the file changed while it was checked; stop what writes to it, and run again",
        ));
    }
    if digest != manifest.digest {
        return Ok(Checked::Bad(format!(
            "its digest is {digest} instead of {}",
            manifest.digest
        )));
    }
    Ok(Checked::Good(Box::new(manifest)))
}

/// Why a sound file is not the one asked for: another generator or other arguments.
fn stale(manifest: &Manifest, spec: &TextSpec) -> Option<String> {
    if manifest.generator != data_gen::GENERATOR {
        return Some(format!(
            "it was made by generator {}, and this is {}",
            manifest.generator,
            data_gen::GENERATOR
        ));
    }
    (manifest.spec() != *spec).then(|| "it was made with other arguments".to_owned())
}

fn make(spec: &TextSpec, path: &Path) -> Result<Manifest> {
    remove_if_there(path)?;
    let manifest = data_gen::generate(spec, path)?;
    set_read_only(path)?;
    Ok(manifest)
}

fn remove_if_there(path: &Path) -> Result<()> {
    // Windows does not remove what is read-only.
    #[cfg(windows)]
    if let Ok(metadata) = fs::metadata(path) {
        let mut permissions = metadata.permissions();
        permissions.set_readonly(false);
        let _ = fs::set_permissions(path, permissions);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", path, error))
        }
        _ => Ok(()),
    }
}

fn set_read_only(path: &Path) -> Result<()> {
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
    permissions
        .and_then(|mut permissions| {
            permissions.set_readonly(true);
            fs::set_permissions(path, permissions)
        })
        .map_err(|error| Error::io("make read-only", path, error))
}

/// A private, writable copy of a fixture. It goes when it is dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    pristine: Vec<u8>,
    // Dropped last: removing the directory removes the copy.
    _directory: TempDir,
}

impl Scratch {
    /// Copies `fixture` into a fresh directory beside it, so onto the same file system.
    ///
    /// # Errors
    /// Where the copy cannot be made.
    pub fn copy_of(fixture: &Fixture) -> Result<Self> {
        let beside = fixture.path().parent().unwrap_or(Path::new("."));
        let directory = tempfile::Builder::new()
            .prefix(".scratch-")
            .tempdir_in(beside)
            .map_err(|error| Error::io("make a scratch directory in", beside, error))?;
        let mut scratch = Self {
            path: directory.path().join("copy.txt"),
            pristine: fixture.read()?,
            _directory: directory,
        };
        scratch.restore()?;
        Ok(scratch)
    }

    /// Where the copy is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the fixture's bytes over the copy and waits until they are stored. Every iteration so
    /// begins with clean pages, as on a user's file, and no engine is charged for these bytes.
    ///
    /// # Errors
    /// What the system answered.
    pub fn restore(&mut self) -> Result<()> {
        let write = || -> std::io::Result<()> {
            let mut file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&self.path)?;
            file.write_all(&self.pristine)?;
            // Cutting a file to the length it has can still drop its last pages from memory.
            if file.metadata()?.len() != self.pristine.len() as u64 {
                file.set_len(self.pristine.len() as u64)?;
            }
            file.sync_data()
        };
        write().map_err(|error| Error::io("restore", &self.path, error))
    }

    /// Whether the copy now holds exactly `expected`.
    ///
    /// # Errors
    /// What the system answered.
    pub fn holds(&self, expected: &[u8]) -> Result<bool> {
        let mut actual = Vec::with_capacity(expected.len());
        File::open(&self.path)
            .and_then(|mut file| file.read_to_end(&mut actual))
            .map_err(|error| Error::io("read", &self.path, error))?;
        Ok(actual == expected)
    }
}
