//! The table for a terminal, at most 100 columns wide.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::view::{Block, COLUMNS, View};
use crate::stats::Verdict;

/// Lays out `view`. Colours are escape sequences; whoever prints strips them where nobody sees them.
#[must_use]
pub fn console(view: &View) -> String {
    let mut out = String::new();
    lines(&mut out, &view.heading);
    blocks(&mut out, &view.ranked);
    answers(&mut out, view);
    section(
        &mut out,
        "geometric means of the speed-ups above",
        &view.summary,
    );
    if !view.controls.is_empty() {
        out.push_str("\nControls: they show where time goes and rank nobody.\n");
        blocks(&mut out, &view.controls);
    }
    section(&mut out, "how to read this", &view.legend);
    section(&mut out, "doubts", &view.doubts);
    out
}

fn lines(out: &mut String, lines: &[String]) {
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
}

fn section(out: &mut String, title: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for entry in entries {
        out.push_str(&wrapped(entry));
    }
}

/// An entry behind two spaces, broken before column 80.
fn wrapped(entry: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in entry.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 78 {
            out.push('\n');
            width = 0;
        }
        if width == 0 {
            out.push_str(if out.is_empty() { "  " } else { "    " });
            width = out.rsplit('\n').next().map_or(0, str::len);
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out.push('\n');
    out
}

/// The answer at a glance, where the tables above are too many for one.
fn answers(out: &mut String, view: &View) {
    if view.answers.is_empty() {
        return;
    }
    let bold = Style::new().bold();
    out.push_str(&format!(
        "\n{bold}the answer{bold:#}, warm, steady and per call unless said\n"
    ));
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["contest", "engine", "speed-up", "95 % interval", "verdict"]);
    for answer in &view.answers {
        table.add_row(answer.texts.iter().map(Cell::new));
    }
    for (column, figures) in table
        .column_iter_mut()
        .zip([false, false, true, true, false])
    {
        if figures {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let verdicts = view.answers.iter().map(|answer| answer.verdict);
    out.push_str(&coloured(&table.to_string(), verdicts));
}

fn blocks(out: &mut String, blocks: &[Block]) {
    let bold = Style::new().bold();
    for block in blocks {
        out.push_str(&format!(
            "\n{bold}{}{bold:#} · {}\n",
            block.title, block.floor
        ));
        out.push_str(&table(block));
        let whys = block.rows.iter().filter(|row| row.verdict.is_some());
        for why in whys.filter_map(|row| row.why.as_ref()) {
            out.push_str(&wrapped(&format!("why: {why}")));
        }
        for remark in &block.remarks {
            out.push_str(&wrapped(remark));
        }
    }
}

fn table(block: &Block) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(COLUMNS.map(|column| column.heading));
    for row in &block.rows {
        table.add_row(row.texts.iter().map(Cell::new));
    }
    for (column, kind) in table.column_iter_mut().zip(COLUMNS) {
        if kind.figures {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    coloured(&table.to_string(), block.rows.iter().map(|row| row.verdict))
}

/// Colours each row's line by its verdict, after the layout, so that widths are those of the text.
fn coloured(table: &str, verdicts: impl Iterator<Item = Option<Verdict>>) -> String {
    let mut out = String::new();
    let styles = std::iter::once(Style::new().dimmed()).chain(verdicts.map(style));
    for (line, style) in table.lines().zip(styles) {
        out.push_str(&format!(" {style}{}{style:#}\n", line.trim_end()));
    }
    out
}

fn style(verdict: Option<Verdict>) -> Style {
    let colour = match verdict {
        Some(Verdict::Faster) => AnsiColor::Green,
        Some(Verdict::Slower) => AnsiColor::Red,
        Some(Verdict::Inconclusive { .. }) => AnsiColor::Yellow,
        Some(Verdict::Same) | None => return Style::new(),
    };
    Style::new().fg_color(Some(colour.into()))
}
