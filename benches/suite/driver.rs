//! From contests to criterion benchmarks, and from their rounds to a record.

use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup, BenchmarkId, Throughput};
use mapmark::engine::Engine;
use mapmark::error::Result;
use mapmark::machine::{Build, Machine, Watch};
use mapmark::measure::{
    ClockFacts, Conditions, Fresh, Hands, Kept, Monotonic, Pairing, Round, Subject, Trouble,
};
use mapmark::plan::{Contest, Process};
use mapmark::record::{self, Cell, Compared, Directory, FixtureId, Outcome, Run};
use mapmark::report::{View, WIDTH, console, for_terminal, write_pages};
use mapmark::stats::{Floor, MINIMUM_ROUNDS};
use mapmark::sys::terminal_columns;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::arms::Arms;
use super::settings::{Loaded, Mode, Settings, fixture_directory, target_directory};

/// How well the noise floor is to be known, since it decides over the whole contest: half the
/// width of its interval, in percent.
const FLOOR_PRECISION: f64 = 0.45;

/// How long rounds are added to a floor before it is asked again how well it is known.
const FLOOR_STEP: Duration = Duration::from_millis(250);

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
    directory: Option<Directory>,
    failed: usize,
}

/// Unwinds out of criterion when a cell cannot go on: a wrong answer must not become a time.
struct CellEnded;

