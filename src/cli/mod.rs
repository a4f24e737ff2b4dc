//! The command line: parse, call the library, print. Nothing is computed here.

mod beside;
mod budget;
mod claim;
mod common;
mod compare;
mod env;
mod history;
mod list;
mod place;
mod progress;
mod report;
mod run;
mod selection;
mod selfcheck;
mod worker;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::for_terminal;
use crate::text::{parse_arguments, screen, terminal};

/// Settles "mmap or read?" on this machine, with ratios that can be believed.
///
/// `mapmark run` measures, on fixtures or on a file of your own, and keeps a record below
/// results/runs; `mapmark report` shows it again, `mapmark compare` holds two beside each other.
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
    /// Ask published claims that mmap is faster again on this machine
    Claim(claim::Claim),
    /// Show the machine, and what will make its numbers doubtful
    Env(env::Env),
    /// Show what exists, and the cells that a selection gives
    List(list::List),
    /// Measure, in new processes spread over the whole run
    Run(Box<run::Run>),
    /// Show the tables of a run again
    Report(report::Report),
    /// Show what changed between two runs
    Compare(compare::Compare),
    /// Keep the runs of this machine in a row, and show their trend
    History(history::History),
    /// Show what this machine can resolve today
    Selfcheck(selfcheck::Selfcheck),
    /// Do one job for another mapmark
    #[command(hide = true)]
    Worker(worker::Worker),
}

/// The status of bad usage and bad input, and of an output that could not be printed.
const BAD_INPUT: u8 = 2;

/// The status of a run whose record lacks something, or was disturbed; the rest is written.
const NOT_ALL_KEPT: u8 = 3;

/// The status of a command that was ended before it had measured anything, as of one that was ended later.
const INTERRUPTED: u8 = 3;

/// What a command has to say, and how it ends.
struct Told {
    text: String,
    status: u8,
    /// What could not be kept.
    lost: Option<String>,
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self {
            text,
            status: 0,
            lost: None,
        }
    }
}

/// Runs the command that was typed and returns its exit status: 0 done, 1 a cell regressed, 2 bad usage
/// or bad input, 3 some cells failed and the rest is written, 4 a comparison that could not decide.
#[must_use]
pub fn main() -> ExitCode {
    data_gen::outlive_the_size_limit();
    let arguments: Arguments = parse_arguments();
    if arguments.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    let told = match arguments.command {
        Command::Claim(claim) => claim.run(arguments.quiet),
        Command::Env(env) => env.run().map(Told::from),
        Command::List(list) => list.run().map(Told::from),
        Command::Report(report) => report.run().map(Told::from),
        Command::Run(run) => run.run(arguments.quiet),
        Command::Compare(compare) => compare.run(),
        Command::History(history) => history.run().map(Told::from),
        Command::Selfcheck(check) => check.run(arguments.quiet),
        Command::Worker(worker) => worker.run().map(|()| Told::from(String::new())),
    };
    match told {
        Ok(told) => print(&told),
        Err(error) if error.is_interrupt() => fail(&error.to_string(), INTERRUPTED),
        Err(error) => fail(&error.to_string(), BAD_INPUT),
    }
}

/// Prints to standard output; a reader that has seen enough is no error.
fn print(told: &Told) -> ExitCode {
    let mut out = anstream::AutoStream::auto(io::stdout());
    let printed = out
        .write_all(screen(&told.text).as_bytes())
        .and_then(|()| out.flush());
    match (printed, &told.lost) {
        (_, Some(lost)) => fail(lost, NOT_ALL_KEPT),
        (Ok(()), None) => ExitCode::from(told.status),
        (Err(error), None) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::from(told.status)
        }
        (Err(error), None) => {
            let error = format!("cannot write to standard output: {error}");
            fail(&error, BAD_INPUT)
        }
    }
}

fn fail(error: &str, status: u8) -> ExitCode {
    // Where standard error is gone too, the exit status is all that is left to say.
    let error = format!("error: {}", terminal(error));
    let _ = writeln!(io::stderr(), "{}", for_terminal(&error));
    ExitCode::from(status)
}
