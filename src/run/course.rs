//! A contest in the course of a run: its arms, the rounds of its replicates, and its troubles.

use std::time::Duration;

use super::rival::{OtherBuild, Rival};
use crate::engine::Engine;
use crate::measure::{Failure, Kept, Round, Stage, Trouble, Weight};
use crate::plan::Contest;
use crate::record::{self, AgainstCell, Cell, Compared, ExpectedAnswer, Outcome};
use crate::stats::{self, EQUIVALENCE_MARGIN, Floor, Swept};

/// Place of the baseline among the arms of a course, and of its twin, whose ratio is the noise floor.
const BASELINE: usize = 0;
const TWIN: usize = 1;

/// So many visits in a row may be lost to a cache state that cannot be verified, or to workers that die
/// before they come to an arm or cannot be started, where all went well before: a kernel evicts for a while
/// and stops, and memory or processes are short for a while.
const VISITS_TO_LOSE: usize = 3;

/// A contest, and what has come of it so far.
pub(super) struct Course<'f> {
    pub(super) contest: Contest,
    pub(super) stage: Stage<'f>,
    /// Lengths of the batches of the arms, once they are found.
    pub(super) batch_iterations: Vec<u64>,
    /// One for each entry of the contest.
    entries: Vec<Entrant>,
    /// Visits that were lost in a row.
    lost: usize,
    /// Another build in the same rounds.
    rival: Option<Rival>,
    /// The longest that one iteration took in a process of its own, starting it included.
    pub(super) slowest: Duration,
    /// Whether the weights of its cells were looked at.
    pub(super) is_weighed: bool,
}

/// A cell that was given up after some replicates.
pub(super) struct CutShort {
    pub(super) id: String,
    /// Those that were finished and stand.
    pub(super) replicates: usize,
    pub(super) reason: String,
}

/// What has come of a cell so far.
#[derive(Default)]
struct Entrant {
    replicates: Vec<Kept>,
    trouble: Option<Trouble>,
    weight: Option<Weight>,
}

impl<'f> Course<'f> {
    /// A contest of which nothing is known yet but what rules out some of its engines.
    pub(super) fn new(contest: Contest, stage: Stage<'f>, other: Option<&OtherBuild>) -> Self {
        let entrant = |entry: &crate::plan::Entry| Entrant {
            trouble: entry.support.clone().err().map(Trouble::Unsupported),
            ..Entrant::default()
        };
        Self {
            entries: contest.entries.iter().map(entrant).collect(),
            rival: other.map(|other| Rival::new(&contest, other)),
            contest,
            stage,
            batch_iterations: Vec::new(),
            lost: 0,
            slowest: Duration::ZERO,
            is_weighed: false,
        }
    }

