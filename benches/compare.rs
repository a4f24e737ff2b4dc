//! How long `mapmark compare` takes, and how much memory: `cargo bench --bench compare`.
//!
//! Two made-up records of 10,000 cells with 500 rounds each, in ten replicates and in one.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use mapmark::compare::{self, Metric, Question, Side};
use mapmark::record::{self, Cell, Outcome};
use mapmark::units::bytes_text;

const CELLS: usize = 10_000;
const ROUNDS: usize = 500;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    for replicates in [10, 1] {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let (base, new) = (place.path().join("base"), place.path().join("new"));
        write(&base, replicates, 1)?;
        write(&new, replicates, 2)?;
        let lines = fs::metadata(base.join("rounds.csv"))?.len();
        writeln!(
            io::stdout(),
            "{CELLS} cells, {ROUNDS} rounds in {replicates} replicates, {} a side",
            bytes_text(lines)
        )?;
        let start = Instant::now();
        let metric = Metric::Speedup;
        let base = Side::load(&base.join("run.json"), metric)?;
        let new = Side::load(&new.join("run.json"), metric)?;
        writeln!(
            io::stdout(),
            "  read      {:.2} s",
            start.elapsed().as_secs_f64()
        )?;
        let question = Question {
            metric,
            tolerance: 0.05,
            force: false,
        };
        let comparison = compare::compare(&base, &new, question)?;
        let table = compare::table(&comparison);
        writeln!(
            io::stdout(),
            "  in all    {:.2} s, for {} lines",
            start.elapsed().as_secs_f64(),
            table.lines().count()
        )?;
        writeln!(
            io::stdout(),
            "  peak      {}",
            peak().unwrap_or_else(|| "unknown".to_owned())
        )?;
        writeln!(io::stdout(), "  found     {}", comparison.summary())?;
    }
    Ok(())
}

/// A record in which nothing is wrong and little differs.
fn write(directory: &Path, replicates: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(directory)?;
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    let mut run = record::load(&template)?;
    let measured = |cell: &&Cell| cell.outcome.measured().is_some() && !cell.is_floor();
    let mut cell = run
        .cells
        .iter()
        .find(measured)
        .ok_or("no measured cell")?
        .clone();
    if let Outcome::Measured(measured) = &mut cell.outcome {
        measured.estimate.rounds = ROUNDS;
        measured.estimate.replicates = replicates;
    }
    let named = |number| Cell {
        workload: format!("workload_{number:05}"),
        ..cell.clone()
    };
    run.cells = (0..CELLS).map(named).collect();
    run.plan = run.cells.iter().map(Cell::id).collect();
    run.seed = seed;
    fs::write(directory.join("run.json"), record::to_json(&run))?;
    let mut rounds = BufWriter::new(File::create(directory.join("rounds.csv"))?);
    rounds.write_all(
        b"replicate,round,position,cell,arm,iterations,elapsed_ns,minor_faults,major_faults,user_ns,system_ns\n",
    )?;
    let mut state = seed;
    for id in &run.plan {
        for number in 0..ROUNDS {
            let (replicate, round) = (number * replicates / ROUNDS, number % (ROUNDS / replicates));
            for arm in ["engine", "baseline"] {
                // A few percent about a quarter of a millisecond, by Knuth's linear congruence.
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let elapsed_ns = 250_000 + (state >> 50);
                writeln!(
                    rounds,
                    "{replicate},{round},0,{id},{arm},1,{elapsed_ns},0,0,0,0"
                )?;
            }
        }
    }
    rounds.flush()?;
    Ok(())
}

/// The most memory that this process ever held, where the system tells.
fn peak() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(bytes_text(kib * 1024))
}
