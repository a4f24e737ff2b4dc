//! A run directory while it is filled: cell by cell, never half written, and put right where another process took
//! something away.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use data_gen::directory_of;

use super::consistent::MOST_CELLS;
use super::stamp::Stamp;
use super::store::{ROUNDS, Reservation, sweep_runs, try_lock, write_atomically};
use super::{Cell, Run, ratios, rounds, wire};
use crate::error::{Error, Result};
use crate::measure::Round;

/// So many bytes of rounds are kept in memory, to be written again where the file is lost.
const MOST_KEPT: usize = 64 << 20;

/// A run directory that is being filled. Each cell is there as soon as it is finished, so that a
/// killed run keeps what it had.
#[derive(Debug)]
pub struct Directory {
    place: Reservation,
    /// What `rounds.csv` was when this process last wrote it.
    stamp: Stamp,
    /// All of it; `None` where that would be too much.
    kept: Option<Vec<u8>>,
    /// The other files, by name.
    written: Vec<(&'static str, Stamp)>,
    /// What another process did to one of them first: the path, and that in words.
    disturbed: Option<(PathBuf, String)>,
    /// Whether rounds are missing in `rounds.csv`.
    is_short: bool,
}

impl Directory {
    /// Begins the record of `run` in the directory that was taken for it.
    ///
    /// # Errors
    /// Where it cannot be written, or the run has more cells than are ever read again.
    pub fn begin(place: Reservation, run: &Run) -> Result<Self> {
        if run.plan.len() > MOST_CELLS {
            return Err(Error::usage(format!(
                "{} cells are selected, and a record has {MOST_CELLS} at most; select fewer, and measure the others \
                 in a run of their own",
                run.plan.len()
            )));
        }
        let rounds = place.path.join(ROUNDS);
        let stamp = Stamp::of_file(&place.rounds);
        let mut directory = Self {
            stamp: stamp.map_err(|error| Error::io("look at", &rounds, error))?,
            kept: Some(Vec::new()),
            written: Vec::new(),
            disturbed: None,
            is_short: false,
            place,
        };
        sweep_runs(directory_of(&directory.place.path));
        directory.append(rounds::header())?;
        directory.write(run)?;
        Ok(directory)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Adds a finished cell and the rounds behind it.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn add(&mut self, run: &mut Run, cell: Cell, kept: &[Round]) -> Result<()> {
        let added = self.add_rounds(0, &cell.id(), kept);
        run.cells.push(cell);
        added.and(self.write(run))
    }

    /// Adds rounds of one replicate of a cell.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn add_rounds(&mut self, replicate: usize, cell_id: &str, kept: &[Round]) -> Result<()> {
        self.append(rounds::lines(replicate, cell_id, kept))
    }

    /// Writes the record and its table again, each by one rename.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn write(&mut self, run: &Run) -> Result<()> {
        self.put("run.json", &wire::to_json(run))?;
        self.put("ratios.csv", &ratios::ratios_csv(run))
    }

    /// Writes the record of a run that has come to its end. One whose rounds could not all be written has not: what
    /// reads it then makes the most of both files.
    ///
    /// # Errors
    /// Where the directory cannot be written, and where another process disturbed it; what that took away is written
    /// again then.
    pub fn finish(&mut self, run: &mut Run) -> Result<()> {
        let there = self.check_rounds();
        run.ended = Some(!self.is_short);
        // Before and after the note, since writing shows what was done to the record itself.
        let mut written = self.write(run);
        if let Some((path, what)) = &self.disturbed {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let note = format!("{name} {what} by another process during the run");
            if !run.notes.contains(&note) {
                run.notes.push(note);
                written = written.and(self.write(run));
            }
        }
        there.and(written)?;
        match self.disturbed.take() {
            None => Ok(()),
            Some((path, what)) => Err(Error::bad_file(
                &path,
                format!("{what} by another process during the run; it is written again"),
            )),
        }
    }

