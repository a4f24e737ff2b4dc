//! Another build in the course of a run: its arms, and the rounds in which it took turns with this one.

use crate::engine::Engine;
use crate::machine::Build;
use crate::measure::{Hands, Introduction, Known, Trouble};
use crate::plan::Contest;
use crate::record::{AgainstCell, AgainstOutcome, NO_ROUND};

/// Another build that is to take part in every round.
pub struct OtherBuild {
    /// Its workers.
    pub hands: Hands,
    /// What it is and what it can do.
    pub introduction: Introduction<Build>,
}

/// A contest as the other build takes part in it: a cell for each of its entries.
pub(super) struct Rival(Vec<RivalCell>);

struct RivalCell {
    /// In so many visits, and so many rounds of both builds in all.
    replicates: usize,
    rounds: usize,
    /// Why it takes part no more, or never did.
    out: Option<AgainstOutcome>,
}

impl Rival {
    /// What `other` can take part in of `contest`.
    pub(super) fn new(contest: &Contest, other: &OtherBuild) -> Self {
        let Introduction {
            engines, workloads, ..
        } = &other.introduction;
        let workload = (contest.workload.name(), contest.workload.version());
        let of_workload = same_work("workload", workload, workloads);
        let cells = contest.entries.iter().map(|entry| {
            let engine = (entry.engine.name(), entry.engine.version());
            let of_engine = || same_work("engine", engine, engines);
            RivalCell {
                replicates: 0,
                rounds: 0,
                out: of_workload.clone().and_then(|()| of_engine()).err(),
            }
        });
        Self(cells.collect())
    }

    /// Of this build's arms, which are told of by entry, those that the other has as well.
    pub(super) fn arms(
        &self,
        own: &[(usize, &'static dyn Engine)],
    ) -> Vec<(usize, &'static dyn Engine)> {
        let takes_part = |(entry, _): &&(usize, _)| self.0[*entry].out.is_none();
        own.iter().filter(takes_part).copied().collect()
    }

    /// Counts rounds of a cell that both builds were measured in.
    pub(super) fn count(&mut self, entry: usize, rounds: usize) {
        self.0[entry].replicates += usize::from(rounds > 0);
        self.0[entry].rounds += rounds;
    }

    /// Has an entry take part no more, or with `None` any.
    pub(super) fn fail(&mut self, entry: Option<usize>, trouble: &Trouble) {
        let reason = format!("the other build: {}", trouble.reason());
        for (number, cell) in self.0.iter_mut().enumerate() {
            if cell.out.is_none() && entry.is_none_or(|entry| entry == number) {
                cell.out = Some(AgainstOutcome::Incomparable {
                    reason: reason.clone(),
                });
            }
        }
    }

    /// The entries that the other build gave up after some visits: how many, and why.
    pub(super) fn cut_short(&self) -> impl Iterator<Item = (usize, usize, String)> {
        let entries = self.0.iter().enumerate();
        entries.filter_map(|(entry, cell)| match &cell.out {
            Some(AgainstOutcome::Incomparable { reason }) if cell.replicates > 0 => {
                Some((entry, cell.replicates, reason.clone()))
            }
            _ => None,
        })
    }

    /// What came of the cells; those that could not be measured in either build have nothing to tell.
    /// `own` says what kept an entry of this build from being measured.
    pub(super) fn cells<'t>(
        &self,
        contest: &Contest,
        own: impl Fn(usize) -> Option<&'t Trouble>,
    ) -> Vec<AgainstCell> {
        let entries = contest.entries.iter().zip(&self.0).enumerate();
        let cells = entries.filter_map(|(number, (entry, cell))| {
            let outcome = match (own(number), &cell.out) {
                // Whatever went wrong later, on either side.
                _ if cell.rounds > 0 => AgainstOutcome::Measured {
                    rounds: cell.rounds,
                },
                (Some(Trouble::Unsupported(_)), _) => return None,
                (Some(trouble), _) => AgainstOutcome::Incomparable {
                    reason: format!("this build: {}", trouble.reason()),
                },
                (None, Some(out)) => out.clone(),
                (None, None) => AgainstOutcome::Incomparable {
                    reason: NO_ROUND.to_owned(),
                },
            };
            let id = contest.cell_id(entry.engine);
            Some(AgainstCell { id, outcome })
        });
        cells.collect()
    }
}

/// Whether the other build has this engine or workload, and in the same version.
fn same_work(
    what: &str,
    (name, version): (&str, u32),
    known: &[Known],
) -> Result<(), AgainstOutcome> {
    match known.iter().find(|known| known.name == name) {
        None => Err(AgainstOutcome::New {
            reason: format!("the other build has no {what} `{name}`"),
        }),
        Some(other) if other.version != version => Err(AgainstOutcome::Incomparable {
            reason: format!("version of the {what}: {} and {version}", other.version),
        }),
        Some(_) => Ok(()),
    }
}
