//! Claims for a README or a pull request.

use super::claims::{
    HEADINGS, LEGEND, RUNGS, cells, conditions, doubts, heading, printed, rungs, title,
};
use crate::record::{Claimed, Claims, Ladder, Run, Side};
use crate::text::{fenced, markdown, markdown_cell};
use crate::units::ByteCount;

/// The claims as GitHub's Markdown.
#[must_use]
pub fn claims_markdown(run: &Run, claims: &Claims) -> String {
    let head = [title(claims)].into_iter().chain(conditions(run, claims));
    let mut out = fenced(head);
    out.push_str(
        "\n| claim | side | verdict | at equal work | |\n| --- | --- | --- | --- | --- |\n",
    );
    for claim in &claims.claims {
        for verdict in &claim.verdicts {
            let says = format!("{} ({})", claim.says, ByteCount(claim.bytes));
            let side = verdict.side.name().to_owned();
            let (word, sentence) = (verdict.word.clone(), verdict.sentence.clone());
            let equal = verdict.at_equal_work.as_ref();
            let equal = equal.map(|equal| equal.word.clone()).unwrap_or_default();
            table_row(&mut out, &[says, side, word, equal, sentence]);
        }
    }
    for claim in &claims.claims {
        let (heading, printed) = (markdown(&heading(claim)), markdown(&printed(claim)));
        out.push_str(&format!("\n## {heading}\n\n{printed}\n"));
        for side in [Side::Python, Side::Rust] {
            rows(&mut out, claim, side);
        }
        for ladder in &claim.ladders {
            write_rungs(&mut out, ladder);
        }
    }
    list(&mut out, "How to read this", &LEGEND);
    list(&mut out, "Doubts", &doubts(run));
    out
}

fn list(out: &mut String, title: &str, entries: &[impl AsRef<str>]) {
    if entries.is_empty() {
        return;
    }
    out.push_str(&format!("\n## {title}\n\n"));
    for entry in entries {
        out.push_str(&format!("- {}\n", markdown(entry.as_ref())));
    }
}

fn rows(out: &mut String, claim: &Claimed, side: Side) {
    let mut headings = HEADINGS;
    headings[0] = side.name();
    out.push('\n');
    table_row(out, &headings.map(str::to_owned));
    table_row(
        out,
        &["---", "---:", "---:", "---:", "---:"].map(str::to_owned),
    );
    for row in claim.rows.iter().filter(|row| row.side == side) {
        let cells = match &row.figures {
            Some(figures) => cells(row, figures),
            None => [
                row.label.clone(),
                row.outcome.clone(),
                row.reason.clone().unwrap_or_default(),
                String::new(),
                String::new(),
            ],
        };
        table_row(out, &cells.map(|cell| cell.trim().to_owned()));
    }
}

fn write_rungs(out: &mut String, ladder: &Ladder) {
    let title = format!("ladder in {}, {}", ladder.side.name(), ladder.label);
    out.push('\n');
    let [factor, between, faults] = RUNGS;
    table_row(out, &[&title, factor, between, faults].map(str::to_owned));
    table_row(out, &["---", "---:", "---:", "---:"].map(str::to_owned));
    for row in rungs(ladder) {
        table_row(out, &row);
    }
}

fn table_row(out: &mut String, cells: &[String]) {
    for cell in cells {
        out.push_str(&format!("| {} ", markdown_cell(cell)));
    }
    out.push_str("|\n");
}
