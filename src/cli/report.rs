//! `mapmark report`: the tables of a run again, from its record.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::error::{Error, Result};
use crate::record::{self, RESULTS, Run};
use crate::report::{View, console, markdown};

#[derive(Args)]
pub(super) struct Report {
    /// A run directory, its run.json, or `latest`
    run: PathBuf,
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
        let path = record::locate(&self.run, Path::new(RESULTS))?;
        let text = self.format.render(&record::load(&path)?);
        let Some(output) = &self.output else {
            return Ok(text);
        };
        let plain = anstream::adapter::strip_str(&text).to_string();
        fs::write(output, plain).map_err(|error| Error::io("write", output, error))?;
        Ok(String::new())
    }
}

impl Format {
    pub(super) fn render(self, run: &Run) -> String {
        match self {
            Self::Table => console(&View::of(run)),
            Self::Md => markdown(&View::of(run)),
            Self::Csv => record::ratios_csv(run),
            Self::Json => record::to_json(run),
        }
    }
}
