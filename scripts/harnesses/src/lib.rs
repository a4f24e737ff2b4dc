//! The code that is compared with itself, for the harnesses that take a function.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The text that is read. It comes by environment because criterion and tango keep the command line
/// for themselves, and because tango's workers inherit it.
#[must_use]
pub fn fixture() -> PathBuf {
    env::var_os("NULL_FIXTURE")
        .expect("NULL_FIXTURE names the text")
        .into()
}

/// What mapmark's engine `read` does for its workload `whole_file`: the whole file into a new buffer,
/// its line feeds counted, the buffer freed.
///
/// # Panics
/// Where the file cannot be read: that must not become a time.
#[inline(never)]
pub fn count_lines(path: &Path) -> usize {
    let bytes = fs::read(path).expect("the text can be read");
    memchr::memchr_iter(b'\n', &bytes).count()
}
