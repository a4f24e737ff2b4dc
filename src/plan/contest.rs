//! A contest, and the cells to be that its engines make.

use super::axes::{Cache, Process, Scope};
use crate::engine::Engine;
use crate::error::Result;
use crate::units::ByteCount;
use crate::workload::{Kind, Role, Workload};

/// Everything fixed but the engine.
pub struct Contest {
    /// What is done.
    pub workload: &'static dyn Workload,
    /// The length of the text fixture.
    pub bytes: ByteCount,
    /// Where the file is when an iteration begins.
    pub cache: Cache,
    /// What ran in the process before.
    pub process: Process,
    /// What an iteration pays for.
    pub scope: Scope,
    /// The engine that the others are compared with.
    pub baseline: &'static dyn Engine,
    /// The engines compared, the baseline first.
    pub entries: Vec<Entry>,
}

/// An engine's place in a contest: a cell to be.
pub struct Entry {
    /// The engine.
    pub engine: &'static dyn Engine,
    /// Whether it can take part; the reason where it cannot.
    pub support: Result<(), String>,
}

impl Contest {
    /// Whether the contest ranks engines or is a control.
    #[must_use]
    pub fn role(&self) -> Role {
        self.workload.role()
    }

    /// The size with what is not warm, not steady or not per call behind: the end of the ids of its cells.
    #[must_use]
    pub fn parameter(&self) -> String {
        parameter(self.bytes, (self.cache, self.process, self.scope))
    }

    /// The id of an engine's cell: `<workload>/<engine>/<size>`, with what is not warm,
    /// not steady or not per call behind.
    #[must_use]
    pub fn cell_id(&self, engine: &dyn Engine) -> String {
        let (workload, engine) = (self.workload.name(), engine.name());
        let state = (self.cache, self.process, self.scope);
        cell_id(workload, engine, self.bytes, state)
    }
}

fn parameter(bytes: ByteCount, state: (Cache, Process, Scope)) -> String {
    format!("{bytes}{}", situation(state))
}

/// What is not warm, not steady or not per call, as ids end: `/fresh/cold`; empty where there is
/// nothing to say.
pub(crate) fn situation((cache, process, scope): (Cache, Process, Scope)) -> String {
    let fresh = if process == Process::Fresh {
        "/fresh"
    } else {
        ""
    };
    let cold = if cache == Cache::Cold { "/cold" } else { "" };
    let kept_open = if scope == Scope::KeptOpen {
        "/kept_open"
    } else {
        ""
    };
    format!("{fresh}{cold}{kept_open}")
}

/// See [`Contest::cell_id`].
pub(crate) fn cell_id(
    workload: &str,
    engine: &str,
    bytes: ByteCount,
    state: (Cache, Process, Scope),
) -> String {
    format!("{workload}/{engine}/{}", parameter(bytes, state))
}

/// Whether `engine` can be compared with `baseline` in `workload` on this system; the reason where
/// it cannot.
pub(super) fn support(
    engine: &dyn Engine,
    baseline: &dyn Engine,
    workload: &dyn Workload,
) -> Result<(), String> {
    can(engine, workload)?;
    can(baseline, workload).map_err(|reason| format!("the baseline cannot do it: {reason}"))
}

/// Whether `workload` means anything in this state; the reason where it does not.
pub(super) fn state_makes_sense(
    workload: &dyn Workload,
    cache: Cache,
    scope: Scope,
) -> Result<(), &'static str> {
    match scope {
        Scope::PerCall => Ok(()),
        Scope::KeptOpen if workload.kind() != Kind::Reads => {
            Err("a change is written when the file is closed, so it is measured per_call")
        }
        Scope::KeptOpen if cache == Cache::Cold => {
            Err("a file that stays open and mapped cannot be evicted; measure it per_call")
        }
        Scope::KeptOpen => Ok(()),
    }
}

fn can(engine: &dyn Engine, workload: &dyn Workload) -> Result<(), &'static str> {
    engine.available()?;
    workload.serves(engine.shape())?;
    match workload.kind() {
        Kind::Reads => Ok(()),
        Kind::Writes { .. } => engine.writer().map(|_| ()),
    }
}
