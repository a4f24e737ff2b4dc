//! How much room there is on the terminal.

/// The columns of the terminal that standard output goes to; `None` where it goes elsewhere, or the
/// system does not tell.
#[cfg(unix)]
#[must_use]
pub fn terminal_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// See Unix's: elsewhere nobody asks.
#[cfg(not(unix))]
#[must_use]
pub fn terminal_columns() -> Option<usize> {
    None
}
