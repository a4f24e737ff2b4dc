//! Files that somebody else names, opened so that nothing which stands there in their place can hang the reader or
//! fill its memory.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Whether a symbolic link at the end of a path is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// As reading does, and writing to a path that the user gave.
    Followed,
    /// As writing should where the directory may come from a stranger: the link may point anywhere.
    #[default]
    Refused,
}

/// Why a link is no place to write to.
const NOT_FOLLOWED: &str =
    "it is a symbolic link, which is not followed; remove it, or name another place";

/// Directories whose files are made by the kernel, and one below them that keeps files all the same.
const OF_THE_KERNEL: [&str; 3] = ["/dev", "/proc", "/sys"];
const SHARED_MEMORY: &str = "/dev/shm";

/// Where a file that replaces `path` by a rename has to go: a link stays, and what it points to is replaced.
///
/// # Errors
/// What the system answered; [`InvalidInput`](io::ErrorKind::InvalidInput) for a link that is not to be followed or
/// points to nothing, and where no files are kept.
pub fn destination(path: &Path, links: Links) -> io::Result<PathBuf> {
    let refused = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let is_link = path
        .symlink_metadata()
        .is_ok_and(|found| found.is_symlink());
    let place = match links {
        _ if !is_link => path.to_owned(),
        Links::Refused => return Err(refused(NOT_FOLLOWED)),
        Links::Followed => path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                refused("it is a symbolic link to nothing; remove it, or make what it points to")
            }
            _ => error,
        })?,
    };
    keeps_files(&place)?;
    Ok(place)
}

/// Makes the directory `path` to keep files in, where it is not there.
///
/// # Errors
/// As for [`keeps_files`], and what the system answered.
pub fn make_directory(path: &Path) -> io::Result<()> {
    keeps_files(path)?;
    std::fs::create_dir_all(path)
}

/// Refuses paths below `/dev`, but for `/dev/shm`, `/proc` and `/sys`, whatever links lead there: what is made there is
/// a device's or a process's, or fills memory unseen.
///
/// # Errors
/// [`InvalidInput`](io::ErrorKind::InvalidInput) for such a path.
pub fn keeps_files(path: &Path) -> io::Result<()> {
    let absolute = std::path::absolute(path)?;
    // What is not there yet is below what is.
    let real = absolute.ancestors().find_map(|up| up.canonicalize().ok());
    let real = real.unwrap_or(absolute);
    let kernels = OF_THE_KERNEL.iter().find(|up| real.starts_with(up));
    match kernels.filter(|_| cfg!(unix) && !real.starts_with(SHARED_MEMORY)) {
        None => Ok(()),
        Some(up) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("it is below {up}, where no files are kept; name another place"),
        )),
    }
}

/// Opens the regular file at `path` to be read. A pipe, device, socket or directory is refused at once; opening a pipe
/// as usual waits until somebody writes to it.
///
/// # Errors
/// What the system answered, [`NotFound`](io::ErrorKind::NotFound) among it;
/// [`InvalidInput`](io::ErrorKind::InvalidInput) where it is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    open_regular_with(OpenOptions::new().read(true), Links::Followed, path)
}

/// The same with `options`, whose system-specific flags are set here.
///
/// # Errors
/// As for [`open_regular`], and [`InvalidInput`](io::ErrorKind::InvalidInput) for a link that is not to be followed.
pub fn open_regular_with(options: &mut OpenOptions, links: Links, path: &Path) -> io::Result<File> {
    let refused = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let no_link = match links {
            Links::Followed => 0,
            Links::Refused => libc::O_NOFOLLOW,
        };
        // Neither waits for the other end of a pipe nor makes a terminal that of this process.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | no_link);
    }
    let file = options.open(path).map_err(|error| {
        let link = || std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        match links {
            Links::Refused if link() => refused(NOT_FOLLOWED),
            _ => error,
        }
    })?;
    // Asked of what was opened: what the path names may be something else by now.
    match not_regular(file.metadata()?.file_type()) {
        Some(what) => Err(refused(&format!("it is {what}, not a regular file"))),
        None => Ok(file),
    }
}

