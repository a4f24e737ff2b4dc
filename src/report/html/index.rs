//! `index.html` beside the run directories: which runs there are, and what they found.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::{sweep, words};
use super::{STYLE, render};
use crate::error::{Error, Result};
use crate::record::{self, Run};

#[derive(Serialize)]
struct Context {
    style: &'static str,
    title: &'static str,
    runs: Vec<Entry>,
}

#[derive(Default, Serialize)]
struct Entry {
    /// The name of the directory.
    name: String,
    /// The page to open, as seen from the index.
    page: String,
    created: String,
    driver: String,
    machine: String,
    cells: String,
    headline: Vec<String>,
    /// Why nothing is known of it.
    damaged: Option<String>,
}

/// The index of the runs in `results`, newest first.
///
/// # Errors
/// Where the directory cannot be read. A run that cannot be read is a row that says so.
pub fn index(results: &Path) -> Result<String> {
    let entries =
        fs::read_dir(results).map_err(|error| Error::io("find the runs in", results, error))?;
    let mut directories: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("run.json").is_file())
        .collect();
    directories.sort();
    let mut runs: Vec<Entry> = directories.iter().rev().map(|path| entry(path)).collect();
    // Names begin with their time, unless somebody chose them; what cannot be read comes last.
    runs.sort_by(|one, other| other.created.cmp(&one.created));
    let title = "mmap or read? The runs of this machine";
    let context = Context {
        style: STYLE,
        title,
        runs,
    };
    render("index.html", &context)
}

fn entry(directory: &Path) -> Entry {
    let name = directory.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let pages = ["report.html", "ratios.md", "claims.md", "run.json"];
    let page = pages.into_iter().find(|page| directory.join(page).exists());
    let entry = Entry {
        page: format!("{}/{}", in_address(&name), page.unwrap_or_default()),
        name,
        ..Entry::default()
    };
    match record::load(&directory.join("run.json")) {
        Ok(run) => told(entry, &run),
        Err(error) => Entry {
            damaged: Some(error.to_string()),
            ..entry
        },
    }
}

fn told(entry: Entry, run: &Run) -> Entry {
    Entry {
        created: run.created.clone(),
        driver: run.driver.name().to_owned(),
        machine: run.machine.summary(),
        cells: format!(
            "{} of {}{}",
            run.come_to(),
            run.plan.len(),
            match run.has_ended() {
                Some(false) => ", not ended",
                _ => "",
            }
        ),
        headline: if run.is_sweep() {
            sweep::sentences(run)
        } else {
            words::tallies(run)
        },
        ..entry
    }
}

/// A file name as part of an address.
pub(in crate::report) fn in_address(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_addresses() {
        assert_eq!(
            in_address("2026-01-02T03-04-05Z-run"),
            "2026-01-02T03-04-05Z-run"
        );
        assert_eq!(in_address("a b\"<é"), "a%20b%22%3C%C3%A9");
    }
}
