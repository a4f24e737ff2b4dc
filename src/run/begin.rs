//! What is known of a run before anything is measured.

use std::path::Path;
use std::time::Instant;

use super::Orders;
use crate::error::Result;
use crate::fixture::Target;
use crate::machine::{Build, Machine};
use crate::measure::{ClockFacts, Monotonic, load};
use crate::record::{Against, Run, Settings};
use crate::sys::hole_bytes;
use crate::units::ByteCount;

/// Files are read back for each replicate as long as that takes at most this share of the budget.
const RELOADING: f64 = 0.05;

/// The record of a run of which nothing is measured yet.
pub(super) fn begun(orders: &Orders, targets: &[Target]) -> Run {
    let ids = orders.contests.iter().flat_map(|contest| {
        let entries = contest.entries.iter();
        entries.map(|entry| contest.cell_id(entry.engine))
    });
    let place = targets.first().map_or(Path::new("."), Target::path);
    Run {
        driver: orders.driver,
        created: orders.created.clone(),
        ended: Some(false),
        command: orders.command.clone(),
        seed: orders.seed,
        profile: None,
        plan: ids.collect(),
        build: Build::this(),
        machine: Machine::observe(place),
        clock: Some(ClockFacts::of(&Monotonic::start())),
        settings: Some(orders.settings.clone()),
        questions: orders.questions.clone(),
        notes: targets.iter().filter_map(holes).collect(),
        cells: Vec::new(),
        claims: None,
        against: orders.against.as_ref().map(|other| Against {
            build: other.introduction.build.clone(),
            cells: Vec::new(),
        }),
    }
}

/// What a reader should know of a file that is not all on its device.
fn holes(target: &Target) -> Option<String> {
    // What cannot be looked at is no reason not to measure it.
    let holes = hole_bytes(target.path()).unwrap_or(0);
    (holes > 0).then(|| {
        format!(
            "{} of the {} of {} are holes, for which nothing is fetched from a device; measure a copy \
             without them (`cp --sparse=never`)",
            ByteCount(holes),
            target.bytes(),
            target.name()
        )
    })
}

/// Reads the files once, to see whether there is time to do it for each replicate.
pub(super) fn reloads(targets: &[Target], settings: &Settings, run: &mut Run) -> Result<bool> {
    let start = Instant::now();
    for target in targets {
        load(target)?;
    }
    let all = start.elapsed().as_secs_f64() * settings.replicates as f64;
    let reloads = all <= RELOADING * settings.budget_s;
    if !reloads {
        run.notes.push(
            "reading the files takes so long that all replicates found them laid out in memory \
             the same way; another run may find them otherwise"
                .to_owned(),
        );
    }
    Ok(reloads)
}
