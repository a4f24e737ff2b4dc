//! The file of a machine's history: lines are only ever added, whole, by one writer at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use data_gen::{Links, open_regular, open_regular_with, read_to_limit};
use serde::de::IgnoredAny;

use super::Entry;
use super::lock::{PATIENCE, lock};
use crate::error::{Error, Result};
use crate::record::{Access, Run};

/// What came of adding a run.
#[derive(Debug)]
pub struct Added {
    /// The file.
    pub path: PathBuf,
    /// Whether the run was there already, and nothing was added.
    pub already: bool,
    /// What was wrong with the file before.
    pub remarks: Vec<String>,
}

/// What a file holds.
#[derive(Debug)]
pub struct Kept {
    /// The entries that could be read.
    pub entries: Vec<Entry>,
    /// What could not be, line by line.
    pub remarks: Vec<String>,
}

/// Bytes of a history that is read: more than ten years of nights.
const LONGEST: u64 = 256 << 20;

/// Lines that cannot be read, of which each is remarked upon; the others are counted.
const REMARKED: usize = 20;

/// Adds `run` to the history of its machine below `directory`. Words on what it waits for go to `tell`.
///
/// The file is locked meanwhile; another process that has it locked is waited for, a minute at most. A line is written
/// at once and is on the disk when this returns; if that fails half way, the file is cut back to what it was. A torn last
/// line, which a crash may have left, is set aside first. Nobody may read the history whom `access`, that of the
/// record, does not let: pieces of files stand in it.
///
/// # Errors
/// Where the run has not ended, so that it would have to be added again; where the file cannot be made, locked, read or
/// written, or is no regular file.
pub fn add(
    directory: &Path,
    run: &Run,
    access: Access,
    tell: &mut dyn FnMut(&str),
) -> Result<Added> {
    if run.has_ended() == Some(false) {
        return Err(Error::usage(format!(
            "the run of {} has not ended, or was killed: a history has finished runs alone; add it when it has ended, \
             or measure again",
            run.created
        )));
    }
    fs::create_dir_all(directory)
        .map_err(|error| Error::io("make the history's directory", directory, error))?;
    let path = directory.join(format!("{}.jsonl", run.machine.fingerprint().short()));
    let mut options = OpenOptions::new();
    access.apply(options.read(true).write(true).create(true).truncate(false));
    let opened = open_regular_with(&mut options, Links::Refused, &path)
        .and_then(|file| access.narrow(&file).map(|()| file));
    let mut file = opened.map_err(|error| Error::io("open", &path, error))?;
    lock(&path, PATIENCE, tell, || file.try_lock())?;
    let bytes = content(&mut file, &path)?;
    let (whole, torn) = split(&bytes);
    let Kept {
        entries,
        mut remarks,
    } = parse(whole, &path);
    if !torn.is_empty() {
        remarks.push(set_aside(&file, &path, whole.len(), torn)?);
    }
    let entry = Entry::of(run);
    let already = entries.iter().any(|other| other.is_same_run(&entry));
    if !already {
        // An editor may have taken the end of the last line.
        let end = match whole.last() {
            None | Some(b'\n') => "",
            Some(_) => "\n",
        };
        let line = format!("{end}{}", entry.line());
        append(&mut file, &path, whole.len(), &line)?;
        if whole.is_empty() {
            keep_name(directory);
        }
    }
    Ok(Added {
        path,
        already,
        remarks,
    })
}

/// Reads the history at `path`. Lines that cannot be read are left out and remarked upon: one bad line must not
/// take the others with it. Words on what it waits for go to `tell`.
///
/// # Errors
/// Where the file cannot be locked or read, or is no regular file.
pub fn read(path: &Path, tell: &mut dyn FnMut(&str)) -> Result<Kept> {
    let mut file = open_regular(path).map_err(|error| Error::io("read", path, error))?;
    lock(path, PATIENCE, tell, || file.try_lock_shared())?;
    let bytes = content(&mut file, path)?;
    let (whole, torn) = split(&bytes);
    let mut kept = parse(whole, path);
    if !torn.is_empty() {
        kept.remarks.push(format!(
            "{}: the last line is torn and left out; the next `mapmark history add` sets it aside",
            path.display()
        ));
    }
    Ok(kept)
}

/// The histories below `directory`, by name.
///
/// # Errors
/// Where it cannot be read, or holds none.
pub fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let none = "holds no history; begin one with `mapmark history add RUN`";
    let entries = fs::read_dir(directory).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::bad_file(directory, none),
        _ => Error::io("find the histories in", directory, error),
    })?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(Error::bad_file(directory, none));
    }
    Ok(files)
}

fn content(file: &mut File, path: &Path) -> Result<Vec<u8>> {
    read_to_limit(file, LONGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => Error::bad_file(
            path,
            format!("{error}; move it away, and the next run begins a new history"),
        ),
        _ => Error::io("read", path, error),
    })
}

/// The whole lines, and what is torn behind the last of them. A line is one JSON object, no beginning of which is one:
/// a last line that is whole lacks its end alone, which an editor may have taken.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1);
    let last = &bytes[end..];
    let is_whole = last.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(last).is_ok();
    bytes.split_at(if is_whole { bytes.len() } else { end })
}

