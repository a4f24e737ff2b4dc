//! The file of a machine's history: lines are only ever added, whole, by one writer at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Entry;
use crate::error::{Error, Result};
use crate::record::Run;

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

/// Adds `run` to the history of its machine below `directory`.
///
/// The file is locked meanwhile. A line is written at once and is on the disk when this returns; if that fails half
/// way, the file is cut back to what it was. A torn last line, which a crash may have left, is set aside first.
///
/// # Errors
/// Where the file cannot be made, locked, read or written.
pub fn add(directory: &Path, run: &Run) -> Result<Added> {
    fs::create_dir_all(directory)
        .map_err(|error| Error::io("make the history's directory", directory, error))?;
    let path = directory.join(format!("{}.jsonl", run.machine.fingerprint().short()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options
        .open(&path)
        .map_err(|error| Error::io("open", &path, error))?;
    file.lock()
        .map_err(|error| Error::io("lock", &path, error))?;
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
        append(&mut file, &path, whole.len(), &entry.line())?;
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
/// take the others with it.
///
/// # Errors
/// Where the file cannot be locked or read.
pub fn read(path: &Path) -> Result<Kept> {
    let mut file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    file.lock_shared()
        .map_err(|error| Error::io("lock", path, error))?;
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
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|error| Error::io("read", path, error))?;
    Ok(bytes)
}

/// The whole lines, and what is behind the last of them.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1);
    bytes.split_at(end)
}

fn parse(whole: &[u8], path: &Path) -> Kept {
    let (mut entries, mut remarks) = (Vec::new(), Vec::new());
    let lines = whole.split(|byte| *byte == b'\n').enumerate();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let entry = match std::str::from_utf8(line) {
            Ok(line) => Entry::parse(line),
            Err(error) => Err(format!("is no text: {error}")),
        };
        match entry {
            Ok(entry) => entries.push(entry),
            Err(reason) => remarks.push(format!(
                "{}, line {}: {reason}; it is left out",
                path.display(),
                number + 1
            )),
        }
    }
    Kept { entries, remarks }
}

/// Puts a torn line behind others of its kind, on the disk, and only then cuts it off.
fn set_aside(file: &File, path: &Path, whole: usize, torn: &[u8]) -> Result<String> {
    let aside = path.with_extension("jsonl.torn");
    let keep = || {
        let mut kept = OpenOptions::new().create(true).append(true).open(&aside)?;
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

    fn run() -> Run {
        let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
        record::load(&record).unwrap()
    }

    fn later(seed: u64) -> Run {
        Run { seed, ..run() }
    }

    #[test]
    fn a_run_is_added_once_and_comes_back() {
        let directory = tempfile::tempdir().unwrap();
        let added = add(directory.path(), &run()).unwrap();
        assert!(!added.already && added.remarks.is_empty());
        assert!(add(directory.path(), &run()).unwrap().already);
        add(directory.path(), &later(1)).unwrap();
        assert_eq!(
            files(directory.path()).unwrap(),
            std::slice::from_ref(&added.path)
        );
        let kept = read(&added.path).unwrap();
        assert_eq!(kept.entries, [Entry::of(&run()), Entry::of(&later(1))]);
        assert!(!kept.entries[0].cells.is_empty());
    }

    #[test]
    fn a_torn_line_is_set_aside_wherever_it_was_torn() {
        let directory = tempfile::tempdir().unwrap();
        let path = add(directory.path(), &run()).unwrap().path;
        let whole = fs::read(&path).unwrap();
        let line = Entry::of(&later(1)).line();
        for cut in (1..line.len()).step_by(97).chain([line.len() - 1]) {
            let torn = &line.as_bytes()[..cut];
            fs::write(&path, [whole.as_slice(), torn].concat()).unwrap();
            let seen = read(&path).unwrap();
            assert_eq!((seen.entries.len(), seen.remarks.len()), (1, 1));
            assert_eq!(
                fs::read(&path).unwrap().len(),
                whole.len() + cut,
                "reading changes nothing"
            );
            let added = add(directory.path(), &later(2)).unwrap();
            assert!(added.remarks[0].contains("was torn"), "{:?}", added.remarks);
            assert!(fs::read(&path).unwrap().starts_with(&whole));
            let kept = read(&path).unwrap();
            assert_eq!(kept.entries, [Entry::of(&run()), Entry::of(&later(2))]);
            let aside = path.with_extension("jsonl.torn");
            let set_aside = fs::read(&aside).unwrap();
            assert_eq!(set_aside, [torn, &b"\n"[..]].concat());
            fs::remove_file(aside).unwrap();
        }
    }

    #[test]
    fn a_bad_line_does_not_take_the_others_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = add(directory.path(), &run()).unwrap().path;
        let good = fs::read(&path).unwrap();
        let newer = br#"{"schema": "mapmark.history.v9"}"#;
        let bad: [&[u8]; 4] = [b"{}", b"\xff\xfe", newer, b"nonsense"];
        let bad = bad.join(&b"\n"[..]);
        fs::write(&path, [bad.as_slice(), b"\n", &good].concat()).unwrap();
        let kept = read(&path).unwrap();
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
        let path = add(directory.path(), &run()).unwrap().path;
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let directory = directory.path();
                scope.spawn(move || {
                    for number in 0..10 {
                        add(directory, &later(100 * writer + number)).unwrap();
                    }
                });
            }
        });
        let kept = read(&path).unwrap();
        assert_eq!((kept.entries.len(), kept.remarks.len()), (41, 0));
    }
}
