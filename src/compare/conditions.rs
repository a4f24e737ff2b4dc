//! What two runs must share to be compared, and what a reader should know where they do not.

use super::{Metric, Question, Side};
use crate::error::{Error, Result};
use crate::machine::Build;
use crate::record::{Cell, Measured, Run};

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
    let kernel = |side: &Side| side.run.machine.kernel.clone();
    notes.extend(difference("kernel", kernel(base), kernel(new)));
    notes.extend(build_differences(&base.run.build, &new.run.build));
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
    let version =
        |version: Option<u32>| version.map_or_else(|| "unknown".to_owned(), |v| v.to_string());
    let mut found = different([
        (
            "fixture",
            base.fixture.name.clone(),
            new.fixture.name.clone(),
        ),
        ("digest of the fixture", digest(base), digest(new)),
        (
            "version of the workload",
            base.workload_version.to_string(),
            new.workload_version.to_string(),
        ),
        (
            "version of the engine",
            base.engine_version.to_string(),
            new.engine_version.to_string(),
        ),
        ("baseline", base.baseline.clone(), new.baseline.clone()),
        (
            "answer",
            base_figures.answer.clone(),
            new_figures.answer.clone(),
        ),
    ]);
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
