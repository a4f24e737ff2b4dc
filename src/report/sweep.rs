//! A sweep as people read it: where the faster engine changes, in words, and a table of each workload and
//! state with a row for each size.

use crate::plan::{Cache, Process, Scope};
use crate::record::{Cell, Run};
use crate::stats::{Crossover, Lead, Swept, Verdict, crossovers};
use crate::units::{self, ByteCount, about};
use crate::workload::Role;

use super::grouped::grouped;
use super::view::{Column, column, interval_text};

/// An engine beside the baseline over the sizes of a sweep, in one workload and state.
pub(super) struct Line<'a> {
    /// Its cells, their sizes ascending.
    pub(super) cells: Vec<&'a Cell>,
    /// What was found where it was measured, ascending.
    pub(super) found: Vec<Swept>,
    /// Where the faster one changes; places are those in `found`.
    pub(super) changes: Vec<Crossover>,
}

/// The lines of `run`, in the order in which they come up; none where it swept no sizes.
fn lines(run: &Run) -> Vec<Line<'_>> {
    let swept = run.is_sweep();
    let cells = run.cells.iter().filter(|cell| swept && !cell.is_floor());
    let groups = grouped(cells, |cell| (&cell.engine, state_of(cell)));
    groups.into_iter().map(Line::new).collect()
}

/// Those that rank engines.
pub(super) fn ranked_lines(run: &Run) -> Vec<Line<'_>> {
    let mut lines = lines(run);
    lines.retain(|line| line.cells[0].role == Role::Ranked);
    lines
}

/// What a cell is besides its size and its engine.
pub(super) fn state_of(cell: &Cell) -> (&str, Cache, Process, Scope, &str) {
    let (workload, baseline) = (cell.workload.as_str(), cell.baseline.as_str());
    (workload, cell.cache, cell.process, cell.scope, baseline)
}

/// Whether two cells differ in size and engine alone.
pub(super) fn same_state(one: &Cell, other: &Cell) -> bool {
    state_of(one) == state_of(other)
}

impl<'a> Line<'a> {
    fn new(mut cells: Vec<&'a Cell>) -> Self {
        cells.sort_by_key(|cell| cell.fixture.bytes);
        cells.dedup_by_key(|cell| cell.fixture.bytes);
        let swept = |cell: &&Cell| {
            let measured = cell.outcome.measured()?;
            Some(Swept {
                bytes: cell.fixture.bytes.0,
                speedup: measured.estimate.point,
                verdict: measured.verdict?,
            })
        };
        let found: Vec<Swept> = cells.iter().filter_map(swept).collect();
        Self {
            changes: crossovers(&found),
            cells,
            found,
        }
    }

    /// The sizes between which a change lies.
    pub(super) fn interval(&self, change: &Crossover) -> (ByteCount, ByteCount) {
        let size = |place: usize| ByteCount(self.found[place].bytes);
        (size(change.last), size(change.first))
    }

    /// What was found, in one sentence without the state.
    fn sentence(&self, alone: bool) -> String {
        let mut parts = vec![self.leads(alone)];
        let mut inside = vec![false; self.found.len()];
        for change in &self.changes {
            inside[change.last..=change.first].fill(true);
        }
        let places = || (0..self.found.len()).filter(|place| !inside[*place]);
        let of = |wanted: fn(Verdict) -> bool| -> Vec<u64> {
            let places = places().filter(|place| wanted(self.found[*place].verdict));
            places.map(|place| self.found[place].bytes).collect()
        };
        // Where all sizes are open, or all the same, that is all there is to say.
        let open = self.found.iter().filter(|found| is_open(found.verdict));
        let open = open.count();
        let decided = self.found.iter().any(|found| found.lead().is_some());
        if decided || (open > 0 && open < self.found.len()) {
            parts.extend(self.at(
                "the same within 2 %",
                &of(|verdict| verdict == Verdict::Same),
            ));
            parts.extend(self.at("inconclusive", &of(is_open)));
        }
        let cells = self.cells.iter();
        let missing = cells.filter(|cell| cell.outcome.measured().is_none());
        let missing: Vec<u64> = missing.map(|cell| cell.fixture.bytes.0).collect();
        if !self.found.is_empty() {
            parts.extend(self.at("without figures", &missing));
        }
        parts.join("; ")
    }

