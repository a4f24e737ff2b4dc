//! Records whose figures contradict each other, or are none that a measurement gives, are refused: whatever was shown
//! of them would be wrong.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::{
    ArmFigures, Cell, ClaimArm, ClaimFigures, ClaimRow, Claimed, Counters, Factor, Ladder,
    Measured, Run, Settings,
};
use crate::stats::{EQUIVALENCE_MARGIN, Estimate, Verdict};

/// What an iteration can take, in nanoseconds: up to some hundred days.
const TIMES_NS: RangeInclusive<f64> = 1e-3..=1e16;
/// How many times faster something can be.
const RATIOS: RangeInclusive<f64> = 1e-12..=1e12;
/// Where the interval of a ratio can end; one of few replicates may say nothing at all.
const ENDS: RangeInclusive<f64> = 1e-100..=1e100;
/// What is counted for an iteration, or in a second.
const COUNTS: RangeInclusive<f64> = 0.0..=1e18;
/// Shares, in percent. What is sampled may be above 100.
const PERCENT: RangeInclusive<f64> = 0.0..=1e4;
const SHARES: RangeInclusive<f64> = 0.0..=1.0;

/// A ratio may lie so far outside its interval, as a part of itself: both were rounded, and in other steps.
const ROUNDING: f64 = 1e-6;
/// Steps of a ladder multiply to its whole but for so much.
const LADDER_ROUNDING: f64 = 1e-3;

/// The most cells that are read, and the most engines: the tables and pictures of more fill memory and serve nobody.
pub(super) const MOST_CELLS: usize = 20_000;
const MOST_ENGINES: usize = 500;
/// The most notes, reasons and questions. A plan has no more entries than there may be cells.
const MOST_NOTES: usize = 10_000;

/// Refuses what no run writes; the error is a fragment to stand behind the path.
pub(super) fn check(run: &Run) -> Result<(), String> {
    check_size(run)?;
    let machine = &run.machine;
    known("load at the start", machine.load_start, &COUNTS)?;
    known("load at the end", machine.load_end, &COUNTS)?;
    known("steal percent", machine.steal_percent, &PERCENT)?;
    known(
        "clock's cost",
        run.clock.map(|clock| clock.cost_ns),
        &COUNTS,
    )?;
    run.settings.as_ref().map_or(Ok(()), check_settings)?;
    let mut ids = HashSet::new();
    for cell in &run.cells {
        let id = cell.id();
        check_cell(cell).map_err(|reason| format!("contradicts itself: `{id}` {reason}"))?;
        // Two cells of one name cannot be told apart in the rounds.
        if let Some(id) = ids.replace(id) {
            return Err(format!("has the cell `{id}` twice"));
        }
    }
    let mut ids = HashSet::new();
    let against = run.against.iter().flat_map(|against| &against.cells);
    if let Some(cell) = against.into_iter().find(|cell| !ids.insert(&cell.id)) {
        return Err(format!("has `{}` twice against the other build", cell.id));
    }
    let claims = run.claims.iter().flat_map(|claims| &claims.claims);
    for claim in claims {
        check_claim(claim)
            .map_err(|reason| format!("contradicts itself: the claim `{}` {reason}", claim.id))?;
    }
    Ok(())
}

/// Before anything is made of it.
fn check_size(run: &Run) -> Result<(), String> {
    let engines: HashSet<&str> = run.cells.iter().map(|cell| cell.engine.as_str()).collect();
    let against = run.against.as_ref().map_or(0, |other| other.cells.len());
    for (what, count, most) in [
        ("cells", run.cells.len(), MOST_CELLS),
        ("planned cells", run.plan.len(), MOST_CELLS),
        ("cells of another build", against, MOST_CELLS),
        ("engines", engines.len(), MOST_ENGINES),
        ("notes", run.notes.len(), MOST_NOTES),
        ("questions", run.questions.len(), MOST_NOTES),
        ("words on its command line", run.command.len(), MOST_CELLS),
    ] {
        if count > most {
            return Err(format!(
                "has {count} {what}, and {most} are the most that are read"
            ));
        }
    }
    Ok(())
}

