//! What every table shows: a block for each contest, a row for each engine, in words and figures
//! that no format changes.

use crate::record::{Cell, Comparable, Contests, Run, Settings};
use crate::stats::{self, Interval, Verdict};
use crate::units::{self, ByteCount, Ratio};
use crate::workload::Role;

use super::remarks::remarks;
use super::resolution::{outlook, resolution};
use super::sweep::{self, SweepTable};
use super::why::{faults_text, why};

/// A column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Whether it holds figures, which stand flush right.
    pub figures: bool,
}

/// The columns, in their order.
pub const COLUMNS: [Column; 7] = [
    column("engine", false),
    column("time", true),
    column("throughput", true),
    column("speed-up", true),
    column("95 % interval", true),
    column("verdict", false),
    column("minor faults", true),
];

pub(super) const fn column(heading: &'static str, figures: bool) -> Column {
    Column { heading, figures }
}

/// A run as people read it.
#[derive(Clone, Debug)]
pub struct View {
    /// What was measured, when, on which machine.
    pub heading: Vec<String>,
    /// What makes the figures doubtful.
    pub doubts: Vec<String>,
    /// Of a sweep, where the faster engine changes.
    pub crossovers: Vec<String>,
    /// Of a sweep, a table for each workload and state.
    pub swept: Vec<SweepTable>,
    /// The contests that rank engines.
    pub ranked: Vec<Block>,
    /// The contests that only show where time goes.
    pub controls: Vec<Block>,
    /// Of a run by workers, the ranked contests in one row an engine.
    pub answers: Vec<Answer>,
    /// The ranked contests in one line an engine.
    pub summary: Vec<String>,
    /// What could be resolved, and why no more.
    pub resolution: Vec<String>,
    /// What a longer run would decide; `None` where nobody can know.
    pub outlook: Option<String>,
    /// What was asked of a file of somebody's own.
    pub questions: Vec<String>,
    /// How to read the tables.
    pub legend: Vec<String>,
}

/// A contest.
#[derive(Clone, Debug)]
pub struct Block {
    /// The workload, the file and the conditions.
    pub title: String,
    /// The noise floor, in words.
    pub floor: String,
    /// The engines.
    pub rows: Vec<Row>,
    /// Why rows are empty or inconclusive.
    pub remarks: Vec<String>,
}

/// What was found of an engine in a contest, in a few words.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The contest, the engine, the speed-up, its interval, the verdict.
    pub texts: [String; 5],
    /// For colour.
    pub verdict: Option<Verdict>,
}

/// An engine in a contest: a text for each of [`COLUMNS`].
#[derive(Clone, Debug)]
pub struct Row {
    /// The texts.
    pub texts: [String; COLUMNS.len()],
    /// What was found, for colour.
    pub verdict: Option<Verdict>,
    /// Whether it is the baseline beside itself.
    pub is_baseline: bool,
    /// What was counted on both sides, in a sentence.
    pub why: Option<String>,
}

impl View {
    /// The view of `run`.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let (ranked, controls): (Vec<&[Cell]>, Vec<&[Cell]>) = run
            .cells
            .chunk_by(Cell::same_contest)
            .partition(|cells| cells[0].role == Role::Ranked);
        let blocks = |contests: &[&[Cell]]| contests.iter().map(|cells| block(cells)).collect();
        Self {
            heading: heading(run),
            doubts: of_machine(run)
                .into_iter()
                .chain(run.notes.clone())
                .chain(ranked.iter().filter_map(|cells| idle(cells)))
                .collect(),
            crossovers: sweep::sentences(run),
            swept: sweep::tables(run),
            ranked: blocks(&ranked),
            controls: blocks(&controls),
            answers: answers(run, &ranked),
            // A mean over sizes between which the sign changes says nothing.
            summary: if run.is_sweep() {
                Vec::new()
            } else {
                summary(run)
            },
            resolution: resolution(run),
            outlook: outlook(run),
            questions: run.questions.clone(),
            legend: legend(run),
        }
    }
}

/// What makes the machine's numbers doubtful. What is asked in words is asked of a file of the user's own.
fn of_machine(run: &Run) -> Vec<String> {
    match run.questions.is_empty() {
        true => run.machine.doubts(&run.build),
        false => run.machine.doubts_on_own_file(&run.build),
    }
}

/// A warning where a contest had nothing to do.
fn idle(cells: &[Cell]) -> Option<String> {
    let cell = cells.iter().find(|cell| cell.idle().is_some())?;
    let (contest, reason) = (cell.contest_title(), cell.idle()?);
    Some(format!("{contest} ranks no engine: {reason}"))
}

