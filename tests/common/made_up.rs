//! Records that nobody measured, as large as one likes: for the size of a page and what it costs.

use std::io::Write;
use std::path::Path;

use mapmark::machine::{Build, Machine};
use mapmark::plan::{Cache, Process, Scope};
use mapmark::record::{ArmFigures, Cell, Counters, Driver, FixtureId, Measured, Outcome, Run};
use mapmark::stats::{Estimate, Interval, Verdict};
use mapmark::units::{ByteCount, Nanos};
use mapmark::workload::Role;

/// The engines of a made-up contest, the baseline first.
const ENGINES: [&str; 4] = ["read", "buf_reader", "mmap", "mmap_populate"];

/// A run of `cells` cells, each measured in `rounds` rounds.
pub(crate) fn run(cells: usize, rounds: usize) -> Run {
    let cells: Vec<Cell> = (0..cells).map(|number| cell(number, rounds)).collect();
    Run {
        driver: Driver::Run,
        created: "2026-01-02T03:04:05Z".to_owned(),
        ended: Some(true),
        command: vec!["mapmark".to_owned(), "run".to_owned()],
        seed: 1,
        profile: None,
        plan: cells.iter().map(Cell::id).collect(),
        build: Build::default(),
        machine: Machine::default(),
        clock: None,
        settings: None,
        questions: Vec::new(),
        notes: Vec::new(),
        cells,
        claims: None,
        against: None,
    }
}

/// Writes the rounds of `run` to `path`, in ten replicates.
pub(crate) fn write_rounds(run: &Run, path: &Path) -> std::io::Result<()> {
    let file = std::fs::File::create(path)?;
    let mut out = std::io::BufWriter::new(file);
    writeln!(
        out,
        "replicate,round,position,cell,arm,iterations,elapsed_ns,minor_faults,major_faults,\
         user_ns,system_ns"
    )?;
    for cell in &run.cells {
        let Some(measured) = cell.outcome.measured() else {
            continue;
        };
        let (id, each) = (cell.id(), measured.estimate.rounds / 10);
        for number in 0..each * 10 {
            let (replicate, round) = (number / each, number % each);
            // Some scatter that repeats itself and is no line.
            let engine = 100_000 + (number * 7919) % 9973;
            for (arm, ns) in [("engine", engine), ("baseline", 150_000)] {
                writeln!(
                    out,
                    "{replicate},{round},0,{id},{arm},1,{ns},31,0,50000,50000"
                )?;
            }
        }
    }
    out.flush()
}

fn cell(number: usize, rounds: usize) -> Cell {
    let engine = ENGINES[number % ENGINES.len()];
    let contest = number / ENGINES.len();
    let bytes = 1000 * (1 + contest % 25) as u64;
    Cell {
        workload: format!("workload_{}", contest / 50),
        workload_version: 1,
        role: Role::Ranked,
        fixture: FixtureId {
            name: format!("text-{}", ByteCount(bytes)),
            bytes: ByteCount(bytes),
            digest: None,
        },
        query: None,
        cache: Cache::Warm,
        process: [Process::Steady, Process::Fresh][contest / 25 % 2],
        scope: Scope::PerCall,
        engine: engine.to_owned(),
        engine_version: 1,
        baseline: ENGINES[0].to_owned(),
        expected: None,
        outcome: Outcome::Measured(Box::new(measured(number, rounds))),
    }
}

fn measured(number: usize, rounds: usize) -> Measured {
    let point = if number.is_multiple_of(ENGINES.len()) {
        1.0
    } else {
        0.3 + (number % 97) as f64 / 20.0
    };
    let side = |ns: f64| ArmFigures {
        batch_iterations: 1,
        time: Nanos(ns),
        counters: Some(Counters {
            minor_faults: 31.5,
            major_faults: 0.0,
            blocks_in: Some(0.0),
            user: Nanos(0.5 * ns),
            system: Nanos(0.5 * ns),
            ticks: Some(1_000.0),
            voluntary_switches: Some(0.0),
            involuntary_switches: Some(0.1),
        }),
        weight: None,
    };
    let interval = Interval::new(0.97 * point, 1.03 * point).ok();
    Measured {
        estimate: Estimate {
            point,
            interval,
            this_run: interval,
            shares: None,
            rounds,
            replicates: 10,
            block_length: 1,
        },
        floor: Interval::new(0.99, 1.01).ok(),
        verdict: (!number.is_multiple_of(ENGINES.len())).then_some(Verdict::Faster),
        engine: side(150_000.0 / point),
        baseline: side(150_000.0),
        voided: 0,
        answer: "count 12".to_owned(),
        looks_at: Some(ByteCount(1000)),
    }
}
