//! `cargo bench`: every cell of the selection as a criterion benchmark.
//!
//! A contest is measured once, all its engines in the same rounds, before its first benchmark; then
//! criterion asks for the time of so many iterations of each engine and is told what these rounds took.
//! So the ratio table and criterion's figures speak of the same batches, no time is measured twice, and
//! criterion's filter, baselines, reports and `--test` work as always.

mod arguments;
mod contest;
mod driver;
mod groups;
mod replay;
mod settings;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use criterion::{BenchmarkFilter, Criterion};
use mapmark::error::{Error, Result};
use mapmark::plan::Contest;
use mapmark::report::for_terminal;
use mapmark::text::terminal;

use arguments::Mode;
use driver::{Driver, selected};
use groups::{Place, group, is_together};
use settings::Settings;

/// Some cells failed; the rest is written.
const SOME_CELLS_FAILED: u8 = 3;

fn main() -> ExitCode {
    data_gen::outlive_the_size_limit();
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(SOME_CELLS_FAILED),
        Err(error) => {
            say(format_args!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

/// Whether no cell failed.
fn run() -> Result<bool> {
    let settings = Settings::from_environment()?;
    // Unknown arguments end the process here, before anything is made.
    let mut criterion = settings.criterion()?;
    let contests = settings.selection.contests();
    if contests
        .iter()
        .all(|contest| selected(&settings, contest).is_empty())
    {
        return nothing_selected(&settings);
    }
    let mut driver = Driver::new(&settings, &contests);
    let measured = measure(&mut driver, &mut criterion, &settings, &contests);
    // What was measured is kept, whatever came between.
    let done = driver.finish(&criterion)?;
    measured.map(|()| done)
}

fn measure(
    driver: &mut Driver<'_>,
    criterion: &mut Criterion,
    settings: &Settings,
    contests: &[Contest],
) -> Result<()> {
    let fixtures = settings.fixtures()?;
    let one_group = |one: &Contest, next: &Contest| {
        one.workload.name() == next.workload.name() && is_together(one) == is_together(next)
    };
    for contests in contests.chunk_by(one_group) {
        let all = |driver: &mut Driver<'_>, place: &mut Place<'_, '_>| {
            let mut contests = contests.iter();
            contests.try_for_each(|contest| driver.contest(place, contest, &fixtures))
        };
        if is_together(&contests[0]) {
            let mut group = group(criterion, contests[0].workload.name());
            let measured = all(driver, &mut Place::Together(&mut group));
            driver.hold(|| group.finish());
            measured?;
        } else {
            all(driver, &mut Place::Apart(criterion))?;
        }
    }
    Ok(())
}

/// A list may be empty, as may what is ignored and what `cargo test` leaves of all targets; but who asks
/// for a measurement of nothing has mistyped.
fn nothing_selected(settings: &Settings) -> Result<bool> {
    let arguments = &settings.arguments;
    let why = match &arguments.filter {
        BenchmarkFilter::RejectAll => "no benchmark is ignored".to_owned(),
        BenchmarkFilter::AcceptAll => {
            "no engine of the selection can do any of its workloads; choose others with \
             MAPMARK_ENGINES and MAPMARK_WORKLOADS"
                .to_owned()
        }
        BenchmarkFilter::Regex(regex) => no_match(regex.as_str()),
        BenchmarkFilter::Exact(id) => no_match(id),
    };
    let may_be_empty = matches!(arguments.filter, BenchmarkFilter::RejectAll)
        || arguments.mode == Mode::List
        || !arguments.by_bench;
    if may_be_empty {
        say(format_args!("note: {why}"));
        return Ok(true);
    }
    Err(Error::usage(why))
}

fn no_match(filter: &str) -> String {
    format!("no benchmark matches `{filter}`; `cargo bench -- --list` names all of them")
}

/// Says a line on standard error. Where that is gone, nobody wants to know.
fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(
        io::stderr(),
        "{}",
        for_terminal(&terminal(&line.to_string()))
    );
}
