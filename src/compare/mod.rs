//! Two runs beside each other: what changed, cell by cell, and how surely.
//!
//! Data moves one way: two [`Side`]s → pairs of cells → changes → verdicts over the whole table → [`Comparison`],
//! which each format only lays out.

mod builds;
mod conditions;
mod judge;
mod pairs;
mod yardstick;

mod action;
mod bmf;
mod json;
mod junit;
mod markdown;
mod table;
mod text;

#[cfg(test)]
mod consumers;
#[cfg(test)]
mod limits;
#[cfg(test)]
pub(crate) mod samples;

use std::path::{Path, PathBuf};

use self::pairs::Pair;
use crate::error::Result;
use crate::machine::Build;
use crate::record::{self, Replicates, Run};
use crate::stats::{Change, FAMILY_LEVEL, Finding, holm};

pub use crate::record::Metric;
pub use action::action;
pub use bmf::bmf;
pub use builds::{BUILDS_TOLERANCE, between_builds};
pub use json::{SCHEMA, json};
pub use junit::junit;
pub use markdown::markdown;
pub use table::table;
// For the page, which stands in `report`.
pub(crate) use text::{figures as row_figures, question as change_question};

/// A run that is compared.
#[derive(Debug)]
pub struct Side {
    /// Its `run.json`.
    pub path: PathBuf,
    /// The record.
    pub run: Run,
    replicates: Replicates,
}

impl Side {
    /// Reads the `run.json` at `path` and the `rounds.csv` beside it.
    ///
    /// # Errors
    /// Where either is missing, damaged or of a newer schema.
    pub fn load(path: &Path, metric: Metric) -> Result<Self> {
        let run = record::open(path)?;
        let replicates = record::replicates(&path.with_file_name("rounds.csv"), &run, metric)?;
        Ok(Self {
            path: path.to_owned(),
            run,
            replicates,
        })
    }
}

/// What is asked of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What is compared.
    pub metric: Metric,
    /// The change, as a fraction, that nobody minds.
    pub tolerance: f64,
    /// Whether times of different machines are compared all the same.
    pub force: bool,
}

/// What may be said of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It became worse, by more than is tolerated.
    Regressed,
    /// It became better, by as much.
    Improved,
    /// It was measured in BASE only.
    Missing,
    /// It was measured in NEW only.
    New,
    /// The two are not the same question.
    Incomparable,
    /// It may have changed, or not.
    Inconclusive,
    /// Its change, with the whole interval, is tolerated.
    Same,
}

impl Verdict {
    /// Every verdict, what changed first.
    pub const ALL: [Self; 7] = [
        Self::Regressed,
        Self::Improved,
        Self::Missing,
        Self::New,
        Self::Incomparable,
        Self::Inconclusive,
        Self::Same,
    ];

    /// Those that somebody has to look at.
    pub const SHOWN: [Self; 5] = [
        Self::Regressed,
        Self::Improved,
        Self::Missing,
        Self::New,
        Self::Incomparable,
    ];

    /// The others, which a page folds away.
    pub const FOLDED: [Self; 2] = [Self::Inconclusive, Self::Same];

    /// The name in tables and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Improved => "improved",
            Self::Missing => "missing",
            Self::New => "new",
            Self::Incomparable => "incomparable",
            Self::Inconclusive => "inconclusive",
            Self::Same => "same",
        }
    }
}

/// A cell of either run, and what may be said of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The cell.
    pub id: String,
    /// What may be said.
    pub verdict: Verdict,
    /// What BASE found.
    pub base: Option<Finding>,
    /// What NEW found.
    pub new: Option<Finding>,
    /// NEW over BASE; `None` where they cannot be compared.
    pub change: Option<Change>,
    /// How far the baseline's own time moved between the two runs, as a ratio of 1 or more; `None` where that tells
    /// nothing.
    pub baseline_moved: Option<f64>,
    /// The p-value of the change, adjusted for the number of cells.
    pub adjusted_p: Option<f64>,
    /// Why nothing better may be said.
    pub reason: Option<String>,
}

/// Two runs beside each other.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was asked.
    pub question: Question,
    /// The two runs, BASE first.
    pub sides: [Heading; 2],
    /// What a reader should know first.
    pub notes: Vec<String>,
    /// A row for each cell that was measured on either side, in the order of the records.
    pub rows: Vec<Row>,
}

/// Which run a side is.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Its `run.json`.
    pub path: String,
    /// When it began.
    pub created: String,
    /// What drove it.
    pub driver: &'static str,
    /// The program that measured.
    pub build: String,
    /// The machine.
    pub machine: String,
}

/// Compares `new` with `base`.
///
/// # Errors
/// Where times of different machines are asked for, and not by force.
pub fn compare(base: &Side, new: &Side, question: Question) -> Result<Comparison> {
    conditions::refuse_times_of_different_machines(base, new, &question)?;
    let pairs = pairs::pairs(base, new, question.metric)?;
    let unknown = pairs.iter().filter(|pair| pair.is_query_unknown).count();
    let mut notes = conditions::notes(base, new);
    notes.extend(conditions::note_on_unknown_queries(unknown));
    Ok(Comparison {
        rows: judged(pairs, &question),
        notes,
        sides: [base, new].map(|side| Heading::new(&side.path, &side.run, &side.run.build)),
        question,
    })
}

/// The verdicts over a whole table.
fn judged(pairs: Vec<Pair>, question: &Question) -> Vec<Row> {
    let p_values: Vec<f64> = pairs
        .iter()
        .filter_map(|pair| pair.change.map(|change| change.p_value))
        .collect();
    let mut adjusted = holm(&p_values).into_iter();
    let rows = pairs.into_iter().map(|pair| {
        let adjusted_p = pair.change.and_then(|_| adjusted.next());
        judge::row(pair, adjusted_p, question, p_values.len())
    });
    rows.collect()
}

impl Comparison {
    /// How many rows have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.with(verdict).count()
    }

    /// The rows with this verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict == verdict)
    }

    /// The exit status: 1 where a cell regressed; 4 where none could be decided or, if `all` have to be, where one
    /// was not; else 0.
    #[must_use]
    pub fn status(&self, all: bool) -> u8 {
        let decided = |verdict: &Verdict| {
            matches!(
                verdict,
                Verdict::Regressed | Verdict::Improved | Verdict::Same
            )
        };
        let count = self.rows.iter().filter(|row| decided(&row.verdict)).count();
        let open = self.rows.len() - count - self.count(Verdict::New);
        if self.count(Verdict::Regressed) > 0 {
            1
        } else if count == 0 || (all && open > 0) {
            4
        } else {
            0
        }
    }

    /// `1 regressed, 20 same, 5 inconclusive`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = self.count(verdict);
            (count > 0).then(|| format!("{count} {}", verdict.name()))
        });
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() {
            "no cell was measured on either side".to_owned()
        } else {
            counts.join(", ")
        }
    }
}

impl Heading {
    fn new(path: &Path, run: &Run, build: &Build) -> Self {
        let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "unknown".to_owned());
        Self {
            path: path.display().to_string(),
            created: run.created.clone(),
            driver: run.driver.name(),
            build: format!(
                "mapmark {} ({})",
                known(&build.version),
                known(&build.revision)
            ),
            machine: run.machine.summary(),
        }
    }
}

/// Whether an adjusted p-value is an alarm.
fn is_alarm(adjusted_p: f64) -> bool {
    adjusted_p <= FAMILY_LEVEL
}
