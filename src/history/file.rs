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
    data_gen::make_directory(directory)
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
mod tests;
