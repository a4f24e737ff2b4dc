//! The same question through this program's engines: its contests, and what came of them.

use super::data::{Claim, Rung, RustSide};
use super::ladder::ladder;
use super::rounds::{estimate, factor, range};
use crate::error::Result;
use crate::measure::{BASELINE, ENGINE, Kept, Round};
use crate::plan::{self, Cache, Contest, Process, Profile, Scope, Selection};
use crate::record::{Cell, ClaimArm, ClaimFigures, ClaimRow, Factor, Ladder, Outcome, Side, Step};
use crate::run::Finished;
use crate::units::ByteCount;

/// What ran in the process before, how to say it, and how in a table: as published first.
pub(super) const STATES: [(Process, &str, &str); 2] = [
    (Process::Fresh, "in a new process", "new process"),
    (Process::Steady, "in a loop", "loop"),
];

/// Why there is no cell.
const NOT_PLANNED: &str = "it was not planned";

/// The contests of a claim on a file of so many bytes; in a first look those that a verdict rests on.
///
/// # Errors
/// Where the data names what there is not.
pub(super) fn contests(claim: &Claim, bytes: ByteCount, quick: bool) -> Result<Vec<Contest>> {
    let side = &claim.rust;
    let rungs = side.ladder.iter().map(|rung| rung.name);
    let others = side.others.iter().copied().filter(|_| !quick);
    let engines: Vec<&str> = rungs.chain(others).collect();
    let states = if quick { &STATES[..1] } else { &STATES[..] };
    let processes = states.iter().map(|(process, ..)| *process).collect();
    let mut contests = of_workload(side.workload, &engines, processes, bytes)?;
    let also = side.also.filter(|_| !quick);
    for workload in other_workload(side).into_iter().chain(also) {
        if let Some([from, to]) = ends(side.ladder) {
            let fresh = vec![Process::Fresh];
            contests.extend(of_workload(workload, &[from, to], fresh, bytes)?);
        }
    }
    Ok(contests)
}

fn of_workload(
    workload: &str,
    engines: &[&str],
    processes: Vec<Process>,
    bytes: ByteCount,
) -> Result<Vec<Contest>> {
    let mut selection = Selection::of(Profile::Full);
    if let Some(baseline) = engines.first() {
        selection.set_baseline(baseline)?;
    }
    selection.set_engines(engines)?;
    selection.set_workloads(&[workload])?;
    selection.sizes = vec![bytes];
    selection.caches = Some(vec![Cache::Warm]);
    selection.processes = Some(processes);
    Ok(selection.contests())
}

/// The workload in which both sides do the same work, where that is another one.
fn other_workload(side: &RustSide) -> Option<&'static str> {
    Some(side.equal.workload).filter(|workload| *workload != side.workload)
}

/// The first and the last rung: the baseline and the map.
fn ends(rungs: &'static [Rung]) -> Option<[&'static str; 2]> {
    Some([rungs.first()?.name, rungs.last()?.name])
}

/// What a run has of one claim.
pub(super) struct Found<'f> {
    claim: &'static Claim,
    bytes: ByteCount,
    finished: &'f Finished,
    seed: u64,
}

impl<'f> Found<'f> {
    pub(super) fn new(
        claim: &'static Claim,
        bytes: ByteCount,
        finished: &'f Finished,
        seed: u64,
    ) -> Self {
        Self {
            claim,
            bytes,
            finished,
            seed,
        }
    }

    /// Draws the resamples.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The length of the file.
    pub(super) fn bytes(&self) -> ByteCount {
        self.bytes
    }

    /// Every engine against the map: the baseline first, in a new process and in a loop.
    /// What was not planned has no row.
    pub(super) fn rows(&self) -> Vec<ClaimRow> {
        let side = &self.claim.rust;
        let Some([from, to]) = ends(side.ladder) else {
            return Vec::new();
        };
        let between = side.ladder.iter().map(|rung| rung.name);
        let engines: Vec<&str> = between
            .filter(|name| *name != to)
            .chain(side.others.iter().copied())
            .collect();
        let mut rows = Vec::new();
        for (process, _, words) in STATES {
            for engine in &engines {
                let label = format!("{engine} / {to}, {words}");
                rows.push(self.row(side.workload, process, [engine, to], label));
            }
        }
        for workload in other_workload(side).into_iter().chain(side.also) {
            let label = format!("{workload}, new process");
            rows.push(self.row(workload, Process::Fresh, [from, to], label));
        }
        rows.retain(|row| row.reason.as_deref() != Some(NOT_PLANNED));
        rows
    }

