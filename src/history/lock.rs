//! A lock that another process may hold: it is waited for with words, and not for ever.

use std::fs::TryLockError;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a lock is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// After so long it is said.
    told_after: Duration,
    /// After so long it is given up.
    lost_after: Duration,
}

/// What `mapmark history` has.
pub(super) const PATIENCE: Patience = Patience {
    told_after: Duration::from_secs(1),
    lost_after: Duration::from_secs(60),
};

/// Tries to lock the file at `path` until that works or `patience` ends.
pub(super) fn lock(
    path: &Path,
    patience: Patience,
    tell: &mut dyn FnMut(&str),
    mut try_lock: impl FnMut() -> std::result::Result<(), TryLockError>,
) -> Result<()> {
    let start = Instant::now();
    let mut told = false;
    loop {
        match try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path, error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let waited = start.elapsed();
        if waited >= patience.lost_after {
            return Err(Error::bad_file(
                path,
                format!(
                    "another process has had it locked for {} s; try again when that has ended",
                    patience.lost_after.as_secs()
                ),
            ));
        }
        if waited >= patience.told_after && !told {
            tell(&format!(
                "{}: another process has it locked; waiting for that, up to {} s",
                path.display(),
                patience.lost_after.as_secs()
            ));
            told = true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_lock_is_waited_for_with_words_and_not_for_ever() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("history");
        let other = File::create(&path).unwrap();
        other.lock().unwrap();
        let file = File::open(&path).unwrap();
        let patience = Patience {
            told_after: Duration::ZERO,
            lost_after: Duration::from_millis(1),
        };
        let mut words = Vec::new();
        let mut tell = |told: &str| words.push(told.to_owned());
        let error = lock(&path, patience, &mut tell, || file.try_lock());
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("another process has had it locked"),
            "{error}"
        );
        assert!(error.contains(&path.display().to_string()), "{error}");
        drop(other);
        lock(&path, patience, &mut tell, || file.try_lock()).unwrap();
        assert!(
            words.len() == 1 && words[0].contains("waiting"),
            "{words:?}"
        );
    }
}
