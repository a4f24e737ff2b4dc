//! How often a table of cells in which nothing changed raises an alarm, and how often a change is found.
//!
//! The larger table, printed by `cargo test --release stats::alarms -- --ignored --nocapture`, is in METHODOLOGY.md.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::noise::*;
use super::*;

/// Cells in a table.
const CELLS: u64 = 100;

/// How the rounds of a run are drawn.
struct Kind {
    name: &'static str,
    noise: Noise,
    /// Rounds in each replicate, and replicates.
    size: (usize, usize),
    /// The standard deviation of what the rounds of a replicate share, on the log scale.
    of_replicates: f64,
    /// That of what all rounds of a run share.
    of_runs: f64,
    /// That of what moves the baseline alone for a whole run, so that the comparison knows of it.
    of_baseline: f64,
    /// What is claimed: so many false tables in a hundred.
    claim: f64,
}

const PLAIN: Kind = Kind {
    name: "independent rounds, replicates alike",
    noise: independent,
    size: (20, 10),
    of_replicates: 0.0,
    of_runs: 0.0,
    of_baseline: 0.0,
    claim: 0.05,
};

/// Replicates that differ by 1 %, so that their mean, a tenth cut off, has a standard error of about 0.4 %, the
/// chance of their rounds included.
const DIFFER: Kind = Kind {
    name: "replicates differ by 1 %",
    of_replicates: 0.01,
    ..PLAIN
};

const KINDS: &[Kind] = &[
    PLAIN,
    DIFFER,
    Kind {
        name: "and runs by as much as a run's own error",
        of_runs: 0.004,
        ..DIFFER
    },
    Kind {
        name: "heavy tails (t, 2 degrees)",
        noise: heavy_tails,
        ..DIFFER
    },
    Kind {
        name: "spikes on either arm",
        noise: spikes_on_either_arm,
        ..DIFFER
    },
    Kind {
        name: "lag-1 correlation 0.45",
        noise: |source, rounds| autocorrelated(source, rounds, 0.45),
        ..DIFFER
    },
    Kind {
        name: "5 replicates",
        size: (20, 5),
        ..DIFFER
    },
    Kind {
        name: "5 replicates, runs differ as well",
        size: (20, 5),
        of_runs: 0.005,
        ..DIFFER
    },
    Kind {
        name: "2 replicates",
        size: (20, 2),
        ..DIFFER
    },
    Kind {
        name: "1 replicate, processes differ by 7 %",
        size: (100, 1),
        of_runs: ONE_PROCESS,
        ..PLAIN
    },
    Kind {
        name: "not claimed: runs differ by three times a run's own error",
        of_runs: 0.012,
        claim: 1.0,
        ..DIFFER
    },
    Kind {
        name: "by as much, by what moves the baseline alone",
        of_baseline: 0.012,
        ..DIFFER
    },
    Kind {
        name: "not claimed: by as much, half of it by what moves the engine alone",
        of_runs: 0.0085,
        of_baseline: 0.0085,
        claim: 1.0,
        ..DIFFER
    },
];

impl Kind {
    fn finding(&self, source: &mut Source, shift: f64) -> Result<Finding, StatsError> {
        let run = shift + self.of_runs * source.normal();
        let replicate = |_| {
            let shared = run + self.of_replicates * source.normal();
            let logs = (self.noise)(source, self.size.0);
            logs.iter().map(|log| (log + shared).exp()).collect()
        };
        Finding::new(&(0..self.size.1).map(replicate).collect::<Vec<_>>())
    }

    /// How many cells of a table alarm: of those that did not change, and whether the one that did does.
    fn table(&self, shift: f64, seed: u64) -> Result<(usize, bool), StatsError> {
        let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
        let mut p_values = Vec::new();
        for cell in 0..CELLS {
            let machine = [(); 2].map(|()| self.of_baseline * source.normal());
            let base = self.finding(&mut source, machine[0])?;
            let shift = if cell == 0 { shift } else { 0.0 };
            let new = self.finding(&mut source, shift + machine[1])?;
            p_values.push(Change::between(&base, &new, machine[1] - machine[0]).p_value);
        }
        let alarms: Vec<bool> = holm(&p_values).iter().map(|p| *p <= FAMILY_LEVEL).collect();
        let others = alarms.iter().skip(1).filter(|alarm| **alarm).count();
        Ok((others, alarms[0]))
    }

    /// The share of so many tables with a false alarm.
    fn false_tables(&self, tables: u64) -> Result<f64, StatsError> {
        let mut alarmed = 0;
        for seed in 0..tables {
            let (others, first) = self.table(0.0, seed)?;
            alarmed += u32::from(others > 0 || first);
        }
        Ok(f64::from(alarmed) / tables as f64)
    }