    /// The row of the published question in such a process.
    pub(super) fn main<'r>(&self, rows: &'r [ClaimRow], words: &str) -> Option<&'r ClaimRow> {
        let [from, to] = ends(self.claim.rust.ladder)?;
        let label = format!("{from} / {to}, {words}");
        rows.iter().find(|row| row.label == label)
    }

    /// The row in which both sides do the same work, behind how to say so.
    pub(super) fn equal<'r>(&self, rows: &'r [ClaimRow]) -> Option<(&'static str, &'r ClaimRow)> {
        let side = &self.claim.rust;
        let label = match other_workload(side) {
            Some(workload) => format!("{workload}, new process"),
            None => format!(
                "{} / {}, new process",
                side.equal.engine,
                ends(side.ladder)?[1]
            ),
        };
        let row = rows.iter().find(|row| row.label == label)?;
        Some((side.equal.words, row))
    }

    /// The ladder in such a process.
    pub(super) fn ladder(&self, process: Process, words: &str) -> Option<Ladder> {
        let (workload, rungs) = (self.claim.rust.workload, self.claim.rust.ladder);
        let [first, last] = ends(rungs)?;
        let mut steps = Vec::with_capacity(rungs.len());
        for (from, to) in rungs.iter().zip(rungs.iter().skip(1)) {
            let between = [from.name, to.name];
            let [from, into] = self.arms(workload, process, between)?;
            steps.push(Step {
                change: to.change.to_owned(),
                factor: self.factor(workload, process, between)?.0,
                from,
                to: into,
            });
        }
        let direct = self.factor(workload, process, [first, last])?.0;
        Some(ladder(Side::Rust, words, steps, direct))
    }

    fn row(&self, workload: &str, process: Process, between: [&str; 2], label: String) -> ClaimRow {
        let cells = between.map(|engine| self.cell(workload, engine, process));
        let missing = cells.iter().find_map(|cell| {
            let outcome = cell.map(|cell| &cell.outcome);
            match outcome {
                Some(Outcome::Measured(_)) => None,
                Some(outcome) => Some((outcome.name(), outcome.reason().unwrap_or_default())),
                None => Some(("skipped", NOT_PLANNED)),
            }
        });
        let figures = match missing {
            Some(_) => None,
            None => self.figures(workload, process, between),
        };
        let (outcome, reason) = match (missing, &figures) {
            (Some((outcome, reason)), _) => (outcome, Some(reason.to_owned())),
            (None, Some(_)) => ("measured", None),
            (None, None) => ("failed", Some("the rounds cannot be compared".to_owned())),
        };
        ClaimRow {
            side: Side::Rust,
            label,
            outcome: outcome.to_owned(),
            reason,
            figures,
        }
    }

    fn figures(
        &self,
        workload: &str,
        process: Process,
        between: [&str; 2],
    ) -> Option<ClaimFigures> {
        let (factor, factors) = self.factor(workload, process, between)?;
        let [regular, mmap] = self.arms(workload, process, between)?;
        Some(ClaimFigures {
            factor,
            range: range(&factors)?,
            replicates: factors.len(),
            rounds: factors.iter().map(Vec::len).sum(),
            regular,
            mmap,
        })
    }

    /// Time of one engine over time of another, round by round: the quotient of their speed-ups,
    /// which share the batch of the baseline.
    fn factor(
        &self,
        workload: &str,
        process: Process,
        [from, to]: [&str; 2],
    ) -> Option<(Factor, Vec<Vec<f64>>)> {
        let baseline = self.claim.rust.ladder.first()?.name;
        let speedup = |round: &Round, engine: &str| match engine == baseline {
            true => 1.0,
            false => {
                let ns = |arm: usize| round.batches[arm].ns_per_iteration();
                ns(BASELINE) / ns(ENGINE)
            }
        };
        let of_replicate = |(one, other): (&Kept, &Kept)| -> Vec<f64> {
            let rounds = one.rounds.iter().zip(&other.rounds);
            rounds
                .map(|(one, other)| speedup(other, to) / speedup(one, from))
                .collect()
        };
        let factors: Vec<Vec<f64>> = self
            .kept(workload, from, process)?
            .iter()
            .zip(self.kept(workload, to, process)?)
            .map(of_replicate)
            .filter(|factors| !factors.is_empty())
            .collect();
        Some((factor(&estimate(&factors, self.seed)?), factors))
    }

    fn arms(&self, workload: &str, process: Process, between: [&str; 2]) -> Option<[ClaimArm; 2]> {
        let [from, to] = between.map(|engine| {
            let cell = self.cell(workload, engine, process)?;
            let side = cell.outcome.measured()?.engine;
            Some(ClaimArm {
                name: engine.to_owned(),
                time_ns: side.time.0,
                minor_faults: side.counters.map(|counters| counters.minor_faults),
            })
        });
        Some([from?, to?])
    }

    /// The rounds of an engine's cell, those of each replicate together.
    fn kept(&self, workload: &str, engine: &str, process: Process) -> Option<&'f [Kept]> {
        let id = self.id(workload, engine, process);
        let mut rounds = self.finished.rounds.iter();
        let (_, kept) = rounds.find(|(own, _)| *own == id)?;
        Some(kept.as_slice())
    }

    fn cell(&self, workload: &str, engine: &str, process: Process) -> Option<&'f Cell> {
        let id = self.id(workload, engine, process);
        let cells = &self.finished.run.cells;
        cells.iter().find(|cell| cell.id() == id)
    }

    fn id(&self, workload: &str, engine: &str, process: Process) -> String {
        let state = (Cache::Warm, process, Scope::PerCall);
        plan::cell_id(workload, engine, self.bytes, state)
    }
}

#[cfg(test)]
mod tests {
    use super::super::published::CLAIMS;
    use super::*;

    #[test]
    fn a_first_look_asks_what_verdicts_rest_on() {
        let bytes = ByteCount(100_000);
        for claim in CLAIMS {
            let first: Vec<Contest> = contests(claim, bytes, true).unwrap();
            assert!(first.iter().all(|one| one.process == Process::Fresh));
            let of = |name: &str| first.iter().any(|one| one.workload.name() == name);
            assert!(
                of(claim.rust.workload) && of(claim.rust.equal.workload),
                "{}",
                claim.id
            );
            assert!(first.len() <= 2 && contests(claim, bytes, false).unwrap().len() > first.len());
        }
    }
}
