//! What two runs must share to be compared, and what a reader should know where they do not.

use super::{Metric, Question, Side};
use crate::error::{Error, Result};
use crate::machine::{Build, Machine};
use crate::record::{Cell, Measured, Run, UNKNOWN_VERSION};

/// Times speak of a machine; only ratios taken inside one run speak beyond it.
pub(super) fn refuse_times_of_different_machines(
    base: &Side,
    new: &Side,
    question: &Question,
) -> Result<()> {
    let differences = machine_differences(base, new);
    if question.metric == Metric::Time && !question.force && !differences.is_empty() {
        return Err(Error::usage(format!(
            "--metric time: {} and {} are of different machines ({}), whose times say nothing of each other; compare \
             speed-ups, or add --force",
            base.path.display(),
            new.path.display(),
            differences.join("; ")
        )));
    }
    Ok(())
}

/// In what the machines of two runs differ.
pub(super) fn machine_differences(base: &Side, new: &Side) -> Vec<String> {
    let fingerprint = base.run.machine.fingerprint();
    fingerprint.differences(&new.run.machine.fingerprint())
}

/// What a reader should know before the verdicts.
pub(super) fn notes(base: &Side, new: &Side) -> Vec<String> {
    let mut notes = Vec::new();
    let machines = machine_differences(base, new);
    if !machines.is_empty() {
        notes.push(format!(
            "the machines differ, so a change may be theirs and not the program's: {}",
            machines.join("; ")
        ));
    }
    notes.extend(setting_differences(&base.run.machine, &new.run.machine));
    notes.extend(build_differences(&base.run.build, &new.run.build));
    for (name, side) in [("BASE", base), ("NEW", new)] {
        if side.run.has_ended() == Some(false) {
            notes.push(format!(
                "{name} has not ended, or was killed: its cells have the rounds that it came to"
            ));
        }
    }
    let one_process = |side: &Side| {
        let measured = side
            .run
            .cells
            .iter()
            .filter_map(|cell| cell.outcome.measured());
        measured.clone().count() > 0 && measured.clone().all(|m| m.estimate.replicates == 1)
    };
    if one_process(base) || one_process(new) {
        notes.push(
            "a side has one process for each cell, which cannot know what another would have found; only large \
             changes are told from that. `mapmark run` measures in ten"
                .to_owned(),
        );
    }
    notes
}

/// What is to be said of cells whose query a record does not tell: they are compared, as file, answer and versions are
/// the same, and they may be another question all the same.
pub(super) fn note_on_unknown_queries(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "cells of which a record does not say what they searched for, replaced or drew: {count}. An older mapmark \
             wrote it; they are compared as if the query were the same"
        )
    })
}

/// Whether one of two records does not tell the query of a cell, and the other does not say that there is none.
pub(super) fn is_query_unknown(base: &Cell, new: &Cell) -> bool {
    match (&base.query, &new.query) {
        (Some(_), Some(_)) => false,
        (None, None) => true,
        (Some(query), None) | (None, Some(query)) => !query.is_empty(),
    }
}

/// In what one machine was set up differently, a note for each setting. None of them is part of the machine's
/// fingerprint, and each may change what a page fault or a read costs.
fn setting_differences(base: &Machine, new: &Machine) -> Vec<String> {
    let (one, other) = (base.clone(), new.clone());
    let number = |value: Option<u64>| value.map(|value| value.to_string());
    let facts = [
        ("kernel", one.kernel, other.kernel),
        (
            "setting of transparent huge pages",
            one.transparent_huge_pages,
            other.transparent_huge_pages,
        ),
        ("frequency governor", one.governor, other.governor),
        ("device of the fixtures", one.device, other.device),
        (
            "mount of the fixtures",
            one.mount_options,
            other.mount_options,
        ),
        (
            "read-ahead in KiB",
            number(one.read_ahead_kib),
            number(other.read_ahead_kib),
        ),
        (
            "size of a page",
            number(one.page_bytes),
            number(other.page_bytes),
        ),
    ];
    let differing = facts.into_iter();
    differing
        .filter_map(|(name, base, new)| difference(name, base, new))
        .collect()
}