fn parse(whole: &[u8], path: &Path) -> Kept {
    let (mut entries, mut remarks) = (Vec::new(), Vec::new());
    let mut more = 0;
    let lines = whole.split(|byte| *byte == b'\n').enumerate();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let entry = match std::str::from_utf8(line) {
            Ok(line) => Entry::parse(line),
            Err(error) => Err(format!("is no text: {error}")),
        };
        match entry {
            Ok(entry) => entries.push(entry),
            Err(_) if remarks.len() == REMARKED => more += 1,
            Err(reason) => remarks.push(format!(
                "{}, line {}: {reason}; it is left out",
                path.display(),
                number + 1
            )),
        }
    }
    if more > 0 {
        remarks.push(format!(
            "{}: {more} more lines cannot be read and are left out",
            path.display()
        ));
    }
    Kept { entries, remarks }
}

/// Puts a torn line behind others of its kind, on the disk, and only then cuts it off.
fn set_aside(file: &File, path: &Path, whole: usize, torn: &[u8]) -> Result<String> {
    let aside = path.with_extension("jsonl.torn");
    let keep = || {
        let mut options = OpenOptions::new();
        let access = Access::like(path).map_err(std::io::Error::other)?;
        access.apply(options.create(true).append(true));
        let mut kept = open_regular_with(&mut options, Links::Refused, &aside)?;
        kept.write_all(&[torn, &b"\n"[..]].concat())?;
        kept.sync_all()
    };
    keep().map_err(|error| Error::io("set a torn line aside in", &aside, error))?;
    file.set_len(whole as u64)
        .map_err(|error| Error::io("cut the torn line off", path, error))?;
    Ok(format!(
        "{}: the last line was torn, as a crash leaves it; its {} bytes are in {}",
        path.display(),
        torn.len(),
        aside.display()
    ))
}

fn append(file: &mut File, path: &Path, end: usize, line: &str) -> Result<()> {
    let mut write = || {
        file.seek(SeekFrom::Start(end as u64))?;
        file.write_all(line.as_bytes())?;
        file.flush()?;
        file.sync_all()
    };
    let written = write();
    if written.is_err() {
        // A half line would be found torn the next time; without it nobody needs to know.
        let _ = file.set_len(end as u64);
    }
    written.map_err(|error| Error::io("add to", path, error))
}

