//! The files of a run: found or made, read once, and their oracles asked.

use std::sync::Arc;

use super::course::Course;
use super::rival::OtherBuild;
use crate::error::Result;
use crate::fixture::{Origin, OwnFile, Store, Target};
use crate::measure::{self, Interrupt, Stage};
use crate::plan::{Cache, Contest, Entry};
use crate::units::ByteCount;
use crate::workload::{Answer, Expected};

/// A file with its content, which the oracles need.
pub struct Loaded {
    target: Target,
    content: Arc<Vec<u8>>,
}

impl Loaded {
    /// The text fixture of that size, found or made in `store`.
    ///
    /// # Errors
    /// Where it cannot be made or read, or memory has no room for it.
    pub fn text(store: &Store, bytes: ByteCount) -> Result<(Self, Origin)> {
        measure::check_room(bytes)?;
        let (fixture, origin) = store.text(bytes)?;
        let content = Arc::new(measure::load(&fixture)?);
        let target = fixture.into_target();
        Ok((Self { target, content }, origin))
    }

    /// Somebody's own file, with what will be asked of it in words.
    #[must_use]
    pub fn own(file: OwnFile) -> (Self, Vec<String>) {
        let OwnFile {
            target,
            content,
            notes,
        } = file;
        (Self { target, content }, notes)
    }

    /// The file.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What it holds.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// The file alone, when its content has served.
    pub(super) fn into_parts(self) -> (Target, Arc<Vec<u8>>) {
        (self.target, self.content)
    }
}

/// Asks the oracles, which may take a minute where a file is large: they are left once `interrupt` asks.
/// `targets` and `contents` belong together; a contest's file is the one of its size.
///
/// # Errors
/// Where a question makes no sense: a pattern that is none.
pub(super) fn courses<'t>(
    contests: Vec<Contest>,
    targets: &'t [Target],
    contents: &[Arc<Vec<u8>>],
    memory_limit: Option<u64>,
    other: Option<&OtherBuild>,
    interrupt: &Interrupt,
) -> Result<Vec<Course<'t>>> {
    let mut courses: Vec<Course<'t>> = Vec::with_capacity(contests.len());
    for mut contest in contests {
        let file = targets
            .iter()
            .zip(contents)
            .find(|(target, _)| target.bytes() == contest.bytes);
        let Some((target, content)) = file else {
            continue; // a contest is planned for each file, and for no other size
        };
        rule_out(&mut contest, target, content);
        rule_out_of_memory(&mut contest, memory_limit);
        let known = courses.iter().find(|course| {
            course.contest.workload.name() == contest.workload.name()
                && course.contest.bytes == contest.bytes
                && course.is_alive()
        });
        let expected = match known {
            Some(course) => course.stage.expected().clone(),
            None if contest.entries.iter().any(|entry| entry.support.is_ok()) => {
                let (workload, content) = (contest.workload, Arc::clone(content));
                let questions = target.questions().clone();
                let asked = interrupt
                    .stop()
                    .or_leave(move || workload.oracle(&content, &questions));
                // Nothing is measured any more once somebody asked.
                asked.unwrap_or_else(|_| Ok(nothing_asked()))?
            }
            None => nothing_asked(),
        };
        let stage = Stage::new(contest.workload, target, expected, None);
        courses.push(Course::new(contest, stage, other));
    }
    Ok(courses)
}

/// Rules out engines that cannot take this content or be asked this question, and all of them where
/// the baseline is among those.
fn rule_out(contest: &mut Contest, target: &Target, content: &[u8]) {
    let workload = contest.workload;
    let can = |entry: &Entry| {
        entry.engine.accepts(content).map_err(str::to_owned)?;
        workload.asks(entry.engine.shape(), target.questions())
    };
    let baseline = contest.baseline.name();
    let of_baseline = contest
        .entries
        .iter()
        .find(|entry| entry.engine.name() == baseline)
        .map_or(Ok(()), can);
    for entry in &mut contest.entries {
        if entry.support.is_err() {
            continue;
        }
        entry.support = match &of_baseline {
            Ok(()) => can(entry),
            Err(reason) if entry.engine.name() == baseline => Err(reason.clone()),
            Err(reason) => {
                can(entry).and_then(|()| Err(format!("the baseline cannot do it: {reason}")))
            }
        };
    }
}

/// A file that memory does not hold cannot be warm.
fn rule_out_of_memory(contest: &mut Contest, limit: Option<u64>) {
    let Some(limit) = limit.filter(|limit| *limit < contest.bytes.0) else {
        return;
    };
    if contest.cache == Cache::Cold {
        return;
    }
    let reason = format!(
        "a file of {} cannot be warm within {}; measure it with --cache cold",
        contest.bytes,
        ByteCount(limit)
    );
    for entry in contest
        .entries
        .iter_mut()
        .filter(|entry| entry.support.is_ok())
    {
        entry.support = Err(reason.clone());
    }
}

/// What a contest expects in which nobody takes part.
fn nothing_asked() -> Expected {
    Expected {
        answer: Answer::Absent,
        looks_at: None,
        outcome: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selection;

    #[test]
    fn no_oracle_is_asked_once_somebody_wants_the_run_to_end() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let (file, _) = Loaded::text(&store, ByteCount(4096)).unwrap();
        let (target, content) = file.into_parts();
        let (targets, contents) = ([target], [content]);
        let answers = |interrupt: &Interrupt| -> Vec<Answer> {
            let mut selection = Selection::small();
            selection.set_workloads(&["whole_file"]).unwrap();
            selection.set_sizes(&["4096"]).unwrap();
            let contests = selection.contests();
            let courses = courses(contests, &targets, &contents, None, None, interrupt).unwrap();
            let expected = courses.iter().map(|course| course.stage.expected().answer);
            expected.collect()
        };
        let interrupt = Interrupt::default();
        let known = answers(&interrupt);
        assert!(!known.is_empty() && !known.contains(&Answer::Absent));
        interrupt.ask();
        assert!(
            answers(&interrupt)
                .iter()
                .all(|answer| *answer == Answer::Absent)
        );
    }
}
