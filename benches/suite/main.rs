//! `cargo bench`: every cell of the selection as a criterion benchmark.
//!
//! Criterion asks for the time of so many iterations of an engine. It gets it, from rounds in which
//! the engine and the baseline run paired; the pairs are kept for the ratio table. No time is
//! measured twice, and criterion's filter, baselines, reports and `--test` work as always.

// A suite is a program: it talks to its user.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arms;
mod driver;
mod settings;

use std::process::ExitCode;

use mapmark::error::Result;

use driver::Driver;
use settings::Settings;

/// Some cells failed; the rest is written.
const SOME_CELLS_FAILED: u8 = 3;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(SOME_CELLS_FAILED),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether no cell failed.
fn run() -> Result<bool> {
    let settings = Settings::from_environment()?;
    // Unknown arguments end the process here, before anything is made.
    let mut criterion = settings.criterion();
    let fixtures = settings.fixtures()?;
    let contests = settings.selection.contests();
    let mut driver = Driver::new(&settings, &contests)?;
    for of_workload in contests.chunk_by(|one, next| one.workload.name() == next.workload.name()) {
        let mut group = criterion.benchmark_group(of_workload[0].workload.name());
        group.sampling_mode(criterion::SamplingMode::Flat);
        for contest in of_workload {
            driver.contest(&mut group, contest, &fixtures)?;
        }
        group.finish();
    }
    criterion.final_summary();
    driver.finish()
}
