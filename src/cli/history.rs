//! `mapmark history`: the runs of a machine in a row.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::common::tell;
use crate::error::{Error, Result};
use crate::history::{self, HISTORY, Trend};
use crate::record::{self, Access, RESULTS};
use crate::report::{for_terminal, history_page};
use crate::text::shown;

#[derive(Args)]
pub(super) struct History {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add a run to the history of its machine
    Add(Add),
    /// Show the trend, and where it stepped
    Show(Show),
}

#[derive(Args)]
struct Add {
    /// A run directory, its run.json, or `latest`
    run: PathBuf,
    /// Where histories are kept
    #[arg(long, value_name = "DIR", default_value = HISTORY)]
    directory: PathBuf,
}

#[derive(Args)]
struct Show {
    /// Only the cells of this workload
    #[arg(long, value_name = "WORKLOAD")]
    workload: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Where histories are kept
    #[arg(long, value_name = "DIR", default_value = HISTORY)]
    directory: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal
    Table,
    /// A page with charts that needs no network
    Html,
    /// One line for each cell and run
    Csv,
}

impl History {
    pub(super) fn run(&self) -> Result<String> {
        match &self.command {
            Command::Add(add) => add.run(),
            Command::Show(show) => show.run(),
        }
    }
}

impl Add {
    fn run(&self) -> Result<String> {
        let path = record::locate(&self.run, Path::new(RESULTS))?;
        let run = record::load(&path)?;
        let access = Access::like(&path)?;
        let added = history::add(&self.directory, &run, access, &mut |words| {
            tell(false, words)
        })
        .map_err(|error| error.with_advice("--directory DIR keeps histories elsewhere"))?;
        remark(&added.remarks);
        let (run, file) = (shown(&path), shown(&added.path));
        Ok(if added.already {
            format!("{run} is in {file} already\n")
        } else {
            format!("{run} is added to {file}\n")
        })
    }
}

impl Show {
    fn run(&self) -> Result<String> {
        let mut trends = Vec::new();
        let mut workloads = Vec::new();
        for path in history::files(&self.directory)? {
            let kept = history::read(&path, &mut |words| tell(false, words))?;
            remark(&kept.remarks);
            let cells = kept.entries.iter().flat_map(|entry| &entry.cells);
            workloads.extend(cells.map(|cell| cell.workload.clone()));
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            trends.push((name, Trend::of(&kept.entries, self.workload.as_deref())));
        }
        workloads.sort();
        workloads.dedup();
        if let Some(unknown) = self
            .workload
            .as_ref()
            .filter(|word| !workloads.contains(word))
        {
            if workloads.is_empty() {
                return Err(Error::usage(format!(
                    "--workload {unknown}: no run in {} has a cell; add one with `mapmark history add RUN`",
                    self.directory.display()
                )));
            }
            let known = workloads.iter().map(String::as_str);
            return Err(Error::unknown("workload", unknown, known));
        }
        Ok(match self.format {
            Format::Table => {
                let tables = trends.iter().map(|(_, trend)| history::table(trend));
                for_terminal(&tables.collect::<Vec<_>>().join("\n"))
            }
            Format::Html => history_page(&trends)?,
            Format::Csv => history::csv(&trends),
        })
    }
}

/// What was wrong with a file is said in any case: something was left out.
fn remark(remarks: &[String]) {
    for remark in remarks {
        tell(false, remark);
    }
}
