//! The loop of a run: turn after turn until the time is over, everything written as it comes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::Orders;
use super::begin::{begun, reloads};
use super::course::Course;
use super::notes;
use super::prepare::{Loaded, courses};
use super::schedule::{Schedule, Turn};
use super::share::Share;
use super::sweep;
use crate::error::{Error, Result};
use crate::fixture::Target;
use crate::machine::Watch;
use crate::measure::{Conditions, Hands, Interrupt, Kept, Rivals, Trouble, Visit, load, weigh};
use crate::record::{Directory, Driver, Run, Settings};

/// Kept back from the budget for what is done when the last visit is over: so much, and this share.
const CLOSING: Duration = Duration::from_millis(300);
const CLOSING_SHARE: f64 = 0.02;

/// No run stops early with fewer replicates: their spread could not be known.
pub(super) const FEWEST_REPLICATES: usize = 5;

/// Why a cell was not measured that nothing is wrong with: the run was ended, or its time was over.
const NO_TURN: &str = "the run ended before its turn";
const OVER: [&str; 2] = ["the budget of ", " s was over"];

fn budget_over(budget_s: f64) -> String {
    let [before, after] = OVER;
    format!("{before}{budget_s}{after}")
}

/// Whether this is the reason of a cell that nothing is wrong with but that its turn never came.
pub(crate) fn had_no_turn(reason: &str) -> bool {
    let [before, after] = OVER;
    reason == NO_TURN || (reason.starts_with(before) && reason.ends_with(after))
}

/// How long the record may lag behind the rounds.
const LAG: Duration = Duration::from_secs(15);

/// Somebody who watches.
pub trait Progress {
    /// A visit to the contest `at` begins, so long after the start.
    fn visit(&mut self, at: &str, spent: Duration);
    /// Something that should be known at once.
    fn note(&mut self, note: &str);
}

/// A run that is over.
pub struct Finished {
    /// The record.
    pub run: Run,
    /// Where it is.
    pub path: PathBuf,
    /// The same, for who has more to write.
    pub directory: Directory,
    /// Whether somebody ended it before its time.
    pub interrupted: bool,
    /// Whether a cell was given up, even if the replicates before stand.
    pub failed: bool,
    /// Why not all of it could be written.
    pub lost: Option<Error>,
    /// The rounds of each cell that was measured, by its id, those of each replicate together. Cells
    /// of a contest have the same rounds in the same places, so that two engines can be compared
    /// through the baseline's batches that they share.
    pub rounds: Vec<(String, Vec<Kept>)>,
}

