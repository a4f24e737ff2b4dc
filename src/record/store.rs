//! Run directories: made once, filled cell by cell, never half written.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use data_gen::{TemporaryFile, directory_of};

use super::{Cell, Driver, Run, ratios, rounds, wire};
use crate::error::{Error, Result};
use crate::measure::Round;

/// Where run directories go unless another place is named.
pub const RESULTS: &str = "results/runs";

/// A run directory that is being filled. Each cell is there as soon as it is finished, so that a
/// killed run keeps what it had.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    rounds: csv::Writer<File>,
}

impl Directory {
    /// Makes `out`, or a new directory named after the time and the driver below [`RESULTS`].
    ///
    /// # Errors
    /// Where it cannot be made, or `out` holds a run already: nothing measured is overwritten.
    pub fn create(out: Option<&Path>, run: &Run) -> Result<Self> {
        let elsewhere = match run.driver {
            Driver::Criterion => "MAPMARK_OUT=DIR names another place for the record",
            Driver::Run | Driver::Claim => "--out DIR names another place for the record",
        };
        let path = match out {
            Some(out) => {
                check_unused(out)?;
                fs::create_dir_all(out)
                    .map(|()| out.to_owned())
                    .map_err(|error| Error::io("make the run directory", out, error))
            }
            None => make_named(Path::new(RESULTS), &run.created, run.driver),
        }
        .map_err(|error| error.with_advice(elsewhere))?;
        let mut directory = Self {
            rounds: open_rounds(&path.join("rounds.csv"))
                .map_err(|error| error.with_advice(elsewhere))?,
            path,
        };
        sweep_runs(directory_of(&directory.path));
        let header = rounds::write_header(&mut directory.rounds);
        directory.checked(header)?;
        directory.write(run)?;
        Ok(directory)
    }

    /// Whether a run may be written into `out`, to be asked before anything is measured.
    ///
    /// # Errors
    /// Where it holds a run already.
    pub fn check(out: Option<&Path>) -> Result<()> {
        out.map_or(Ok(()), check_unused)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a finished cell and the rounds behind it.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn add(&mut self, run: &mut Run, cell: Cell, kept: &[Round]) -> Result<()> {
        self.add_rounds(0, &cell.id(), kept)?;
        run.cells.push(cell);
        self.write(run)
    }

    /// Adds rounds of one replicate of a cell.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn add_rounds(&mut self, replicate: usize, cell_id: &str, kept: &[Round]) -> Result<()> {
        let written = rounds::write_rounds(&mut self.rounds, replicate, cell_id, kept);
        self.checked(written)
    }

    /// Writes the record and its table again, each by one rename.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn write(&self, run: &Run) -> Result<()> {
        write_atomically(&self.path.join("run.json"), &wire::to_json(run))?;
        write_atomically(&self.path.join("ratios.csv"), &ratios::ratios_csv(run))
    }

    /// Writes the record of a run that has come to its end.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn finish(&self, run: &mut Run) -> Result<()> {
        run.ended = Some(true);
        self.write(run)
    }

    fn checked(&mut self, written: csv::Result<()>) -> Result<()> {
        written
            .map_err(std::io::Error::other)
            .and_then(|()| self.rounds.flush())
            .map_err(|error| Error::io("write", &self.path.join("rounds.csv"), error))
    }
}

/// Removes what runs that were killed left in their directories, which lie next to one another.
fn sweep_runs(results: &Path) {
    let entries = fs::read_dir(results).into_iter().flatten().flatten();
    for directory in entries.map(|entry| entry.path()) {
        if directory.join("rounds.csv").exists() {
            data_gen::sweep(&directory);
        }
    }
}

fn open_rounds(path: &Path) -> Result<csv::Writer<File>> {
    let file = File::create(path).map_err(|error| Error::io("make", path, error))?;
    Ok(csv::WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_writer(file))
}

fn check_unused(path: &Path) -> Result<()> {
    if path.join("run.json").exists() {
        return Err(Error::bad_file(
            path,
            "holds a run already, which would be lost; name another directory",
        ));
    }
    if path.exists() && !path.is_dir() {
        return Err(Error::bad_file(path, "is not a directory; name another"));
    }
    Ok(())
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

/// Writes `text` beside `path`, then renames it into place.
///
/// # Errors
/// Where the directory cannot be written.
pub fn write_atomically(path: &Path, text: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let file = TemporaryFile::beside(path)?;
        file.as_file().write_all(text.as_bytes())?;
        readable_by_all(file.as_file())?;
        file.persist(path)
    };
    write().map_err(|error| Error::io("write", path, error))
}

/// Temporary files begin private; a record is for everybody whom the directory lets in.
#[cfg(unix)]
fn readable_by_all(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_file: &File) -> std::io::Result<()> {
    Ok(())
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

    #[test]
    fn a_directory_that_holds_a_run_is_left_alone() {
        let out = tempfile::tempdir().unwrap();
        assert!(Directory::check(Some(out.path())).is_ok());
        fs::write(out.path().join("run.json"), "{}").unwrap();
        let error = Directory::check(Some(out.path())).unwrap_err().to_string();
        assert!(error.contains("holds a run already"), "{error}");
    }
}
