//! What Python's rounds say: times, counters, and the factors between two operations.

use serde::Deserialize;

use super::python::{Fault, last_line};
use crate::record::{ClaimArm, ClaimFigures, Factor};
use crate::stats::{self, Estimate, Sample};

/// The fewest processes whose spread makes an interval.
const FEWEST_PROCESSES: usize = 3;

/// How far apart, as a factor, the ends of an interval that is kept may lie.
const WIDEST: f64 = 100.0;

/// One call of each operation of a stretch, as Python printed it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Line {
    stretch: usize,
    ns: Vec<u64>,
    /// Minor faults, where the system tells.
    faults: Option<Vec<u64>>,
}

/// One call of each operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    ns: Vec<u64>,
    /// Minor faults, where the system tells.
    faults: Option<Vec<u64>>,
}

/// Operations that are called in the same rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) operations: Vec<&'static str>,
    pub(super) turns: Turns,
}

/// How operations follow one another in rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turns {
    /// Always in the order given: each meets the memory that the one before left.
    Alternating,
    /// In an order drawn anew.
    Drawn,
    /// The same, each called once before it is timed: it meets the memory it left itself.
    Settled,
}

/// The rounds of one process: one call of each of `operations` in each round.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rounds {
    operations: Vec<&'static str>,
    turns: Turns,
    rounds: Vec<Round>,
}

impl Rounds {
    /// Reads what Python printed of stretches with these operations.
    ///
    /// # Errors
    /// Where it is something else.
    pub(super) fn read(told: &str, stretches: &[Stretch]) -> Result<Vec<Self>, Fault> {
        let mut read: Vec<Self> = stretches
            .iter()
            .map(|stretch| Self {
                operations: stretch.operations.clone(),
                turns: stretch.turns,
                rounds: Vec::new(),
            })
            .collect();
        for line in told.lines() {
            let of_line = serde_json::from_str::<Line>(line).ok().and_then(|line| {
                let rounds = read.get_mut(line.stretch)?;
                rounds.add(line)
            });
            if of_line.is_none() {
                let line = last_line(line).unwrap_or_default();
                return Err(Fault::Failed(format!(
                    "Python printed what cannot be read: `{line}`"
                )));
            }
        }
        if read.iter().any(|rounds| rounds.rounds.is_empty()) {
            return Err(Fault::Failed(
                "Python ended without a round of everything".to_owned(),
            ));
        }
        Ok(read)
    }

    fn add(&mut self, line: Line) -> Option<()> {
        let operations = self.operations.len();
        let whole = line.ns.len() == operations
            && !line.ns.contains(&0)
            && line
                .faults
                .as_ref()
                .is_none_or(|faults| faults.len() == operations);
        whole.then(|| {
            self.rounds.push(Round {
                ns: line.ns,
                faults: line.faults,
            });
        })
    }

    /// Two processes with one call each, as if they had been one.
    pub(super) fn joined(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        for (own, others) in self.rounds.iter_mut().zip(other.rounds) {
            own.ns.extend(others.ns);
            own.faults = own.faults.take().zip(others.faults).map(|(mut own, more)| {
                own.extend(more);
                own
            });
        }
        self
    }

    /// Whether each of `operations` was called in every round, and whether those alternated.
    pub(super) fn has(&self, operations: &[&str], alternating: bool) -> bool {
        let own = (self.turns == Turns::Alternating) == alternating;
        own && operations.iter().all(|one| self.place(one).is_some())
    }

    fn place(&self, operation: &str) -> Option<usize> {
        self.operations.iter().position(|own| *own == operation)
    }

    /// Time of `from` over time of `to`, in each round.
    pub(super) fn factors(&self, from: &str, to: &str) -> Option<Vec<f64>> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        let factor = |round: &Round| round.ns[from] as f64 / round.ns[to] as f64;
        Some(self.rounds.iter().map(factor).collect())
    }

    /// The median time of `operation`.
    pub(super) fn time_ns(&self, operation: &str) -> Option<f64> {
        let place = self.place(operation)?;
        median(self.rounds.iter().map(|round| round.ns[place] as f64))
    }
}

