//! Bringing a fixture into memory in the same way each time.

use crate::error::{Error, Result};
use crate::fixture::{Room, Target};
use crate::sys;
use crate::units::ByteCount;

/// How large a file may be: its content, what a workload that writes has to leave, and the buffers of
/// the engines are in memory at the same time. `None` where the system does not tell.
#[must_use]
pub fn room() -> Option<Room> {
    let sys::Available { bytes, limit } = sys::Available::now()?;
    let binding = limit.filter(|limit| limit.room_bytes == bytes);
    let bound = binding.map(|limit| {
        format!(
            "the control group of this process is limited to {} by {}; raise that, in a container \
             with its `--memory`",
            ByteCount(limit.bytes),
            limit.file.display()
        )
    });
    Some(Room {
        bytes: bytes / 6,
        bound,
    })
}

/// Refuses a fixture that memory has no room for, before it is made.
///
/// # Errors
/// Where it does not fit.
pub fn check_room(bytes: ByteCount) -> Result<()> {
    let fits = room().map_or(Ok(()), |room| room.fits(bytes.0));
    fits.map_err(|reason| {
        Error::usage(format!(
            "a fixture of {bytes}: {reason}; choose a smaller one"
        ))
    })
}

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
