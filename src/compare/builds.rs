//! Two builds that took turns in the rounds of one run: what changed from the other to this one.

use std::collections::BTreeMap;
use std::path::Path;

use super::conditions::build_differences;
use super::pairs::Pair;
use super::{Comparison, Heading, Metric, Question, Row, Verdict, judged};
use crate::error::{Error, Result};
use crate::record::{AgainstOutcome, Cell, Contests, Run, Times};
use crate::stats::{
    Change, FEWEST_REPLICATES, Finding, Sample, StatsError, geometric_mean, speed_up,
};

/// The change that nobody minds, as a fraction, unless told otherwise: rounds that two builds share show less of the
/// machine than two runs do.
pub const BUILDS_TOLERANCE: f64 = 0.02;

/// What the row of an engine stands under, in place of a workload.
const ALL: &str = "all";

/// The builds, as times of them stand in pairs.
const OWN: usize = 0;
const THEIRS: usize = 1;

/// Compares the builds of `run`, whose record is at `path`. `times` are those of [`times_of_builds`], and `tolerance` is
/// the change that nobody minds, as a fraction.
///
/// [`times_of_builds`]: crate::record::times_of_builds
///
/// # Errors
/// Where no other build took part, or a time is none.
pub fn between_builds(run: &Run, path: &Path, times: &Times, tolerance: f64) -> Result<Comparison> {
    let against = run.against.as_ref().ok_or_else(|| {
        Error::bad_file(
            path,
            "is of one build; name a second run to compare it with",
        )
    })?;
    let question = Question {
        metric: Metric::Time,
        tolerance,
        force: false,
    };
    let wrong = |id: &str, error| Error::bad_file(path, format!("the rounds of `{id}`: {error}"));
    let mut pairs = engines(run, times).map_err(|error| wrong(ALL, error))?;
    let mut others = Vec::new();
    for cell in &against.cells {
        match (&cell.outcome, times.get(&cell.id)) {
            (AgainstOutcome::Measured { .. }, Some(times)) => {
                let pair = pair(run, &cell.id, times);
                pairs.push(pair.map_err(|error| wrong(&cell.id, error))?);
            }
            (AgainstOutcome::Measured { .. }, None) => {
                let reason = "its rounds are not in rounds.csv";
                others.push(without(&cell.id, Verdict::Incomparable, reason));
            }
            (AgainstOutcome::New { reason }, _) => {
                others.push(without(&cell.id, Verdict::New, reason));
            }
            (AgainstOutcome::Incomparable { reason }, _) => {
                others.push(without(&cell.id, Verdict::Incomparable, reason));
            }
        }
    }
    let mut rows = judged(pairs, &question);
    rows.append(&mut others);
    let heading = |name: &str, build| {
        let heading = Heading::new(path, run, build);
        Heading {
            build: format!("{name}, {}", heading.build),
            ..heading
        }
    };
    let mut notes =
        vec!["both builds took turns in every round of one run, on the same files".to_owned()];
    match shared(run, times).len() {
        0 | 1 => {}
        count => notes.push(format!(
            "an engine's row `all/…` is the geometric mean over the {count} contests that all engines share; controls, \
             and contests in which a part of the file is enough, are left out"
        )),
    }
    notes.extend(run.notes.iter().cloned());
    notes.extend(build_differences(&against.build, &run.build));
    Ok(Comparison {
        question,
        sides: [
            heading("the other build", &against.build),
            heading("this build", &run.build),
        ],
        notes,
        rows,
    })
}

/// For each replicate of a cell, of each round, what an iteration took in this build and in the other.
type Replicates = [Vec<[f64; 2]>];

/// The contests over which engines have a mean: a mean over other contests would be another mean. The last pass may have
/// been cut short; cells that lost more than half of the replicates have no figures to share.
fn shared<'r>(run: &'r Run, times: &Times) -> Vec<&'r [Cell]> {
    let most = times.values().map(Vec::len).max().unwrap_or(0);
    let enough = |cell: &Cell| {
        times
            .get(&cell.id())
            .is_some_and(|own| 2 * own.len() > most)
    };
    Contests::new(&run.cells, enough).whole.shared
}

/// A pair for each engine with several cells: the geometric mean of their changes, replicate by replicate.
fn engines(run: &Run, times: &Times) -> Result<Vec<Pair>, StatsError> {
    let mut by_engine: BTreeMap<&str, Vec<&Replicates>> = BTreeMap::new();
    for cell in shared(run, times).into_iter().flatten() {
        if let Some(times) = times.get(&cell.id()) {
            by_engine.entry(&cell.engine).or_default().push(times);
        }
    }
    let mut pairs = Vec::new();
    for (engine, cells) in by_engine {
        let shared = cells.iter().map(|times| times.len()).min().unwrap_or(0);
        if cells.len() < 2 {
            continue;
        }
        let means = (0..shared).map(|replicate| mean_change(&cells, replicate));
        let means = means.collect::<Result<Vec<f64>, _>>()?;
        if means.is_empty() {
            continue;
        }
        let pair = Pair::empty(format!("{ALL}/{engine}"));
        pairs.push(pair.within(&Finding::of_means(&means)?));
    }
    Ok(pairs)
}

