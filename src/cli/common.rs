//! What every command that measures has to do besides.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::place::ELSEWHERE;
use crate::error::{Error, Result};
use crate::fixture::{Origin, Store};
use crate::measure::{Hands, Interrupt};
use crate::record::Outcome;
use crate::report::for_terminal;
use crate::run::{Finished, Loaded};
use crate::text::terminal;
use crate::units::ByteCount;

/// The text fixture of that size; where it had to be made, that is said.
pub(super) fn fixture(store: &Store, bytes: ByteCount, quiet: bool) -> Result<Loaded> {
    if store.is_busy() {
        let place = store.directory().display();
        tell(
            quiet,
            &format!("fixture: waiting for another process that makes files in {place}"),
        );
    }
    let (file, origin) =
        Loaded::text(store, bytes).map_err(|error| error.with_advice(ELSEWHERE))?;
    let path = file.target().path().display();
    match origin {
        Origin::Found => {}
        Origin::Made => tell(quiet, &format!("fixture: made {path}")),
        Origin::MadeAgain { reason } => {
            tell(quiet, &format!("fixture: made {path} again: {reason}"));
        }
    }
    Ok(file)
}

/// What somebody interrupts the command by. Made before the first file.
pub(super) fn interrupt() -> Result<Interrupt> {
    Interrupt::on_signals()
        .map_err(|error| Error::usage(format!("cannot watch for interrupts: {error}")))
}

/// Workers of `program`, or of this one, that end when somebody interrupts.
pub(super) fn workers(
    program: Option<PathBuf>,
    deadline: Duration,
    interrupt: &Interrupt,
) -> Result<Hands> {
    let hands = match program {
        Some(program) => Hands::new(program, deadline),
        None => Hands::of_this(deadline)
            .map_err(|error| Error::usage(format!("cannot find this program: {error}")))?,
    };
    Ok(hands.interrupted_by(interrupt.clone()))
}

/// 3 where cells failed, were it after some replicates, the run was interrupted, or nothing at all was measured.
pub(super) fn status(finished: &Finished) -> u8 {
    let cells = &finished.run.cells;
    let failed = cells
        .iter()
        .any(|cell| matches!(cell.outcome, Outcome::Failed(_)));
    let figures = cells.iter().any(|cell| cell.outcome.measured().is_some());
    if failed || finished.failed || finished.interrupted || !figures {
        3
    } else {
        0
    }
}

/// Now, as RFC 3339 writes it, and as a seed.
pub(super) fn now() -> (String, u64) {
    let now = jiff::Timestamp::now();
    let created = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    (created, now.as_nanosecond().unsigned_abs() as u64)
}

/// Says `line` on standard error, unless told to be quiet.
pub(super) fn tell(quiet: bool, line: &str) {
    if !quiet {
        // Where standard error is gone, nobody wants to know.
        let _ = writeln!(std::io::stderr(), "{}", for_terminal(&terminal(line)));
    }
}

/// The command line without the path of the program, which tells nothing that anybody else has.
pub(super) fn command() -> Vec<String> {
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once("mapmark".to_owned())
        .chain(arguments)
        .collect()
}
