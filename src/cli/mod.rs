//! The command line: parse, call the library, print. Nothing is computed here.

mod env;
mod list;
mod report;
mod selection;
mod worker;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Settles "mmap or read?" on this machine, with ratios that can be believed.
///
/// `cargo bench` in mapmark's source measures; the commands here show what exists and what was
/// found.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print no progress and no notes
    #[arg(long, global = true)]
    quiet: bool,
    /// Print no colours
    #[arg(long, global = true)]
    no_color: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Show the machine, and what will make its numbers doubtful
    Env(env::Env),
    /// Show what exists, and the cells that a selection gives
    List(list::List),
    /// Show the tables of a run again
    Report(report::Report),
    /// Run one iteration for another mapmark
    #[command(hide = true)]
    Worker(worker::Worker),
}

/// Runs the command that was typed and returns its exit status: 0 done, 2 bad usage or bad input.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    let text = match arguments.command {
        Command::Env(env) => env.run(),
        Command::List(list) => list.run(),
        Command::Report(report) => report.run(),
        Command::Worker(worker) => worker.run(),
    };
    match text {
        Ok(text) => print(&text),
        Err(error) => fail(&error),
    }
}

/// Prints to standard output; a reader that has seen enough is no error.
fn print(text: &str) -> ExitCode {
    let mut out = anstream::AutoStream::auto(io::stdout());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&Error::usage(format!(
            "cannot write to standard output: {error}"
        ))),
    }
}

fn fail(error: &Error) -> ExitCode {
    // Where standard error is gone too, the exit status is all that is left to say.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(2)
}