/// Reads the regular file at `path`, which may have at most `limit` bytes.
///
/// # Errors
/// As for [`open_regular`]; [`FileTooLarge`](io::ErrorKind::FileTooLarge) where it has more.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_to_limit(&mut open_regular(path)?, limit)
}

/// Reads what is left of `source`, which may be at most `limit` bytes.
///
/// # Errors
/// What the system answered; [`FileTooLarge`](io::ErrorKind::FileTooLarge) where there are more.
pub fn read_to_limit(source: &mut impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let reason = format!("it has more than {limit} bytes, the most that is read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

/// What a file is, where it is no regular one.
fn not_regular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe (FIFO)");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some(if kind.is_dir() {
        "a directory"
    } else {
        "something else"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_where_the_user_named_it_and_never_where_a_stranger_may_have() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().canonicalize().unwrap().join(name);
        let link = |name: &str, target: &str| {
            std::os::unix::fs::symlink(target, path(name)).unwrap();
            path(name)
        };
        std::fs::write(path("file"), "kept").unwrap();
        let good = link("link", "file");
        let of = |path: &Path, links| destination(path, links).map_err(|error| error.to_string());
        assert_eq!(of(&good, Links::Followed).unwrap(), path("file"));
        assert_eq!(of(&path("new"), Links::Refused).unwrap(), path("new"));
        assert!(
            of(&good, Links::Refused)
                .unwrap_err()
                .contains("not followed")
        );
        let dangling = link("dangling", "nothing");
        assert!(
            of(&dangling, Links::Followed)
                .unwrap_err()
                .contains("to nothing")
        );
        let device = link("device", "/dev/null");
        assert!(
            of(&device, Links::Followed)
                .unwrap_err()
                .contains("below /dev")
        );
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_made_among_devices_and_processes() {
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev", place.path().join("link")).unwrap();
        let refused = |path: &Path| keeps_files(path).is_err();
        for path in ["/dev/text.txt", "/proc/self/none", "/sys/x", "/dev/none/x"] {
            assert!(refused(path.as_ref()), "{path}");
        }
        assert!(refused(&place.path().join("link/none/text.txt")));
        for path in ["/dev/shm/text.txt", "text.txt", "/device", "/tmp"] {
            assert!(!refused(path.as_ref()), "{path}");
        }
    }

    fn refused(path: &Path) -> String {
        open_regular(path).unwrap_err().to_string()
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert_eq!(refused(&pipe), "it is a pipe (FIFO), not a regular file");
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        assert_eq!(refused(&link), "it is a pipe (FIFO), not a regular file");
        assert_eq!(
            refused(Path::new("/dev/zero")),
            "it is a device, not a regular file"
        );
        assert_eq!(
            refused(place.path()),
            "it is a directory, not a regular file"
        );
        // Opened to be read and written, a pipe does not even wait.
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let error = open_regular_with(&mut options, Links::Followed, &pipe).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let ring = place.path().join("ring");
        std::os::unix::fs::symlink("ring", &ring).unwrap();
        assert!(open_regular(&ring).is_err());
        let socket = place.path().join("socket");
        let _open = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(open_regular(&socket).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_read_through_and_not_written_through() {
        let place = tempfile::tempdir().unwrap();
        let (file, link) = (place.path().join("file"), place.path().join("link"));
        std::fs::write(&file, "kept").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read_regular(&link, 10).unwrap(), b"kept");
        let mut options = OpenOptions::new();
        options.write(true).create(true);
        let error = open_regular_with(&mut options, Links::Refused, &link).unwrap_err();
        assert_eq!(error.to_string(), NOT_FOLLOWED);
        assert!(open_regular_with(&mut options, Links::Refused, &file).is_ok());
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read_regular(&file, 5).unwrap(), b"12345");
        let error = read_regular(&file, 4).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has more than 4 bytes, the most that is read"
        );
        let error = open_regular(&place.path().join("none")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