fn heading(run: &Run) -> Vec<String> {
    let unknown = || "unknown".to_owned();
    let mut lines = vec![
        format!("machine  {}", run.machine.summary()),
        format!(
            "build    mapmark {} ({}), {}, {}",
            run.build.version.clone().unwrap_or_else(unknown),
            run.build.revision.clone().unwrap_or_else(unknown),
            run.build.compiler.clone().unwrap_or_else(unknown),
            run.machine.allocator.clone().unwrap_or_else(unknown),
        ),
        format!(
            "run      {}, by {}{}, seed {}",
            run.created,
            run.driver.name(),
            run.profile
                .map_or_else(String::new, |profile| format!(", profile {profile}")),
            run.seed,
        ),
    ];
    if let Some(settings) = &run.settings {
        lines.push(format!("         {}", conditions(settings)));
    }
    let come_to = run.come_to();
    if come_to < run.plan.len() {
        lines.push(format!(
            "         {come_to} of {} planned cells",
            run.plan.len()
        ));
    }
    lines
}

/// How much was measured, and what was out of the ordinary.
fn conditions(settings: &Settings) -> String {
    let mut parts = vec![format!("budget {} s", settings.budget_s)];
    if let Some(percent) = settings.measuring_percent {
        parts.push(format!(
            "{percent:.0} % of the time of steady reading cells in the clock"
        ));
    }
    if settings.settle {
        parts.push("settled".to_owned());
    }
    if let Some(cpu) = settings.pinned_to {
        parts.push(format!("on processor {cpu}"));
    }
    if let Some(bytes) = settings.memory_limit_bytes {
        parts.push(format!("within {} of memory", ByteCount(bytes)));
    }
    parts.join(", ")
}

pub(super) fn block(cells: &[Cell]) -> Block {
    let cell = &cells[0];
    Block {
        title: format!(
            "{} · {} · {}, {}, {}",
            cell.workload, cell.fixture.name, cell.cache, cell.process, cell.scope
        ),
        floor: floor(cells),
        rows: cells.iter().map(row).collect(),
        remarks: remarks(cells),
    }
}

fn floor(cells: &[Cell]) -> String {
    let floor = cells
        .iter()
        .filter_map(|cell| cell.outcome.measured())
        .find_map(|measured| measured.floor);
    match floor {
        Some(floor) => format!("noise floor {}", floor_text(floor)),
        None => "noise floor unknown".to_owned(),
    }
}

fn row(cell: &Cell) -> Row {
    let Some(measured) = cell.outcome.measured() else {
        let empty = String::new;
        return Row {
            texts: [
                cell.engine.clone(),
                empty(),
                empty(),
                empty(),
                empty(),
                cell.outcome.name().to_owned(),
                empty(),
            ],
            verdict: None,
            is_baseline: cell.is_floor(),
            why: None,
        };
    };
    let known = |text: Option<String>| text.unwrap_or_default();
    let counters = measured.engine.counters;
    Row {
        texts: [
            cell.engine.clone(),
            measured.engine.time.to_string(),
            known(
                measured
                    .throughput()
                    .map(|throughput| throughput.to_string()),
            ),
            measured.speedup().to_string(),
            known(measured.estimate.interval.map(interval_text)),
            cell.word().to_owned(),
            known(counters.map(|counters| faults_text(counters.minor_faults))),
        ],
        verdict: measured.verdict,
        is_baseline: cell.is_floor(),
        why: why(cell, measured),
    }
}

pub(super) fn interval_text(interval: Interval) -> String {
    units::interval(interval.low(), interval.high())
}

/// The ends of a noise floor. However wide, it says what cannot be seen.
pub(super) fn floor_text(floor: Interval) -> String {
    units::range(floor.low(), floor.high())
}

/// A row for each engine in each contest; none for the suite, whose cells are many and whose
/// intervals speak of one process.
fn answers(run: &Run, contests: &[&[Cell]]) -> Vec<Answer> {
    if run.settings.is_none() {
        return Vec::new();
    }
    let cells = contests.iter().flat_map(|cells| cells.iter());
    cells
        .filter(|cell| !cell.is_floor())
        .map(|cell| {
            let measured = cell.outcome.measured();
            let known = |text: Option<String>| text.unwrap_or_default();
            let interval = measured.and_then(|measured| measured.estimate.interval);
            Answer {
                texts: [
                    cell.contest_title(),
                    cell.engine.clone(),
                    known(measured.map(|measured| measured.speedup().to_string())),
                    known(interval.map(interval_text)),
                    cell.word().to_owned(),
                ],
                verdict: cell.verdict(),
            }
        })
        .collect()
}

/// Geometric means, never without the number of contests behind them: engines are compared over contests that all of
/// them share, and those in which a part of the file is enough stand apart.
fn summary(run: &Run) -> Vec<String> {
    let contests = Contests::new(&run.cells, |cell| cell.outcome.measured().is_some());
    let part = format!(
        "apart, where a part of the file is enough ({}), ",
        contests.part.workloads().join(", ")
    );
    let means = [means(&contests.whole, ""), means(&contests.part, &part)];
    means.into_iter().flatten().collect()
}

