//! `mapmark compare`: what changed between two runs, or between the two builds of one.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Told;
use super::budget::percent;
use crate::compare::{self, BUILDS_TOLERANCE, Comparison, Question, Side};
use crate::error::Result;
use crate::record::{self, Metric, RESULTS, Run, Times};
use crate::report::{comparison_page, for_terminal};

/// The change between two runs that nobody minds, as a fraction, unless told otherwise.
const TOLERANCE: f64 = 0.05;

#[derive(Args)]
pub(super) struct Compare {
    /// The run before: a run directory, its run.json, or `latest`
    base: PathBuf,
    /// The run after; left out, the two builds of BASE are compared, a run --against another build
    new: Option<PathBuf>,
    /// The change, either way, that nobody minds [default: 5%, between the builds of one run 2%]
    #[arg(long, value_name = "PERCENT")]
    tolerance: Option<String>,
    /// What to compare
    #[arg(long, value_enum, default_value_t = Compared::Speedup, requires = "new")]
    metric: Compared,
    /// Compare times of different machines all the same
    #[arg(long, requires = "new")]
    force: bool,
    /// End with status 4 as soon as one cell cannot be decided, instead of when none can
    #[arg(long)]
    decide_all: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Compared {
    /// Baseline time over engine time, which shared machines leave alone best
    Speedup,
    /// The engine's time, which says something between runs of one machine only
    Time,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal
    Table,
    /// For a pull request: what changed first, the rest folded away
    Md,
    /// All of it, for other programs
    Json,
    /// Bencher Metric Format
    Bmf,
    /// customBiggerIsBetter, or for times customSmallerIsBetter
    GithubActionBenchmark,
    /// A test for each cell
    Junit,
    /// One page with pictures, for a browser
    Html,
}

impl Compare {
    pub(super) fn run(&self) -> Result<Told> {
        let tolerance = self.tolerance.as_deref();
        let tolerance = tolerance.map(|text| percent("--tolerance", text));
        let tolerance = tolerance.transpose()?.map(|percent| percent / 100.0);
        let base = record::locate(&self.base, Path::new(RESULTS))?;
        let comparison = match &self.new {
            None => builds(&record::open(&base)?, &base, tolerance)?,
            Some(new) => {
                let question = Question {
                    metric: match self.metric {
                        Compared::Speedup => Metric::Speedup,
                        Compared::Time => Metric::Time,
                    },
                    tolerance: tolerance.unwrap_or(TOLERANCE),
                    force: self.force,
                };
                let new = record::locate(new, Path::new(RESULTS))?;
                let side = |path: &Path| Side::load(path, question.metric);
                compare::compare(&side(&base)?, &side(&new)?, question)?
            }
        };
        Ok(Told {
            text: self.format.render(&comparison)?,
            status: comparison.status(self.decide_all),
            lost: None,
        })
    }
}

/// Compares the two builds of `run`, whose run.json is at `path`, by the rounds beside it.
pub(super) fn builds(run: &Run, path: &Path, tolerance: Option<f64>) -> Result<Comparison> {
    let times = match &run.against {
        Some(_) => record::times_of_builds(&path.with_file_name("rounds.csv"), run)?,
        None => Times::new(),
    };
    let tolerance = tolerance.unwrap_or(BUILDS_TOLERANCE);
    compare::between_builds(run, path, &times, tolerance)
}

impl Format {
    fn render(self, comparison: &Comparison) -> Result<String> {
        Ok(match self {
            Self::Table => for_terminal(&compare::table(comparison)),
            Self::Md => compare::markdown(comparison),
            Self::Json => compare::json(comparison),
            Self::Bmf => compare::bmf(comparison),
            Self::GithubActionBenchmark => compare::action(comparison),
            Self::Junit => compare::junit(comparison),
            Self::Html => comparison_page(comparison)?,
        })
    }
}
