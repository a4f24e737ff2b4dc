//! From contests to a record, and from the record's rounds to criterion's benchmarks.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, SystemTime};

use criterion::measurement::WallTime;
use criterion::{Bencher, Criterion, Throughput};
use mapmark::engine::Engine;
use mapmark::error::{Error, Result};
use mapmark::machine::{Build, Machine, Watch};
use mapmark::measure::{ClockFacts, Hands, Kept, Monotonic, Subject, Trouble};
use mapmark::plan::Contest;
use mapmark::record::{self, Access, Cell, Compared, Directory, Outcome, Reservation, Run};
use mapmark::report::{View, WIDTH, console, for_terminal, write_pages};
use mapmark::stats::Floor;
use mapmark::sys::{hold_output, terminal_columns};
use mapmark::text::shown;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::arguments::Mode;
use super::contest::{Came, Measuring};
use super::groups::{Group, Place};
use super::replay::Replay;
use super::say;
use super::settings::{Loaded, Settings, criterion_directory, criterion_ended, fixture_directory};

/// A worker that has not run its one iteration after so long is ended.
const DEADLINE: Duration = Duration::from_secs(60);

/// Measures contests and keeps the record.
pub(crate) struct Driver<'s> {
    settings: &'s Settings,
    clock: Monotonic,
    hands: Hands,
    seeds: Xoshiro256PlusPlus,
    watch: Watch,
    run: Run,
    /// The place of the record, until there is a cell to begin it with.
    place: Option<Reservation>,
    directory: Option<Directory>,
    /// Why the record lacks something.
    lost: Option<Error>,
    failed: usize,
    /// Why some of criterion's words could not be printed.
    unprinted: Option<io::Error>,
}

/// Unwinds out of criterion when a benchmark cannot go on: a wrong answer must not become a time.
struct BenchmarkEnded;

impl<'s> Driver<'s> {
    pub(crate) fn new(settings: &'s Settings, contests: &[Contest]) -> Self {
        let now = jiff::Timestamp::now();
        let seed = now.as_nanosecond().unsigned_abs() as u64;
        let clock = Monotonic::start();
        let machine = Machine::observe(&fixture_directory());
        if machine.filesystem.as_deref() == Some("tmpfs") {
            say(format_args!(
                "fixture: {} is on tmpfs, which is memory; set CARGO_TARGET_DIR to a disk",
                shown(&fixture_directory())
            ));
        }
        Self {
            settings,
            hands: Hands::new(env!("CARGO_BIN_EXE_mapmark"), DEADLINE),
            seeds: Xoshiro256PlusPlus::seed_from_u64(seed),
            watch: Watch::start(),
            run: Run {
                driver: record::Driver::Criterion,
                created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                ended: Some(false),
                command: command(),
                seed,
                profile: Some(settings.profile),
                plan: contests.iter().flat_map(|of| plan(settings, of)).collect(),
                build: Build::this(),
                machine,
                settings: None,
                questions: Vec::new(),
                clock: Some(ClockFacts::of(&clock)),
                notes: Vec::new(),
                cells: Vec::new(),
                claims: None,
                against: None,
            },
            clock,
            place: None,
            directory: None,
            lost: None,
            failed: 0,
            unprinted: None,
        }
    }

    /// Measures a contest if criterion's filter lets any of it through, keeps the record, and then lets
    /// criterion have the times.
    pub(crate) fn contest(
        &mut self,
        place: &mut Place<'_, '_>,
        contest: &Contest,
        fixtures: &[Loaded],
    ) -> Result<()> {
        if self.lost.is_some() {
            return Ok(()); // what is measured now would be in no record
        }
        let loaded = fixtures
            .iter()
            .find(|loaded| loaded.fixture.bytes() == contest.bytes);
        let Some(loaded) = loaded else {
            return self.replay(place, contest, &[], None);
        };
        let mut subject = Subject::new(contest.workload, &loaded.fixture, &loaded.content)?;
        let came = match self.settings.arguments.mode {
            Mode::Test | Mode::Profile => return self.run_alone(place, contest, &mut subject),
            Mode::Measure if !selected(self.settings, contest).is_empty() => {
                self.measure(contest, &mut subject)?
            }
            Mode::List | Mode::Load | Mode::Measure => Vec::new(),
        };
        let bytes = subject.expected().looks_at;
        let throughput = bytes.map(|bytes| Throughput::BytesDecimal(bytes.0));
        self.replay(place, contest, &came, throughput.as_ref())
    }