impl<'s> Driver<'s> {
    pub(crate) fn new(settings: &'s Settings, contests: &[Contest]) -> Result<Self> {
        let now = jiff::Timestamp::now();
        let seed = now.as_nanosecond().unsigned_abs() as u64;
        let clock = Monotonic::start();
        let ids = contests.iter().flat_map(|contest| {
            let ids = contest.entries.iter();
            ids.map(|entry| contest.cell_id(entry.engine))
        });
        let machine = Machine::observe(&fixture_directory());
        if machine.filesystem.as_deref() == Some("tmpfs") {
            eprintln!(
                "fixture: {} is on tmpfs, which is memory; set CARGO_TARGET_DIR to a disk",
                fixture_directory().display()
            );
        }
        Ok(Self {
            settings,
            hands: Hands::new(env!("CARGO_BIN_EXE_mapmark"), DEADLINE),
            seeds: Xoshiro256PlusPlus::seed_from_u64(seed),
            watch: Watch::start(),
            run: Run {
                driver: record::Driver::Criterion,
                created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                command: command(),
                seed,
                profile: Some(settings.profile),
                plan: ids.collect(),
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
            directory: None,
            failed: 0,
        })
    }

    /// Registers the cells of `contest`; criterion measures those that its filter lets through.
    pub(crate) fn contest(
        &mut self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        contest: &Contest,
        fixtures: &[Loaded],
    ) -> Result<()> {
        let loaded = fixtures
            .iter()
            .find(|loaded| loaded.fixture.bytes() == contest.bytes);
        let Some(loaded) = loaded else {
            list(group, contest);
            return Ok(());
        };
        let fixture = FixtureId::of(&loaded.fixture);
        let mut subject = Subject::new(contest.workload, &loaded.fixture, &loaded.content)?;
        if let Some(bytes) = subject.expected().looks_at {
            group.throughput(Throughput::BytesDecimal(bytes.0));
        }
        let mut floor = None;
        let mut floor_asked = false;
        let mut waiting = Vec::new(); // cells that only count if criterion measures the contest
        let mut measured = false;
        for entry in &contest.entries {
            let cell =
                |engine: &dyn Engine, outcome| Cell::new(contest, fixture.clone(), engine, outcome);
            if let Err(reason) = &entry.support {
                waiting.push(cell(entry.engine, Outcome::Unsupported(reason.clone())));
                continue;
            }
            let Some(run) = self.benchmark(group, contest, entry.engine, &mut subject) else {
                continue;
            };
            let is_floor = entry.engine.name() == contest.baseline.name();
            if !floor_asked && !is_floor && self.settings.mode == Mode::Measure {
                let null = self.missing_floor(contest, &mut subject);
                floor = self.keep(&subject, null, Compared::WithItself, |outcome| {
                    cell(contest.baseline, outcome)
                })?;
            }
            floor_asked = true;
            let compared = if is_floor {
                Compared::WithItself
            } else {
                Compared::WithBaseline(floor)
            };
            let own = self.keep(&subject, run, compared, |outcome| {
                cell(entry.engine, outcome)
            })?;
            floor = if is_floor { own } else { floor };
            measured = true;
        }
        if measured {
            for cell in waiting {
                self.add(cell, &Kept::default())?;
            }
        }
        Ok(())
    }

    /// One benchmark; `None` where criterion's filter left it out.
    fn benchmark(
        &mut self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        contest: &Contest,
        engine: &'static dyn Engine,
        subject: &mut Subject<'_>,
    ) -> Option<Rounds> {
        let is_floor = engine.name() == contest.baseline.name();
        let seed = self.seeds.next_u64();
        let arms = match self.arms(contest, engine, subject, seed) {
            Ok(arms) => arms,
            Err(trouble) => return Some(Err(trouble)),
        };
        let mut cell = CellRun {
            arms,
            clock: self.clock,
            test: self.settings.mode == Mode::Test,
            started: false,
            trouble: None,
        };
        let id = BenchmarkId::new(engine.name(), contest.parameter());
        let unwound = panic::catch_unwind(AssertUnwindSafe(|| {
            group.bench_function(id, |bencher| cell.answer(bencher));
        }));
        match unwound {
            Err(payload) if !payload.is::<CellEnded>() => panic::resume_unwind(payload),
            Err(_) => cell.trouble.map(Err),
            Ok(()) if !cell.started => None,
            Ok(()) if cell.test || !is_floor => Some(Ok(cell.arms.finish())),
            Ok(()) => Some(self.floor(cell.arms)),
        }
    }

    /// The engine and the baseline, in this process or each time in a new one.
    fn arms<'a, 'f>(
        &'a self,
        contest: &Contest,
        engine: &'static dyn Engine,
        subject: &'a mut Subject<'f>,
        seed: u64,
    ) -> std::result::Result<Arms<'a, 'f>, Trouble> {
        let engines = [engine, contest.baseline];
        Ok(match contest.process {
            Process::Steady => Arms::Steady(Pairing::new(subject, engines, seed)?),
            Process::Fresh => {
                for engine in engines {
                    subject.suits(engine)?;
                }
                let conditions = Conditions {
                    cache: contest.cache,
                    ..Conditions::default()
                };
                let stage = subject.stage();
                Arms::Fresh(Fresh::new(stage, &engines, conditions, &self.hands, seed)?)
            }
        })
    }

    /// The baseline against itself where criterion's filter left it out.
    fn missing_floor(&mut self, contest: &Contest, subject: &mut Subject<'_>) -> Rounds {
        let seed = self.seeds.next_u64();
        let mut arms = self.arms(contest, contest.baseline, subject, seed)?;
        arms.warm_up(&self.clock)?;
        self.floor(arms)
    }

    /// Adds rounds to those that criterion asked for until the floor is known well enough, or the
    /// profile's time for it is over.
    fn floor(&self, mut arms: Arms<'_, '_>) -> Rounds {
        let time = self.settings.floor_time(&arms);
        let start = Instant::now();
        while arms.kept().len() < MINIMUM_ROUNDS
            || (start.elapsed() < time && !is_precise(arms.kept()))
        {
            let step = Instant::now();
            while step.elapsed() < FLOOR_STEP {
                arms.run(&self.clock, 1)?;
            }
        }
        Ok(arms.finish())
    }

    /// Turns rounds into a cell of the record. Returns the floor that they would make, which they
    /// do where they are the baseline's own.
    fn keep(
        &mut self,
        subject: &Subject<'_>,
        rounds: Rounds,
        compared: Compared,
        cell: impl Fn(Outcome) -> Cell,
    ) -> Result<Option<Floor>> {
        let seed = self.seeds.next_u64();
        let (outcome, kept) = match rounds {
            Ok(kept) => (
                record::outcome(
                    subject.expected(),
                    std::slice::from_ref(&kept),
                    compared,
                    seed,
                ),
                kept,
            ),
            Err(trouble) => (Outcome::from(trouble), Kept::default()),
        };
        let own = outcome
            .measured()
            .and_then(|measured| Floor::new(&measured.estimate));
        self.add(cell(outcome), &kept)?;
        Ok(own)
    }

    fn add(&mut self, cell: Cell, kept: &Kept) -> Result<()> {
        match &cell.outcome {
            Outcome::Failed(reason) => {
                self.failed += 1;
                eprintln!("FAILED {}: {reason}", cell.id());
            }
            Outcome::Unverified(reason) => eprintln!("UNVERIFIED {}: {reason}", cell.id()),
            _ => {}
        }
        if self.settings.mode != Mode::Measure {
            return Ok(());
        }
        let directory = match &mut self.directory {
            Some(directory) => directory,
            None => self
                .directory
                .insert(Directory::create(self.settings.out.as_deref(), &self.run)?),
        };
        directory.add(&mut self.run, cell, &kept.rounds)
    }

    /// Completes the record and prints the tables. Tells whether no cell failed, and not all of them
    /// are without figures.
    pub(crate) fn finish(mut self) -> Result<bool> {
        if let Some(directory) = &self.directory {
            self.watch.note(&mut self.run.machine);
            directory.write(&self.run)?;
            let path = directory.path();
            let criterion = target_directory().join("criterion/report/index.html");
            let pages = write_pages(&self.run, path, Some(&criterion));
            let room = terminal_columns().unwrap_or(WIDTH);
            let tables = console(&View::of(&self.run), room);
            anstream::print!("\n{}", for_terminal(&tables));
            pages?;
            println!("\nrecord      {}", path.display());
            println!("report      {}", path.join("report.html").display());
            if criterion.exists() {
                println!("criterion   {}", criterion.display());
            }
        }
        let cells = &self.run.cells;
        let figures =
            cells.is_empty() || cells.iter().any(|cell| cell.outcome.measured().is_some());
        Ok(self.failed == 0 && figures)
    }
}

type Rounds = std::result::Result<Kept, Trouble>;

/// A cell while criterion asks for its times.
struct CellRun<'a, 'f> {
    arms: Arms<'a, 'f>,
    clock: Monotonic,
    test: bool,
    started: bool,
    trouble: Option<Trouble>,
}

impl CellRun<'_, '_> {
    /// Gives criterion what it asks for. What is done before `iter_custom` is in none of its times.
    fn answer(&mut self, bencher: &mut Bencher<'_, WallTime>) {
        if !self.started {
            self.started = true;
            let ready = if self.test {
                self.arms.make_ready()
            } else {
                self.arms.warm_up(&self.clock)
            };
            self.or_end(ready);
        }
        bencher.iter_custom(|iterations| {
            let engine_ns = self.arms.run(&self.clock, iterations);
            Duration::from_nanos(self.or_end(engine_ns).round().max(1.0) as u64)
        });
    }

    fn or_end<T>(&mut self, result: std::result::Result<T, Trouble>) -> T {
        result.unwrap_or_else(|trouble| {
            self.trouble = Some(trouble);
            panic::resume_unwind(Box::new(CellEnded))
        })
    }
}

fn is_precise(rounds: &[Round]) -> bool {
    record::half_width_percent(rounds, 0).is_some_and(|percent| percent <= FLOOR_PRECISION)
}

/// Names the benchmarks of `contest` for criterion's `--list`, which runs none.
fn list(group: &mut BenchmarkGroup<'_, WallTime>, contest: &Contest) {
    for entry in contest.entries.iter().filter(|entry| entry.support.is_ok()) {
        let id = BenchmarkId::new(entry.engine.name(), contest.parameter());
        group.bench_function(id, |_| {});
    }
}

/// The command line without the path of the program, which tells nothing that anybody else has.
fn command() -> Vec<String> {
    let arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    ["cargo", "bench", "--"]
        .map(str::to_owned)
        .into_iter()
        .chain(arguments)
        .collect()
}