/// `over 18 of 28 contests, those that all 2 engines share: buf_reader 1.86, mmap 1.94`; `None` where there are not two
/// to take a mean of.
fn means(contests: &Comparable<'_>, which: &str) -> Option<String> {
    let (shared, all) = (contests.shared.len(), contests.count());
    if all < 2 || contests.engines.is_empty() {
        return None;
    }
    if shared < 2 {
        return Some(format!(
            "{which}no mean over {all} contests: no two of them have figures of all {} engines",
            contests.engines.len()
        ));
    }
    let mean = |engine: &&str| {
        let cells = contests.shared.iter().flat_map(|cells| cells.iter());
        let own = cells.filter(|cell| cell.engine == *engine);
        let measured = own.filter_map(|cell| cell.outcome.measured());
        let speedups: Vec<f64> = measured.map(|measured| measured.estimate.point).collect();
        let mean = stats::geometric_mean(&speedups).ok()?;
        Some(format!("{engine} {}", Ratio(mean)))
    };
    let means: Vec<String> = contests.engines.iter().filter_map(mean).collect();
    let over = match (shared == all, contests.engines.len()) {
        (true, _) => format!("over {all} contests"),
        (false, 1) => format!("over {shared} of {all} contests, those with figures"),
        (false, engines) => {
            format!("over {shared} of {all} contests, those that all {engines} engines share")
        }
    };
    Some(format!("{which}{over}: {}", means.join(", ")))
}

/// The fewest and the most replicates that a cell has.
fn replicates(run: &Run) -> (usize, usize) {
    let measured = run.cells.iter().filter_map(|cell| cell.outcome.measured());
    let replicates = measured.map(|measured| measured.estimate.replicates);
    let (fewest, most) = (replicates.clone().min(), replicates.max());
    (fewest.unwrap_or(0), most.unwrap_or(0))
}

fn legend(run: &Run) -> Vec<String> {
    let Some(cell) = run.cells.first() else {
        return vec!["nothing was measured".to_owned()];
    };
    let mut lines = vec![
        format!(
            "speed-up: time of `{}` over time of the engine, inside each round; above 1 the engine \
             is faster",
            cell.baseline
        ),
        format!(
            "same: the whole interval lies within {} % of 1, and the noise floor too; inconclusive: \
             too few rounds, or an effect inside the noise floor",
            100.0 * stats::EQUIVALENCE_MARGIN
        ),
        "steady: repeated in one process, its buffers warm; fresh: once in a new process; cold: no \
         page in memory before"
            .to_owned(),
        match replicates(run) {
            (_, 0 | 1) => "intervals cover this run on this machine; a process of its own may begin from \
                      another state"
                .to_owned(),
            (fewest, most) => {
                let several = match run.is_sweep() && fewest < most {
                    true => format!("{fewest} to {most}"),
                    false => most.to_string(),
                };
                format!(
                    "intervals: where the speed-up of the next run like this one lies, 95 times in \
                     100; from the spread of {several} replicates, each in new processes"
                )
            }
        },
    ];
    let wide = |interval: Interval| units::says_nothing(interval.low(), interval.high());
    let measured = run.cells.iter().filter_map(|cell| cell.outcome.measured());
    let mut intervals = measured.filter_map(|measured| measured.estimate.interval);
    if intervals.any(wide) {
        lines.push(format!(
            "{}: the interval holds 1, and its ends lie more than ten times apart",
            units::TOO_WIDE_TO_SAY
        ));
    }
    if run.is_sweep() {
        lines.push(
            "between two sizes: the last one decided this way, the first one decided that way; \
             about: where the speed-ups between them, joined by lines, come to 1; floor: speed-ups \
             up to this, and down to its reciprocal, are noise at that size"
                .to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples;

    /// `buf_reader` was not measured where it could not stop early, and `find_first` alone would make the mean.
    #[test]
    fn engines_are_compared_over_the_contests_that_all_share() {
        let run = samples::run(&[
            ("whole_file", 1000, [2.0, 2.0]),
            ("find_last", 1000, [2.0, 8.0]),
            ("rfind_absent", 1000, [0.0, 0.1]),
            ("find_first", 20, [50.0, 400.0]),
            ("find_middle", 500, [2.0, 4.0]),
        ]);
        assert_eq!(
            View::of(&run).summary,
            [
                "over 2 of 3 contests, those that all 2 engines share: buf_reader 2.00, mmap 4.00",
                "apart, where a part of the file is enough (find_first, find_middle), over 2 contests: \
                 buf_reader 10.0, mmap 40.0",
            ]
        );
    }

    #[test]
    fn without_two_contests_in_common_there_is_no_mean() {
        let run = samples::run(&[
            ("whole_file", 1000, [2.0, 2.0]),
            ("find_last", 1000, [0.0, 8.0]),
            ("find_first", 20, [50.0, 400.0]),
        ]);
        assert_eq!(
            View::of(&run).summary,
            ["no mean over 2 contests: no two of them have figures of all 2 engines"]
        );
    }
}