    /// Adds lines to `rounds.csv`, all of which are in memory as well.
    fn append(&mut self, lines: Vec<u8>) -> Result<()> {
        self.check_rounds()?;
        let written = self.place.rounds.write_all(&lines);
        self.kept = self
            .kept
            .take()
            .filter(|kept| kept.len() + lines.len() <= MOST_KEPT);
        if let Some(kept) = &mut self.kept {
            kept.extend(lines);
        }
        let stamp = Stamp::of_file(&self.place.rounds);
        self.is_short |= written.is_err();
        // As much as there was room for stays; readers leave a torn line out.
        if let Ok(stamp) = stamp {
            self.stamp = stamp;
            if let (Err(_), Some(kept)) = (&written, &mut self.kept) {
                kept.truncate(usize::try_from(stamp.bytes).unwrap_or(usize::MAX));
            }
        }
        written
            .and(stamp.map(drop))
            .map_err(|error| Error::io("write", &self.place.path.join(ROUNDS), error))
    }

    /// Whether `rounds.csv` is what this process wrote; if not, it is written again.
    fn check_rounds(&mut self) -> Result<()> {
        let path = self.place.path.join(ROUNDS);
        let Some(what) = self.stamp.disturbed(&path) else {
            return Ok(());
        };
        self.note(&path, &what);
        let lost = |error: Error| {
            Error::bad_file(
                &path,
                format!(
                    "{what} by another process during the run, and its rounds cannot be written again ({error}); \
                     the figures of what was measured before stand in run.json"
                ),
            )
        };
        self.write_rounds_again(&path).map_err(|error| {
            self.is_short = true;
            lost(error)
        })
    }

    fn write_rounds_again(&mut self, path: &Path) -> Result<()> {
        let Some(kept) = &self.kept else {
            let most = format!("there are more than {MOST_KEPT} bytes of them");
            return Err(Error::usage(most));
        };
        make_room(path)?;
        let write = || {
            let mut options = OpenOptions::new();
            self.place
                .access
                .apply(options.write(true).create_new(true));
            let mut file = options.open(path)?;
            // As for the first one: where files cannot be locked, it has to do without.
            let _ = try_lock(&file);
            file.write_all(kept)?;
            file.seek(SeekFrom::End(0))?;
            Ok((Stamp::of_file(&file)?, file))
        };
        let (stamp, file) = write().map_err(|error| Error::io("write", path, error))?;
        (self.stamp, self.place.rounds) = (stamp, file);
        Ok(())
    }

    /// Writes a file by one rename. What stands there and this process did not write is moved aside.
    fn put(&mut self, name: &'static str, text: &str) -> Result<()> {
        let path = self.place.path.join(name);
        let before = self.written.iter().position(|(own, _)| *own == name);
        let before = before.map(|at| self.written.swap_remove(at).1);
        if let Some(what) = before.and_then(|stamp| stamp.disturbed(&path)) {
            self.note(&path, &what);
            make_room(&path)?;
        }
        write_atomically(&path, text, self.place.access)?;
        let stamp = Stamp::of(&path).map_err(|error| Error::io("look at", &path, error))?;
        self.written.push((name, stamp));
        Ok(())
    }

    fn note(&mut self, path: &Path, what: &str) {
        let first = || (path.to_owned(), what.to_owned());
        self.disturbed.get_or_insert_with(first);
    }
}

