//! From raw rounds to the figures of a cell.

use super::{ArmFigures, Counters, Measured, Outcome};
use crate::measure::{BASELINE, Batch, ENGINE, Kept, Round};
use crate::stats::{self, EQUIVALENCE_MARGIN, Estimate, Floor, Sample, StatsError};
use crate::units::Nanos;
use crate::workload::Expected;

/// What the engine of a cell was compared with.
#[derive(Clone, Copy, Debug)]
pub enum Compared {
    /// It is the baseline: its interval is the noise floor, and nothing is judged.
    WithItself,
    /// The baseline, whose floor is this; `None` where it is not known.
    WithBaseline(Option<Floor>),
}

/// What came of rounds with two arms, the engine first and the baseline second, those of each
/// replicate together. `seed` draws the resamples of the interval.
///
/// The outcome is `failed` where the rounds hold nothing that can be compared.
#[must_use]
pub fn outcome(expected: &Expected, replicates: &[Kept], compared: Compared, seed: u64) -> Outcome {
    match figures(expected, replicates, compared, seed) {
        Ok(measured) => Outcome::Measured(Box::new(measured)),
        Err(error) => Outcome::Failed(format!("the rounds cannot be compared: {error}")),
    }
}

fn figures(
    expected: &Expected,
    replicates: &[Kept],
    compared: Compared,
    seed: u64,
) -> Result<Measured, StatsError> {
    let estimate = stats::estimate(&speedups(replicates)?, seed)?;
    let shown = match compared {
        Compared::WithItself => Floor::new(&estimate),
        Compared::WithBaseline(floor) => floor,
    };
    Ok(Measured {
        estimate,
        floor: shown.map(|floor| floor.band()),
        verdict: match compared {
            Compared::WithItself => None,
            Compared::WithBaseline(floor) => Some(stats::verdict(
                &estimate,
                floor.as_ref(),
                EQUIVALENCE_MARGIN,
            )),
        },
        engine: side(replicates, ENGINE)?,
        baseline: side(replicates, BASELINE)?,
        voided: replicates.iter().map(|kept| kept.voided).sum(),
        answer: expected.answer.to_string(),
        looks_at: expected.looks_at,
    })
}

/// What rounds such as those of [`outcome`] say so far, for a run under way; `None` where they hold nothing that can
/// be compared.
#[must_use]
pub fn glance(replicates: &[Kept]) -> Option<Estimate> {
    stats::glance(&speedups(replicates).ok()?).ok()
}

/// Half the width of the interval that these rounds give so far, in percent; `None` where there are
/// too few of them.
#[must_use]
pub fn half_width_percent(rounds: &[Round], seed: u64) -> Option<f64> {
    let speedups: Vec<f64> = rounds.iter().map(speedup).collect::<Result<_, _>>().ok()?;
    let interval = stats::estimate(&[speedups], seed).ok()?.interval?;
    Some(interval.half_width_percent())
}

/// The speed-ups of each replicate that has any.
fn speedups(replicates: &[Kept]) -> Result<Vec<Vec<f64>>, StatsError> {
    replicates
        .iter()
        .filter(|kept| !kept.rounds.is_empty())
        .map(|kept| kept.rounds.iter().map(speedup).collect())
        .collect()
}

fn speedup(round: &Round) -> Result<f64, StatsError> {
    stats::speed_up(
        round.batches[BASELINE].ns_per_iteration(),
        round.batches[ENGINE].ns_per_iteration(),
    )
}

fn side(replicates: &[Kept], arm: usize) -> Result<ArmFigures, StatsError> {
    let rounds = replicates.iter().flat_map(|kept| &kept.rounds);
    let batches: Vec<&Batch> = rounds.map(|round| &round.batches[arm]).collect();
    let times = batches
        .iter()
        .map(|batch| batch.ns_per_iteration())
        .collect();
    Ok(ArmFigures {
        batch_iterations: batches.first().map_or(0, |batch| batch.iterations),
        time: Nanos(Sample::new(times)?.median()),
        counters: Counters::of(&batches)?,
        weight: None,
    })
}
