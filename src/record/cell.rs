//! A cell of a record: which engine in which contest, and what came of it.

use serde::{Deserialize, Serialize};

use super::{Counters, NOT_YET};
use crate::engine::Engine;
use crate::fixture::Target;
use crate::measure::{Trouble, Weight};
use crate::plan::{self, Cache, Contest, Process, Scope};
use crate::stats::{Estimate, Interval, Verdict};
use crate::units::{ByteCount, Nanos, Ratio, Throughput};
use crate::workload::{self, Answer, Kind, Role};

/// The word for the baseline beside itself.
pub(super) const BASELINE: &str = "baseline";
/// The word for a cell whose workload had nothing to do.
pub(super) const UNRANKED: &str = "unranked";

/// From this share of the file on, an iteration counts as one that needs all of it: a text near the far end.
const WHOLE: f64 = 0.9;

/// An engine in a contest, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The workload.
    pub workload: String,
    /// The version of its work.
    pub workload_version: u32,
    /// Whether it ranks engines or is a control.
    pub role: Role,
    /// The file.
    pub fixture: FixtureId,
    /// What the workload searched for, replaced or drew, as [`Workload::query`] says it; `None` where the record does
    /// not tell, which older ones do not.
    ///
    /// [`Workload::query`]: crate::workload::Workload::query
    pub query: Option<String>,
    /// Where the file was when an iteration began.
    pub cache: Cache,
    /// What ran in the process before.
    pub process: Process,
    /// What an iteration paid for.
    pub scope: Scope,
    /// The engine.
    pub engine: String,
    /// The version of its work.
    pub engine_version: u32,
    /// The engine it was compared with.
    pub baseline: String,
    /// What every iteration has to find out, where it was not measured yet: the figures of a measured one say
    /// so themselves, and those of a run that was killed are made of its rounds and this.
    pub expected: Option<ExpectedAnswer>,
    /// What came of it.
    pub outcome: Outcome,
}

/// The oracle's answer, and what throughput counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedAnswer {
    /// The answer in words.
    pub answer: String,
    /// Bytes that an iteration looks at.
    pub looks_at_bytes: Option<u64>,
}

/// Which file it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FixtureId {
    /// Its name, `text-2MB`.
    pub name: String,
    /// Its length.
    pub bytes: ByteCount,
    /// Its digest; `None` where it was never made.
    pub digest: Option<String>,
}

impl FixtureId {
    /// The identity of `fixture`.
    #[must_use]
    pub fn of(fixture: &Target) -> Self {
        Self {
            name: fixture.name().to_owned(),
            bytes: fixture.bytes(),
            digest: Some(fixture.digest().to_owned()),
        }
    }
}

impl Cell {
    /// Whether the run has not come to it yet.
    #[must_use]
    pub fn is_to_come(&self) -> bool {
        matches!(&self.outcome, Outcome::Skipped(why) if why == NOT_YET)
    }

    /// The cell of `engine` in `contest`, whose file is `target`.
    #[must_use]
    pub fn new(contest: &Contest, target: &Target, engine: &dyn Engine, outcome: Outcome) -> Self {
        Self {
            workload: contest.workload.name().to_owned(),
            workload_version: contest.workload.version(),
            role: contest.role(),
            fixture: FixtureId::of(target),
            query: Some(contest.workload.query(target.questions())),
            cache: contest.cache,
            process: contest.process,
            scope: contest.scope,
            engine: engine.name().to_owned(),
            engine_version: engine.version(),
            baseline: contest.baseline.name().to_owned(),
            expected: None,
            outcome,
        }
        .without_idle_verdict()
    }

    /// Takes the verdict of what is not judged.
    pub(super) fn without_idle_verdict(mut self) -> Self {
        let judged = !self.is_floor() && self.idle().is_none();
        if let (false, Outcome::Measured(measured)) = (judged, &mut self.outcome) {
            measured.verdict = None;
        }
        self
    }