    /// The arms of a round: the baseline, its twin, and the engines that can still take part.
    pub(super) fn arms(&self) -> Vec<&'static dyn Engine> {
        self.entrants()
            .into_iter()
            .map(|(_, engine)| engine)
            .collect()
    }

    /// The arms of the other build, which stand behind those: the same, as far as it has them.
    pub(super) fn rival_arms(&self) -> Vec<&'static dyn Engine> {
        let arms = self.rival_entrants().into_iter();
        arms.map(|(_, engine)| engine).collect()
    }

    /// The arms, each with its entry.
    fn entrants(&self) -> Vec<(usize, &'static dyn Engine)> {
        let baseline = (0, self.contest.baseline);
        std::iter::once(baseline)
            .chain(self.contestants())
            .collect()
    }

    fn rival_entrants(&self) -> Vec<(usize, &'static dyn Engine)> {
        let rival = self.rival.as_ref();
        rival.map_or_else(Vec::new, |rival| rival.arms(&self.entrants()))
    }

    /// Whether there is anything left to measure.
    pub(super) fn is_alive(&self) -> bool {
        self.entries[BASELINE].trouble.is_none()
    }

    /// The entries of engines that can still take part, in the order of their arms behind the twin.
    fn challengers(&self) -> impl Iterator<Item = usize> {
        (1..self.entries.len()).filter(|entry| self.entries[*entry].trouble.is_none())
    }

    /// The entries that can take part, with their engines.
    pub(super) fn contestants(&self) -> Vec<(usize, &'static dyn Engine)> {
        let entries = std::iter::once(BASELINE).chain(self.challengers());
        entries
            .map(|entry| (entry, self.contest.entries[entry].engine))
            .collect()
    }

    /// What is measured, in a few words.
    pub(super) fn title(&self) -> String {
        format!(
            "{} {}",
            self.contest.workload.name(),
            self.contest.parameter()
        )
    }

    /// Whether it is known what an iteration here holds and fetches, which is the same as one there.
    pub(super) fn weighs_like(&self, other: &Self) -> bool {
        self.is_weighed
            && self.contest.workload.name() == other.contest.workload.name()
            && self.contest.bytes == other.contest.bytes
    }

    /// Whether two courses ask the same in the same state, of whichever size.
    pub(super) fn same_state(&self, other: &Self) -> bool {
        let state = |of: &Contest| (of.workload.name(), of.cache, of.process, of.scope);
        state(&self.contest) == state(&other.contest)
    }

    /// Takes over the weights of a course that [weighs alike](Self::weighs_like): the same engines
    /// on the same file.
    pub(super) fn take_weights(&mut self, other: &Self) {
        self.slowest = other.slowest;
        self.is_weighed = true;
        for (own, told) in self.entries.iter_mut().zip(&other.entries) {
            own.weight = told.weight;
        }
    }

    /// Remembers what an iteration of an entry's engine weighs.
    pub(super) fn set_weight(&mut self, entry: usize, weight: Option<Weight>) {
        self.entries[entry].weight = weight;
    }

    /// Takes the rounds of a visit apart into those of its cells, and hands each to `keep` with the
    /// id of its rounds.
    pub(super) fn add<E>(
        &mut self,
        kept: &Kept,
        mut keep: impl FnMut(&str, &[Round]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.lost = 0;
        let arms = self.entrants();
        let rival_arms = self.rival_entrants();
        for (arm, (entry, engine)) in arms.iter().enumerate().skip(TWIN) {
            let id = self.contest.cell_id(*engine);
            let own = match arm {
                TWIN => kept.of_cell(BASELINE, TWIN), // its time is the one all others are held against
                _ => kept.of_cell(arm, BASELINE),
            };
            keep(&id, &own.rounds)?;
            self.entries[*entry].replicates.push(own);
            // The twin, which has the baseline's entry, is the baseline measured once more.
            let place = rival_arms.iter().rposition(|(other, _)| other == entry);
            if let (Some(place), Some(rival)) = (place, &mut self.rival) {
                let builds = kept.of_cell(arm, arms.len() + place);
                keep(&AgainstCell::rounds_id(&id), &builds.rounds)?;
                rival.count(*entry, builds.rounds.len());
            }
        }
        Ok(())
    }

    /// Whether this failure costs no more than the visit.
    pub(super) fn only_lost(&mut self, failure: &Failure) -> bool {
        let known = !self.entries[BASELINE].replicates.is_empty();
        self.lost += 1;
        let passes = match &failure.trouble {
            Trouble::Unverified(_) => true,
            Trouble::Died(_) => failure.arm.is_none(),
            _ => false,
        };
        known && self.lost < VISITS_TO_LOSE && passes
    }

    /// Notes what went wrong: with one engine, which takes part no more, or with the baseline or the
    /// file, in which case no cell is left.
    /// Each cell concerned is told.
    pub(super) fn fail(&mut self, failure: Failure, mut tell: impl FnMut(&str, &Trouble)) {
        let trouble = failure.trouble;
        let id = |entry: usize| self.contest.cell_id(self.contest.entries[entry].engine);
        let own_arms = self.entrants().len();
        let rival_arm = failure.arm.and_then(|arm| arm.checked_sub(own_arms));
        if let (Some(arm), true) = (rival_arm, self.rival.is_some()) {
            return self.fail_rival(arm, &trouble, tell);
        }
        let challengers: Vec<usize> = self.challengers().collect();
        let to_blame = failure
            .arm
            .and_then(|arm| challengers.get(arm.checked_sub(TWIN + 1)?));
        if let Some(entry) = to_blame {
            tell(&id(*entry), &trouble);
            self.entries[*entry].trouble = Some(trouble);
            self.batch_iterations.clear();
            return;
        }
        let of_others = match failure.arm {
            Some(_) => trouble.clone().of_baseline(),
            None => trouble.clone(),
        };
        tell(&id(BASELINE), &trouble);
        for entry in challengers {
            self.entries[entry].trouble = Some(of_others.clone());
        }
        self.entries[BASELINE].trouble = Some(trouble);
    }

    /// Notes what went wrong with an arm of the other build, or with all of it.
    fn fail_rival(&mut self, arm: usize, trouble: &Trouble, mut tell: impl FnMut(&str, &Trouble)) {
        let entry = self.rival_entrants().get(arm).map(|(entry, _)| *entry);
        let id = |entry: usize| self.contest.cell_id(self.contest.entries[entry].engine);
        tell(
            &AgainstCell::rounds_id(&id(entry.unwrap_or(BASELINE))),
            trouble,
        );
        if let Some(rival) = &mut self.rival {
            rival.fail(entry, trouble);
        }
    }

    /// What came of the cells beside the other build's.
    pub(super) fn against(&self) -> Vec<AgainstCell> {
        let own = |entry: usize| self.entries[entry].trouble.as_ref();
        let rival = self.rival.as_ref();
        rival.map_or_else(Vec::new, |rival| rival.cells(&self.contest, own))
    }

    /// The run ended. What was measured stands; for the rest, `reason` says why not. Tells whether there was
    /// such a rest.
    pub(super) fn end(&mut self, reason: &str) -> bool {
        let mut skipped = false;
        for entrant in &mut self.entries {
            if entrant.replicates.is_empty() && entrant.trouble.is_none() {
                entrant.trouble = Some(Trouble::Skipped(reason.to_owned()));
                skipped = true;
            }
        }
        skipped
    }

    /// The cells as they stand, the baseline's first, whose floor judges the others.
    pub(super) fn cells(&self, seed: u64) -> Vec<Cell> {
        let target = self.stage.target();
        let mut floor = None;
        let mut cells = Vec::with_capacity(self.entries.len());
        for (number, entrant) in self.entries.iter().enumerate() {
            let compared = match number {
                BASELINE => Compared::WithItself,
                _ => Compared::WithBaseline(floor),
            };
            let outcome = self.outcome(entrant, compared, seed);
            if number == BASELINE {
                let measured = outcome.measured();
                floor = measured.and_then(|measured| Floor::new(&measured.estimate));
            }
            let engine = self.contest.entries[number].engine;
            let is_to_come = entrant.replicates.is_empty() && entrant.trouble.is_none();
            let cell = Cell::new(&self.contest, target, engine, outcome);
            cells.push(Cell {
                expected: is_to_come.then(|| ExpectedAnswer {
                    answer: self.stage.expected().answer.to_string(),
                    looks_at_bytes: self.stage.expected().looks_at.map(|bytes| bytes.0),
                }),
                ..cell
            });
        }
        cells
    }

    /// What is known so far of each engine beside the baseline, at a glance.
    pub(super) fn glances(&self) -> Vec<(&'static str, Swept)> {
        let floor = record::glance(&self.entries[BASELINE].replicates);
        let floor = floor.and_then(|null| Floor::new(&null));
        let glance = |entry: usize| {
            let estimate = record::glance(&self.entries[entry].replicates)?;
            let swept = Swept {
                bytes: self.contest.bytes.0,
                speedup: estimate.point,
                verdict: stats::verdict(&estimate, floor.as_ref(), EQUIVALENCE_MARGIN),
            };
            Some((self.contest.entries[entry].engine.name(), swept))
        };
        self.challengers().filter_map(glance).collect()
    }

    /// Whether something went wrong with a cell, whatever was measured before.
    pub(super) fn has_failed(&self) -> bool {
        let failed = |trouble: &Trouble| matches!(trouble, Trouble::Failed(_) | Trouble::Died(_));
        let mut entries = self.entries.iter();
        entries.any(|entrant| entrant.trouble.as_ref().is_some_and(failed))
    }

    /// Whether every cell is known to `precision`, in percent, or will never be.
    pub(super) fn is_known(&self, seed: u64, precision: f64) -> bool {
        let narrow = |cell: &Cell| match &cell.outcome {
            Outcome::Measured(measured) => measured
                .estimate
                .interval
                .is_some_and(|interval| interval.half_width_percent() <= precision),
            _ => true,
        };
        let mut cells = self.entries.iter().zip(self.cells(seed));
        cells.all(|(entrant, cell)| entrant.trouble.is_some() || narrow(&cell))
    }

    /// The rounds of every cell, by its id, those of each replicate together.
    pub(super) fn into_rounds(self) -> Vec<(String, Vec<Kept>)> {
        let entries = self.contest.entries.iter().zip(self.entries);
        entries
            .map(|(entry, entrant)| (self.contest.cell_id(entry.engine), entrant.replicates))
            .collect()
    }

    /// The figures of the replicates that were finished, whatever went wrong after them; where there are
    /// none, what went wrong.
    fn outcome(&self, entrant: &Entrant, compared: Compared, seed: u64) -> Outcome {
        if entrant.replicates.is_empty() && entrant.trouble.is_none() {
            return Outcome::Skipped(record::NOT_YET.to_owned());
        }
        let expected = self.stage.expected();
        let mut outcome = record::outcome(expected, &entrant.replicates, compared, seed);
        match (&mut outcome, &entrant.trouble) {
            (Outcome::Measured(measured), _) => {
                measured.engine.weight = entrant.weight;
                measured.baseline.weight = self.entries[BASELINE].weight;
                outcome
            }
            (_, Some(trouble)) => Outcome::from(trouble.clone()),
            (_, None) => outcome,
        }
    }

    /// The cells that were given up after some replicates, with how many those are and why; those of the
    /// other build among them.
    pub(super) fn cut_short(&self) -> Vec<CutShort> {
        let id = |entry: usize| self.contest.cell_id(self.contest.entries[entry].engine);
        let entries = self.entries.iter().enumerate();
        let entries = entries.filter(|(_, entrant)| !entrant.replicates.is_empty());
        let own = entries.filter_map(|(number, entrant)| {
            Some(CutShort {
                id: id(number),
                replicates: entrant.replicates.len(),
                reason: entrant.trouble.as_ref()?.reason().to_owned(),
            })
        });
        let theirs = self.rival.iter().flat_map(Rival::cut_short);
        let theirs = theirs.map(|(entry, replicates, reason)| CutShort {
            id: AgainstCell::rounds_id(&id(entry)),
            replicates,
            reason,
        });
        own.chain(theirs).collect()
    }
}