/// Measures what `orders` ask for on `files` until the time, counted from `start`, is over or
/// `interrupt` asks.
///
/// # Errors
/// Where nothing could be begun: a question without sense, a directory that cannot be made.
pub fn drive(
    orders: Orders,
    files: Vec<Loaded>,
    start: Instant,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Result<Finished> {
    let (targets, contents): (Vec<Target>, Vec<_>) =
        files.into_iter().map(Loaded::into_parts).unzip();
    let mut run = begun(&orders, &targets);
    let limit = orders.settings.memory_limit_bytes;
    let other = orders.against.as_ref();
    let courses = courses(
        orders.contests,
        &targets,
        &contents,
        limit,
        other,
        interrupt,
    )?;
    drop(contents);
    let reloads = !interrupt.asked() && reloads(&targets, &orders.settings, &mut run)?;
    // A run that is killed before its first replicate is over has its cells, and what they are to find out.
    enter(&mut run, &courses);
    let budget = Duration::try_from_secs_f64(orders.settings.budget_s);
    let budget = budget.map_err(|error| {
        Error::usage(format!(
            "a budget of {} s: {error}",
            orders.settings.budget_s
        ))
    })?;
    let schedule = Schedule::new(
        courses.len(),
        orders.settings.replicates,
        budget.mul_f64(1.0 - CLOSING_SHARE).saturating_sub(CLOSING),
        orders.seed,
    );
    let driver = Loop {
        directory: Directory::begin(orders.place, &run)?,
        targets: &targets,
        reloads,
        settings: orders.settings,
        seeds: Xoshiro256PlusPlus::seed_from_u64(orders.seed),
        written: Instant::now(),
        watch: Watch::start(),
        share: Share::default(),
        hands: &orders.hands,
        other: other.map(|other| &other.hands),
        courses,
        run,
        start,
        interrupt,
        progress,
    };
    Ok(driver.drive(schedule))
}

/// Enters into the record what came of the cells so far.
fn enter(run: &mut Run, courses: &[Course<'_>]) {
    let cells = courses.iter().flat_map(|course| course.cells(run.seed));
    run.cells = cells.collect();
    if let Some(against) = &mut run.against {
        against.cells = courses.iter().flat_map(Course::against).collect();
    }
}

struct Loop<'d, 't> {
    targets: &'t [Target],
    courses: Vec<Course<'t>>,
    hands: &'d Hands,
    /// Those of another build.
    other: Option<&'d Hands>,
    settings: Settings,
    /// Whether files are evicted and read back for each replicate.
    reloads: bool,
    seeds: Xoshiro256PlusPlus,
    start: Instant,
    written: Instant,
    watch: Watch,
    share: Share,
    run: Run,
    directory: Directory,
    interrupt: &'d Interrupt,
    progress: &'d mut dyn Progress,
}

impl Loop<'_, '_> {
    fn drive(mut self, mut schedule: Schedule) -> Finished {
        for (number, course) in self.courses.iter().enumerate() {
            if !course.is_alive() {
                schedule.leave_out(number);
            }
        }
        let lost = self.turns(&mut schedule).err();
        self.finish(&schedule, lost)
    }

    /// Looks once at what an iteration of each cell of a contest holds and fetches. What goes wrong here goes
    /// wrong again when the cell is measured, and is told then.
    fn weigh(&mut self, number: usize) {
        // Not the cache and not the process decide it.
        let mut courses = self.courses.iter();
        let alike = courses.position(|other| other.weighs_like(&self.courses[number]));
        let alike = alike.map(|alike| self.courses.get_disjoint_mut([alike, number]));
        if let Some(Ok([alike, course])) = alike {
            course.take_weights(alike);
            return;
        }
        let course = &mut self.courses[number];
        for (entry, engine) in course.contestants() {
            let begin = Instant::now();
            let weight = weigh(engine, &mut course.stage, self.hands);
            if weight.is_ok() {
                course.slowest = course.slowest.max(begin.elapsed());
            }
            course.set_weight(entry, weight.ok().flatten());
        }
        course.is_weighed = true;
    }

    /// Everything until the time is over.
    ///
    /// # Errors
    /// Where the record cannot be written.
    fn turns(&mut self, schedule: &mut Schedule) -> Result<()> {
        while let Some(turn) = schedule.next(self.start.elapsed()) {
            if turn.first_of_pass {
                self.redraw(turn, schedule);
            }
            self.visit(turn, schedule)?;
            if self.interrupt.asked() {
                break;
            }
            if schedule.pass_is_complete() {
                if self.is_precise(schedule.fewest()) {
                    break;
                }
                if self.prefers() {
                    sweep::prefer(&self.courses, &self.settings, schedule);
                }
                self.write_if_it_lags()?;
            }
        }
        Ok(())
    }

    /// Whether sizes next to a change get more of the time.
    fn prefers(&self) -> bool {
        sweep::prefers(&self.settings, self.other.is_some())
    }

    /// Has the files of the pass come into memory anew, so that where their pages lie is drawn again.
    fn redraw(&mut self, first: Turn, schedule: &Schedule) {
        if !self.reloads {
            return;
        }
        let comes = |number| number == first.contest || schedule.is_to_come(number);
        let visited = |target: &&Target| {
            let mut courses = self.courses.iter().enumerate();
            courses.any(|(number, course)| comes(number) && course.contest.bytes == target.bytes())
        };
        for target in self.targets.iter().filter(visited) {
            if self.interrupt.asked() {
                return; // a large file takes seconds to read
            }
            // A file that cannot be read any more fails its cells when they are visited.
            let _ = load(target);
        }
        let courses = self.courses.iter_mut().enumerate();
        for (_, course) in courses.filter(|(number, _)| comes(*number)) {
            course.stage.redraw_scratch();
        }
    }

    /// One turn. Where an engine fails, those that are left take it again without it.
    fn visit(&mut self, turn: Turn, schedule: &mut Schedule) -> Result<()> {
        let seed = self.seeds.next_u64();
        // A claim counts page faults alone.
        if self.run.driver != Driver::Claim && !self.courses[turn.contest].is_weighed {
            self.weigh(turn.contest);
        }
        let first = Instant::now();
        loop {
            let course = &mut self.courses[turn.contest];
            let spent = self.start.elapsed();
            self.progress.visit(&course.title(), spent);
            let arms = course.arms();
            let rival_arms = course.rival_arms();
            let rivals = self.other.map(|hands| Rivals {
                hands,
                engines: &rival_arms,
            });
            let visit = Visit {
                engines: &arms,
                rivals: rivals.filter(|rivals| !rivals.engines.is_empty()),
                process: course.contest.process,
                conditions: Conditions {
                    cache: course.contest.cache,
                    scope: course.contest.scope,
                    settle: self.settings.settle,
                },
                seed,
                time: turn.time.saturating_sub(first.elapsed()),
                slowest: course.slowest,
                slow_down: None,
            };
            let begin = Instant::now();
            let told = visit.run(&mut course.stage, self.hands, &mut course.batch_iterations);
            match told {
                Ok(kept) => {
                    self.share.add(&course.contest, begin.elapsed(), &kept);
                    if kept.rounds.is_empty() {
                        schedule.lost(turn.contest);
                    }
                    return self.keep(turn, &kept);
                }
                Err(failure)
                    if matches!(failure.trouble, Trouble::Skipped(_))
                        || course.only_lost(&failure) =>
                {
                    schedule.lost(turn.contest);
                    return Ok(());
                }
                Err(failure) => {
                    course.fail(failure, |id, trouble| {
                        self.progress.note(&format!("{id}: {}", trouble.reason()));
                    });
                    if !course.is_alive() {
                        schedule.leave_out(turn.contest);
                        return Ok(());
                    }
                }
            }
        }
    }

    fn keep(&mut self, turn: Turn, kept: &Kept) -> Result<()> {
        let directory = &mut self.directory;
        self.courses[turn.contest].add(kept, |id, rounds| {
            directory.add_rounds(turn.replicate, id, rounds)
        })
    }

    /// Whether every cell is known as well as was asked for.
    fn is_precise(&self, replicates: usize) -> bool {
        let Some(precision) = self.settings.precision_percent else {
            return false;
        };
        let enough = replicates >= FEWEST_REPLICATES.min(self.settings.replicates);
        let seed = self.run.seed;
        let mut courses = self.courses.iter();
        enough && courses.all(|course| course.is_known(seed, precision))
    }

    fn take_stock(&mut self) {
        enter(&mut self.run, &self.courses);
    }

    fn write_if_it_lags(&mut self) -> Result<()> {
        if self.written.elapsed() < LAG {
            return Ok(());
        }
        self.take_stock();
        self.directory.write(&self.run)?;
        self.written = Instant::now();
        Ok(())
    }

    fn finish(mut self, schedule: &Schedule, lost: Option<Error>) -> Finished {
        let interrupted = self.interrupt.asked();
        let reason = match interrupted || lost.is_some() {
            true => NO_TURN.to_owned(),
            false => budget_over(self.settings.budget_s),
        };
        let skipped = self.courses.iter_mut().map(|course| course.end(&reason));
        let skipped = skipped.filter(|skipped| *skipped).count();
        self.take_stock();
        self.watch.note(&mut self.run.machine);
        let cut_short: Vec<_> = self.courses.iter().flat_map(Course::cut_short).collect();
        self.run.notes.extend(notes::of_cut_short(&cut_short));
        let replaced = notes::of_replaced(&self.hands.replaced());
        self.run.notes.extend(replaced);
        if interrupted {
            let note = "the run was interrupted; what had been measured by then stands";
            self.run.notes.push(note.to_owned());
        } else if lost.is_none()
            && self.courses.iter().any(Course::is_alive)
            && let Some(note) = self.too_few_replicates(schedule, skipped)
        {
            self.run.notes.push(note);
        }
        if let Some(settings) = &mut self.run.settings {
            settings.measuring_percent = self.share.percent();
        }
        // A claim has more to write.
        let written = match self.run.driver {
            Driver::Claim => self.directory.write(&self.run),
            _ => self.directory.finish(&mut self.run),
        };
        let failed = self.courses.iter().any(Course::has_failed);
        let rounds = self.courses.into_iter().flat_map(Course::into_rounds);
        Finished {
            rounds: rounds.collect(),
            path: self.directory.path().to_owned(),
            directory: self.directory,
            run: self.run,
            interrupted,
            failed,
            lost: lost.or(written.err()),
        }
    }

    /// The note where the budget did not suffice for what was wanted; `skipped` contests had no turn.
    fn too_few_replicates(&self, schedule: &Schedule, skipped: usize) -> Option<String> {
        let budget_s = self.settings.budget_s;
        if skipped > 0 {
            return Some(format!(
                "the budget of {budget_s} s was over before the turn of {skipped} of {} contests, which were \
                 skipped; name a longer --budget, or fewer cells",
                self.courses.len()
            ));
        }
        let (run, wanted) = (
            schedule.fewest(),
            sweep::least(&self.settings, self.prefers()),
        );
        let early = self.settings.precision_percent.is_some() && self.is_precise(run);
        (run < wanted && !early).then(|| {
            format!(
                "the budget of {budget_s} s sufficed for {run} of {wanted} replicates; name a longer --budget, \
                 or fewer cells"
            )
        })
    }
}