/// Has the disk know a new file by its name as well, where the system lets a directory be opened for that.
fn keep_name(directory: &Path) {
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;
    use crate::record::Outcome;

    fn run() -> Run {
        let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
        record::load(&record).unwrap()
    }

    fn add_now(directory: &Path, run: &Run) -> Result<Added> {
        add(directory, run, Access::USUAL, &mut |words| {
            panic!("{words}")
        })
    }

    fn read_now(path: &Path) -> Result<Kept> {
        read(path, &mut |words| panic!("{words}"))
    }

    fn later(seed: u64) -> Run {
        Run { seed, ..run() }
    }

    #[test]
    fn a_run_is_added_once_and_comes_back() {
        let directory = tempfile::tempdir().unwrap();
        let added = add_now(directory.path(), &run()).unwrap();
        assert!(!added.already && added.remarks.is_empty());
        assert!(add_now(directory.path(), &run()).unwrap().already);
        add_now(directory.path(), &later(1)).unwrap();
        assert_eq!(
            files(directory.path()).unwrap(),
            std::slice::from_ref(&added.path)
        );
        let kept = read_now(&added.path).unwrap();
        assert_eq!(kept.entries, [Entry::of(&run()), Entry::of(&later(1))]);
        assert!(!kept.entries[0].cells.is_empty());
    }

    #[test]
    fn a_torn_line_is_set_aside_wherever_it_was_torn() {
        let directory = tempfile::tempdir().unwrap();
        let path = add_now(directory.path(), &run()).unwrap().path;
        let whole = fs::read(&path).unwrap();
        let line = Entry::of(&later(1)).line();
        for cut in (1..line.len()).step_by(97).chain([line.len() - 2]) {
            let torn = &line.as_bytes()[..cut];
            fs::write(&path, [whole.as_slice(), torn].concat()).unwrap();
            let seen = read_now(&path).unwrap();
            assert_eq!((seen.entries.len(), seen.remarks.len()), (1, 1));
            assert_eq!(
                fs::read(&path).unwrap().len(),
                whole.len() + cut,
                "reading changes nothing"
            );
            let added = add_now(directory.path(), &later(2)).unwrap();
            assert!(added.remarks[0].contains("was torn"), "{:?}", added.remarks);
            assert!(fs::read(&path).unwrap().starts_with(&whole));
            let kept = read_now(&path).unwrap();
            assert_eq!(kept.entries, [Entry::of(&run()), Entry::of(&later(2))]);
            let aside = path.with_extension("jsonl.torn");
            let set_aside = fs::read(&aside).unwrap();
            assert_eq!(set_aside, [torn, &b"\n"[..]].concat());
            fs::remove_file(aside).unwrap();
        }
    }

    #[test]
    fn a_whole_last_line_that_lacks_its_end_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = add_now(directory.path(), &run()).unwrap().path;
        let whole = fs::read(&path).unwrap();
        fs::write(&path, whole.trim_ascii_end()).unwrap();
        let seen = read_now(&path).unwrap();
        assert_eq!((seen.entries.len(), seen.remarks.len()), (1, 0));
        assert!(add_now(directory.path(), &run()).unwrap().already);
        let next = add_now(directory.path(), &later(2)).unwrap();
        assert!(next.remarks.is_empty() && !path.with_extension("jsonl.torn").exists());
        let lines = fs::read(&path).unwrap();
        assert!(lines.starts_with(&whole) && lines.ends_with(b"}\n"));
        assert_eq!(read_now(&path).unwrap().entries.len(), 2);
        // What a newer program wrote is whole too, though this one cannot read it.
        let newer = br#"{"schema": "mapmark.history.v9"}"#;
        fs::write(&path, [whole.as_slice(), newer].concat()).unwrap();
        let remarks = add_now(directory.path(), &later(2)).unwrap().remarks;
        assert!(
            remarks.len() == 1 && remarks[0].contains("v9"),
            "{remarks:?}"
        );
        assert!(!path.with_extension("jsonl.torn").exists());
    }

    /// `run` with other times, as a run of the same second and seed has them.
    fn beside(mut run: Run) -> Run {
        for cell in &mut run.cells {
            if let Outcome::Measured(measured) = &mut cell.outcome {
                measured.engine.time.0 += 1.0;
            }
        }
        run
    }

    #[test]
    fn two_runs_of_one_second_and_seed_are_both_kept() {
        let directory = tempfile::tempdir().unwrap();
        add_now(directory.path(), &run()).unwrap();
        assert!(!add_now(directory.path(), &beside(run())).unwrap().already);
        for run in [run(), beside(run())] {
            assert!(add_now(directory.path(), &run).unwrap().already);
        }
    }

    #[test]
    fn a_run_that_has_not_ended_is_refused_and_its_finished_form_is_added() {
        let directory = tempfile::tempdir().unwrap();
        let unfinished = Run {
            ended: Some(false),
            ..run()
        };
        let error = add_now(directory.path(), &unfinished)
            .unwrap_err()
            .to_string();
        assert!(error.contains("has not ended"), "{error}");
        let finished = Run {
            ended: Some(true),
            ..run()
        };
        assert!(!add_now(directory.path(), &finished).unwrap().already);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_of_its_own_is_not_written_to() {
        let directory = tempfile::tempdir().unwrap();
        let path = add_now(directory.path(), &run()).unwrap().path;
        fs::remove_file(&path).unwrap();
        let victim = directory.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        let error = add_now(directory.path(), &run()).unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        for error in [
            add_now(directory.path(), &run()).unwrap_err().to_string(),
            read_now(&path).unwrap_err().to_string(),
        ] {
            assert!(error.contains("a pipe (FIFO)"), "{error}");
        }
    }

    #[test]
    fn of_many_bad_lines_the_first_are_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bad.jsonl");
        fs::write(&path, "x\n".repeat(10_000)).unwrap();
        let remarks = read_now(&path).unwrap().remarks;
        assert_eq!(remarks.len(), REMARKED + 1);
        assert!(remarks[REMARKED].contains("9980 more lines"), "{remarks:?}");
    }

    #[test]
    fn a_bad_line_does_not_take_the_others_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = add_now(directory.path(), &run()).unwrap().path;
        let good = fs::read(&path).unwrap();
        let newer = br#"{"schema": "mapmark.history.v9"}"#;
        let bad: [&[u8]; 4] = [b"{}", b"\xff\xfe", newer, b"nonsense"];
        let bad = bad.join(&b"\n"[..]);
        fs::write(&path, [bad.as_slice(), b"\n", &good].concat()).unwrap();
        let kept = read_now(&path).unwrap();
        assert_eq!(kept.entries.len(), 1);
        assert_eq!(kept.remarks.len(), 4);
        let told = kept.remarks.join("\n");
        assert!(
            told.contains("line 3: is of schema `mapmark.history.v9`, and this program reads"),
            "{told}"
        );
    }

    #[test]
    fn where_there_is_no_history_it_is_said_how_to_begin_one() {
        let directory = tempfile::tempdir().unwrap();
        for place in [directory.path(), &directory.path().join("none")] {
            let error = files(place).unwrap_err().to_string();
            assert!(
                error.ends_with("begin one with `mapmark history add RUN`"),
                "{error}"
            );
        }
    }

    #[test]
    fn two_writers_take_turns() {
        let directory = tempfile::tempdir().unwrap();
        let path = add_now(directory.path(), &run()).unwrap().path;
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let directory = directory.path();
                scope.spawn(move || {
                    for number in 0..10 {
                        add_now(directory, &later(100 * writer + number)).unwrap();
                    }
                });
            }
        });
        let kept = read_now(&path).unwrap();
        assert_eq!((kept.entries.len(), kept.remarks.len()), (41, 0));
    }
}
