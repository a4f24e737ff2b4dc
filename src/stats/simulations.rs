//! How often the intervals hold the truth, and how often verdicts are false, on noise whose truth is known.
//!
//! The quick tests repeat each experiment a few hundred times and allow for the chance in that. The tables of
//! METHODOLOGY.md come from thousands of repetitions, held to the claims as they stand, and take minutes:
//!
//! ```text
//! cargo test --release stats::simulations -- --ignored --nocapture --test-threads 1
//! ```

use super::experiments::{KINDS, Kind};
use super::*;

/// Every kind of noise with every size it is tried with.
fn experiments() -> impl Iterator<Item = (&'static Kind, (usize, usize))> {
    KINDS
        .iter()
        .flat_map(|kind| kind.sizes.iter().map(move |&size| (kind, size)))
}

/// The experiments quick enough for every run of the tests.
fn quick() -> impl Iterator<Item = (&'static Kind, (usize, usize))> {
    experiments().filter(|(_, (rounds, replicates))| rounds * replicates <= 300)
}

#[test]
fn intervals_hold_the_truth_as_often_as_claimed() -> Result<(), StatsError> {
    for (kind, size) in quick() {
        let (coverage, _) = kind.coverage(size, 200)?;
        // Three standard errors of a share of 0.9, and of 0.95, in 200.
        let claim = kind.claim.start() - 0.06..=kind.claim.end() + 0.05;
        assert!(
            claim.contains(&coverage),
            "{}, {size:?}: {coverage}",
            kind.name
        );
    }
    Ok(())
}

#[test]
fn intervals_hold_the_next_run_as_often_as_promised() -> Result<(), StatsError> {
    for (kind, size) in quick().filter(|(_, (_, replicates))| *replicates > 1) {
        if !kind.speaks_for_next {
            continue;
        }
        let held = kind.next_runs_held(size, 200)?;
        // The promise is 0.9 at least; three standard errors of that in 200 below it.
        assert!(held >= 0.84, "{}, {size:?}: {held}", kind.name);
    }
    Ok(())
}

#[test]
fn equal_arms_are_seldom_called_different() -> Result<(), StatsError> {
    for (kind, size) in quick().filter(|(kind, _)| kind.is_null()) {
        let (different, _) = kind.verdicts(size, 50)?;
        // Three standard errors of a share of 0.01 in 50.
        assert!(different <= 0.06, "{}, {size:?}: {different}", kind.name);
    }
    Ok(())
}

#[test]
#[ignore = "takes minutes; prints the table of coverage in METHODOLOGY.md"]
fn coverage_table() -> Result<(), StatsError> {
    println!("| noise | rounds | replicates | coverage | median half-width | next run held |");
    println!("|---|--:|--:|--:|--:|--:|");
    for (kind, (rounds, replicates)) in experiments() {
        let (coverage, half_width) = kind.coverage((rounds, replicates), 4000)?;
        let (name, percent) = (kind.name, 100.0 * coverage);
        let next = match replicates {
            1 => "–".to_owned(),
            _ => format!(
                "{:.1} %",
                100.0 * kind.next_runs_held((rounds, replicates), 4000)?
            ),
        };
        println!(
            "| {name} | {rounds} | {replicates} | {percent:.1} % | {half_width:.2} % | {next} |"
        );
        assert!(kind.claim.contains(&coverage), "{name}: {coverage}");
    }
    Ok(())
}

#[test]
#[ignore = "takes minutes; prints the table of false verdicts in METHODOLOGY.md"]
fn verdict_table() -> Result<(), StatsError> {
    println!("| noise, equal arms | rounds | replicates | faster or slower | same |");
    println!("|---|--:|--:|--:|--:|");
    for (kind, (rounds, replicates)) in experiments().filter(|(kind, _)| kind.is_null()) {
        let (different, same) = kind.verdicts((rounds, replicates), 4000)?;
        let (name, percent, of_same) = (kind.name, 100.0 * different, 100.0 * same);
        println!("| {name} | {rounds} | {replicates} | {percent:.2} % | {of_same:.1} % |");
        assert!(different <= 0.01, "{name}: {different}");
    }
    Ok(())
}
