//! What can go wrong before a measurement: bad words, bad files, bad records.
//!
//! A cell that fails while it is measured is not an error but an [`Outcome`](crate::record::Outcome):
//! a row with a reason. Messages are lower-case fragments that carry the path and the value.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use data_gen::Stopped;

/// An error that ends the command with exit status 2: bad usage or bad input.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

/// The result of everything fallible outside a timed region.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{0}")]
    Usage(String),
    #[error("unknown {what} `{word}`; {}", advice(nearest, valid))]
    Unknown {
        what: &'static str,
        word: String,
        nearest: Vec<String>,
        valid: Vec<String>,
    },
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {reason}", path.display())]
    BadFile { path: PathBuf, reason: String },
    #[error(transparent)]
    Fixture(#[from] data_gen::Error),
    #[error("interrupted before anything was measured")]
    Interrupted,
}

fn advice(nearest: &[String], valid: &[String]) -> String {
    let names = |words: &[String]| words.join("`, `");
    match nearest {
        [] => format!("valid: `{}`", names(valid)),
        close => format!("did you mean `{}`?", names(close)),
    }
}

impl Error {
    /// Words that make no sense together; `message` says what to do instead.
    pub fn usage(message: impl Into<String>) -> Self {
        Kind::Usage(message.into()).into()
    }

    /// A word that is not in the registry `valid`; the message names the nearest that are.
    pub fn unknown<'a>(
        what: &'static str,
        word: &str,
        valid: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let valid: Vec<String> = valid.into_iter().map(str::to_owned).collect();
        let mut scored: Vec<(f64, &String)> = valid
            .iter()
            .map(|name| (strsim::jaro_winkler(word, name), name))
            .filter(|(score, _)| *score >= 0.8)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        let nearest = scored.iter().take(3).map(|(_, name)| (*name).clone());
        Kind::Unknown {
            what,
            word: word.to_owned(),
            nearest: nearest.collect(),
            valid,
        }
        .into()
    }

    /// The system refused to do something with `path`.
    pub fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Kind::Io {
            doing,
            path: path.to_owned(),
            source,
        }
        .into()
    }

    /// Somebody wants the command to end before it measured anything.
    #[must_use]
    pub fn interrupted() -> Self {
        Kind::Interrupted.into()
    }

    /// Whether it came because somebody wants the command to end.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        match &*self.0 {
            Kind::Interrupted => true,
            Kind::Io { source, .. } => Stopped::is_behind(source),
            Kind::Fixture(error) => error.is_interrupt(),
            _ => false,
        }
    }

    /// Where the system refused, names what helps behind it; other errors say that themselves.
    #[must_use]
    pub fn with_advice(self, advice: &str) -> Self {
        if self.is_interrupt() {
            return self;
        }
        match *self.0 {
            kind @ (Kind::Io { .. } | Kind::Fixture(_)) => {
                Kind::Usage(format!("{kind}; {advice}")).into()
            }
            other => other.into(),
        }
    }

    /// The content of `path` is not what it has to be.
    pub fn bad_file(path: &Path, reason: impl Display) -> Self {
        Kind::BadFile {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
        .into()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<data_gen::Error> for Error {
    fn from(error: data_gen::Error) -> Self {
        Kind::Fixture(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_stands_behind_what_the_system_refused() {
        let refused = std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem);
        let error = Error::io("make", Path::new("there"), refused);
        let told = error.with_advice("name another place").to_string();
        assert!(told.starts_with("cannot make there: ") && told.ends_with("; name another place"));
        assert_eq!(Error::usage("no").with_advice("name").to_string(), "no");
    }

    #[test]
    fn an_unknown_word_names_the_nearest_or_all() {
        let valid = ["mmap", "mmap_copy", "read"];
        let near = Error::unknown("engine", "mmpa", valid).to_string();
        assert!(
            near.starts_with("unknown engine `mmpa`; did you mean `mmap`"),
            "{near}"
        );
        let far = Error::unknown("engine", "xyz", valid).to_string();
        assert_eq!(
            far,
            "unknown engine `xyz`; valid: `mmap`, `mmap_copy`, `read`"
        );
    }
}
