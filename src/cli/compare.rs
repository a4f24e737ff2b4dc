//! `mapmark compare`: what changed between two runs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Told;
use super::budget::percent;
use crate::compare::{self, Comparison, Question, Side};
use crate::error::Result;
use crate::record::{self, Metric, RESULTS};
use crate::report::comparison_page;

#[derive(Args)]
pub(super) struct Compare {
    /// The run before: a run directory, its run.json, or `latest`
    base: PathBuf,
    /// The run after
    new: PathBuf,
    /// The change, either way, that nobody minds
    #[arg(long, value_name = "PERCENT", default_value = "5%")]
    tolerance: String,
    /// What to compare
    #[arg(long, value_enum, default_value_t = Compared::Speedup)]
    metric: Compared,
    /// Compare times of different machines all the same
    #[arg(long)]
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
        let question = Question {
            metric: match self.metric {
                Compared::Speedup => Metric::Speedup,
                Compared::Time => Metric::Time,
            },
            tolerance: percent(&self.tolerance)? / 100.0,
            force: self.force,
        };
        let side = |word: &Path| {
            let path = record::locate(word, Path::new(RESULTS))?;
            Side::load(&path, question.metric)
        };
        let (base, new) = (side(&self.base)?, side(&self.new)?);
        let comparison = compare::compare(&base, &new, question)?;
        Ok(Told {
            text: self.format.render(&comparison)?,
            status: comparison.status(self.decide_all),
            lost: None,
        })
    }
}

impl Format {
    fn render(self, comparison: &Comparison) -> Result<String> {
        Ok(match self {
            Self::Table => compare::table(comparison),
            Self::Md => compare::markdown(comparison),
            Self::Json => compare::json(comparison),
            Self::Bmf => compare::bmf(comparison),
            Self::GithubActionBenchmark => compare::action(comparison),
            Self::Junit => compare::junit(comparison),
            Self::Html => comparison_page(comparison)?,
        })
    }
}
