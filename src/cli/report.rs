//! `mapmark report`: the tables of a run again, from its record.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::error::{Error, Result};
use crate::record::{self, RESULTS, Run};
use crate::report::{
    Published, View, claims_markdown, claims_text, console, machines_page, markdown,
};

/// Where the results of machines are published.
const MACHINES: &str = "results/machines";

#[derive(Args)]
pub(super) struct Report {
    /// A run directory, its run.json, or `latest`
    #[arg(required_unless_present = "machines")]
    run: Option<PathBuf>,
    /// Print the page over all machines below results/machines instead
    #[arg(long, conflicts_with_all = ["run", "format"])]
    machines: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    Table,
    /// For a README or a pull request
    Md,
    /// One line a cell, for other programs
    Csv,
    /// The whole record
    Json,
}

impl Report {
    pub(super) fn run(&self) -> Result<String> {
        let text = match &self.run {
            Some(run) => {
                let path = record::locate(run, Path::new(RESULTS))?;
                self.format.render(&record::load(&path)?)
            }
            None => machines_page(&published(Path::new(MACHINES))?),
        };
        let Some(output) = &self.output else {
            return Ok(text);
        };
        let plain = anstream::adapter::strip_str(&text).to_string();
        fs::write(output, plain).map_err(|error| Error::io("write", output, error))?;
        Ok(String::new())
    }
}

/// What was published of each machine, in the order of the names; of none where there is no directory.
fn published(machines: &Path) -> Result<Vec<Published>> {
    let mut names: Vec<String> = fs::read_dir(machines)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let record = |name: &str, file: &str| -> Result<Option<Run>> {
        let path = machines.join(name).join(file);
        path.is_file().then(|| record::load(&path)).transpose()
    };
    names
        .into_iter()
        .map(|name| {
            Ok(Published {
                claim: record(&name, "claim.json")?,
                run: record(&name, "run.json")?,
                name,
            })
        })
        .collect()
}

impl Format {
    pub(super) fn render(self, run: &Run) -> String {
        match (self, &run.claims) {
            (Self::Table, Some(claims)) => claims_text(run, claims),
            (Self::Md, Some(claims)) => claims_markdown(run, claims),
            (Self::Table, None) => console(&View::of(run)),
            (Self::Md, None) => markdown(&View::of(run)),
            (Self::Csv, _) => record::ratios_csv(run),
            (Self::Json, _) => record::to_json(run),
        }
    }
}