/// The geometric mean, over cells, of the median round's change in one replicate.
fn mean_change(cells: &[&Replicates], replicate: usize) -> Result<f64, StatsError> {
    let median = |times: &&Replicates| Ok(Sample::new(changes(&times[replicate])?)?.median());
    let medians = cells.iter().map(median).collect::<Result<Vec<f64>, _>>()?;
    geometric_mean(&medians)
}

fn pair(run: &Run, id: &str, times: &Replicates) -> Result<Pair, StatsError> {
    let side = |build: usize| {
        let of = |rounds: &Vec<[f64; 2]>| rounds.iter().map(|times| times[build]).collect();
        Finding::new(&times.iter().map(of).collect::<Vec<_>>())
    };
    let changes = times.iter().map(|rounds| changes(rounds));
    let changes = changes.collect::<Result<Vec<_>, _>>()?;
    let measured = run
        .cells
        .iter()
        .find(|cell| cell.id() == id)
        .and_then(|cell| cell.outcome.measured());
    let pair = Pair {
        base: Some(side(THEIRS)?),
        new: Some(side(OWN)?),
        floors: [measured.and_then(|measured| measured.floor), None],
        ..Pair::empty(id.to_owned())
    };
    Ok(pair.within(&Finding::new(&changes)?))
}

impl Pair {
    /// With the change that `finding` tells of, or why it is not known.
    fn within(self, finding: &Finding) -> Self {
        let change = Change::within(finding);
        let few = || {
            format!(
                "{} of at least {FEWEST_REPLICATES} replicates came to their end; a longer run finishes more",
                finding.replicates
            )
        };
        Self {
            reason: change.interval.is_none().then(few),
            change: Some(change),
            ..self
        }
    }
}

/// What this build took over what the other took, round by round.
fn changes(rounds: &[[f64; 2]]) -> Result<Vec<f64>, StatsError> {
    let change = |times: &[f64; 2]| speed_up(times[OWN], times[THEIRS]);
    rounds.iter().map(change).collect()
}