    /// The word for what came of it, the same in every table, file and page: a verdict, `baseline`, `unranked`, or the
    /// outcome where it was not measured.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.outcome.measured() {
            None => self.outcome.name(),
            Some(_) if self.is_floor() => BASELINE,
            Some(measured) => measured.verdict.map_or(UNRANKED, |verdict| verdict.name()),
        }
    }

    /// The verdict; `None` where nothing was measured, or nothing is judged.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.outcome.measured()?.verdict
    }

    /// Why the workload had nothing to do, so that it ranks nobody; `None` where it had.
    #[must_use]
    pub fn idle(&self) -> Option<&'static str> {
        let measured = self.outcome.measured()?;
        if measured.looks_at == Some(ByteCount(0)) {
            return Some(match self.fixture.bytes {
                ByteCount(0) => "the file is empty, so there was nothing to look at",
                _ => "the text is longer than the file, so there was nothing to look at",
            });
        }
        let writes = workload::find(&self.workload)
            .is_some_and(|workload| matches!(workload.kind(), Kind::Writes { .. }));
        self.found_nothing().filter(|_| writes)
    }

    /// What a reader must know because an iteration found nothing.
    #[must_use]
    pub fn found_nothing(&self) -> Option<&'static str> {
        let measured = self.outcome.measured()?;
        let nothing = [Answer::Absent, Answer::Count(0)].map(|answer| answer.to_string());
        let told = workload::find(&self.workload)?.found_nothing()?;
        nothing.contains(&measured.answer).then_some(told)
    }

    /// Whether an iteration is done with a part of the file: its answer lies early, or it looks at few places. An
    /// engine that brings all of the file then does more than one that stops, and the longer the file, the more; such
    /// a speed-up goes into no mean with others.
    #[must_use]
    pub fn needs_a_part(&self) -> bool {
        let measured = self.outcome.measured();
        let looks_at = measured.and_then(|measured| measured.looks_at);
        looks_at.is_some_and(|bytes| (bytes.0 as f64) < WHOLE * self.fixture.bytes.0 as f64)
    }

    /// Its id: `<workload>/<engine>/<size>`, with what is not warm or not steady behind.
    #[must_use]
    pub fn id(&self) -> String {
        self.id_of(&self.engine)
    }

    /// The id of `engine`'s cell in the same contest.
    #[must_use]
    pub fn id_of(&self, engine: &str) -> String {
        let state = (self.cache, self.process, self.scope);
        plan::cell_id(&self.workload, engine, self.fixture.bytes, state)
    }

    /// Workload and file, with what is not warm, not steady or not per call behind, for people:
    /// `find_first 2MB/fresh`, `find_first access.log`.
    #[must_use]
    pub fn contest_title(&self) -> String {
        format!("{} {}", self.workload, self.parameter())
    }

    /// The file, with what is not warm, not steady or not per call behind, for people: `2MB/fresh`.
    #[must_use]
    pub fn parameter(&self) -> String {
        let name = &self.fixture.name;
        let file = Target::size_in(name).unwrap_or(name);
        let situation = plan::situation((self.cache, self.process, self.scope));
        format!("{file}{situation}")
    }

    /// Whether this is the baseline compared with itself, whose interval is the noise floor.
    #[must_use]
    pub fn is_floor(&self) -> bool {
        self.engine == self.baseline
    }

    /// Whether two cells are arms of one contest.
    #[must_use]
    pub fn same_contest(&self, other: &Self) -> bool {
        self.workload == other.workload
            && self.fixture == other.fixture
            && (self.cache, self.process, self.scope) == (other.cache, other.process, other.scope)
            && self.baseline == other.baseline
    }
}

/// What came of a cell. Everything but a measurement carries its reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was measured, and every answer was right.
    Measured(Box<Measured>),
    /// The engine cannot do this honestly.
    Unsupported(String),
    /// The state of the cache could not be verified, so the times say nothing.
    Unverified(String),
    /// A wrong answer, or the system refused.
    Failed(String),
    /// Something optional was missing.
    Skipped(String),
}

impl Outcome {
    /// The name in tables and records.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Measured(_) => "measured",
            Self::Unsupported(_) => "unsupported",
            Self::Unverified(_) => "unverified",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Why nothing was measured.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Measured(_) => None,
            Self::Unsupported(reason)
            | Self::Unverified(reason)
            | Self::Failed(reason)
            | Self::Skipped(reason) => Some(reason),
        }
    }

    /// The measurement, if there is one.
    #[must_use]
    pub fn measured(&self) -> Option<&Measured> {
        match self {
            Self::Measured(measured) => Some(measured),
            _ => None,
        }
    }
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unsupported(reason) => Self::Unsupported(reason),
            Trouble::Unverified(reason) => Self::Unverified(reason),
            Trouble::Failed(reason) | Trouble::Died(reason) => Self::Failed(reason),
            Trouble::Skipped(reason) => Self::Skipped(reason),
        }
    }
}

/// The figures of a measured cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Baseline time over engine time, with its interval and the rounds behind it.
    pub estimate: Estimate,
    /// The contest's noise floor; `None` where it is not known.
    pub floor: Option<Interval>,
    /// What may be said; `None` of the baseline beside itself, and where there was nothing to do.
    pub verdict: Option<Verdict>,
    /// The engine's side.
    pub engine: ArmFigures,
    /// The baseline's side of the same rounds.
    pub baseline: ArmFigures,
    /// Rounds thrown away because pages of the file left memory meanwhile.
    pub voided: u64,
    /// What every iteration found out.
    pub answer: String,
    /// Bytes that an iteration looks at.
    pub looks_at: Option<ByteCount>,
}

impl Measured {
    /// Baseline time over engine time.
    #[must_use]
    pub fn speedup(&self) -> Ratio {
        Ratio(self.estimate.point)
    }

    /// Bytes looked at in a second of the engine's time.
    #[must_use]
    pub fn throughput(&self) -> Option<Throughput> {
        Throughput::new(self.looks_at?, self.engine.time)
    }
}

/// One side of a cell's rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArmFigures {
    /// Iterations in a batch.
    pub batch_iterations: u64,
    /// The median batch's time for one iteration.
    pub time: Nanos,
    /// What the kernel charged; `None` where it does not tell.
    pub counters: Option<Counters>,
    /// What an iteration held and fetched in a process of its own; `None` where nobody looked.
    pub weight: Option<Weight>,
}
