//! `mapmark run`: measure, in new workers spread over the whole run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use memchr::memmem;

use super::Told;
use super::beside::Beside;
use super::budget::{BudgetArguments, ConditionArguments, time};
use super::common::{command, fixture, interrupt, now, status, tell, workers};
use super::compare::builds;
use super::place::PlaceArguments;
use super::progress::Bar;
use super::report::Format;
use super::selection::SelectionArguments;
use crate::compare::{Comparison, markdown, table};
use crate::error::{Error, Result};
use crate::fixture::{Store, own_file};
use crate::measure::{self, Hands, Interrupt};
use crate::plan::Contest;
use crate::record::{Access, Driver, Reservation, Settings, write_atomically};
use crate::report::{View, WIDTH, closing, comparison_page, for_terminal, write_pages};
use crate::run::{Finished, Loaded, Orders, drive, first_replicates_s};
use crate::sys::{MemoryLimit, terminal_columns};
use crate::text::shown;

/// How long past its time a worker may take before it is ended.
const DEADLINE: &str = "60s";

/// The page of two builds, in the directory of the record.
const COMPARISON: &str = "comparison.html";

#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    selection: SelectionArguments,
    #[command(flatten)]
    budget: BudgetArguments,
    #[command(flatten)]
    conditions: ConditionArguments,
    /// Another mapmark, whose workers take turns with this one's in every round; what changed from it to
    /// this one is printed, and the exit status is 1 where something became slower
    #[arg(long, value_name = "OTHER-MAPMARK", conflicts_with = "precision")]
    against: Option<PathBuf>,
    /// The directory to make for the record [default: results/runs/<time>-run]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    place: PlaceArguments,
    /// The program whose workers measure
    #[arg(long, value_name = "PROGRAM", hide = true)]
    worker: Option<PathBuf>,
    /// How long past its time a worker may take before it is ended
    #[arg(long, value_name = "TIME", default_value = DEADLINE)]
    deadline: String,
}

impl Run {
    pub(super) fn run(&self, quiet: bool) -> Result<Told> {
        let start = Instant::now();
        self.place.refuse_debug_build()?;
        let contests = self.selection.selection()?.contests();
        let quick = self.selection.quick;
        let settings = Settings {
            sweep: self.selection.sweep()?,
            ..self.budget.settings(&self.conditions, &contests, quick)?
        };
        let deadline = time("--deadline", &self.deadline)?;
        let interrupt = interrupt()?;
        let access = match self.selection.file()? {
            Some((path, _)) => Access::like(path)?,
            None => Access::USUAL,
        };
        let (created, seed) = now();
        let place = Reservation::take(self.out.as_deref(), Driver::Run, &created, access)?;
        let store = self.place.store(&interrupt)?;
        let (files, questions) = self.files(&store, &contests, &settings, quiet)?;
        let hands = self.hands(&settings, deadline, &interrupt)?;
        let against = self.against.as_deref();
        let beside =
            against.map(|other| Beside::new(other, &hands, &store, &settings, &self.place));
        let (hands, against, _copies) = match beside.transpose()? {
            Some(beside) => (beside.own, Some(beside.other), Some(beside.copies)),
            None => (hands, None, None),
        };
        let mut bar = Bar::new(Duration::from_secs_f64(settings.budget_s), quiet);
        tell(quiet, &plan(&contests, &settings));
        if let Some(warning) = too_slow(&contests, &settings) {
            tell(quiet, &warning);
        }
        let orders = Orders {
            driver: Driver::Run,
            created,
            contests,
            settings,
            seed: self.budget.seed.unwrap_or(seed),
            hands,
            against,
            place,
            command: command(),
            questions,
        };
        let finished = drive(orders, files, start, &interrupt, &mut bar)?;
        drop(bar);
        self.finish(&finished, quiet)
    }

    /// The files of the contests: fixtures, or the user's own.
    fn files(
        &self,
        store: &Store,
        contests: &[Contest],
        settings: &Settings,
        quiet: bool,
    ) -> Result<(Vec<Loaded>, Vec<String>)> {
        if let Some((path, wanted)) = self.selection.file()? {
            let own = own_file(path, store, measure::room().as_ref(), wanted)?;
            if let Some(needle) = wanted.needle
                && memmem::find(&own.content, needle).is_none()
            {
                let (needle, file) = (needle.escape_ascii(), path.display());
                let warning = format!(
                    "warning: `{needle}` is not in {file}: searches for it read all of the file, and `replace` has \
                     nothing to do"
                );
                tell(quiet, &warning);
            }
            let (file, questions) = Loaded::own(own);
            if contests
                .iter()
                .any(|contest| contest.bytes != file.target().bytes())
            {
                return Err(Error::bad_file(
                    path,
                    "the file changes while it is looked at; measure a copy of it",
                ));
            }
            return Ok((vec![file], questions));
        }
        refuse_without_room(contests, settings)?;
        let mut files: Vec<Loaded> = Vec::new();
        for contest in contests {
            let bytes = contest.bytes;
            if files.iter().any(|file| file.target().bytes() == bytes) {
                continue;
            }
            files.push(fixture(store, bytes, quiet)?);
        }
        Ok((files, Vec::new()))
    }