fn without(id: &str, verdict: Verdict, reason: &str) -> Row {
    Row {
        id: id.to_owned(),
        verdict,
        base: None,
        new: None,
        change: None,
        baseline_moved: None,
        adjusted_p: None,
        reason: Some(reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{self, Against, AgainstCell};

    /// Ten replicates of eight rounds in which this build takes `factor` as long, give or take `spread`.
    fn times(factor: f64, spread: f64) -> Vec<Vec<[f64; 2]>> {
        let off = |at: usize, of: usize| 1.0 + spread * (at as f64 / (of - 1) as f64 - 0.5);
        let round = |replicate: usize, round: usize| {
            // The machine's own noise is in both halves of a round.
            let machine = 1.0 + 0.3 * ((replicate * 3 + round * 5) % 7) as f64;
            let theirs = 100.0 * machine;
            [
                theirs * factor * off(replicate * 7 % 10, 10),
                theirs * off(round, 8),
            ]
        };
        let replicate = |number| (0..8).map(|at| round(number, at)).collect();
        (0..10).map(replicate).collect()
    }

    /// A run with these cells of one engine, each so much slower than in the other build.
    fn run(cells: &[(&str, f64)]) -> (Run, Times) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
        let mut run = record::load(&path).unwrap();
        let known = std::mem::take(&mut run.cells);
        let cell = known
            .into_iter()
            .find(|cell| cell.outcome.measured().is_some());
        let mut all = Times::new();
        let mut against = Vec::new();
        for (workload, factor) in cells {
            let mut own = cell.clone().unwrap();
            own.workload = (*workload).to_owned();
            all.insert(own.id(), times(*factor, 0.004));
            let outcome = AgainstOutcome::Measured { rounds: 80 };
            against.push(AgainstCell {
                id: own.id(),
                outcome,
            });
            run.cells.push(own);
        }
        let build = run.build.clone();
        run.against = Some(Against {
            build,
            cells: against,
        });
        (run, all)
    }

    fn compared(run: &Run, times: &Times) -> Comparison {
        between_builds(run, Path::new("run.json"), times, BUILDS_TOLERANCE).unwrap()
    }

    #[test]
    fn five_percent_more_are_found_and_nothing_is_nothing() {
        let (run, times) = run(&[("slower", 1.05), ("alike", 1.0), ("faster", 0.95)]);
        let comparison = compared(&run, &times);
        let found: Vec<_> = comparison.rows.iter().map(|row| row.verdict).collect();
        let [all, slower, alike, faster] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(
            *all,
            Verdict::Same,
            "1.05 · 1 · 0.95 is 1 but for a thousandth"
        );
        assert_eq!(
            [*slower, *alike, *faster],
            [Verdict::Regressed, Verdict::Same, Verdict::Improved]
        );
        let change = comparison.rows[1].change.unwrap();
        assert!((change.ratio - 1.05).abs() < 0.002, "{change:?}");
        assert_eq!(comparison.status(false), 1);
    }

    #[test]
    fn the_machines_noise_is_in_the_times_and_not_in_the_change() {
        let (run, times) = run(&[("noisy", 1.05)]);
        let comparison = compared(&run, &times);
        let row = &comparison.rows[0];
        assert!(row.change.unwrap().interval.unwrap().half_width_percent() < 1.0);
        assert!(row.new.unwrap().point() > row.base.unwrap().point());
    }

    #[test]
    fn an_engine_is_summed_up_over_cells_of_as_many_replicates() {
        let (run, mut times) = run(&[("one", 1.10), ("two", 1.10), ("three", 1.0)]);
        let id = run.cells[2].id();
        times.get_mut(&id).unwrap().truncate(5);
        let comparison = compared(&run, &times);
        assert_eq!(
            comparison.rows[0].id,
            format!("all/{}", run.cells[0].engine)
        );
        assert!((comparison.rows[0].change.unwrap().ratio - 1.10).abs() < 0.003);
        times.remove(&id);
        let comparison = compared(&run, &times);
        let lost = comparison.rows.iter().find(|row| row.id == id).unwrap();
        assert_eq!(lost.verdict, Verdict::Incomparable);
    }

    /// Over its own four contests the row of `mmap` would be 1.22.
    #[test]
    fn engines_are_summed_up_over_the_contests_that_all_share() {
        let (mut run, _) = run(&[]);
        run.cells = record::samples::run(&[
            ("whole_file", 1000, [1.0, 1.0]),
            ("find_last", 1000, [1.0, 1.0]),
            ("rfind_absent", 1000, [0.0, 1.0]),
            ("find_first", 20, [1.0, 1.0]),
        ])
        .cells;
        let mut all = Times::new();
        for cell in run
            .cells
            .iter()
            .filter(|cell| cell.outcome.measured().is_some())
        {
            let factor = match (cell.engine.as_str(), cell.workload.as_str()) {
                ("mmap", "rfind_absent" | "find_first") => 1.5,
                _ => 1.0,
            };
            all.insert(cell.id(), times(factor, 0.004));
        }
        let comparison = compared(&run, &all);
        let rows = &comparison.rows;
        let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids[..3], ["all/buf_reader", "all/mmap", "all/read"]);
        assert!(
            (rows[1].change.unwrap().ratio - 1.0).abs() < 0.003,
            "{:?}",
            rows[1]
        );
        assert!(comparison.notes[1].contains("over the 2 contests that all engines share"));
    }

    /// Rounds of one or two replicates, however many, of a build that had luck with its processes.
    #[test]
    fn a_run_of_few_replicates_alarms_for_no_cell_and_no_engine() {
        let (run, times) = run(&[("one", 1.08), ("two", 1.07), ("three", 1.09)]);
        for replicates in [1, 2] {
            let mut few = times.clone();
            for rounds in few.values_mut() {
                rounds.truncate(replicates);
            }
            let comparison = compared(&run, &few);
            assert_eq!(comparison.rows.len(), 4);
            for row in &comparison.rows {
                assert_eq!(row.verdict, Verdict::Inconclusive, "{}", row.id);
                let reason = row.reason.as_ref().unwrap();
                assert!(
                    reason.starts_with(&format!("{replicates} of at least 3 replicates")),
                    "{reason}"
                );
                assert_eq!(row.change.unwrap().interval, None);
            }
            assert_eq!(comparison.status(false), 4);
        }
        assert_eq!(compared(&run, &times).status(false), 1, "ten tell");
    }

    #[test]
    fn a_time_that_is_none_is_told_with_its_cell() {
        let (run, mut times) = run(&[("zero", 1.0)]);
        times.get_mut(&run.cells[0].id()).unwrap()[3][0] = [0.0, 1.0];
        let error = between_builds(&run, Path::new("run.json"), &times, 0.02).unwrap_err();
        assert!(
            error.to_string().contains("the rounds of `zero/"),
            "{error}"
        );
    }
}
