//! `mapmark report`: the tables and the page of a run again, from its record.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::error::{Error, Result};
use crate::record::{self, RESULTS, Run, write_atomically};
use crate::report::{View, WIDTH, beside, console, markdown, page, splice};
use crate::sys::terminal_columns;

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
    /// Put the Markdown tables into this file, between the lines `<!-- mapmark:begin -->` and
    /// `<!-- mapmark:end -->`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "output"])]
    splice: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    Table,
    /// For a README or a pull request
    Md,
    /// One line a cell, for other programs
    Csv,
    /// The whole record
    Json,
    /// One page with pictures, for a browser
    Html,
}

impl Report {
    pub(super) fn run(&self) -> Result<String> {
        let path = record::locate(&self.run, Path::new(RESULTS))?;
        let run = record::load(&path)?;
        if let Some(file) = &self.splice {
            splice_into(file, &run)?;
            return Ok(String::new());
        }
        let directory = path.parent().unwrap_or(Path::new(""));
        let room = self.output.is_none().then(terminal_columns).flatten();
        let text = self.format.render(&run, directory, room.unwrap_or(WIDTH))?;
        let Some(output) = &self.output else {
            return Ok(text);
        };
        let plain = match self.format {
            Format::Table => anstream::adapter::strip_str(&text).to_string(),
            _ => text,
        };
        fs::write(output, plain).map_err(|error| Error::io("write", output, error))?;
        Ok(String::new())
    }
}

impl Format {
    /// `run`, whose directory is `directory`, in `width` columns where there are any.
    pub(super) fn render(self, run: &Run, directory: &Path, width: usize) -> Result<String> {
        Ok(match self {
            Self::Table => console(&View::of(run), width),
            Self::Md => markdown(&View::of(run)),
            Self::Csv => record::ratios_csv(run),
            Self::Json => record::to_json(run),
            Self::Html => page(run, &beside(directory))?.html,
        })
    }
}

/// Replaces what stands between the marks in `file`, all at once.
fn splice_into(file: &Path, run: &Run) -> Result<()> {
    let text = fs::read_to_string(file).map_err(|error| Error::io("read", file, error))?;
    let table = markdown(&View::of(run));
    let spliced = splice(&text, &table).map_err(|reason| Error::bad_file(file, reason))?;
    // A link is followed, so that it stays one.
    let place = fs::canonicalize(file).map_err(|error| Error::io("find", file, error))?;
    let kept = fs::metadata(&place).map(|metadata| metadata.permissions());
    write_atomically(&place, &spliced)?;
    kept.and_then(|permissions| fs::set_permissions(&place, permissions))
        .map_err(|error| Error::io("keep the permissions of", &place, error))
}