/// A made-up process, for tests: the times of its operations, round by round.
#[cfg(test)]
pub(super) fn made_up(operations: &[&'static str], rounds: &[&[u64]]) -> Rounds {
    Rounds {
        turns: Turns::Drawn,
        operations: operations.to_vec(),
        rounds: rounds
            .iter()
            .map(|ns| Round {
                ns: ns.to_vec(),
                faults: Some(vec![1; ns.len()]),
            })
            .collect(),
    }
}

/// `operation` over all rounds of several processes.
pub(super) fn arm(processes: &[&Rounds], operation: &str) -> Option<ClaimArm> {
    let (mut times, mut faults, mut counted) = (Vec::new(), 0, true);
    for process in processes {
        let place = process.place(operation)?;
        for round in &process.rounds {
            times.push(round.ns[place] as f64);
            match &round.faults {
                Some(own) => faults += own[place],
                None => counted = false,
            }
        }
    }
    Some(ClaimArm {
        name: operation.to_owned(),
        minor_faults: counted.then(|| faults as f64 / times.len().max(1) as f64),
        time_ns: median(times.into_iter())?,
    })
}

/// What `from` against `to` comes to over several processes.
pub(super) fn figures(
    processes: &[&Rounds],
    from: &str,
    to: &str,
    seed: u64,
) -> Option<ClaimFigures> {
    let replicates: Vec<Vec<f64>> = processes
        .iter()
        .map(|process| process.factors(from, to))
        .collect::<Option<_>>()?;
    let estimate = estimate(&replicates, seed)?;
    Some(ClaimFigures {
        factor: factor(&estimate),
        range: range(&replicates)?,
        replicates: estimate.replicates,
        rounds: estimate.rounds,
        regular: arm(processes, from)?,
        mmap: arm(processes, to)?,
    })
}

/// The estimate of factors, one list for each process; `None` where there are none.
pub(super) fn estimate(replicates: &[Vec<f64>], seed: u64) -> Option<Estimate> {
    stats::estimate(replicates, seed).ok()
}

/// The factor of `estimate`. One or two processes say nothing of the next, and an interval whose ends
/// lie farther apart than [`WIDEST`] says nothing at all: there is none then.
pub(super) fn factor(estimate: &Estimate) -> Factor {
    let interval = estimate.interval.filter(|interval| {
        estimate.replicates >= FEWEST_PROCESSES && interval.high() / interval.low() <= WIDEST
    });
    Factor {
        point: estimate.point,
        interval: interval.map(|interval| [interval.low(), interval.high()]),
    }
}

/// The smallest and the largest median of the replicates.
pub(super) fn range(replicates: &[Vec<f64>]) -> Option<[f64; 2]> {
    let medians: Vec<f64> = replicates
        .iter()
        .filter_map(|factors| median(factors.iter().copied()))
        .collect();
    let low = medians.iter().copied().reduce(f64::min)?;
    Some([low, medians.into_iter().reduce(f64::max)?])
}

pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    Sample::new(values.collect())
        .ok()
        .map(|sample| sample.median())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: [&str; 2] = ["text_read", "map_read"];

    fn read(told: &str) -> Result<Vec<Rounds>, Fault> {
        let stretch = Stretch {
            operations: PAIR.to_vec(),
            turns: Turns::Drawn,
        };
        Rounds::read(told, &[stretch])
    }

    #[test]
    fn rounds_are_read_or_refused() {
        let line = r#"{"stretch": 0, "ns": [30, 10], "faults": [9, 1]}"#;
        let rounds = read(line).unwrap();
        assert_eq!(rounds[0].factors("text_read", "map_read"), Some(vec![3.0]));
        assert_eq!(
            arm(&[&rounds[0]], "text_read").unwrap().minor_faults,
            Some(9.0)
        );
        for wrong in [
            "",
            "hello",
            r#"{"stretch": 1, "ns": [30, 10], "faults": null}"#,
            r#"{"stretch": 0, "ns": [30], "faults": null}"#,
            r#"{"stretch": 0, "ns": [30, 0], "faults": null}"#,
            r#"{"stretch": 0, "ns": [30, -4], "faults": null}"#,
            r#"{"stretch": 0, "ns": [30, 10], "faults": [1]}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn processes_with_one_call_each_join_to_a_round() {
        let one = made_up(&["text_read"], &[&[40]]);
        let both = one.joined(made_up(&["map_read"], &[&[10]]));
        assert_eq!(both.factors("text_read", "map_read"), Some(vec![4.0]));
    }

    #[test]
    fn a_factor_is_taken_within_rounds_and_needs_three_processes_for_an_interval() {
        let process = made_up(&PAIR, &[&[30, 10], &[60, 20], &[90, 30]]);
        let few = figures(&[&process; 2], "text_read", "map_read", 1).unwrap();
        assert_eq!((few.factor.point.round(), few.factor.interval), (3.0, None));
        let enough = figures(&[&process; 3], "text_read", "map_read", 1).unwrap();
        assert!(enough.factor.interval.is_some());
        assert!(figures(&[&process], "text_read", "map_find", 1).is_none());
    }
}