/// In what two builds differ besides their source, a note for each fact.
pub(super) fn build_differences(base: &Build, new: &Build) -> Vec<String> {
    let (one, other) = (base.clone(), new.clone());
    let facts = [
        ("compiler", one.compiler, other.compiler),
        ("target", one.target, other.target),
        ("build profile", one.profile, other.profile),
        (
            "target features",
            one.target_features,
            other.target_features,
        ),
        ("crates", one.crates, other.crates),
    ];
    let differing = facts.into_iter();
    differing
        .filter_map(|(name, base, new)| difference(name, base, new))
        .collect()
}

fn difference(name: &str, base: Option<String>, new: Option<String>) -> Option<String> {
    let known = |fact: Option<String>| fact.unwrap_or_else(|| "unknown".to_owned());
    (base != new).then(|| format!("the {name} differs: {} and {}", known(base), known(new)))
}

/// In what the conditions of two runs differ, so that no cell of theirs is the same question.
pub(super) fn run_differences(base: &Run, new: &Run) -> Vec<String> {
    let base_settings = base.settings.clone().unwrap_or_default();
    let new_settings = new.settings.clone().unwrap_or_default();
    let pin = |cpu: Option<u32>| cpu.map_or_else(|| "none".to_owned(), |cpu| cpu.to_string());
    let limit =
        |bytes: Option<u64>| bytes.map_or_else(|| "none".to_owned(), |bytes| bytes.to_string());
    // Older records do not tell what the allocator was told.
    let allocator = |run: &Run| run.machine.allocator_settings.clone();
    let (base_allocator, new_allocator) = allocator(base).zip(allocator(new)).unwrap_or_default();
    different([
        (
            "driver",
            base.driver.name().to_owned(),
            new.driver.name().to_owned(),
        ),
        (
            "settled before each batch",
            base_settings.settle.to_string(),
            new_settings.settle.to_string(),
        ),
        (
            "processor",
            pin(base_settings.pinned_to),
            pin(new_settings.pinned_to),
        ),
        (
            "another build in the same rounds",
            base.against.is_some().to_string(),
            new.against.is_some().to_string(),
        ),
        (
            "limit on memory",
            limit(base_settings.memory_limit_bytes),
            limit(new_settings.memory_limit_bytes),
        ),
        ("allocator settings", base_allocator, new_allocator),
    ])
}

/// In what two cells of one name differ, so that they are different questions.
pub(super) fn cell_differences(
    (base, base_figures, base_baseline): (&Cell, &Measured, Option<u32>),
    (new, new_figures, new_baseline): (&Cell, &Measured, Option<u32>),
) -> Vec<String> {
    let digest = |cell: &Cell| {
        cell.fixture
            .digest
            .clone()
            .unwrap_or_else(|| "unknown".to_owned())
    };
    let version = |version: Option<u32>| match version {
        None | Some(UNKNOWN_VERSION) => "unknown".to_owned(),
        Some(version) => version.to_string(),
    };
    let mut found = different([
        (
            "fixture",
            base.fixture.name.clone(),
            new.fixture.name.clone(),
        ),
        ("digest of the fixture", digest(base), digest(new)),
        (
            "version of the workload",
            version(Some(base.workload_version)),
            version(Some(new.workload_version)),
        ),
        (
            "version of the engine",
            version(Some(base.engine_version)),
            version(Some(new.engine_version)),
        ),
        ("baseline", base.baseline.clone(), new.baseline.clone()),
    ]);
    // The cells of a run that was killed in its first pass have none; then the same query has to do.
    let answers = [&base_figures.answer, &new_figures.answer].map(String::clone);
    if answers.iter().all(|answer| !answer.is_empty()) {
        let [base, new] = answers;
        found.extend(different([("answer", base, new)]));
    }
    if let (Some(base), Some(new)) = (&base.query, &new.query) {
        found.extend(different([("query", base.clone(), new.clone())]));
    }
    if base.baseline == new.baseline {
        let versions = (version(base_baseline), version(new_baseline));
        found.extend(different([(
            "version of the baseline",
            versions.0,
            versions.1,
        )]));
    }
    found
}

fn different<const N: usize>(facts: [(&str, String, String); N]) -> Vec<String> {
    let differing = facts.into_iter().filter(|(_, base, new)| base != new);
    differing
        .map(|(name, base, new)| format!("{name}: {base} and {new}"))
        .collect()
}
