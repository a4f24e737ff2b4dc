//! The files of a run directory that people look at: the tables, the page with its pictures, and the
//! index of all runs.

use std::path::{Component, Path};

use super::charts::Charts;
use super::html::{Beside, in_address, index, page};
use super::markdown;
use super::view::View;
use crate::error::{Error, Result};
use crate::record::{Access, RESULTS, Run, load_rounds, write_atomically};

/// Writes `ratios.md`, `report.html` and `charts/` for `run` into its `directory`, and where that lies
/// below `results/runs`, the index beside it. `criterion` is criterion's own report, if it made one.
///
/// # Errors
/// Where one of them cannot be written; those before it are.
pub fn write_pages(run: &Run, directory: &Path, criterion: Option<&Path>) -> Result<()> {
    let access = Access::like(&directory.join("run.json"))?;
    write_atomically(
        &directory.join("ratios.md"),
        &markdown(&View::of(run)),
        access,
    )?;
    let beside = Beside {
        in_directory: true,
        criterion: criterion.and_then(|report| address(directory, report)),
        ..beside(directory)
    };
    let page = page(run, &beside)?;
    write_charts(&page.charts, &directory.join("charts"), access)?;
    write_atomically(&directory.join("report.html"), &page.html, access)?;
    match directory
        .parent()
        .filter(|parent| parent.ends_with(RESULTS))
    {
        // It has names and verdicts, and no piece of a file.
        Some(results) => {
            write_atomically(&results.join("index.html"), &index(results)?, Access::USUAL)
        }
        None => Ok(()),
    }
}

/// Writes each of `charts` into `directory`, which is made where there is none, with the permissions of `access`.
///
/// # Errors
/// Where one of them cannot be written; those before it are.
pub fn write_charts(charts: &Charts, directory: &Path, access: Access) -> Result<()> {
    data_gen::make_directory(directory).map_err(|error| Error::io("make", directory, error))?;
    for chart in charts.iter() {
        write_atomically(
            &directory.join(format!("{}.svg", chart.name)),
            &chart.file(),
            access,
        )?;
    }
    Ok(())
}

/// What lies beside the record in `directory`. Rounds that cannot be read cost the pictures of them,
/// and the page says why.
#[must_use]
pub fn beside(directory: &Path) -> Beside {
    let (rounds, without_rounds) = match load_rounds(&directory.join("rounds.csv")) {
        Ok(rounds) => (rounds, None),
        Err(error) => (None, Some(error.to_string())),
    };
    Beside {
        rounds,
        without_rounds,
        ..Beside::default()
    }
}

/// How `file` is called from a page in `directory`, so that no path of the machine stands in a page
/// that is mailed; `None` where there is no such file.
fn address(directory: &Path, file: &Path) -> Option<String> {
    let (from, to) = (directory.canonicalize().ok()?, file.canonicalize().ok()?);
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other);
    let shared = shared.count();
    if shared <= 1 {
        return None; // nothing in common but the root
    }
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    let parts = up.chain(to[shared..].iter().copied());
    let parts = parts.map(|part| Some(in_address(part.as_os_str().to_str()?)));
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn other_reports_are_found_from_the_page() {
        let place = tempfile::tempdir().unwrap();
        let run = place.path().join("results/runs/one");
        let report = place.path().join("a target/criterion/index.html");
        fs::create_dir_all(&run).unwrap();
        assert_eq!(address(&run, &report), None);
        fs::create_dir_all(report.parent().unwrap()).unwrap();
        fs::write(&report, "").unwrap();
        assert_eq!(
            address(&run, &report).as_deref(),
            Some("../../../a%20target/criterion/index.html")
        );
    }
}
