//! Where run directories are: found, and taken by one run alone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use data_gen::{Links, TemporaryFile, open_regular_with};

use super::stamp::Stamp;
use super::{Access, Driver};
use crate::error::{Error, Result};

/// Where run directories go unless another place is named.
pub const RESULTS: &str = "results/runs";

/// The rounds in a run directory.
pub(super) const ROUNDS: &str = "rounds.csv";

/// What a run leaves in its directory. Where one of them is, a run was.
const TRACES: [&str; 8] = [
    "run.json",
    ROUNDS,
    "ratios.csv",
    "ratios.md",
    "report.html",
    "claims.md",
    "comparison.html",
    "charts",
];

/// A run directory that one run alone writes into: its `rounds.csv` was made by it, and is locked as long as the run
/// lasts. Dropped before anything was written, it leaves nothing behind.
#[derive(Debug)]
pub struct Reservation {
    pub(super) path: PathBuf,
    pub(super) rounds: File,
    pub(super) access: Access,
    /// Whether the directory was made for it.
    is_new: bool,
}

impl Reservation {
    /// Takes `out`, or a new directory named after the time and the driver below [`RESULTS`], for a run whose files
    /// get the permissions of `access`.
    ///
    /// # Errors
    /// Where it cannot be made, holds anything of an earlier run, or another run has taken it: nothing measured is
    /// overwritten.
    pub fn take(out: Option<&Path>, driver: Driver, created: &str, access: Access) -> Result<Self> {
        let elsewhere = match driver {
            Driver::Criterion => "MAPMARK_OUT=DIR names another place for the record",
            Driver::Run | Driver::Claim => "--out DIR names another place for the record",
        };
        let taken = match out {
            Some(out) => Self::take_named(out, access),
            None => make_named(Path::new(RESULTS), created, driver)
                .and_then(|path| Self::take_made(path, true, access)),
        };
        taken.map_err(|error| error.with_advice(elsewhere))
    }

    /// Whether a run may be written into `out`, to be asked where it cannot be taken yet.
    ///
    /// # Errors
    /// Where it holds anything of an earlier run.
    pub fn check(out: Option<&Path>) -> Result<()> {
        let Some(out) = out else { return Ok(()) };
        if out.exists() && !out.is_dir() {
            return Err(Error::bad_file(out, "is not a directory; name another"));
        }
        // An empty list of rounds is what a run leaves that was killed before it began.
        let is_empty = |name: &str| {
            let found = fs::symlink_metadata(out.join(name));
            name == ROUNDS && found.is_ok_and(|found| found.is_file() && found.len() == 0)
        };
        let is_there = |name: &&&str| fs::symlink_metadata(out.join(name)).is_ok();
        match TRACES.iter().filter(is_there).find(|name| !is_empty(name)) {
            None => Ok(()),
            Some(trace) => Err(Error::bad_file(
                out,
                format!(
                    "holds a run already, or what is left of one ({trace}), which would be lost; name another \
                     directory, or move this one away"
                ),
            )),
        }
    }

    fn take_named(out: &Path, access: Access) -> Result<Self> {
        Self::check(Some(out))?;
        let is_new = !out.exists();
        data_gen::make_directory(out)
            .map_err(|error| Error::io("make the run directory", out, error))?;
        Self::take_made(out.to_owned(), is_new, access)
    }

    fn take_made(path: PathBuf, is_new: bool, access: Access) -> Result<Self> {
        let file = path.join(ROUNDS);
        let rounds = open_rounds(&file, access)?;
        let taken = || {
            Error::bad_file(
                &path,
                "another run is writing into it; name another directory",
            )
        };
        match try_lock(&rounds) {
            Err(TryLockError::WouldBlock) => return Err(taken()),
            // Where files cannot be locked, one that is made by one run alone has to do.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        // Another run may have removed or filled it between.
        let stamp = Stamp::of_file(&rounds).map_err(|error| Error::io("look at", &file, error))?;
        if stamp.bytes != 0 || Stamp::of(&file).ok() != Some(stamp) {
            return Err(taken());
        }
        let taken = Self {
            rounds,
            access,
            is_new,
            path,
        };
        Self::check(Some(&taken.path))?;
        Ok(taken)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let path = self.path.join(ROUNDS);
        let is_ours =
            |own: &Stamp| own.bytes == 0 && Stamp::of(&path).is_ok_and(|there| there == *own);
        if Stamp::of_file(&self.rounds).is_ok_and(|own| is_ours(&own)) {
            // What cannot be removed is empty, and the next run takes it over.
            let _ = fs::remove_file(&path);
            if self.is_new {
                let _ = fs::remove_dir(&self.path);
            }
        }
    }
}

/// Makes the file for rounds; one that is there has to be empty, and it must be possible to lock it.
fn open_rounds(path: &Path, access: Access) -> Result<File> {
    let mut options = OpenOptions::new();
    access.apply(options.write(true).create_new(true));
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => return made.map_err(|error| Error::io("make", path, error)),
    }
    let failed = |error| Error::io("open", path, error);
    let file = open_regular_with(OpenOptions::new().write(true), Links::Refused, path);
    let file = file.map_err(failed)?;
    access.narrow(&file).map_err(failed)?;
    match try_lock(&file) {
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path, error)),
        _ => Ok(file),
    }
}

