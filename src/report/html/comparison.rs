//! The page of a comparison: what changed first, and the rest folded away.

use serde::Serialize;

use super::super::charts::{Chart, changes};
use super::map::Look;
use super::{STYLE, render};
use crate::compare::{Comparison, Heading, Row, Verdict, change_question, row_figures};
use crate::error::Result;

/// What the template is given.
#[derive(Serialize)]
struct Context<'a> {
    style: &'static str,
    title: String,
    counts: Vec<Count>,
    question: String,
    notes: &'a [String],
    shown: Vec<Line>,
    folded: Vec<Line>,
    folded_counts: String,
    charts: Vec<Chart>,
    left_out: usize,
    sides: Vec<Side<'a>>,
}

/// How many cells have a verdict, and what that means.
#[derive(Serialize)]
struct Count {
    number: usize,
    look: Look,
    meaning: &'static str,
}

#[derive(Serialize)]
struct Line {
    look: Look,
    id: String,
    figures: [String; 4],
    reason: String,
}

#[derive(Serialize)]
struct Side<'a> {
    name: &'static str,
    created: &'a str,
    driver: &'static str,
    build: &'a str,
    machine: &'a str,
}

/// The page of `comparison`: one file that needs nothing else. Paths of the records are not in it, so
/// that it can be mailed.
///
/// # Errors
/// Where drawing or laying out fails, which no record makes them do.
pub fn comparison_page(comparison: &Comparison) -> Result<String> {
    let (charts, left_out) = changes(comparison)?;
    let folded = Verdict::FOLDED.map(|verdict| (comparison.count(verdict), verdict.name()));
    let folded_counts = folded.iter().filter(|(count, _)| *count > 0);
    let folded_counts: Vec<String> = folded_counts
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let context = Context {
        style: STYLE,
        title: format!("mapmark compare: {}", comparison.summary()),
        counts: counts(comparison),
        question: change_question(comparison),
        notes: &comparison.notes,
        shown: lines(comparison, &Verdict::SHOWN),
        folded: lines(comparison, &Verdict::FOLDED),
        folded_counts: folded_counts.join(", "),
        charts,
        left_out,
        sides: ["BASE", "NEW"]
            .into_iter()
            .zip(&comparison.sides)
            .map(|(name, heading)| side(name, heading))
            .collect(),
    };
    render("comparison.html", &context)
}

fn counts(comparison: &Comparison) -> Vec<Count> {
    let counts = Verdict::ALL.into_iter().map(|verdict| Count {
        number: comparison.count(verdict),
        look: look(verdict, None),
        meaning: meaning(verdict),
    });
    counts.filter(|count| count.number > 0).collect()
}

fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Regressed => "worse in NEW, by more than is tolerated",
        Verdict::Improved => "better in NEW, by more than is tolerated",
        Verdict::Missing => "measured in BASE only",
        Verdict::New => "measured in NEW only",
        Verdict::Incomparable => "not the same question on both sides",
        Verdict::Inconclusive => "changed, or not: these runs cannot tell",
        Verdict::Same => "any change, with its whole interval, is within what is tolerated",
    }
}

fn lines(comparison: &Comparison, verdicts: &[Verdict]) -> Vec<Line> {
    let rows = verdicts
        .iter()
        .flat_map(|verdict| comparison.with(*verdict));
    let line = |row: &Row| Line {
        look: look(row.verdict, row.change.map(|change| change.ratio)),
        id: row.id.clone(),
        figures: row_figures(row, comparison.question.metric),
        reason: row.reason.clone().unwrap_or_default(),
    };
    rows.map(line).collect()
}

fn look(verdict: Verdict, ratio: Option<f64>) -> Look {
    let (class, sign) = match verdict {
        Verdict::Regressed => ("slow", "▼"),
        Verdict::Improved => ("fast", "▲"),
        Verdict::Missing | Verdict::New | Verdict::Incomparable => ("none", "–"),
        Verdict::Inconclusive => ("open", "?"),
        Verdict::Same => ("same", "="),
    };
    Look::new(class, sign, verdict.name(), ratio.unwrap_or(1.0))
}

fn side<'a>(name: &'static str, heading: &'a Heading) -> Side<'a> {
    Side {
        name,
        created: &heading.created,
        driver: heading.driver,
        build: &heading.build,
        machine: &heading.machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::samples::every_verdict;

    /// All but the style and the pictures.
    fn told(html: &str) -> String {
        let (_, body) = html.split_once("<body>").unwrap();
        let parts = body.split("<svg").enumerate();
        let parts = parts.map(|(number, part)| match number {
            0 => part,
            _ => part.split_once("</svg>").unwrap().1,
        });
        parts.collect()
    }

    #[test]
    fn the_page_has_every_verdict_and_what_changed_first() {
        let html = comparison_page(&every_verdict()).unwrap();
        insta::with_settings!({snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!("compare__page", told(&html));
        });
        let (_, picture) = html.split_once("<svg").unwrap();
        for words in ["−15.0 % regressed", "+1400 % improved", "bet|ter_&lt;&amp;"] {
            assert!(picture.contains(words), "{words}");
        }
    }

    #[test]
    fn a_comparison_of_nothing_has_a_page() {
        let mut comparison = every_verdict();
        comparison.rows.clear();
        let html = comparison_page(&comparison).unwrap();
        assert!(html.contains("no cell was measured") && html.contains("No cell can be compared"));
        assert!(!html.contains("<svg"));
    }
}