    /// Measures a contest, and writes down what came of it.
    fn measure(&mut self, contest: &Contest, subject: &mut Subject<'_>) -> Result<Vec<Came>> {
        if self.directory.is_none() && self.place.is_none() {
            // Before anything is measured that it could not be written into.
            let out = self.settings.out.as_deref();
            let (driver, created) = (self.run.driver, &self.run.created);
            self.place = Some(Reservation::take(out, driver, created, Access::USUAL)?);
        }
        let challengers: Vec<_> = selected(self.settings, contest)
            .into_iter()
            .filter(|engine| engine.name() != contest.baseline.name())
            .collect();
        let measuring = Measuring {
            contest,
            clock: self.clock,
            hands: &self.hands,
            times: self.settings.times(),
            seed: self.seeds.next_u64(),
        };
        let came = measuring.measure(subject, &challengers);
        let mut floor = None;
        for entry in &contest.entries {
            let is_floor = entry.engine.name() == contest.baseline.name();
            let result = of(&came, entry.engine);
            let (outcome, kept) = match (&entry.support, result) {
                (Err(reason), _) => (Outcome::Unsupported(reason.clone()), None),
                (Ok(()), None) => continue, // criterion's filter leaves it out
                (Ok(()), Some(Err(trouble))) => (Outcome::from(trouble.clone()), None),
                (Ok(()), Some(Ok(kept))) => {
                    let compared = match is_floor {
                        true => Compared::WithItself,
                        false => Compared::WithBaseline(floor),
                    };
                    let replicates = std::slice::from_ref(kept);
                    let seed = self.seeds.next_u64();
                    let expected = subject.expected();
                    (
                        record::outcome(expected, replicates, compared, seed),
                        Some(kept),
                    )
                }
            };
            if is_floor {
                let null = outcome.measured();
                floor = null.and_then(|measured| Floor::new(&measured.estimate));
            }
            let cell = Cell::new(contest, subject.fixture(), entry.engine, outcome);
            self.add(cell, kept)?;
        }
        Ok(came)
    }

    /// Has criterion know all benchmarks of a contest, and have the times of those that were measured.
    fn replay(
        &mut self,
        place: &mut Place<'_, '_>,
        contest: &Contest,
        came: &[Came],
        throughput: Option<&Throughput>,
    ) -> Result<()> {
        for entry in contest.entries.iter().filter(|entry| entry.support.is_ok()) {
            let engine = entry.engine;
            match of(came, engine) {
                Some(Err(_)) => {} // it has no times
                Some(Ok(kept)) if selects(self.settings, contest, engine) => {
                    let replay = Replay::new(kept, self.settings.asked());
                    let replay = &mut replay.map_err(|error| Error::usage(error.to_string()))?;
                    let plan = replay.plan();
                    let apply = |group: &mut Group<'_>| plan.apply(group);
                    let answer = |bencher: &mut Bencher<'_, WallTime>| replay.answer(bencher);
                    self.criterion(|| place.benchmark(contest, engine, throughput, apply, answer))?;
                }
                // Criterion asks none of these for a time, but shows what earlier runs had.
                _ => self.criterion(|| {
                    place.benchmark(contest, engine, throughput, |_| {}, |_| {});
                })?,
            }
        }
        Ok(())
    }