    /// Who is faster where. Where the engine is not `alone`, it is always named.
    fn leads(&self, alone: bool) -> String {
        let Some(first) = self.cells.first() else {
            return "nothing was measured".to_owned();
        };
        let (engine, baseline) = (&first.engine, &first.baseline);
        let named = |lead: Lead| match lead {
            Lead::Engine => (engine, baseline),
            Lead::Baseline => (baseline, engine),
        };
        if !self.changes.is_empty() {
            let change = |change: &Crossover| {
                let (faster, other) = named(change.to);
                let (low, high) = self.interval(change);
                let at = change.at_bytes.map_or_else(String::new, |bytes| {
                    format!(" (about {})", about(bytes, low))
                });
                format!("{faster} overtakes {other} between {low} and {high}{at}")
            };
            return self
                .changes
                .iter()
                .map(change)
                .collect::<Vec<_>>()
                .join(", ");
        }
        let decided: Vec<&Swept> = self
            .found
            .iter()
            .filter(|found| found.lead().is_some())
            .collect();
        let (Some(low), Some(high)) = (decided.first(), decided.last()) else {
            return self.without_lead(engine, baseline);
        };
        let (faster, other) = named(low.lead().unwrap_or(Lead::Baseline));
        let than = if alone {
            String::new()
        } else {
            format!(" than {other}")
        };
        let what = format!("{faster} is faster{than}");
        if decided.len() == self.found.len() && low.bytes < high.bytes {
            return format!("{what} throughout {}", span(low.bytes, high.bytes));
        }
        let sizes: Vec<u64> = decided.iter().map(|found| found.bytes).collect();
        self.at(&what, &sizes).unwrap_or(what)
    }

    fn without_lead(&self, engine: &str, baseline: &str) -> String {
        let (Some(low), Some(high)) = (self.found.first(), self.found.last()) else {
            return format!("{engine} and {baseline}: nothing was measured");
        };
        let all = span(low.bytes, high.bytes);
        if self
            .found
            .iter()
            .all(|found| found.verdict == Verdict::Same)
        {
            return format!(
                "{engine} and {baseline} take the same time throughout {all}, within 2 %"
            );
        }
        if self.found.iter().all(|found| is_open(found.verdict)) {
            return format!("{engine} against {baseline} is inconclusive throughout {all}");
        }
        format!("neither {engine} nor {baseline} is ahead in {all}")
    }

    /// `what` at these sizes, neighbours taken together; `None` where there are none.
    fn at(&self, what: &str, sizes: &[u64]) -> Option<String> {
        let place = |bytes: u64| {
            // They ascend.
            self.cells
                .binary_search_by_key(&bytes, |cell| cell.fixture.bytes.0)
        };
        let together = |one: &u64, next: &u64| place(*one).map(|at| at + 1) == place(*next);
        let spans = sizes.chunk_by(together).map(|run| match *run {
            [low, .., high] => span(low, high),
            [only] => ByteCount(only).to_string(),
            [] => String::new(),
        });
        let spans: Vec<String> = spans.collect();
        (!spans.is_empty()).then(|| format!("{what} at {}", spans.join(", ")))
    }
}

fn is_open(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Inconclusive { .. })
}

/// `4KiB … 64MiB`.
pub(super) fn span(low: u64, high: u64) -> String {
    if low == high {
        return ByteCount(low).to_string();
    }
    format!("{} … {}", ByteCount(low), ByteCount(high))
}