    fn hands(
        &self,
        settings: &Settings,
        deadline: Duration,
        interrupt: &Interrupt,
    ) -> Result<Hands> {
        let limit = settings.memory_limit_bytes.map(MemoryLimit::new);
        let limit = limit.transpose().map_err(Error::usage)?;
        let hands = workers(self.worker.clone(), deadline, interrupt)?;
        Ok(hands.pinned(settings.pinned_to).within(limit))
    }

    fn finish(&self, finished: &Finished, quiet: bool) -> Result<Told> {
        let pages = write_pages(&finished.run, &finished.path, None);
        let room = terminal_columns().unwrap_or(WIDTH);
        let comparison = finished.run.against.as_ref().map(|_| {
            let path = finished.path.join("run.json");
            builds(&finished.run, &path, None)
        });
        let comparison = comparison.transpose();
        let compared = match &comparison {
            Ok(Some(comparison)) => write_comparison(comparison, &finished.path),
            _ => Ok(()),
        };
        let mut text = match (self.format, &comparison) {
            (Format::Table, Ok(Some(comparison))) => table(comparison),
            (Format::Md, Ok(Some(comparison))) => markdown(comparison),
            _ => self.format.render(&finished.run, &finished.path, room)?,
        };
        let record = shown(&finished.path);
        match self.format {
            Format::Table => {
                text = for_terminal(&text);
                text.push_str(&format!("\nrecord      {record}\n"));
                let pages = [
                    ("report", "report.html", pages.is_ok()),
                    (
                        "comparison",
                        COMPARISON,
                        matches!((&comparison, &compared), (Ok(Some(_)), Ok(()))),
                    ),
                ];
                for (name, page, _) in pages.iter().filter(|(.., is_there)| *is_there) {
                    let page = finished.path.join(page);
                    text.push_str(&format!("{name:<11} {}\n", shown(&page)));
                }
                text.push_str(&for_terminal(&closing(&View::of(&finished.run), room)));
            }
            _ => tell(quiet, &format!("record: {record}")),
        }
        if let (Ok(Some(comparison)), Format::Csv | Format::Json | Format::Html) =
            (&comparison, self.format)
        {
            let page = finished.path.join(COMPARISON);
            let summary = comparison.summary();
            tell(
                quiet,
                &format!("beside the other build: {summary}: {}", page.display()),
            );
        }
        let status = match &comparison {
            Ok(Some(comparison)) => with_gate(status(finished), comparison.status(false)),
            _ => status(finished),
        };
        let failures = [pages.err(), comparison.err(), compared.err()];
        let first = finished.lost.as_ref().or(failures.iter().flatten().next());
        let lost = first.map(|error| {
            format!("{error}; what is there stays in {record}, and the rest is printed above")
        });
        Ok(Told { text, status, lost })
    }
}

fn write_comparison(comparison: &Comparison, directory: &Path) -> Result<()> {
    let page = comparison_page(comparison)?;
    let access = Access::like(&directory.join("run.json"))?;
    write_atomically(&directory.join(COMPARISON), &page, access)
}

/// What became slower outweighs cells that failed, and these what could not be decided.
fn with_gate(failed: u8, compared: u8) -> u8 {
    match (compared, failed) {
        (1, _) | (_, 0) => compared,
        _ => failed,
    }
}

/// Refuses a size that memory has no room for, before a smaller one is made.
fn refuse_without_room(contests: &[Contest], settings: &Settings) -> Result<()> {
    let largest = contests.iter().map(|contest| contest.bytes).max();
    let (Some(room), Some(bytes)) = (measure::room(), largest) else {
        return Ok(());
    };
    let (option, instead) = match settings.sweep {
        Some(_) => ("--sweep", "end at a smaller size"),
        None => ("--size", "choose a smaller one"),
    };
    let fits = room.fits(bytes.0);
    fits.map_err(|reason| Error::usage(format!("{option} {bytes}: {reason}; {instead}")))
}

/// What to expect where the budget will not do.
fn too_slow(contests: &[Contest], settings: &Settings) -> Option<String> {
    let needed_s = first_replicates_s(contests);
    (needed_s > settings.budget_s).then(|| {
        format!(
            "warning: the first replicate of every contest takes about {needed_s:.0} s, and the budget is {} s; \
             contests whose turn comes too late are skipped; name a longer --budget, or fewer cells",
            settings.budget_s
        )
    })
}

fn plan(contests: &[Contest], settings: &Settings) -> String {
    let counted = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    let cells = contests.iter().map(|contest| contest.entries.len()).sum();
    let at_most = match settings.precision_percent {
        Some(percent) => format!(
            "at most, less if all intervals reach at most {percent} % to either side before"
        ),
        None => "in all".to_owned(),
    };
    // A sweep gives more of them to the sizes next to a change.
    let on_average = settings.sweep.map_or("", |_| " on average");
    format!(
        "plan: {} in {}, {}{on_average}, {} s {at_most}",
        counted(cells, "cell"),
        counted(contests.len(), "contest"),
        counted(settings.replicates, "replicate"),
        settings.budget_s,
    )
}
