//! The table for a README or a pull request.

use super::view::{Block, COLUMNS, View};
use crate::text;

/// Lays out `view` as GitHub's Markdown.
#[must_use]
pub fn markdown(view: &View) -> String {
    let mut out = text::fenced(&view.heading);
    section(&mut out, "Crossover", &view.crossovers);
    answers(&mut out, view);
    blocks(&mut out, &view.ranked);
    section(&mut out, "Geometric means", &view.summary);
    if !view.controls.is_empty() {
        out.push_str("\n## Controls\n\nThey show where time goes and rank nobody.\n");
        blocks(&mut out, &view.controls);
    }
    let resolution: Vec<String> = view
        .resolution
        .iter()
        .chain(&view.outlook)
        .cloned()
        .collect();
    section(
        &mut out,
        "What this machine could resolve in this run",
        &resolution,
    );
    section(&mut out, "What was asked of the file", &view.questions);
    section(&mut out, "How to read this", &view.legend);
    section(&mut out, "Doubts", &view.doubts);
    out
}

/// The answer at a glance, where the tables below are too many for one.
fn answers(out: &mut String, view: &View) {
    if view.answers.is_empty() {
        return;
    }
    out.push('\n');
    row(
        out,
        ["contest", "engine", "speed-up", "95 % interval", "verdict"],
    );
    row(out, ["---", "---", "---:", "---:", "---"]);
    for answer in &view.answers {
        row(
            out,
            answer.texts.iter().map(|text| text::markdown_cell(text)),
        );
    }
}

fn section(out: &mut String, title: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    out.push_str(&format!("\n## {title}\n\n"));
    for entry in entries {
        out.push_str(&format!("- {}\n", text::markdown(entry)));
    }
}

fn blocks(out: &mut String, blocks: &[Block]) {
    for block in blocks {
        out.push_str(&format!(
            "\n### {}\n\n{}\n\n",
            text::markdown(&block.title),
            text::markdown(&block.floor)
        ));
        let headings = COLUMNS.iter().map(|column| column.heading);
        row(out, headings.chain(["why"]));
        let sides = COLUMNS
            .iter()
            .map(|column| if column.figures { "---:" } else { "---" });
        row(out, sides.chain(["---"]));
        for line in &block.rows {
            let why = line.why.as_deref().unwrap_or_default();
            let texts = line.texts.iter().map(String::as_str).chain([why]);
            row(out, texts.map(text::markdown_cell));
        }
        if !block.remarks.is_empty() {
            out.push('\n');
        }
        for remark in &block.remarks {
            out.push_str(&format!("- {}\n", text::markdown(remark)));
        }
    }
}

fn row(out: &mut String, texts: impl IntoIterator<Item = impl AsRef<str>>) {
    for text in texts {
        out.push_str("| ");
        out.push_str(text.as_ref());
        out.push(' ');
    }
    out.push_str("|\n");
}
