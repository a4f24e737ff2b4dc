//! Bringing a fixture into memory in the same way each time.

use crate::error::Result;
use crate::fixture::Target;
use crate::sys;

/// Reads the whole of `target` from its device and returns its content.
///
/// A file that was just written lies in memory in larger pieces than one that was read, and a page
/// fault maps a piece at once. Where the system allows, written pages are therefore forgotten
/// first, so that everybody measures pages that were read, as those of an old file are.
///
/// # Errors
/// Where the file cannot be read.
pub fn load(target: &Target) -> Result<Vec<u8>> {
    // Where nothing can be forgotten, the pages are used as they lie.
    let _ = sys::evict(target.path());
    target.read()
}
