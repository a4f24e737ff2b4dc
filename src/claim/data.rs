//! A claim, as data: what was printed, what ran, and the steps from one side to the other.
//!
//! A sixth claim is one more entry of [`CLAIMS`]; code only where it needs an operation that
//! `scripts/python_arms.py` does not have.

use super::published::CLAIMS;
use crate::error::{Error, Result};
use crate::units::ByteCount;

/// A published claim that maps are faster, and how to ask for it again.
#[derive(Debug)]
pub struct Claim {
    /// The word on the command line.
    pub id: &'static str,
    /// The claim in a few words.
    pub says: &'static str,
    /// Where it stands.
    pub source: &'static str,
    /// Printed seconds of the regular side, where there are some.
    pub regular_s: &'static [f64],
    /// Printed seconds of the mmap side.
    pub mmap_s: &'static [f64],
    /// How many times faster mmap is said to be.
    pub factor: f64,
    /// The length of the file it was found on.
    pub bytes: ByteCount,
    /// Its part of the time, beside the other claims.
    pub weight: u32,
    /// The two sides in Python.
    pub python: PythonSide,
    /// The same question in Rust.
    pub rust: RustSide,
}

/// The operations of `scripts/python_arms.py` that ask the question.
#[derive(Debug)]
pub struct PythonSide {
    /// The regular side, as published.
    pub regular: &'static str,
    /// The mmap side, as published.
    pub mmap: &'static str,
    /// The question with a single thing changed.
    pub singles: &'static [Single],
    /// From the regular side to the mmap side, one change at a time.
    pub ladder: &'static [Rung],
    /// Whether what the allocator does is a step of its own, measured by processes whose allocator
    /// was told to keep its memory.
    pub allocator: bool,
    /// The change after which both sides do the same work: the label of a row, and how to say it.
    pub equal: (&'static str, &'static str),
    /// Whether an operation changes the file.
    pub writes: bool,
}

/// The question with a single thing changed.
#[derive(Debug)]
pub struct Single {
    /// What was changed.
    pub label: &'static str,
    /// The regular side then.
    pub regular: &'static str,
    /// The mmap side then.
    pub mmap: &'static str,
}

/// A rung of a ladder: an operation or an engine, and what it does otherwise than the rung before.
#[derive(Debug)]
pub struct Rung {
    /// The operation or engine.
    pub name: &'static str,
    /// What changed; empty for the first.
    pub change: &'static str,
}

/// The same question, asked of this program's engines.
#[derive(Debug)]
pub struct RustSide {
    /// The workload.
    pub workload: &'static str,
    /// From the regular side to the mmap side.
    pub ladder: &'static [Rung],
    /// Engines beside the ladder.
    pub others: &'static [&'static str],
    /// Where both sides do the same work.
    pub equal: EqualWork,
    /// Another workload, of which both sides look at the same bytes.
    pub also: Option<&'static str>,
}

/// The row in which both sides do the same work.
#[derive(Debug)]
pub struct EqualWork {
    /// The workload.
    pub workload: &'static str,
    /// The engine of the regular side.
    pub engine: &'static str,
    /// How to say it.
    pub words: &'static str,
}

/// The label of the row measured by processes whose allocator was told to keep its memory.
pub const KEPT_MEMORY: &str = "repeated, allocator keeps memory";

pub(super) const fn single(
    label: &'static str,
    regular: &'static str,
    mmap: &'static str,
) -> Single {
    Single {
        label,
        regular,
        mmap,
    }
}

pub(super) const fn rung(name: &'static str, change: &'static str) -> Rung {
    Rung { name, change }
}

