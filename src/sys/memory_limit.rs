//! A limit on the memory of some processes, their share of the page cache included: how a file that
//! does not fit behaves, shown on a machine where it would fit.
//!
//! Linux keeps the account in control groups (see [`cgroup`](super::cgroup)). The limit is on what
//! comes into memory after a process was admitted; pages of a file that are in memory already stay
//! charged to whom they came in for, so the file has to be evicted first.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::cgroup::Hierarchy;

/// What the names of groups begin with, and how many letters are drawn behind it. Numbers of processes would
/// not do: those of two containers that share the control groups are the same.
const MARK: &str = "mapmark-";
const DRAWN: usize = 16;

/// Names are drawn anew so often where others take away what was just made.
const ATTEMPTS: usize = 100;

/// A memory cgroup of its own. Dropping it takes it away, once its processes have gone.
#[derive(Debug)]
pub struct MemoryLimit {
    group: PathBuf,
    bytes: u64,
    /// Locked as long as the group is needed: the lock ends with this process, and whoever can lock the group may
    /// take it away, whichever processes they can see.
    _lock: File,
}

impl MemoryLimit {
    /// Makes a group whose processes together get no more than `bytes` of memory, and no swap.
    ///
    /// # Errors
    /// The sentence that says why memory cannot be limited here, and what would help.
    pub fn new(bytes: u64) -> Result<Self, String> {
        if !cfg!(target_os = "linux") {
            return Err("only Linux limits the memory of a process this way".to_owned());
        }
        let here = |reason| format!("memory cannot be limited here: {reason}");
        let hierarchy = Hierarchy::of_this_process().map_err(here)?;
        let parent = hierarchy.parent().map_err(here)?;
        remove_stale(&parent);
        let limit = Self::below(&parent, bytes).map_err(here)?;
        hierarchy.limit(&limit.group, bytes).map_err(here)?;
        Ok(limit)
    }

    /// An empty group below `parent`, without a limit yet.
    fn below(parent: &Path, bytes: u64) -> Result<Self, String> {
        let refused = |error: io::Error| {
            format!(
                "no memory cgroup can be made in {} ({}); run as a user that may, or in a container that \
                 allows it",
                parent.display(),
                error.kind()
            )
        };
        for _ in 0..ATTEMPTS {
            let made = tempfile::Builder::new()
                .prefix(MARK)
                .rand_bytes(DRAWN)
                .tempdir_in(parent);
            let group = made.map_err(refused)?.keep();
            match locked(&group) {
                Ok(lock) => {
                    return Ok(Self {
                        group,
                        bytes,
                        _lock: lock,
                    });
                }
                // Another run swept it before it was locked.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let _ = fs::remove_dir(&group);
                    return Err(refused(error));
                }
            }
        }
        Err(refused(io::ErrorKind::NotFound.into()))
    }

    /// How many bytes its processes have together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts a process under the limit, with those that it starts afterwards. It should wait for
    /// that before it reads or allocates: what it holds already is not counted.
    ///
    /// # Errors
    /// Where there is no such process, or it is not this user's.
    pub fn admit(&self, pid: u32) -> Result<(), String> {
        fs::write(self.group.join("cgroup.procs"), pid.to_string()).map_err(|error| {
            format!(
                "process {pid} cannot be put under the memory limit ({})",
                error.kind()
            )
        })
    }
}

impl Drop for MemoryLimit {
    fn drop(&mut self) {
        // Nothing can be done about a process that is still in it.
        let _ = fs::remove_dir(&self.group);
    }
}

/// The group, opened and locked; not found where it was taken away meanwhile.
fn locked(group: &Path) -> io::Result<File> {
    let lock = File::open(group)?;
    lock.lock()?;
    fs::metadata(group)?; // nobody takes it away any more
    Ok(lock)
}

