//! A claim on its file: the right answers, and the file in the state that a try needs.

use std::fs;
use std::path::Path;

use memchr::memmem;
use serde_json::{Value, json};

use super::data::Claim;
use super::python::Fault;
use super::rounds::{Stretch, Turns};
use crate::error::Result;
use crate::fixture::{Scratch, Target, path_in_json};
use crate::sys;
use crate::workload::{self, Answer};

/// How many bytes the seek reads, as published.
const PIECE_BYTES: usize = 100;

/// A claim, the file that it is asked of, and what every operation has to find out about it.
pub(super) struct Subject<'f> {
    pub(super) claim: &'static Claim,
    target: &'f Target,
    order: Value,
    scratch: Option<Scratch>,
}

impl<'f> Subject<'f> {
    /// Asks for the right answers. `content` is the file's.
    ///
    /// # Errors
    /// Where a scratch copy is needed and cannot be made.
    pub(super) fn new(claim: &'static Claim, target: &'f Target, content: &[u8]) -> Result<Self> {
        let scratch = match claim.python.writes {
            true => Some(Scratch::copy_of(target)?),
            false => None,
        };
        let path = scratch.as_ref().map_or(target.path(), Scratch::path);
        let order = order(claim, target, path, content)?;
        Ok(Self {
            claim,
            target,
            order,
            scratch,
        })
    }

    fn path(&self) -> &Path {
        self.scratch
            .as_ref()
            .map_or(self.target.path(), Scratch::path)
    }

    /// The order to run these stretches. `seed` draws the order of operations within rounds.
    pub(super) fn order(&self, stretches: &[Stretch], run: Run, seed: u64) -> String {
        let (time_ms, fewest) = match run {
            Run::Once => (0, 1),
            Run::Rounds { time_ms, fewest } => (time_ms, fewest),
        };
        let told = stretches.iter().map(|stretch| {
            json!({
                "ops": stretch.operations,
                "shuffle": stretch.turns != Turns::Alternating,
                "settle": stretch.turns == Turns::Settled,
                "once": run == Run::Once,
                "time_ms": time_ms,
                "fewest": fewest,
            })
        });
        let mut order = self.order.clone();
        order["stretches"] = told.collect();
        order["seed"] = seed.into();
        order["keeps_buffer"] = stretches
            .iter()
            .any(|stretch| stretch.operations.contains(&"readinto"))
            .into();
        order["restored"] = self.scratch.is_some().into();
        order.to_string()
    }

    /// Brings the file into the state that a process should find it in.
    ///
    /// # Errors
    /// The outcome and its reason where that cannot be done, or nobody can tell.
    pub(super) fn make_ready(&mut self, cold: bool) -> Result<(), (&'static str, String)> {
        if let Some(scratch) = &mut self.scratch {
            scratch
                .restore()
                .map_err(|error| ("failed", error.to_string()))?;
            // Pages that were just written lie in larger pieces than those of an old file.
            let _ = sys::evict(scratch.path());
        }
        let path = self.path();
        let read = |error: std::io::Error| ("failed", format!("cannot read the file: {error}"));
        if !cold {
            let warm = sys::residency(path).is_ok_and(sys::Residency::is_warm);
            return match warm {
                true => Ok(()),
                false => fs::read(path).map(drop).map_err(read),
            };
        }
        let evicted = sys::evict(path).and_then(|()| sys::residency(path));
        match evicted {
            Ok(found) if found.resident == 0 => Ok(()),
            Ok(found) => Err((
                "unverified",
                format!(
                    "{} of {} pages stayed in memory when they were evicted",
                    found.resident, found.pages
                ),
            )),
            Err(error) => Err(("unverified", format!("the file cannot be evicted: {error}"))),
        }
    }

    /// Whether the file is still the one whose answers are known.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.target
            .check_unchanged()
            .map_err(|error| Fault::Failed(error.to_string()))
    }
}

/// How a process runs its stretches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Every operation once, in the order given, nothing before it.
    Once,
    /// Rounds in random order, first uses thrown away.
    Rounds {
        /// Milliseconds for each stretch.
        time_ms: u64,
        /// The fewest rounds of each.
        fewest: u64,
    },
}

/// Everything about the file that Python is told.
fn order(claim: &Claim, target: &Target, path: &Path, content: &[u8]) -> Result<Value> {
    let questions = target.questions();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let place = |needle: &[u8]| {
        memmem::find(content, needle).map_or(-1, |at| i64::try_from(at).unwrap_or(i64::MAX))
    };
    let offset = content.len() / 1000;
    let end = content.len().min(offset + PIECE_BYTES);
    let matches = match workload::find(claim.rust.workload) {
        Some(workload) if workload.name() == "regex_scan" => {
            match workload.oracle(content, questions)?.answer {
                Answer::Count(count) => count,
                _ => 0,
            }
        }
        _ => 0,
    };
    let outcome = match claim.python.writes {
        true => crc32(&replaced(content, &questions.from, &questions.to)),
        false => 0,
    };
    Ok(json!({
        "path": path_in_json(path),
        "pristine": path_in_json(target.path()),
        "bytes": content.len(),
        "early": text(&questions.first),
        "absent": text(&questions.absent),
        "from": text(&questions.from),
        "to": text(&questions.to),
        "pattern": questions.pattern,
        "offset": offset,
        "length": end - offset,
        "piece": text(&content[offset..end]),
        "early_at": place(&questions.first),
        "absent_at": place(&questions.absent),
        "matches": matches,
        "outcome": outcome,
    }))
}

/// `content` with every `from` replaced by `to`, which is as long.
fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut changed = content.to_vec();
    for at in memmem::find_iter(content, from) {
        changed[at..at + from.len()].copy_from_slice(to);
    }
    changed
}

/// The checksum that Python's `zlib.crc32` computes (CRC-32 of ISO 3309, reflected).
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256u32)
        .map(|byte| {
            (0..8).fold(byte, |sum, _| {
                (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 }
            })
        })
        .collect();
    !bytes.iter().fold(!0, |sum, byte| {
        table[usize::from((sum as u8) ^ byte)] ^ (sum >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn every_word_is_replaced_and_nothing_else() {
        assert_eq!(replaced(b"a cat, a cat!", b"cat", b"dog"), b"a dog, a dog!");
        assert_eq!(replaced(b"", b"cat", b"dog"), b"");
    }
}