/// The claims of these names, in the order of the tables; all of them without names.
///
/// # Errors
/// A name that none has; the message has all of them.
pub fn named(names: &[impl AsRef<str>]) -> Result<Vec<&'static Claim>> {
    let ids: Vec<&str> = CLAIMS.iter().map(|claim| claim.id).collect();
    for name in names.iter().map(AsRef::as_ref) {
        if !ids.contains(&name) {
            return Err(Error::usage(format!(
                "unknown claim `{name}`; valid: `{}`",
                ids.join("`, `")
            )));
        }
    }
    let wanted =
        |claim: &&Claim| names.is_empty() || names.iter().any(|name| name.as_ref() == claim.id);
    Ok(CLAIMS.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine, workload};

    const SCRIPT: &str = include_str!("../../scripts/python_arms.py");

    #[test]
    fn every_name_in_the_data_exists() {
        for claim in CLAIMS {
            let python = &claim.python;
            let rungs = python.ladder.iter().map(|rung| rung.name);
            let singles = python
                .singles
                .iter()
                .flat_map(|one| [one.regular, one.mmap]);
            for operation in rungs.chain(singles).chain([python.regular, python.mmap]) {
                assert!(
                    SCRIPT.contains(&format!("\"{operation}\": (")),
                    "{operation}"
                );
            }
            let labels = python.singles.iter().map(|one| one.label);
            let known = labels
                .chain([KEPT_MEMORY])
                .any(|label| label == python.equal.0);
            assert!(known, "{}", python.equal.0);
            let rust = &claim.rust;
            let engines = rust.ladder.iter().map(|rung| rung.name);
            for name in engines.chain(rust.others.iter().copied()) {
                assert!(engine::find(name).is_some(), "{name}");
            }
            let workloads = [rust.workload, rust.equal.workload].into_iter();
            for name in workloads.chain(rust.also) {
                assert!(workload::find(name).is_some(), "{name}");
            }
            let mut engines = rust.ladder.iter().map(|rung| rung.name);
            assert!(
                engines.any(|name| name == rust.equal.engine),
                "{}",
                claim.id
            );
        }
    }

    #[test]
    fn every_operation_is_used() {
        let (_, table) = SCRIPT.split_once("OPERATIONS = {").unwrap();
        let (table, _) = table.split_once("\n}").unwrap();
        let lines = table
            .lines()
            .filter_map(|line| line.trim().split_once("\": ("));
        let known: Vec<&str> = lines.map(|(name, _)| name.trim_matches('"')).collect();
        assert!(known.contains(&"text_read"), "{known:?}");
        for operation in known {
            let used = CLAIMS.iter().any(|claim| {
                let python = &claim.python;
                let rungs = python.ladder.iter().map(|rung| rung.name);
                let singles = python
                    .singles
                    .iter()
                    .flat_map(|one| [one.regular, one.mmap]);
                let mut all = rungs.chain(singles).chain([python.regular, python.mmap]);
                all.any(|name| name == operation)
            });
            assert!(used, "{operation}");
        }
    }

    #[test]
    fn a_ladder_leads_from_one_published_side_to_the_other() {
        for claim in CLAIMS {
            let python = &claim.python;
            assert_eq!(python.ladder[0].name, python.regular);
            assert_eq!(python.ladder.last().unwrap().name, python.mmap);
            for rungs in [python.ladder, claim.rust.ladder] {
                assert!(rungs[1..].iter().all(|rung| !rung.change.is_empty()));
            }
        }
    }

    #[test]
    fn printed_seconds_give_the_claimed_factor() {
        for claim in CLAIMS.iter().filter(|claim| !claim.mmap_s.is_empty()) {
            let mean = |seconds: &[f64]| seconds.iter().sum::<f64>() / seconds.len() as f64;
            let factor = mean(claim.regular_s) / mean(claim.mmap_s);
            assert!(
                (factor / claim.factor - 1.0).abs() < 0.25,
                "{} {factor}",
                claim.id
            );
        }
    }

    #[test]
    fn names_choose_and_unknown_ones_are_refused_with_the_list() {
        let nothing: [&str; 0] = [];
        assert_eq!(named(&nothing).unwrap().len(), CLAIMS.len());
        let two = named(&["regex", "read"]).unwrap();
        assert_eq!([two[0].id, two[1].id], ["read", "regex"]);
        let error = named(&["raed"]).unwrap_err().to_string();
        assert!(
            error.contains("`raed`") && error.contains("`replace`"),
            "{error}"
        );
    }
}
