//! The checksum that tells a whole fixture from a damaged one. It guards against accidents, not
//! against forgery.

use std::{fs::File, io::Read, path::Path};

use xxhash_rust::xxh3::Xxh3;

use crate::{Error, Stop, regular::open_regular};

/// A running XXH3 checksum of 128 bits; `xxhsum -H2` prints the same digits.
#[derive(Clone, Default)]
pub struct Digest(Box<Xxh3>);

impl Digest {
    /// The digest of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `bytes` behind what was added before.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest as manifests spell it: `xxh3-128:` and 32 hexadecimal digits.
    pub fn finish(&self) -> String {
        format!("xxh3-128:{:032x}", self.0.digest128())
    }
}

/// The digest of a whole file, read once from front to back.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn digest_file(path: &Path) -> Result<String, Error> {
    digest_file_until(path, &Stop::default())
}

/// The same, unless `stop` is asked for.
///
/// # Errors
/// As for [`digest_file`], and when it was stopped.
pub fn digest_file_until(path: &Path, stop: &Stop) -> Result<String, Error> {
    let mut digest = Digest::new();
    let mut file = open(path)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        stop.check()
            .map_err(|cause| Error::io("read", path, cause))?;
        match read(&mut file, &mut buffer, path)? {
            0 => return Ok(digest.finish()),
            len => digest.update(&buffer[..len]),
        }
    }
}

pub(crate) fn open(path: &Path) -> Result<File, Error> {
    open_regular(path).map_err(|cause| Error::io("open", path, cause))
}

/// Reads some bytes into `buffer`; 0 at the end of the file only.
pub(crate) fn read(file: &mut File, buffer: &mut [u8], path: &Path) -> Result<usize, Error> {
    loop {
        match file.read(buffer) {
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
            other => return other.map_err(|cause| Error::io("read", path, cause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_published_one() {
        assert_eq!(
            Digest::new().finish(),
            "xxh3-128:99aa06d3014798d86001c324468d497f"
        );
    }
}