/// Locks the rounds. Windows keeps everybody from reading what is locked, so nothing is locked there.
pub(super) fn try_lock(file: &File) -> Result<(), TryLockError> {
    match cfg!(unix) {
        true => file.try_lock(),
        false => Err(TryLockError::Error(ErrorKind::Unsupported.into())),
    }
}

/// Removes what runs that were killed left in their directories, which lie next to one another.
pub(super) fn sweep_runs(results: &Path) {
    let entries = fs::read_dir(results).into_iter().flatten().flatten();
    for directory in entries.map(|entry| entry.path()) {
        if directory.join(ROUNDS).exists() {
            data_gen::sweep(&directory);
        }
    }
}

/// Makes `2026-11-20T18-30-00Z-criterion`, with a number behind where two runs begin in one second.
fn make_named(results: &Path, created: &str, driver: Driver) -> Result<PathBuf> {
    fs::create_dir_all(results)
        .map_err(|error| Error::io("make the results directory", results, error))?;
    let name = format!("{}-{}", created.replace(':', "-"), driver.name());
    let mut path = results.join(&name);
    let mut number = 2;
    loop {
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                path = results.join(format!("{name}-{number}"));
                number += 1;
            }
            Err(error) => return Err(Error::io("make the run directory", &path, error)),
        }
    }
}

/// Refuses to write a report of the record at `record` to `output` where measurements would be lost: where `output`
/// is the record, its rounds, or those of another run, under whatever name; and where no files are kept.
///
/// # Errors
/// Where it is one of these.
pub fn check_output(output: &Path, record: Option<&Path>) -> Result<()> {
    let Ok(real) = fs::canonicalize(output) else {
        return data_gen::keeps_files(output).map_err(|error| Error::io("write", output, error));
    };
    let is = |other: &Path| {
        let (one, other) = (Stamp::of(&real), fs::canonicalize(other));
        let other = other.and_then(|other| Ok((Stamp::of(&other)?, other)));
        other.is_ok_and(|(stamp, other)| other == real || one.is_ok_and(|one| one.is_same(stamp)))
    };
    let is_of_record = record.is_some_and(|path| is(path) || is(&path.with_file_name(ROUNDS)));
    let is_of_a_run = ["run.json", ROUNDS].iter().any(|name| real.ends_with(name));
    match is_of_record || is_of_a_run {
        false => Ok(()),
        true => Err(Error::bad_file(
            output,
            "holds what was measured, which would be lost; name another file",
        )),
    }
}

/// Writes `text` beside `path`, then renames it into place; those may read it whom `access` and the umask let.
///
/// # Errors
/// Where the directory cannot be written.
pub fn write_atomically(path: &Path, text: &str, access: Access) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let file = TemporaryFile::with_mode(path, access.mode())?;
        file.as_file().write_all(text.as_bytes())?;
        file.persist(path)
    };
    write().map_err(|error| Error::io("write", path, error))
}

/// The `run.json` that `word` means: a run directory, the file itself, or `latest` below `results`.
///
/// # Errors
/// Where there is none.
pub fn locate(word: &Path, results: &Path) -> Result<PathBuf> {
    let path = if word == Path::new("latest") {
        latest(results)?
    } else {
        word.to_owned()
    };
    let file = if path.is_dir() {
        path.join("run.json")
    } else {
        path
    };
    match fs::metadata(&file) {
        Ok(metadata) if metadata.is_file() => Ok(file),
        Ok(_) => Err(Error::bad_file(
            &file,
            "is not a file; name a run directory or its run.json",
        )),
        Err(error) => Err(Error::io("find the run", &file, error)),
    }
}

