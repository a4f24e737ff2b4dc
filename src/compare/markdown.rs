//! For a pull request or a job summary: what changed first, the rest folded away.

use super::text::{figures, question};
use super::{Comparison, Row, Verdict};

/// Lays out `comparison` as GitHub's Markdown.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    let mut out = format!("### mapmark compare: {}\n\n", comparison.summary());
    rows(&mut out, comparison, &Verdict::SHOWN);
    let folded: Vec<String> = Verdict::FOLDED
        .iter()
        .filter(|verdict| comparison.count(**verdict) > 0)
        .map(|verdict| format!("{} {}", comparison.count(*verdict), verdict.name()))
        .collect();
    if !folded.is_empty() {
        // Markdown inside HTML needs the empty line.
        out.push_str(&format!(
            "<details><summary>{}</summary>\n\n",
            folded.join(", ")
        ));
        rows(&mut out, comparison, &Verdict::FOLDED);
        out.push_str("</details>\n\n");
    }
    out.push_str(&format!("{}.\n\n", escaped(&question(comparison))));
    for (name, side) in ["BASE", "NEW"].iter().zip(&comparison.sides) {
        out.push_str(&format!(
            "- {name}: {}, by {}, {}; {}\n",
            side.created,
            side.driver,
            escaped(&side.build),
            escaped(&side.machine)
        ));
    }
    for note in &comparison.notes {
        out.push_str(&format!("- {}\n", escaped(note)));
    }
    out
}

fn rows(out: &mut String, comparison: &Comparison, verdicts: &[Verdict]) {
    let rows: Vec<&Row> = verdicts
        .iter()
        .flat_map(|verdict| comparison.with(*verdict))
        .collect();
    if rows.is_empty() {
        return;
    }
    out.push_str("| verdict | cell | base | new | change | 95 % interval | |\n");
    out.push_str("|---|---|--:|--:|--:|--:|---|\n");
    for row in rows {
        let [base, new, change, interval] = figures(row, comparison.question.metric);
        let reason = row.reason.as_deref().unwrap_or_default();
        out.push_str(&format!(
            "| {} | {} | {base} | {new} | {change} | {interval} | {} |\n",
            row.verdict.name(),
            escaped(&row.id),
            escaped(reason)
        ));
    }
    out.push('\n');
}

/// Keeps names from ending a table cell, and underscores from setting them in italics.
fn escaped(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('_', "\\_");
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\n', " ")
}
