//! What several tests need.

use std::io::Write;

/// Says what is left out, past the capture of what passing tests print.
pub(crate) fn skipped(why: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
