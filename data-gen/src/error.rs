//! What can go wrong, in words a user can act on.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{ByteCount, Stopped, TextSpec};

/// Why a fixture could not be made, read or trusted. The message names the path and what to do.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("size `{text}` {reason}")]
    Size { text: String, reason: &'static str },
    #[error(
        "{bytes} is too small for a text fixture; ask for at least {}",
        TextSpec::MINIMUM
    )]
    TooSmall { bytes: ByteCount },
    #[error("{}: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
    #[error(
        "{}: is in the way, and no manifest next to it says that it is a fixture, so it is not replaced; \
         move it, or choose another name",
        .0.display()
    )]
    InTheWay(PathBuf),
    #[error("{} is damaged: {differences}", path.display())]
    Damaged { path: PathBuf, differences: String },
    #[error("cannot {action} {}: {cause}", path.display())]
    Io {
        action: String,
        path: PathBuf,
        cause: io::Error,
    },
    #[error("cannot write the text: {0}")]
    Sink(io::Error),
}

impl Error {
    /// True where the caller's input is at fault (a bad size, a damaged or missing fixture), false
    /// where the system refused (a full disk, a missing permission).
    pub fn is_bad_input(&self) -> bool {
        match &*self.0 {
            Kind::Sink(_) => false,
            Kind::Io { cause, .. } if Stopped::is_behind(cause) => false,
            // What `regular` refuses has no number of the system's.
            Kind::Io { cause, .. } => {
                cause.kind() == io::ErrorKind::NotFound || cause.raw_os_error().is_none()
            }
            _ => true,
        }
    }

    /// True where somebody asked to stop.
    pub fn is_interrupt(&self) -> bool {
        match &*self.0 {
            Kind::Io { cause, .. } | Kind::Sink(cause) => Stopped::is_behind(cause),
            _ => false,
        }
    }

    /// True where a file stands in the way that nobody made here.
    pub fn is_in_the_way(&self) -> bool {
        matches!(&*self.0, Kind::InTheWay(_))
    }

    pub(crate) fn in_the_way(path: &Path) -> Self {
        Kind::InTheWay(path.to_owned()).into()
    }

    pub(crate) fn size(text: &str, reason: &'static str) -> Self {
        let text = text.to_owned();
        Kind::Size { text, reason }.into()
    }

    pub(crate) fn too_small(bytes: ByteCount) -> Self {
        Kind::TooSmall { bytes }.into()
    }

    pub(crate) fn unusable(path: &Path, reason: impl Into<String>) -> Self {
        Kind::Unusable {
            path: path.to_owned(),
            reason: reason.into(),
        }
        .into()
    }

    pub(crate) fn damaged(path: &Path, differences: String) -> Self {
        let path = path.to_owned();
        Kind::Damaged { path, differences }.into()
    }

    pub(crate) fn io(action: impl Into<String>, path: &Path, cause: io::Error) -> Self {
        Kind::Io {
            action: action.into(),
            path: path.to_owned(),
            cause,
        }
        .into()
    }

    pub(crate) fn sink(cause: io::Error) -> Self {
        Kind::Sink(cause).into()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}
