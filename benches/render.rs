//! What a page costs: `cargo bench --bench render`, with the path of a run behind `--` for that one.
//!
//! A record as large as that of the default run, and one of 10,000 cells, are read and laid out.

#[path = "../tests/common/made_up.rs"]
mod made_up;

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mapmark::record::{self, Run};
use mapmark::report::{beside, page};

/// What the default run may take, and a record of 10,000 cells.
const LIMITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if let Some(directory) = arguments.find(|argument| !argument.starts_with("--")) {
        let directory = PathBuf::from(directory);
        let run = record::load(&directory.join("run.json"))?;
        return timed("the run named", &run, &directory, LIMITS[0]);
    }
    let place = tempfile::tempdir()?;
    let mut all_in_time = true;
    for (name, cells, rounds, limit) in [
        ("a default run", 52, 1200, LIMITS[0]),
        ("10,000 cells", 10_000, 100, LIMITS[1]),
    ] {
        let run = made_up::run(cells, rounds);
        made_up::write_rounds(&run, &place.path().join("rounds.csv"))?;
        all_in_time &= timed(name, &run, place.path(), limit)?;
    }
    Ok(all_in_time)
}

/// The quickest of some times: what it costs, not what the machine did meanwhile.
fn timed(name: &str, run: &Run, directory: &Path, limit: Duration) -> Result<bool, Box<dyn Error>> {
    let mut best: Option<(Duration, Duration, usize)> = None;
    for _ in 0..3 {
        let start = Instant::now();
        let beside = beside(directory);
        let read = start.elapsed();
        let bytes = page(run, &beside)?.html.len();
        let all = start.elapsed();
        if best.is_none_or(|(quickest, ..)| all < quickest) {
            best = Some((all, read, bytes));
        }
    }
    let (all, read, bytes) = best.unwrap_or_default();
    let told = if all < limit { "within" } else { "BEYOND" };
    writeln!(
        io::stdout(),
        "{name}: {} cells, {all:.3?} ({read:.3?} of it for reading the rounds), {} kB, {told} {limit:?}",
        run.cells.len(),
        bytes / 1000,
    )?;
    Ok(all < limit)
}
