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

    /// The size with what is not warm or not steady behind: the end of the ids of its cells.
    #[must_use]
    pub fn parameter(&self) -> String {
        parameter(self.bytes, self.process, self.cache)
    }

    /// The id of an engine's cell: `<workload>/<engine>/<size>`, with what is not warm or not
    /// steady behind.
    #[must_use]
    pub fn cell_id(&self, engine: &dyn Engine) -> String {
        let (workload, engine) = (self.workload.name(), engine.name());
        cell_id(workload, engine, self.bytes, self.process, self.cache)
    }
}

fn parameter(bytes: ByteCount, process: Process, cache: Cache) -> String {
    let fresh = if process == Process::Fresh {
        "/fresh"
    } else {
        ""
    };
    let cold = if cache == Cache::Cold { "/cold" } else { "" };
    format!("{bytes}{fresh}{cold}")
}

/// See [`Contest::cell_id`].
pub(crate) fn cell_id(
    workload: &str,
    engine: &str,
    bytes: ByteCount,
    process: Process,
    cache: Cache,
) -> String {
    format!("{workload}/{engine}/{}", parameter(bytes, process, cache))
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

fn can(engine: &dyn Engine, workload: &dyn Workload) -> Result<(), &'static str> {
    engine.available()?;
    workload.serves(engine.shape())?;
    match workload.kind() {
        Kind::Reads => Ok(()),
        Kind::Writes { .. } => engine.writer().map(|_| ()),
    }
}