    /// The share of so many tables in which one cell that changed by `shift` alarms.
    fn found(&self, shift: f64, tables: u64) -> Result<f64, StatsError> {
        let mut found = 0;
        for seed in 0..tables {
            found += u32::from(self.table(shift, seed)?.1);
        }
        Ok(f64::from(found) / tables as f64)
    }
}

#[test]
fn a_hundred_unchanged_cells_alarm_at_most_once_in_twenty_tables() -> Result<(), StatsError> {
    for kind in KINDS.iter().filter(|kind| kind.claim < 1.0) {
        let share = kind.false_tables(40)?;
        // Three standard errors of a share of 0.05 in 40 above it.
        assert!(share <= 0.15, "{}: {share}", kind.name);
    }
    Ok(())
}

#[test]
fn two_builds_in_one_run_alarm_as_seldom() -> Result<(), StatsError> {
    // What all rounds of a run share, both builds share.
    let of_rounds = |kind: &&Kind| {
        kind.of_runs == 0.0 && kind.of_baseline == 0.0 && kind.size.1 >= FEWEST_REPLICATES
    };
    for kind in KINDS.iter().filter(of_rounds) {
        let table = |seed| {
            let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
            let change = |_| Ok(Change::within(&kind.finding(&mut source, 0.0)?).p_value);
            let p_values = (0..CELLS)
                .map(change)
                .collect::<Result<Vec<f64>, StatsError>>()?;
            Ok::<_, StatsError>(holm(&p_values).iter().any(|p| *p <= FAMILY_LEVEL))
        };
        let alarms = (0..40).map(table).collect::<Result<Vec<bool>, _>>()?;
        let share = alarms.iter().filter(|alarm| **alarm).count() as f64 / 40.0;
        assert!(share <= 0.15, "{}: {share}", kind.name);
    }
    Ok(())
}

/// An engine of two builds, over cells with two rounds in each replicate. What the processes of a replicate share
/// carries all cells of the engine one way, as a load or a layout does, and twenty cells more say nothing of it.
#[test]
fn the_mean_of_an_engine_holds_the_truth_as_often_as_it_says() -> Result<(), StatsError> {
    const RUNS: u64 = 400;
    let mean = |source: &mut Source, truth: f64| {
        let shared = truth + 0.03 * source.normal();
        let rounds = (0..20).map(|_| 0.05 * source.normal() / 2.0_f64.sqrt());
        (shared + rounds.sum::<f64>() / 20.0).exp()
    };
    for replicates in [1, 2, 3, 5, 10] {
        for truth in [0.0, 0.05] {
            let (mut missed, mut alarms) = (0, 0);
            for seed in 0..RUNS {
                let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
                let means: Vec<f64> = (0..replicates).map(|_| mean(&mut source, truth)).collect();
                let change = Change::within(&Finding::of_means(&means)?);
                let Some(interval) = change.interval else {
                    assert!(replicates < FEWEST_REPLICATES && change.p_value == 1.0);
                    continue;
                };
                assert!(replicates >= FEWEST_REPLICATES);
                missed += u32::from(!interval.contains(truth.exp()));
                alarms += u32::from(truth == 0.0 && change.p_value <= 0.05);
            }
            // Three standard errors of a share of 0.05 in 400 above it.
            let most = RUNS as u32 * 83 / 1000;
            assert!(missed <= most, "{replicates} replicates: {missed}");
            assert!(alarms <= most, "{replicates} replicates: {alarms}");
        }
    }
    Ok(())
}

#[test]
fn one_changed_cell_among_a_hundred_is_found() -> Result<(), StatsError> {
    assert!(DIFFER.found(0.1, 20)? >= 0.95);
    Ok(())
}

#[test]
#[ignore = "takes a minute; prints the table of alarms in METHODOLOGY.md"]
fn alarm_table() -> Result<(), StatsError> {
    println!(
        "| 100 cells; 20 rounds in 10 replicates unless said | tables with a false alarm | 3 % found | 5 % found | 10 % found |"
    );
    println!("|---|--:|--:|--:|--:|");
    for kind in KINDS {
        let share = kind.false_tables(1000)?;
        let found = |shift: f64| {
            let found = kind.found(shift, 200)?;
            Ok::<_, StatsError>(format!("{:.0} %", 100.0 * found))
        };
        println!(
            "| {} | {:.1} % | {} | {} | {} |",
            kind.name,
            100.0 * share,
            found(0.03)?,
            found(0.05)?,
            found(0.1)?
        );
        // Two standard errors and a half of a share of 0.05 in 1,000 above it.
        assert!(share <= kind.claim + 0.017, "{}: {share}", kind.name);
    }
    Ok(())
}