/// Makes the directory of `path` where it is gone, and moves what stands in its place aside.
fn make_room(path: &Path) -> Result<()> {
    let directory = directory_of(path);
    fs::create_dir_all(directory).map_err(|error| Error::io("make again", directory, error))?;
    for number in 1.. {
        let mut aside = path.to_owned().into_os_string();
        aside.push(format!(".disturbed-{number}"));
        if fs::symlink_metadata(&aside).is_ok() {
            continue;
        }
        return match fs::rename(path, &aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::io("move aside", path, error))
            }
            _ => Ok(()),
        };
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::Path;

    use super::super::{Access, Driver, wire};
    use super::*;
    use crate::measure::Batch;

    const RECORD: &str = include_str!("../../tests/records/v1/run.json");

    fn begun(out: &Path) -> (Directory, Run) {
        let place = Reservation::take(Some(out), Driver::Run, "", Access::USUAL).unwrap();
        let run = wire::parse(RECORD).unwrap();
        (Directory::begin(place, &run).unwrap(), run)
    }

    fn rounds(count: usize) -> Vec<Round> {
        let batch = Batch {
            iterations: 1,
            elapsed_ns: 5,
            usage: None,
        };
        let round = Round {
            batches: vec![batch, batch],
            positions: vec![0, 1],
        };
        vec![round; count]
    }

    fn lines(out: &Path) -> usize {
        let text = fs::read_to_string(out.join(ROUNDS)).unwrap();
        assert!(!text.contains('\0'), "{text}");
        text.lines().count()
    }

    #[test]
    fn rounds_that_another_process_took_away_are_written_again_and_that_is_told() {
        type Fault = (fn(&Path), &'static str, usize);
        let faults: [Fault; 5] = [
            (
                |out| fs::remove_file(out.join(ROUNDS)).unwrap(),
                "was removed",
                0,
            ),
            (
                |out| {
                    fs::write(out.join("theirs"), "theirs").unwrap();
                    fs::rename(out.join("theirs"), out.join(ROUNDS)).unwrap();
                },
                "was replaced",
                1,
            ),
            (
                |out| fs::write(out.join(ROUNDS), "").unwrap(),
                "0 bytes instead of",
                1,
            ),
            (
                |out| {
                    let mut more = OpenOptions::new();
                    let mut more = more.append(true).open(out.join(ROUNDS)).unwrap();
                    more.write_all(b"more").unwrap();
                },
                "bytes instead of",
                1,
            ),
            (|out| fs::remove_dir_all(out).unwrap(), "was removed", 0),
        ];
        for (fault, word, aside) in faults {
            for at_the_end in [false, true] {
                let place = tempfile::tempdir().unwrap();
                let out = place.path().join("out");
                let (mut directory, mut run) = begun(&out);
                directory.add_rounds(0, "a/b/1KB", &rounds(3)).unwrap();
                if !at_the_end {
                    fault(&out);
                }
                directory.add_rounds(1, "a/b/1KB", &rounds(2)).unwrap();
                if at_the_end {
                    fault(&out);
                }
                let error = directory.finish(&mut run).unwrap_err().to_string();
                assert!(
                    error.contains(word) && error.contains("rounds.csv"),
                    "{error}"
                );
                assert_eq!(lines(&out), 11);
                let record = wire::load(&out.join("run.json")).unwrap();
                assert_eq!(record.ended, Some(true));
                assert!(
                    record.notes.iter().any(|note| note.contains(word)),
                    "{:?}",
                    record.notes
                );
                let names = fs::read_dir(&out).unwrap().flatten();
                let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
                assert_eq!(
                    names.filter(|name| name.contains("disturbed")).count(),
                    aside
                );
            }
        }
    }

    #[test]
    fn a_record_that_another_process_took_away_is_written_again_and_that_is_told() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let (mut directory, mut run) = begun(&out);
        fs::write(out.join("run.json"), "theirs").unwrap();
        let error = directory.finish(&mut run).unwrap_err().to_string();
        assert!(
            error.contains("run.json") && error.contains("6 bytes"),
            "{error}"
        );
        wire::load(&out.join("run.json")).unwrap();
        let theirs = fs::read_to_string(out.join("run.json.disturbed-1")).unwrap();
        assert_eq!(theirs, "theirs");
    }

    #[test]
    fn more_cells_than_are_read_again_are_not_begun() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let taken = Reservation::take(Some(&out), Driver::Run, "", Access::USUAL).unwrap();
        let mut run = wire::parse(RECORD).unwrap();
        run.plan = vec![String::new(); MOST_CELLS + 1];
        let error = Directory::begin(taken, &run).unwrap_err().to_string();
        assert!(error.contains("20001 cells are selected"), "{error}");
        assert!(!out.exists());
    }

    #[test]
    fn a_run_that_nobody_disturbs_ends_with_its_record() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let (mut directory, mut run) = begun(&out);
        directory.add_rounds(0, "a/b/1KB", &rounds(1)).unwrap();
        directory.write(&run).unwrap();
        directory.finish(&mut run).unwrap();
        assert_eq!((lines(&out), run.ended), (3, Some(true)));
    }

    #[test]
    fn rounds_that_are_too_many_to_keep_are_told_to_be_lost() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let (mut directory, mut run) = begun(&out);
        directory.kept = None;
        fs::remove_file(out.join(ROUNDS)).unwrap();
        let error = directory
            .add_rounds(0, "a/b/1KB", &rounds(1))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("cannot be written again") && error.contains(ROUNDS),
            "{error}"
        );
        assert!(directory.finish(&mut run).is_err());
        assert_eq!(run.ended, Some(false));
    }
}