/// Where the faster engine changes, a sentence for each engine in each workload and state.
pub(super) fn sentences(run: &Run) -> Vec<String> {
    let lines = ranked_lines(run);
    let several = |told: fn(&Cell) -> &str| {
        let mut names = lines.iter().map(|line| told(line.cells[0]));
        let first = names.next();
        names.any(|name| Some(name) != first)
    };
    let workloads = several(|cell| &cell.workload);
    let alone = !several(|cell| &cell.engine);
    let sentence = |line: &Line<'_>| {
        let cell = line.cells[0];
        let workload = if workloads {
            format!("{} ", cell.workload)
        } else {
            String::new()
        };
        format!("{workload}{}: {}", state(cell), line.sentence(alone))
    };
    lines.iter().map(sentence).collect()
}

/// The process, and what is not warm or not per call.
fn state(cell: &Cell) -> String {
    let mut words = vec![cell.process.name()];
    if cell.cache != Cache::Warm {
        words.push(cell.cache.name());
    }
    if cell.scope != Scope::PerCall {
        words.push(cell.scope.name());
    }
    words.join(", ")
}

/// The columns of a sweep's tables.
pub const SWEEP_COLUMNS: [Column; 7] = [
    column("size", false),
    column("engine", false),
    column("time", true),
    column("speed-up", true),
    column("95 % interval", true),
    column("verdict", false),
    column("floor", true),
];

/// A workload in a state, with a row for each size and engine.
#[derive(Clone, Debug)]
pub struct SweepTable {
    /// The workload and the state.
    pub title: String,
    /// The rows: a text for each of [`SWEEP_COLUMNS`], and the verdict for colour.
    pub rows: Vec<([String; SWEEP_COLUMNS.len()], Option<Verdict>)>,
    /// Why rows are empty.
    pub remarks: Vec<String>,
}

/// The tables of `run`; none where it swept no sizes.
pub(super) fn tables(run: &Run) -> Vec<SweepTable> {
    let lines = lines(run);
    let groups = lines.chunk_by(|one, next| same_state(one.cells[0], next.cells[0]));
    groups.map(table).collect()
}

fn table(lines: &[Line<'_>]) -> SweepTable {
    let mut cells: Vec<&Cell> = lines
        .iter()
        .flat_map(|line| line.cells.iter().copied())
        .collect();
    cells.sort_by_key(|cell| cell.fixture.bytes); // stable: engines stay in their order
    let title = cells.first().map_or_else(String::new, |cell| {
        let control = match cell.role {
            Role::Ranked => "",
            Role::Control => " (control)",
        };
        format!(
            "{}{control} · {}, {}, {} · speed-up over {}",
            cell.workload, cell.cache, cell.process, cell.scope, cell.baseline
        )
    });
    SweepTable {
        title,
        rows: cells.iter().map(|cell| row(cell)).collect(),
        remarks: remarks(&cells),
    }
}

fn row(cell: &Cell) -> ([String; SWEEP_COLUMNS.len()], Option<Verdict>) {
    let measured = cell.outcome.measured();
    let known = |text: Option<String>| text.unwrap_or_default();
    let interval = measured.and_then(|measured| measured.estimate.interval);
    let floor = measured.and_then(|measured| measured.floor);
    let texts = [
        cell.fixture.bytes.to_string(),
        cell.engine.clone(),
        known(measured.map(|measured| measured.engine.time.to_string())),
        known(measured.map(|measured| measured.speedup().to_string())),
        known(interval.map(interval_text)),
        cell.word().to_owned(),
        known(floor.map(|floor| units::floor(floor.high()))),
    ];
    (texts, cell.verdict())
}

/// Why there are no figures: once for all sizes that share a reason.
fn remarks(cells: &[&Cell]) -> Vec<String> {
    let without = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.outcome.reason()?)));
    let remark = |cells: &Vec<(&Cell, &str)>| {
        let sizes = cells.iter().map(|(cell, _)| cell.fixture.bytes.to_string());
        let sizes = sizes.collect::<Vec<_>>().join(", ");
        let (cell, reason) = cells[0];
        format!("{} at {sizes}: {reason}", cell.engine)
    };
    let reasons = grouped(without, |(cell, reason)| (&cell.engine, *reason));
    reasons.iter().map(remark).collect()
}