fn check_settings(settings: &Settings) -> Result<(), String> {
    known("budget in seconds", Some(settings.budget_s), &COUNTS)?;
    known("precision in percent", settings.precision_percent, &PERCENT)?;
    known("share of measuring", settings.measuring_percent, &PERCENT)
}

fn check_cell(cell: &Cell) -> Result<(), String> {
    let Some(measured) = cell.outcome.measured() else {
        return Ok(());
    };
    let estimate = &measured.estimate;
    check_estimate(estimate)?;
    check_verdict(measured)?;
    for arm in [&measured.engine, &measured.baseline] {
        check_arm(arm)?;
    }
    let ends = measured.floor.map(|floor| [floor.low(), floor.high()]);
    check_ratio("noise floor around", 1.0, ends)
}

fn check_estimate(estimate: &Estimate) -> Result<(), String> {
    let ends = estimate.interval.map(|of| [of.low(), of.high()]);
    check_ratio("speedup of", estimate.point, ends)?;
    let ends = estimate.this_run.map(|of| [of.low(), of.high()]);
    check_ratio("speedup in this run of", estimate.point, ends)?;
    let (rounds, replicates) = (estimate.rounds, estimate.replicates);
    if replicates == 0 || rounds < replicates || estimate.block_length > rounds {
        return Err(format!(
            "has {rounds} rounds in {replicates} replicates, in blocks of {}",
            estimate.block_length
        ));
    }
    let Some(shares) = estimate.shares else {
        return Ok(());
    };
    let all = [shares.rounds, shares.replicates, shares.between_runs];
    for share in all {
        known("share of its interval", Some(share), &SHARES)?;
    }
    match (all.iter().sum::<f64>() - 1.0).abs() < ROUNDING {
        true => Ok(()),
        false => Err(format!(
            "has shares of its interval that are {all:?} and not 1 in all"
        )),
    }
}

/// A verdict that the interval cannot have given, whatever the floor was.
fn check_verdict(measured: &Measured) -> Result<(), String> {
    let (low, high) = match (measured.verdict, measured.estimate.interval) {
        (None | Some(Verdict::Inconclusive { .. }), _) => return Ok(()),
        (Some(verdict), None) => {
            return Err(format!("is `{}` and has no interval", verdict.name()));
        }
        (Some(_), Some(interval)) => (interval.low(), interval.high()),
    };
    let margin = 1.0 + EQUIVALENCE_MARGIN + ROUNDING;
    let fits = match measured.verdict {
        Some(Verdict::Faster) => low > 1.0,
        Some(Verdict::Slower) => high < 1.0,
        _ => low > 1.0 / margin && high < margin,
    };
    let word = measured.verdict.map_or("", |verdict| verdict.name());
    match fits {
        true => Ok(()),
        false => Err(format!("is `{word}` and has the interval {low} to {high}")),
    }
}

fn check_arm(arm: &ArmFigures) -> Result<(), String> {
    known("time_ns", Some(arm.time.0), &TIMES_NS)?;
    if arm.batch_iterations == 0 {
        return Err("has batches of 0 iterations".to_owned());
    }
    arm.counters.as_ref().map_or(Ok(()), check_counters)
}

fn check_counters(counters: &Counters) -> Result<(), String> {
    for (what, count) in [
        ("minor_faults", Some(counters.minor_faults)),
        ("major_faults", Some(counters.major_faults)),
        ("blocks_in", counters.blocks_in),
        ("user_ns", Some(counters.user.0)),
        ("system_ns", Some(counters.system.0)),
        ("ticks", counters.ticks),
        ("voluntary_switches", counters.voluntary_switches),
        ("involuntary_switches", counters.involuntary_switches),
    ] {
        known(what, count, &COUNTS)?;
    }
    Ok(())
}

