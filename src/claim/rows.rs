//! The rows of a claim in Python: every way it was run, or why not.

use super::data::{Claim, KEPT_MEMORY};
use super::ladder::with;
use super::rounds::{Rounds, figures};
use super::taken::{Taken, Way};
use crate::record::{ClaimFigures, ClaimRow, Side};

/// The labels of the two rows that decide.
pub(super) const PUBLISHED: &str = "as published";
pub(super) const REPEATED: &str = "repeated";
const ALTERNATING: &str = "repeated, alternating";

/// The ways in which each side ran once, with their labels, in the order of the tables.
const ONCE: [(Way, &str); 4] = [
    (Way::Published, PUBLISHED),
    (Way::Swapped, "the same, mmap first"),
    (Way::Cold, "file not in memory before"),
    (Way::ColdEach, "not in memory before each side"),
];

/// The rows of a claim. `seed` draws the resamples.
pub(super) fn of_python(claim: &Claim, taken: &Taken, quick: bool, seed: u64) -> Vec<ClaimRow> {
    let side = &claim.python;
    let pair = (side.regular, side.mmap);
    let once = ONCE.iter().filter(|(way, _)| {
        // What was never to be measured needs no row.
        !(quick && taken.tries(*way).is_empty() && !taken.went_wrong(*way))
    });
    let mut rows: Vec<ClaimRow> = once
        .map(|(way, label)| {
            let processes: Vec<&Rounds> = taken.tries(*way).iter().collect();
            row(
                label,
                figures(&processes, pair.0, pair.1, seed),
                taken.trouble(*way),
            )
        })
        .collect();
    let repeated = |label: &str, (regular, mmap): (&str, &str)| {
        let processes = with(taken, &[regular, mmap]);
        let figures = figures(&processes, regular, mmap, seed);
        row(label, figures, taken.trouble(Way::Repeated))
    };
    rows.push(repeated(REPEATED, pair));
    let alternating = taken.plain.iter().filter_map(|process| {
        let pair = [pair.0, pair.1];
        process.iter().find(|one| one.has(&pair, true))
    });
    let alternating: Vec<&Rounds> = alternating.collect();
    if !alternating.is_empty() {
        let figures = figures(&alternating, pair.0, pair.1, seed);
        rows.push(row(ALTERNATING, figures, taken.trouble(Way::Repeated)));
    }
    // See `arms::repeat`: what a first look leaves out has no row.
    if side.allocator && !(quick && side.writes) {
        let kept: Vec<&Rounds> = taken.kept.iter().collect();
        let no_advice = (
            "unsupported",
            "this Python's allocator takes no advice".to_owned(),
        );
        let trouble = taken.trouble(Way::Repeated).unwrap_or(no_advice);
        let figures = figures(&kept, pair.0, pair.1, seed);
        rows.push(row(KEPT_MEMORY, figures, Some(trouble)));
    }
    let wanted = side.singles.iter();
    for single in wanted.filter(|single| !quick || single.label == side.equal.0) {
        rows.push(repeated(single.label, (single.regular, single.mmap)));
    }
    rows
}

/// The rows of a claim where there is no Python that would do.
pub(super) fn without_python(claim: &Claim, outcome: &'static str, reason: &str) -> Vec<ClaimRow> {
    let kept = claim.python.allocator.then_some(KEPT_MEMORY);
    let labels = [PUBLISHED, REPEATED].into_iter().chain(kept);
    let singles = claim.python.singles.iter().map(|single| single.label);
    labels
        .chain(singles)
        .map(|label| row(label, None, Some((outcome, reason.to_owned()))))
        .collect()
}

fn row(
    label: &str,
    figures: Option<ClaimFigures>,
    trouble: Option<(&'static str, String)>,
) -> ClaimRow {
    let nothing = ("failed", "nothing came of it".to_owned());
    let went_wrong = trouble
        .as_ref()
        .is_some_and(|(outcome, _)| *outcome == "failed");
    let figures = figures.filter(|_| !went_wrong);
    let (outcome, reason) = match &figures {
        Some(_) => ("measured", None),
        None => {
            let (outcome, reason) = trouble.unwrap_or(nothing);
            (outcome, Some(reason))
        }
    };
    ClaimRow {
        side: Side::Python,
        label: label.to_owned(),
        outcome: outcome.to_owned(),
        reason,
        figures,
    }
}

#[cfg(test)]
mod tests {
    use super::super::published::CLAIMS;
    use super::*;

    #[test]
    fn without_python_every_row_says_why() {
        for claim in CLAIMS {
            let rows = without_python(claim, "skipped", "python3 not found");
            assert!(rows.len() >= 2 + claim.python.singles.len());
            for row in rows {
                assert_eq!(row.outcome, "skipped");
                assert_eq!(row.reason.as_deref(), Some("python3 not found"));
            }
        }
    }

    #[test]
    fn a_first_look_has_rows_for_what_it_measures_alone() {
        for claim in CLAIMS {
            let rows = of_python(claim, &Taken::default(), true, 1);
            let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
            assert_eq!(labels[..1], [REPEATED]);
            assert!(labels.contains(&claim.python.equal.0), "{}", claim.id);
            assert!(labels.len() <= 3, "{labels:?}");
        }
    }

    #[test]
    fn a_row_without_figures_has_a_reason() {
        let rows = of_python(&CLAIMS[0], &Taken::default(), false, 1);
        assert!(rows.iter().all(|row| row.reason.is_some()));
        let label = |row: &ClaimRow| row.label == CLAIMS[0].python.equal.0;
        assert!(rows.iter().any(label));
    }
}