/// Takes away what runs that were killed have left: groups of this program's that nobody holds. Those with
/// processes in them resist.
fn remove_stale(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_ours(&entry.file_name().to_string_lossy())) {
        // What is gone, or not this user's, is let be.
        let Ok(group) = File::open(entry.path()) else {
            continue;
        };
        match group.try_lock() {
            Ok(()) => {
                let _ = fs::remove_dir(entry.path());
            }
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

/// Whether this program gives such names.
fn is_ours(name: &str) -> bool {
    let drawn = name.strip_prefix(MARK).unwrap_or_default();
    drawn.len() == DRAWN && drawn.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, ExitStatus, Stdio};

    use super::*;

    /// Says what is left out, past the capture of what passing tests print.
    fn skipped(why: &str) {
        let _ = writeln!(std::io::stderr(), "skipped: {why}");
    }

    /// A shell that waits for a line before it does `work`.
    fn waiting(work: &str) -> Child {
        Command::new("sh")
            .args(["-c", &format!("read line && {work}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// How the shell ends when it works under a limit of 48 MiB, and that its group is gone then.
    fn limited(work: &str) -> Result<ExitStatus, String> {
        let limit = MemoryLimit::new(48 << 20)?;
        let group = limit.group.clone();
        let mut child = waiting(work);
        let admitted = limit.admit(child.id());
        let mut stdin = child.stdin.take().unwrap();
        if admitted.is_ok() {
            stdin.write_all(b"go\n").unwrap();
        }
        drop(stdin);
        let status = child.wait().unwrap();
        admitted?;
        drop(limit);
        assert!(!group.exists(), "{} is left", group.display());
        Ok(status)
    }

    #[test]
    fn a_process_beyond_the_limit_is_killed_and_one_within_is_not() {
        // `tail` keeps in memory what it is asked for.
        let keep = |bytes| format!("head -c {bytes} /dev/zero | tail -c {bytes}");
        match limited(&keep("8000000")) {
            Ok(status) => assert!(status.success(), "8 MB in 48 MiB: {status}"),
            Err(reason) => return skipped(&reason),
        }
        let status = limited(&keep("200000000")).unwrap();
        let killed = status.code() == Some(128 + 9) || status.signal() == Some(9);
        assert!(killed, "200 MB in 48 MiB: {status}");
    }

    #[test]
    fn pages_of_files_count_and_give_way() {
        // Beside the sources, since the directory for temporary files may be memory itself. Nothing
        // was written to the file, so nothing of it is in memory.
        let Ok(file) = tempfile::NamedTempFile::new_in(env!("CARGO_MANIFEST_DIR")) else {
            return skipped("the directory of the sources cannot be written to");
        };
        file.as_file().set_len(80 << 20).unwrap();
        match limited(&format!("cat '{}'", file.path().display())) {
            Ok(status) => assert!(status.success(), "a large file in little memory: {status}"),
            Err(reason) => return skipped(&reason),
        }
        let Ok(residency) = crate::sys::residency(file.path()) else {
            return skipped("this system does not tell which pages are in memory");
        };
        let limit = (48 << 20) / crate::sys::page_size() as u64;
        assert!(residency.resident <= limit, "{residency:?}");
    }

    #[test]
    fn a_process_that_is_not_there_is_not_admitted() {
        let limit = match MemoryLimit::new(48 << 20) {
            Ok(limit) => limit,
            Err(reason) => return skipped(&reason),
        };
        let error = limit.admit(u32::MAX / 2).unwrap_err();
        assert!(error.contains("cannot be put under"), "{error}");
    }

    #[test]
    fn what_a_killed_run_left_is_taken_away_and_what_another_holds_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            std::fs::create_dir(parent.path().join(name)).unwrap();
            parent.path().join(name)
        };
        let stale = make("mapmark-0123456789abcdEF");
        // No run makes these.
        let others = ["mapmark-1-0", "mapmark-notes", "mapmark-of-a-user-4567"].map(make);
        let live = MemoryLimit::below(parent.path(), 1).unwrap();
        let kept = live.group.clone();
        remove_stale(parent.path());
        assert!(!stale.exists() && kept.exists());
        assert!(others.iter().all(|other| other.exists()));
        drop(live);
        assert!(!kept.exists());
    }

    #[test]
    fn groups_are_made_whatever_stands_there_and_whoever_sweeps() {
        let parent = tempfile::tempdir().unwrap();
        for number in 0..100 {
            let name = format!("mapmark-{}-{number}", std::process::id());
            std::fs::create_dir(parent.path().join(name)).unwrap();
        }
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        remove_stale(parent.path());
                        let limit = MemoryLimit::below(parent.path(), 1).unwrap();
                        assert!(limit.group.exists());
                    }
                });
            }
        });
    }

    #[test]
    fn a_refusal_says_what_would_help() {
        let error = MemoryLimit::below(Path::new("/no/such/group"), 1).unwrap_err();
        assert!(
            error.starts_with("no memory cgroup can be made in /no/such/group ("),
            "{error}"
        );
        assert!(error.contains("run as"), "{error}");
    }
}
