//! Every reader of the project, and what shows what it read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_gen::Manifest;
use mapmark::compare::{self, Metric, Question, Side};
use mapmark::history::{self, Trend};
use mapmark::measure;
use mapmark::record::{self, Run};
use mapmark::report::{self, View};

/// A kind of input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `run.json`, and all that is made of it.
    Record,
    /// `rounds.csv`, for the pictures and for a comparison.
    Rounds,
    /// The lines of a history.
    History,
    /// A fixture's manifest.
    Manifest,
    /// What a worker is asked to do.
    Request,
    /// A page with marks, for `--splice`.
    Page,
}

/// What came of an input that did no harm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was refused with a reason.
    Refused,
    /// It was read, and what can be made of it was made.
    Shown,
}

impl Reader {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Record,
        Self::Rounds,
        Self::History,
        Self::Manifest,
        Self::Request,
        Self::Page,
    ];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "run.json",
            Self::Rounds => "rounds.csv",
            Self::History => "history",
            Self::Manifest => "manifest",
            Self::Request => "worker's request",
            Self::Page => "page with marks",
        }
    }

    /// Hands `input` to the reader in `place`, which has files of its own. Expensive outputs are only
    /// made where `all` says so.
    pub fn read(self, input: &[u8], place: &Place, all: bool) -> io::Result<Outcome> {
        Ok(match self {
            Self::Record => {
                fs::write(place.run.join("run.json"), input)?;
                let shown =
                    record::load(&place.run.join("run.json")).map(|run| show(&run, place, all));
                done(&shown)
            }
            Self::Rounds => {
                fs::write(place.rounds.join("rounds.csv"), input)?;
                let _ = record::load_rounds(&place.rounds.join("rounds.csv"));
                let side = Side::load(&place.rounds.join("run.json"), Metric::Speedup);
                done(&side.map(|side| compared(&place.base, &side)))
            }
            Self::History => {
                let path = place.history.join("one.jsonl");
                fs::write(&path, input)?;
                let read = history::read(&path, &mut |_| {});
                done(&read.map(|kept| {
                    let trend = Trend::of(&kept.entries, None);
                    let _ = history::table(&trend);
                    let trends = [("one".to_owned(), trend)];
                    let _ = history::csv(&trends);
                    if all {
                        let _ = report::history_page(&trends);
                    }
                }))
            }
            Self::Manifest => {
                let fixture = place.history.join("text.txt");
                fs::write(data_gen::manifest_path(&fixture), input)?;
                done(&Manifest::load(&fixture))
            }
            Self::Request => done(&measure::check_request(input)),
            Self::Page => {
                let text = String::from_utf8_lossy(input);
                done(&report::splice(&text, "| a table |\n"))
            }
        })
    }
}

fn done<T, E>(result: &Result<T, E>) -> Outcome {
    if result.is_ok() {
        Outcome::Shown
    } else {
        Outcome::Refused
    }
}

fn show(run: &Run, place: &Place, all: bool) {
    let view = View::of(run);
    let _ = report::console(&view, 80);
    let _ = report::markdown(&view);
    let _ = record::ratios_csv(run);
    let _ = record::to_json(run);
    if let Some(claims) = &run.claims {
        let _ = report::claims_text(run, claims);
        let _ = report::claims_markdown(run, claims);
    }
    let _ = history::add(&place.added, run, record::Access::USUAL, &mut |_| {});
    if all {
        let _ = fs::remove_dir_all(&place.added);
        let _ = report::page(run, &report::beside(&place.base_directory));
        if let Ok(side) = Side::load(&place.run.join("run.json"), Metric::Time) {
            compared(&place.base, &side);
        }
    }
}

fn compared(base: &Side, new: &Side) {
    let question = Question {
        metric: Metric::Speedup,
        tolerance: 0.05,
        force: true,
    };
    if let Ok(comparison) = compare::compare(base, new, question) {
        let _ = compare::table(&comparison);
        let _ = compare::markdown(&comparison);
        let _ = compare::json(&comparison);
        let _ = compare::bmf(&comparison);
        let _ = compare::action(&comparison);
        let _ = compare::junit(&comparison);
    }
}

/// Where the inputs of one thread lie.
pub struct Place {
    run: PathBuf,
    rounds: PathBuf,
    history: PathBuf,
    added: PathBuf,
    base_directory: PathBuf,
    base: Side,
}

impl Place {
    /// Makes the directories below `root`; `record` holds an undamaged record.
    pub fn new(root: &Path, record: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let below = |name: &str| -> io::Result<PathBuf> {
            let path = root.join(name);
            fs::create_dir_all(&path)?;
            Ok(path)
        };
        let (run, rounds, base) = (below("run")?, below("rounds")?, below("base")?);
        for name in ["run.json", "rounds.csv"] {
            for place in [&run, &rounds, &base] {
                fs::copy(record.join(name), place.join(name))?;
            }
        }
        Ok(Self {
            run,
            rounds,
            history: below("history")?,
            added: root.join("added"),
            base: Side::load(&base.join("run.json"), Metric::Speedup)?,
            base_directory: base,
        })
    }
}