fn check_claim(claim: &Claimed) -> Result<(), String> {
    known("factor", Some(claim.factor), &RATIOS)?;
    for seconds in claim.regular_s.iter().chain(&claim.mmap_s) {
        known("printed time", Some(*seconds), &COUNTS)?;
    }
    for row in &claim.rows {
        check_row(row).map_err(|reason| format!("in `{}` {reason}", row.label))?;
    }
    for ladder in &claim.ladders {
        check_ladder(ladder).map_err(|reason| format!("has a ladder that {reason}"))?;
    }
    Ok(())
}

fn check_row(row: &ClaimRow) -> Result<(), String> {
    let Some(figures) = &row.figures else {
        return match row.outcome.as_str() {
            "measured" => Err("is measured and has no figures".to_owned()),
            "unsupported" | "unverified" | "failed" | "skipped" => Ok(()),
            other => Err(format!("has the outcome `{other}`, which is unknown")),
        };
    };
    if row.outcome != "measured" {
        return Err(format!("is {} and has figures", row.outcome));
    }
    let ClaimFigures {
        factor,
        range,
        replicates,
        rounds,
        regular,
        mmap,
    } = figures;
    check_factor(factor)?;
    let [low, high] = *range;
    known("low end of its range", Some(low), &RATIOS)?;
    known("high end of its range", Some(high), &RATIOS)?;
    if low > high || *replicates == 0 || rounds < replicates {
        return Err(format!(
            "has a range from {low} to {high} of {rounds} rounds in {replicates} replicates"
        ));
    }
    check_claim_arm(regular)?;
    check_claim_arm(mmap)
}

fn check_claim_arm(arm: &ClaimArm) -> Result<(), String> {
    known("time_ns", Some(arm.time_ns), &TIMES_NS)?;
    known("minor_faults", arm.minor_faults, &COUNTS)
}

fn check_factor(factor: &Factor) -> Result<(), String> {
    check_ratio("factor of", factor.point, factor.interval)
}

fn check_ladder(ladder: &Ladder) -> Result<(), String> {
    let mut product = 1.0;
    for step in &ladder.steps {
        check_factor(&step.factor)?;
        check_claim_arm(&step.from)?;
        check_claim_arm(&step.to)?;
        product *= step.factor.point;
    }
    check_factor(&ladder.direct)?;
    known("product", Some(ladder.product), &RATIOS)?;
    known("remainder", Some(ladder.remainder), &RATIOS)?;
    let whole = ladder.product * ladder.remainder;
    for (what, told, is) in [
        ("product", ladder.product, product),
        ("direct factor", ladder.direct.point, whole),
    ] {
        if (told / is - 1.0).abs() > LADDER_ROUNDING {
            return Err(format!(
                "has a {what} of {told}, and its parts come to {is}"
            ));
        }
    }
    Ok(())
}

/// A ratio and its interval, as they stand in records and histories.
pub(crate) fn check_ratio(what: &str, point: f64, ends: Option<[f64; 2]>) -> Result<(), String> {
    known("ratio", Some(point), &RATIOS)?;
    let Some([low, high]) = ends else {
        return Ok(());
    };
    known("low end of its interval", Some(low), &ENDS)?;
    known("high end of its interval", Some(high), &ENDS)?;
    match low * (1.0 - ROUNDING) <= point && point <= high * (1.0 + ROUNDING) {
        true => Ok(()),
        false => Err(format!(
            "has a {what} {point} outside its interval, {low} to {high}"
        )),
    }
}

/// A time for one iteration, as it stands in records and histories.
pub(crate) fn check_time_ns(time_ns: f64) -> Result<(), String> {
    known("time_ns", Some(time_ns), &TIMES_NS)
}

fn known(what: &str, value: Option<f64>, range: &RangeInclusive<f64>) -> Result<(), String> {
    match value.filter(|value| !range.contains(value)) {
        None => Ok(()),
        Some(value) => Err(format!(
            "has a {what} of {value:e}, and {:e} to {:e} can be",
            range.start(),
            range.end()
        )),
    }
}