    /// Has each engine that criterion's filter lets through run alone, as often as criterion says.
    fn run_alone(
        &mut self,
        place: &mut Place<'_, '_>,
        contest: &Contest,
        subject: &mut Subject<'_>,
    ) -> Result<()> {
        let hands = self.hands.clone();
        let warm = self.settings.arguments.mode == Mode::Profile;
        for engine in selected(self.settings, contest) {
            let measuring = Measuring {
                contest,
                clock: self.clock,
                hands: &hands,
                times: self.settings.times(),
                seed: self.seeds.next_u64(),
            };
            let mut trouble = None;
            match measuring.alone(subject, engine) {
                Err(unable) => trouble = Some(unable),
                Ok(mut alone) => {
                    let mut readied = false;
                    let answer = |bencher: &mut Bencher<'_, WallTime>| {
                        if !readied {
                            readied = true;
                            or_end(alone.make_ready(warm), &mut trouble);
                        }
                        bencher.iter_custom(|count| or_end(alone.run(count), &mut trouble));
                    };
                    self.criterion(|| place.benchmark(contest, engine, None, |_| {}, answer))?;
                }
            }
            if let Some(trouble) = trouble {
                let outcome = Outcome::from(trouble);
                self.tell(&Cell::new(contest, subject.fixture(), engine, outcome));
            }
        }
        Ok(())
    }

    /// Has criterion run a benchmark.
    ///
    /// # Errors
    /// Where criterion itself cannot go on, as without the baseline that it was told to compare with.
    fn criterion(&mut self, benchmark: impl FnOnce()) -> Result<()> {
        let unwound = self.hold(|| panic::catch_unwind(AssertUnwindSafe(benchmark)).err());
        match unwound {
            Some(payload) if !payload.is::<BenchmarkEnded>() => {
                Err(criterion_ended(payload.as_ref()))
            }
            _ => Ok(()),
        }
    }

    /// Lets criterion print. A reader that has seen enough costs no figures.
    pub(crate) fn hold<T>(&mut self, print: impl FnOnce() -> T) -> T {
        let (result, printed) = hold_output(print);
        self.printed(printed);
        result
    }

    fn printed(&mut self, printed: io::Result<()>) {
        let lost = printed.err();
        let lost = lost.filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
        self.unprinted = self.unprinted.take().or(lost);
    }

    fn tell(&mut self, cell: &Cell) {
        match &cell.outcome {
            Outcome::Failed(reason) => {
                self.failed += 1;
                say(format_args!("FAILED {}: {reason}", cell.id()));
            }
            Outcome::Unverified(reason) => {
                say(format_args!("UNVERIFIED {}: {reason}", cell.id()));
            }
            _ => {}
        }
    }

    fn add(&mut self, cell: Cell, kept: Option<&Kept>) -> Result<()> {
        self.tell(&cell);
        if let Some(place) = self.place.take() {
            self.directory = Some(Directory::begin(place, &self.run)?);
        }
        let rounds = kept.map_or(&[][..], |kept| &kept.rounds);
        if let Some(directory) = &mut self.directory {
            let added = directory.add(&mut self.run, cell, rounds);
            self.lost = self.lost.take().or(added.err());
        }
        Ok(())
    }

    /// Completes the record, has criterion make its index, and prints the tables. Tells whether no cell
    /// failed, not all of them are without figures, and all is in the record.
    pub(crate) fn finish(mut self, criterion: &Criterion) -> Result<bool> {
        let index = criterion_directory().join("report/index.html");
        let before = written(&index);
        self.hold(|| criterion.final_summary());
        if let Some(directory) = &mut self.directory {
            self.watch.note(&mut self.run.machine);
            let finished = directory.finish(&mut self.run);
            self.lost = self.lost.take().or(finished.err());
            let path = &directory.path().to_owned();
            let index = Some(index).filter(|index| written(index) != before);
            let pages = write_pages(&self.run, path, index.as_deref());
            let room = terminal_columns().unwrap_or(WIDTH);
            let tables = console(&View::of(&self.run), room);
            let mut text = format!("\n{}", for_terminal(&tables));
            let mut places = vec![("record", path.to_owned())];
            if pages.is_ok() {
                places.push(("report", path.join("report.html")));
            }
            places.extend(index.map(|index| ("criterion", index)));
            text.push('\n');
            for (what, place) in places {
                text.push_str(&format!("{what:<10}  {}\n", shown(&place)));
            }
            let mut out = anstream::AutoStream::auto(io::stdout());
            let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            self.printed(printed);
            self.lost = self.lost.take().or(pages.err());
            if let Some(error) = &self.lost {
                say(format_args!(
                    "error: {error}; what is there stays in {}, and the rest is printed above",
                    shown(path)
                ));
            }
        }
        if let Some(error) = self.unprinted {
            return Err(Error::usage(format!(
                "cannot write to standard output: {error}"
            )));
        }
        let cells = &self.run.cells;
        let figures =
            cells.is_empty() || cells.iter().any(|cell| cell.outcome.measured().is_some());
        Ok(self.failed == 0 && figures && self.lost.is_none())
    }
}

/// The engines of a contest that criterion's filter lets through and that can take part.
pub(crate) fn selected(settings: &Settings, contest: &Contest) -> Vec<&'static dyn Engine> {
    let entries = contest.entries.iter();
    entries
        .filter(|entry| entry.support.is_ok() && selects(settings, contest, entry.engine))
        .map(|entry| entry.engine)
        .collect()
}

fn selects(settings: &Settings, contest: &Contest, engine: &dyn Engine) -> bool {
    settings.arguments.selects(&contest.cell_id(engine))
}

/// The cells that a contest will have: those that criterion's filter lets through, their baseline, and
/// those that no engine can fill.
fn plan(settings: &Settings, contest: &Contest) -> Vec<String> {
    let selected = selected(settings, contest);
    let chosen = |engine: &dyn Engine| selected.iter().any(|one| one.name() == engine.name());
    let entries = contest.entries.iter().filter(|entry| {
        let baseline = entry.engine.name() == contest.baseline.name();
        !selected.is_empty() && (baseline || entry.support.is_err() || chosen(entry.engine))
    });
    entries.map(|entry| contest.cell_id(entry.engine)).collect()
}

fn of<'c>(came: &'c [Came], engine: &dyn Engine) -> Option<&'c std::result::Result<Kept, Trouble>> {
    let mut came = came.iter();
    let own = came.find(|(own, _)| own.name() == engine.name());
    own.map(|(_, result)| result)
}

fn or_end<T>(result: std::result::Result<T, Trouble>, trouble: &mut Option<Trouble>) -> T {
    result.unwrap_or_else(|told| {
        *trouble = Some(told);
        panic::resume_unwind(Box::new(BenchmarkEnded))
    })
}

/// When a file was last written, if it is there.
fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

/// The command line without the path of the program, which tells nothing that anybody else has.
fn command() -> Vec<String> {
    let arguments = env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    ["cargo", "bench", "--"]
        .map(str::to_owned)
        .into_iter()
        .chain(arguments.filter(|argument| argument != "--bench"))
        .collect()
}
