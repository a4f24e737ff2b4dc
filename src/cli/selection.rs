//! What is to be measured, as it is typed.

use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::fixture::Wanted;
use crate::plan::{Cache, Process, Scope, Selection, Sweep};
use crate::units::ByteCount;
use crate::workload::{Role, Workload};

#[derive(Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct SelectionArguments {
    /// Workloads, separated by commas; `all` for every one, which `mapmark list` shows
    /// [default: whole_file,find_first,find_absent,regex_scan,seek_read,replace; with --quick
    /// whole_file,find_absent,seek_read,replace]
    #[arg(long, value_name = "W,...", value_delimiter = ',')]
    workload: Vec<String>,
    /// Engines, separated by commas; `all` for every one [default: read,mmap]
    #[arg(long, value_name = "E,...", value_delimiter = ',')]
    engine: Vec<String>,
    /// The engine that the others are compared with [default: read]
    #[arg(long, value_name = "E")]
    baseline: Option<String>,
    /// Sizes of the text fixtures: 2MB is 2,000,000 bytes, 2MiB is 2,097,152 [default: 2MB,14.4MB; with
    /// --quick 2MB]
    #[arg(long, value_name = "S,...", value_delimiter = ',')]
    size: Vec<String>,
    /// Sizes that double from one to the other instead, to find where the faster engine changes
    /// [default workload: whole_file; default cache: warm]
    #[arg(long, value_name = "FROM..TO", conflicts_with_all = ["size", "file"])]
    sweep: Option<String>,
    /// A file of your own instead; it is only read
    #[arg(long, value_name = "PATH", conflicts_with = "size")]
    file: Option<PathBuf>,
    /// What to look for in it, and to replace in a copy of it
    #[arg(long, value_name = "TEXT", requires = "file")]
    needle: Option<String>,
    /// The regular expression to scan it for
    #[arg(long, value_name = "REGEX", requires = "file")]
    pattern: Option<String>,
    /// Where the file is before: warm, cold [default: warm, and whole_file cold too]
    #[arg(long, value_name = "STATE,...", value_delimiter = ',')]
    cache: Vec<String>,
    /// What ran in the process before: steady, fresh [default: both when warm, fresh when cold]
    #[arg(long, value_name = "KIND,...", value_delimiter = ',')]
    process: Vec<String>,
    /// What an iteration pays for: per_call, kept_open [default: per_call]
    #[arg(long, value_name = "SCOPE,...", value_delimiter = ',')]
    scope: Vec<String>,
    /// A first look in ten seconds: what is not named is narrowed to few contests
    #[arg(long, help_heading = "Budget")]
    pub(super) quick: bool,
}

impl SelectionArguments {
    /// The selection that they narrow from that of `mapmark run`.
    pub(super) fn selection(&self) -> Result<Selection> {
        let mut selection = match self.sweep()? {
            Some(sweep) => Selection::swept(sweep),
            None if self.quick => Selection::first_look(),
            None => Selection::small(),
        };
        if !self.engine.is_empty() {
            selection.set_engines(&self.engine)?;
        }
        if let Some(baseline) = &self.baseline {
            selection.set_baseline(baseline)?;
        }
        if !self.workload.is_empty() {
            selection.set_workloads(&self.workload)?;
        }
        if !self.size.is_empty() {
            selection.set_sizes(&self.size)?;
        }
        if let Some(path) = &self.file {
            let metadata =
                std::fs::metadata(path).map_err(|error| Error::io("look at", path, error))?;
            selection.sizes = vec![ByteCount(metadata.len())];
        }
        if let Some(caches) = parsed::<Cache>(&self.cache)? {
            selection.caches = Some(caches);
        }
        selection.processes = parsed::<Process>(&self.process)?;
        if let Some(scopes) = parsed::<Scope>(&self.scope)? {
            selection.scopes = scopes;
        }
        if self.sweep.is_some() {
            refuse_to_find_nothing(&selection)?;
        }
        Ok(selection)
    }

    /// The range of sizes to find a change in.
    pub(super) fn sweep(&self) -> Result<Option<Sweep>> {
        self.sweep.as_deref().map(str::parse).transpose()
    }

    /// The file of the user's own, and what is to be asked of it.
    pub(super) fn file(&self) -> Result<Option<(&PathBuf, Wanted<'_>)>> {
        let Some(path) = &self.file else {
            return Ok(None);
        };
        if self.needle.as_deref() == Some("") {
            return Err(Error::usage(
                "--needle is empty, and an empty text is everywhere; name one to look for",
            ));
        }
        let wanted = Wanted {
            needle: self.needle.as_deref().map(str::as_bytes),
            pattern: self.pattern.as_deref(),
        };
        Ok(Some((path, wanted)))
    }
}

/// A sweep asks where the faster engine changes: of one engine, or of controls, which rank none, nothing can be told.
fn refuse_to_find_nothing(selection: &Selection) -> Result<()> {
    if selection.engines.len() == 1 {
        return Err(Error::usage(format!(
            "--sweep: `{}` alone cannot be faster or slower than another; name more engines with --engine",
            selection.baseline.name()
        )));
    }
    let ranks = |workload: &&dyn Workload| workload.role() == Role::Ranked;
    if !selection.workloads.iter().any(ranks) {
        let names = selection.workloads.iter().map(|workload| workload.name());
        return Err(Error::usage(format!(
            "--sweep: {} ranks no engine; name a workload that does, as whole_file",
            names.collect::<Vec<_>>().join(", ")
        )));
    }
    Ok(())
}

/// The values of an axis, each once; `None` where none was named.
fn parsed<T>(words: &[String]) -> Result<Option<Vec<T>>>
where
    T: std::str::FromStr<Err = Error> + PartialEq,
{
    let mut values = Vec::new();
    for word in words {
        let value = word.parse()?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok((!values.is_empty()).then_some(values))
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};

    use super::*;

    #[test]
    fn the_help_names_the_workloads_that_are_measured() {
        let command = SelectionArguments::augment_args(Command::new("run"));
        let argument = command
            .get_arguments()
            .find(|argument| argument.get_id() == "workload")
            .unwrap();
        let help = argument.get_help().unwrap().to_string();
        let names = |selection: Selection| {
            let names = selection.workloads.iter().map(|workload| workload.name());
            names.collect::<Vec<_>>().join(",")
        };
        let told = format!(
            "[default: {}; with --quick {}]",
            names(Selection::small()),
            names(Selection::first_look())
        );
        assert!(help.ends_with(&told), "{help}");
    }
}
