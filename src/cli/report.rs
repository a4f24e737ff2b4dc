//! `mapmark report`: the tables and the page of a run again, from its record.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use data_gen::Links;

use crate::error::{Error, Result};
use crate::record::{self, Access, RESULTS, Run, write_atomically};
use crate::report::{
    Published, View, WIDTH, beside, claims_markdown, claims_text, closing, console, for_terminal,
    machines_page, markdown, page, splice, write_charts,
};
use crate::sys::terminal_columns;
use crate::units::ByteCount;

/// No page that people read is larger; what is, is not what was meant.
const LARGEST_PAGE: u64 = 64 << 20;

/// Where the results of machines are published.
const MACHINES: &str = "results/machines";

#[derive(Args)]
pub(super) struct Report {
    /// A run directory, its run.json, or `latest`
    #[arg(required_unless_present = "machines")]
    run: Option<PathBuf>,
    /// Print the page over all machines below results/machines instead
    #[arg(long, conflicts_with_all = ["run", "format", "splice"])]
    machines: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the pictures of the page into this directory instead, an .svg file each
    #[arg(long, value_name = "DIR", conflicts_with_all = ["format", "output", "machines"])]
    charts: Option<PathBuf>,
    /// Put the Markdown tables into this file, between the lines `<!-- mapmark:begin -->` and
    /// `<!-- mapmark:end -->`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "output", "charts"])]
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
        let path = self.run.as_ref();
        let path = path.map(|run| record::locate(run, Path::new(RESULTS)));
        let path = path.transpose()?;
        if let Some(output) = self.output.as_ref().or(self.splice.as_ref()) {
            record::check_output(output, path.as_deref())?;
        }
        let (text, access) = match path {
            Some(path) => {
                let access = Access::like(&path)?;
                let run = record::open(&path)?;
                if let Some(file) = &self.splice {
                    splice_into(file, &run)?;
                    return Ok(String::new());
                }
                let directory = path.parent().unwrap_or(Path::new(""));
                if let Some(place) = &self.charts {
                    write_charts(&page(&run, &beside(directory))?.charts, place, access)?;
                    return Ok(String::new());
                }
                let room = self.output.is_none().then(terminal_columns).flatten();
                let width = room.unwrap_or(WIDTH);
                let mut text = self.format.render(&run, directory, width)?;
                if self.format == Format::Table && run.claims.is_none() {
                    text.push_str(&closing(&View::of(&run), width));
                }
                (text, access)
            }
            None => (
                machines_page(&published(Path::new(MACHINES))?),
                Access::USUAL,
            ),
        };
        let Some(output) = &self.output else {
            let for_people = self.format == Format::Table && !self.machines;
            return Ok(if for_people {
                for_terminal(&text)
            } else {
                text
            });
        };
        let plain = match self.format {
            Format::Table => anstream::adapter::strip_str(&text).to_string(),
            _ => text,
        };
        write_output(output, &plain, access).map_err(|error| Error::io("write", output, error))?;
        Ok(String::new())
    }
}

/// Writes a report, which nobody may read who may not read the record; a device or a pipe stays what it is.
fn write_output(output: &Path, text: &str, access: Access) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut file = access.apply(&mut options).open(output)?;
    if file.metadata()?.is_file() {
        access.narrow(&file)?;
    }
    file.write_all(text.as_bytes())
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
    /// `run`, whose directory is `directory`, in `width` columns where there are any.
    pub(super) fn render(self, run: &Run, directory: &Path, width: usize) -> Result<String> {
        Ok(match (self, &run.claims) {
            (Self::Table, Some(claims)) => claims_text(run, claims),
            (Self::Table, None) => console(&View::of(run), width),
            (Self::Md, _) => tables(run),
            (Self::Csv, _) => record::ratios_csv(run),
            (Self::Json, _) => record::to_json(run),
            (Self::Html, _) => page(run, &beside(directory))?.html,
        })
    }
}

/// The tables, or the claims, as Markdown.
fn tables(run: &Run) -> String {
    match &run.claims {
        Some(claims) => claims_markdown(run, claims),
        None => markdown(&View::of(run)),
    }
}

/// The text of a page that somebody keeps by hand. A device would never end, and a pipe might never begin.
fn page_text(file: &Path) -> Result<String> {
    let metadata = fs::metadata(file).map_err(|error| Error::io("look at", file, error))?;
    if !metadata.is_file() {
        return Err(Error::bad_file(
            file,
            "is not a regular file; name a page of Markdown",
        ));
    }
    let mut text = String::new();
    let opened = fs::File::open(file);
    opened
        .and_then(|file| file.take(LARGEST_PAGE + 1).read_to_string(&mut text))
        .map_err(|error| Error::io("read", file, error))?;
    if text.len() as u64 > LARGEST_PAGE {
        let most = ByteCount(LARGEST_PAGE);
        let reason = format!("is larger than {most}; name a page of Markdown");
        return Err(Error::bad_file(file, reason));
    }
    Ok(text)
}

/// Replaces what stands between the marks in `file`, all at once.
fn splice_into(file: &Path, run: &Run) -> Result<()> {
    let text = page_text(file)?;
    let table = tables(run);
    let spliced = splice(&text, &table).map_err(|reason| Error::bad_file(file, reason))?;
    let place = data_gen::destination(file, Links::Followed);
    let place = place.map_err(|error| Error::io("write", file, error))?;
    let kept = fs::metadata(&place).map(|metadata| metadata.permissions());
    write_atomically(&place, &spliced, Access::like(&place)?)?;
    kept.and_then(|permissions| fs::set_permissions(&place, permissions))
        .map_err(|error| Error::io("keep the permissions of", &place, error))
}
