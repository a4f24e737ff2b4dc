//! The arms of a trial, and how it is judged.

use crate::measure::Kept;
use crate::stats::{self, Estimate, Floor, StatsError, Verdict};

/// The places of the arms.
const BASELINE: usize = 0;
const TWIN: usize = 1;
pub(super) const CANDIDATE: usize = 2;

/// A trial ends by precision: when candidate and floor are known to this, in percent, or time is up.
const PRECISION: f64 = 0.4;

/// A trial as far as it went.
pub(super) struct Judged {
    pub(super) candidate: Estimate,
    twin: Estimate,
    pub(super) verdict: Verdict,
}

impl Judged {
    pub(super) fn is_precise(&self) -> bool {
        [&self.candidate, &self.twin].iter().all(|estimate| {
            let interval = estimate.interval;
            interval.is_some_and(|interval| interval.half_width_percent() <= PRECISION)
        })
    }
}

/// Judges without a margin: here even a small difference is one.
pub(super) fn judged(replicates: &[Kept]) -> Result<Judged, StatsError> {
    let candidate = stats::estimate(&speedups(replicates, CANDIDATE)?, 0)?;
    let twin = stats::estimate(&speedups(replicates, TWIN)?, 0)?;
    Ok(Judged {
        candidate,
        twin,
        verdict: stats::verdict(&candidate, Floor::new(&twin).as_ref(), 0.0),
    })
}

fn speedups(replicates: &[Kept], arm: usize) -> Result<Vec<Vec<f64>>, StatsError> {
    let of_one = |kept: &Kept| {
        let rounds = kept.rounds.iter();
        rounds
            .map(|round| {
                let ns = |arm: usize| round.batches[arm].ns_per_iteration();
                stats::speed_up(ns(BASELINE), ns(arm))
            })
            .collect()
    };
    replicates.iter().map(of_one).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{PLANTED, expected_speedup};
    use super::*;
    use crate::measure::{Batch, Round};
    use crate::stats::Sample;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{Rng, SeedableRng};

    fn uniform(draw: &mut impl Rng) -> f64 {
        (draw.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Rounds in which the arms take `times` as long as one another, each batch up to 1 % more.
    fn kept(times: [f64; 3], draw: &mut impl Rng) -> Kept {
        let mut round = || {
            let batch = |time: f64, noise: f64| Batch {
                iterations: 1,
                elapsed_ns: (1e6 * time * (1.0 + 0.01 * noise)) as u64,
                usage: None,
            };
            Round {
                batches: times.map(|time| batch(time, uniform(draw))).to_vec(),
                positions: vec![0, 1, 2],
            }
        };
        Kept {
            rounds: (0..40).map(|_| round()).collect(),
            voided: 0,
        }
    }

    /// Replicates in which the candidate takes `factor` times as long as the others.
    pub(in super::super) fn replicates(factor: f64) -> Vec<Kept> {
        let mut draw = Xoshiro256PlusPlus::seed_from_u64(1);
        let replicates = (0..10).map(|_| kept([1.0, 1.0, factor], &mut draw));
        replicates.collect()
    }

    /// What is found where each arm reads the file that `files` says, on machines on which every file
    /// has a speed of its own, up to 5 % more or less, for as long as it is there: the median over 60 of
    /// them, and how many false alarms.
    fn found(planted: u64, files: [usize; 3]) -> (f64, usize) {
        let mut draw = Xoshiro256PlusPlus::seed_from_u64(planted);
        let (mut points, mut alarms) = (Vec::new(), 0);
        for _ in 0..60 {
            let effects: [f64; 2] = std::array::from_fn(|_| 0.95 + 0.1 * uniform(&mut draw));
            // A file that two arms read is in the processor's caches more often.
            let shared = |file| files.iter().filter(|other| **other == file).count() > 1;
            let time = |arm: usize| {
                let cached = if shared(files[arm]) { 0.97 } else { 1.0 };
                effects[files[arm]] * cached
            };
            let mut times = [time(BASELINE), time(TWIN), time(CANDIDATE)];
            times[CANDIDATE] /= expected_speedup(planted);
            let replicates: Vec<Kept> = (0..10).map(|_| kept(times, &mut draw)).collect();
            let judged = judged(&replicates).unwrap();
            points.push(judged.candidate.point);
            let alarm = match judged.verdict {
                Verdict::Slower => planted == 0,
                verdict => verdict == Verdict::Faster,
            };
            alarms += usize::from(alarm);
        }
        (Sample::new(points).unwrap().median(), alarms)
    }

    /// All arms read one file, planted or not.
    #[test]
    fn a_plant_is_found_at_its_size_although_files_differ() {
        for planted in [0].into_iter().chain(PLANTED) {
            let (speedup, alarms) = found(planted, [0, 0, 0]);
            let bias = 100.0 * (speedup / expected_speedup(planted) - 1.0);
            assert!(bias.abs() < 0.05, "{planted} %: {bias:.2} % off");
            assert_eq!(alarms, 0, "{planted} %");
        }
    }

    /// What was done before: the arm that does more reads another file, and the file is credited to the
    /// plant.
    #[test]
    fn a_candidate_on_another_file_credits_the_file() {
        let (speedup, alarms) = found(2, [0, 0, 1]);
        let bias = 100.0 * (speedup / expected_speedup(2) - 1.0);
        assert!(bias < -2.0 && alarms > 0, "{bias:.2} % off, {alarms} false");
    }
}
