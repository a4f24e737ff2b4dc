//! Which contests may be summed up together. A mean over other contests is another mean, and ranks nobody.

use super::Cell;
use crate::workload::Role;

/// The contests that rank engines and had something to do.
#[derive(Debug)]
pub struct Contests<'r> {
    /// Those that need the whole file.
    pub whole: Comparable<'r>,
    /// Those in which a part of it is enough, so that the length of the file decides how much faster an engine is that
    /// stops early.
    pub part: Comparable<'r>,
}

/// Contests of one kind.
#[derive(Debug, Default)]
pub struct Comparable<'r> {
    /// The engines that have figures in any of them, the baseline apart, in the order in which they come up.
    pub engines: Vec<&'r str>,
    /// The contests in which all of these have figures.
    pub shared: Vec<&'r [Cell]>,
    /// The others.
    pub rest: Vec<&'r [Cell]>,
}

impl<'r> Contests<'r> {
    /// The contests of `cells`, which stand as they do in a record, one contest after the other. `has_figures` says of
    /// which cells there are figures.
    pub fn new(cells: &'r [Cell], has_figures: impl Fn(&Cell) -> bool) -> Self {
        let ranked = cells.chunk_by(Cell::same_contest).filter(|cells| {
            let idle = cells.iter().any(|cell| cell.idle().is_some());
            cells[0].role == Role::Ranked && !idle
        });
        let (part, whole): (Vec<&[Cell]>, Vec<&[Cell]>) =
            ranked.partition(|cells| cells.iter().any(Cell::needs_a_part));
        Self {
            whole: Comparable::new(whole, &has_figures),
            part: Comparable::new(part, &has_figures),
        }
    }
}

impl<'r> Comparable<'r> {
    fn new(contests: Vec<&'r [Cell]>, has_figures: impl Fn(&Cell) -> bool) -> Self {
        let mut engines: Vec<&str> = Vec::new();
        for cell in contests.iter().flat_map(|cells| cells.iter()) {
            let challenger = !cell.is_floor() && has_figures(cell);
            if challenger && !engines.contains(&cell.engine.as_str()) {
                engines.push(&cell.engine);
            }
        }
        let has_all = |cells: &&[Cell]| {
            let has = |engine: &&str| {
                let mut cells = cells.iter();
                cells.any(|cell| cell.engine == *engine && has_figures(cell))
            };
            engines.iter().all(has) && cells.iter().any(&has_figures)
        };
        let (shared, rest) = contests.into_iter().partition(has_all);
        Self {
            engines,
            shared,
            rest,
        }
    }

    /// The workloads, in the order in which they come up.
    #[must_use]
    pub fn workloads(&self) -> Vec<&'r str> {
        let mut names: Vec<&str> = Vec::new();
        for cells in self.shared.iter().chain(&self.rest) {
            if !names.contains(&cells[0].workload.as_str()) {
                names.push(&cells[0].workload);
            }
        }
        names
    }

    /// How many contests there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shared.len() + self.rest.len()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::super::{Cell, Outcome, Run, load};
    use crate::stats::{Interval, Verdict};
    use crate::units::ByteCount;

    /// A run of contests on files of 1,000 bytes: of each the workload, how many bytes it looks at, and the speed-ups of
    /// `buf_reader` and `mmap`, which was not measured where it is 0.
    pub(crate) fn run(contests: &[(&str, u64, [f64; 2])]) -> Run {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1/run.json");
        let mut run = load(path.as_ref()).unwrap();
        let measured = |cell: &&Cell| !cell.is_floor() && cell.outcome.measured().is_some();
        let sample = run.cells.iter().find(measured).unwrap().clone();
        let cell =
            |(workload, looks_at, speedups): &(&str, u64, [f64; 2]), engine: &str, at: usize| {
                let mut cell = Cell {
                    workload: (*workload).to_owned(),
                    engine: engine.to_owned(),
                    baseline: "read".to_owned(),
                    ..sample.clone()
                };
                cell.fixture.bytes = ByteCount(1000);
                let point = [1.0, speedups[0], speedups[1]][at];
                if point == 0.0 {
                    cell.outcome = Outcome::Failed("want of memory".to_owned());
                } else if let Outcome::Measured(measured) = &mut cell.outcome {
                    measured.looks_at = Some(ByteCount(*looks_at));
                    measured.answer = "count 4".to_owned();
                    measured.estimate.point = point;
                    measured.estimate.interval = Interval::new(point / 1.01, point * 1.01).ok();
                    measured.verdict = match point {
                        _ if at == 0 => None,
                        faster if faster > 1.0 => Some(Verdict::Faster),
                        _ => Some(Verdict::Slower),
                    };
                }
                cell
            };
        let engines = ["read", "buf_reader", "mmap"];
        let of_contest = |contest| {
            let engines = engines.iter().enumerate();
            engines.map(move |(at, engine)| cell(contest, engine, at))
        };
        run.cells = contests.iter().flat_map(of_contest).collect();
        run
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;
    use crate::units::ByteCount;

    fn names<'r>(contests: &[&'r [Cell]]) -> Vec<&'r str> {
        contests
            .iter()
            .map(|cells| cells[0].workload.as_str())
            .collect()
    }

    #[test]
    fn contests_are_parted_by_who_took_part_and_by_how_much_of_the_file_they_need() {
        let run = samples::run(&[
            ("whole_file", 1000, [1.5, 2.0]),
            ("find_last", 990, [1.5, 2.0]),
            ("find_first", 20, [9.0, 90.0]),
            ("rfind_absent", 1000, [0.0, 2.0]),
            ("touch_pages", 1000, [1.5, 2.0]),
        ]);
        let mut cells = run.cells;
        for cell in cells
            .iter_mut()
            .filter(|cell| cell.workload == "touch_pages")
        {
            cell.role = Role::Control;
        }
        let contests = Contests::new(&cells, |cell| cell.outcome.measured().is_some());
        assert_eq!(names(&contests.whole.shared), ["whole_file", "find_last"]);
        assert_eq!(names(&contests.whole.rest), ["rfind_absent"]);
        assert_eq!(names(&contests.part.shared), ["find_first"]);
        assert_eq!(contests.whole.engines, ["buf_reader", "mmap"]);
    }

    #[test]
    fn what_had_nothing_to_do_is_in_no_contest() {
        let mut run = samples::run(&[("replace", 1000, [1.5, 2.0]), ("whole_file", 0, [1.5, 2.0])]);
        for cell in &mut run.cells {
            if let Outcome::Measured(measured) = &mut cell.outcome {
                measured.answer = "count 0".to_owned();
            }
        }
        let contests = Contests::new(&run.cells, |_| true);
        assert_eq!(contests.whole.count() + contests.part.count(), 0);
        let told = run.cells[1].idle().unwrap();
        assert!(told.contains("nothing was replaced"), "{told}");
        assert!(
            run.cells[4]
                .idle()
                .unwrap()
                .contains("longer than the file")
        );
        run.cells[4].fixture.bytes = ByteCount(0);
        assert!(run.cells[4].idle().unwrap().contains("the file is empty"));
    }
}