/// The run directory whose record was written last; of those written at once, the one whose name sorts last. Names
/// alone would not do: somebody may have given one with `--out`.
fn latest(results: &Path) -> Result<PathBuf> {
    let entries =
        fs::read_dir(results).map_err(|error| Error::io("find the runs in", results, error))?;
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| {
            let metadata = fs::metadata(path.join("run.json")).ok()?;
            // Where the system does not tell, the name decides.
            metadata.is_file().then(|| (metadata.modified().ok(), path))
        })
        .max()
        .map(|(_, path)| path)
        .ok_or_else(|| Error::bad_file(results, "holds no run; make one with `cargo bench`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_in_one_second_get_two_directories() {
        let results = tempfile::tempdir().unwrap();
        let make = || make_named(results.path(), "2026-01-02T03:04:05Z", Driver::Run).unwrap();
        let (first, second) = (make(), make());
        assert!(first.ends_with("2026-01-02T03-04-05Z-run"));
        assert!(second.ends_with("2026-01-02T03-04-05Z-run-2"));
        fs::write(first.join("run.json"), "{}").unwrap();
        fs::write(second.join("run.json"), "{}").unwrap();
        let found = locate(Path::new("latest"), results.path()).unwrap();
        assert_eq!(found, second.join("run.json"));
    }

    #[test]
    fn the_latest_run_is_the_one_that_was_written_last_whatever_its_name() {
        let results = tempfile::tempdir().unwrap();
        let write = |name: &str, seconds| {
            let directory = results.path().join(name);
            fs::create_dir_all(&directory).unwrap();
            let file = File::create(directory.join("run.json")).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.set_modified(time).unwrap();
        };
        let latest = || locate(Path::new("latest"), results.path()).unwrap();
        write("nightly", 1_000);
        write("2026-01-02T03-04-05Z-run", 2_000);
        assert!(latest().ends_with("2026-01-02T03-04-05Z-run/run.json"));
        write("2026-01-02T03-04-05Z-run-2", 2_000);
        assert!(latest().ends_with("2026-01-02T03-04-05Z-run-2/run.json"));
        write("nightly", 3_000);
        assert!(latest().ends_with("nightly/run.json"));
    }

    fn take(out: &Path) -> Result<Reservation> {
        Reservation::take(
            Some(out),
            Driver::Run,
            "2026-01-02T03:04:05Z",
            Access::USUAL,
        )
    }

    fn refused(out: &Path) -> String {
        take(out).unwrap_err().to_string()
    }

    #[test]
    fn a_directory_that_holds_anything_of_a_run_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        for trace in TRACES {
            let out = place.path().join(trace);
            fs::create_dir(&out).unwrap();
            fs::write(out.join(trace), "kept").unwrap();
            let error = refused(&out);
            assert!(error.contains("holds a run already"), "{error}");
            assert!(error.contains(&format!("({trace})")), "{error}");
            assert!(Reservation::check(Some(&out)).is_err());
            assert_eq!(fs::read_to_string(out.join(trace)).unwrap(), "kept");
        }
    }

    #[test]
    fn of_many_runs_that_want_one_directory_one_has_it() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        for _ in 0..20 {
            let barrier = std::sync::Barrier::new(8);
            let taken: Vec<_> = std::thread::scope(|scope| {
                let start = || {
                    barrier.wait();
                    take(&out)
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
                threads.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let reasons = taken.iter().filter_map(|one| one.as_ref().err());
            let reasons: Vec<String> = reasons.map(ToString::to_string).collect();
            assert_eq!(reasons.len(), 7, "{reasons:?}");
            assert!(
                reasons
                    .iter()
                    .all(|why| why.contains("another run is writing")),
                "{reasons:?}"
            );
            assert!(refused(&out).contains("another run is writing into it"));
            drop(taken);
            assert!(!out.join(ROUNDS).exists(), "nothing was written");
        }
    }

    #[test]
    fn what_was_taken_and_not_used_leaves_what_was_there() {
        let out = tempfile::tempdir().unwrap();
        fs::write(out.path().join("notes.txt"), "mine").unwrap();
        drop(take(out.path()).unwrap());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
        // A run that was killed before it began leaves an empty list of rounds.
        fs::write(out.path().join(ROUNDS), "").unwrap();
        drop(take(out.path()).unwrap());
        assert!(!out.path().join(ROUNDS).exists());
    }

    #[cfg(unix)]
    #[test]
    fn rounds_are_not_written_through_a_link() {
        let out = tempfile::tempdir().unwrap();
        let victim = out.path().join("victim");
        for content in ["precious", ""] {
            fs::write(&victim, content).unwrap();
            let _ = std::os::unix::fs::symlink(&victim, out.path().join(ROUNDS));
            let error = refused(out.path());
            assert!(error.contains(ROUNDS), "{error}");
            assert_eq!(fs::read_to_string(&victim).unwrap(), content);
        }
    }
}
