//! The table for a terminal. Where it is narrower than the table, columns go, in a stated order.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::sweep::{SWEEP_COLUMNS, SweepTable};
use super::view::{Answer, Block, COLUMNS, View};
use crate::stats::Verdict;
use crate::text::terminal;

/// How wide a table is where nobody says how wide it may be.
pub const WIDTH: usize = 100;

/// The columns that go where the table is too wide, the first one first.
pub const DROPPED: [&str; 4] = ["minor faults", "throughput", "time", "95 % interval"];

/// The same for the tables of a sweep.
const SWEPT_DROPPED: [&str; 3] = ["floor", "time", "95 % interval"];

/// The columns of the answers; the interval goes where they are too wide.
const ANSWERS: [(&str, bool); 5] = [
    ("contest", false),
    ("engine", false),
    ("speed-up", true),
    ("95 % interval", true),
    ("verdict", false),
];

/// Text is easier to read in lines no longer than this.
const PROSE: usize = 80;

/// Lays out `view` in `width` columns. Colours are escape sequences; whoever prints strips them where
/// nobody sees them.
#[must_use]
pub fn console(view: &View, width: usize) -> String {
    let mut out = String::new();
    for line in &view.heading {
        out.push_str(&wrapped(line, "", "         ", width));
    }
    if !view.swept.is_empty() {
        swept(&mut out, view, width);
        return out;
    }
    let kept = kept(view.ranked.iter().chain(&view.controls), width);
    blocks(&mut out, &view.ranked, &kept, width);
    answers(&mut out, &view.answers, width);
    section(&mut out, "geometric means", &view.summary, width);
    if !view.controls.is_empty() {
        out.push_str("\nControls: they show where time goes and rank nobody.\n");
        blocks(&mut out, &view.controls, &kept, width);
    }
    section(
        &mut out,
        "what was asked of the file",
        &view.questions,
        width,
    );
    section(&mut out, RESOLUTION, &view.resolution, width);
    section(&mut out, "how to read this", &view.legend, width);
    section(&mut out, "doubts", &view.doubts, width);
    out
}

/// The heading over what could be resolved.
pub(super) const RESOLUTION: &str = "what this machine could resolve in this run";

/// What stands last, when all else has been printed: what a longer run would decide.
#[must_use]
pub fn closing(view: &View, width: usize) -> String {
    let told = view.outlook.as_ref();
    told.map_or_else(String::new, |outlook| {
        format!("\n{}", wrapped(outlook, "", "", width.min(PROSE)))
    })
}

/// A sweep: the crossovers, and its tables. What was counted at each size is in the other formats, because
/// a block for each would bury them.
fn swept(out: &mut String, view: &View, width: usize) {
    section(out, "crossover", &view.crossovers, width);
    let laid_out = |table: &SweepTable, kept: &[usize]| {
        let columns = SWEEP_COLUMNS.map(|column| (column.heading, column.figures));
        arranged(
            &columns,
            table.rows.iter().map(|(texts, _)| &texts[..]),
            kept,
        )
    };
    let all: Vec<usize> = (0..SWEEP_COLUMNS.len()).collect();
    let without = |count: usize| -> Vec<usize> {
        let gone = |at: &usize| SWEPT_DROPPED[..count].contains(&SWEEP_COLUMNS[*at].heading);
        all.iter().copied().filter(|at| !gone(at)).collect()
    };
    let fits = |kept: &Vec<usize>| {
        let mut tables = view.swept.iter();
        tables.all(|table| widest(&laid_out(table, kept)) <= width)
    };
    let kept = (0..SWEPT_DROPPED.len()).map(without).find(fits);
    let kept = kept.unwrap_or_else(|| without(SWEPT_DROPPED.len()));
    let bold = Style::new().bold();
    for table in &view.swept {
        let title = wrapped(&table.title, "", "  ", width);
        out.push_str(&format!("\n{bold}{}{bold:#}\n", title.trim_end()));
        let verdicts = table.rows.iter().map(|(_, verdict)| *verdict);
        out.push_str(&coloured(&laid_out(table, &kept).to_string(), verdicts));
        for remark in &table.remarks {
            out.push_str(&prose(remark, width));
        }
    }
    section(out, RESOLUTION, &view.resolution, width);
    section(out, "how to read this", &view.legend, width);
    section(out, "doubts", &view.doubts, width);
}

fn section(out: &mut String, title: &str, entries: &[String], width: usize) {
    if entries.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for entry in entries {
        out.push_str(&prose(entry, width));
    }
}

/// An entry behind two spaces.
fn prose(entry: &str, width: usize) -> String {
    wrapped(entry, "  ", "    ", width.min(PROSE))
}

/// `text` behind `first`, broken before column `width`; the lines that follow stand behind `next`.
fn wrapped(text: &str, first: &str, next: &str, width: usize) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in terminal(text).split(' ') {
        let long = line.chars().count() + 1 + word.chars().count() > width;
        if long && !empty {
            out.push_str(line.trim_end());
            out.push('\n');
            line = next.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push('\n');
    out
}

/// Which of [`COLUMNS`] all `blocks` have room for in `width`.
fn kept<'a>(blocks: impl Iterator<Item = &'a Block> + Clone, width: usize) -> Vec<usize> {
    let without = |count: usize| -> Vec<usize> {
        let dropped = &DROPPED[..count];
        let columns = COLUMNS.iter().enumerate();
        let kept = columns.filter(|(_, column)| !dropped.contains(&column.heading));
        kept.map(|(at, _)| at).collect()
    };
    let fits = |kept: &Vec<usize>| {
        blocks
            .clone()
            .all(|block| widest(&table(block, kept)) <= width)
    };
    (0..DROPPED.len())
        .map(without)
        .find(fits)
        .unwrap_or_else(|| without(DROPPED.len()))
}

/// The longest line of a table behind the space that each begins with.
fn widest(table: &Table) -> usize {
    let lines = table.lines().map(|line| line.trim_end().chars().count());
    1 + lines.max().unwrap_or(0)
}

/// The answer at a glance, where the tables above are too many for one.
fn answers(out: &mut String, answers: &[Answer], width: usize) {
    if answers.is_empty() {
        return;
    }
    let bold = Style::new().bold();
    out.push_str(&format!(
        "\n{bold}the answer{bold:#}, warm, steady and per call unless said\n"
    ));
    let laid_out = |kept: &[usize]| {
        let rows = answers.iter().map(|answer| &answer.texts[..]);
        arranged(&ANSWERS, rows, kept)
    };
    let mut table = laid_out(&[0, 1, 2, 3, 4]);
    if widest(&table) > width {
        table = laid_out(&[0, 1, 2, 4]);
    }
    let verdicts = answers.iter().map(|answer| answer.verdict);
    out.push_str(&coloured(&table.to_string(), verdicts));
}

fn blocks(out: &mut String, blocks: &[Block], kept: &[usize], width: usize) {
    for block in blocks {
        out.push_str(&heading(block, width));
        let verdicts = block.rows.iter().map(|row| row.verdict);
        out.push_str(&coloured(&table(block, kept).to_string(), verdicts));
        let whys = block.rows.iter().filter(|row| !row.is_baseline);
        for why in whys.filter_map(|row| row.why.as_ref()) {
            out.push_str(&prose(&format!("why: {why}"), width));
        }
        for remark in &block.remarks {
            out.push_str(&prose(remark, width));
        }
    }
}

/// The contest and its noise floor, which goes to a line of its own where there is no room.
fn heading(block: &Block, width: usize) -> String {
    let bold = Style::new().bold();
    let (title, floor) = (terminal(&block.title), terminal(&block.floor));
    let one_line = title.chars().count() + 3 + floor.chars().count() <= width;
    let between = if one_line { " · " } else { "\n  " };
    format!("\n{bold}{title}{bold:#}{between}{floor}\n")
}

fn table(block: &Block, kept: &[usize]) -> Table {
    let columns = COLUMNS.map(|column| (column.heading, column.figures));
    let rows = block.rows.iter().map(|row| &row.texts[..]);
    arranged(&columns, rows, kept)
}

/// A table of the kept ones of `columns`, each a heading and whether it holds figures.
fn arranged<'a>(
    columns: &[(&str, bool)],
    rows: impl Iterator<Item = &'a [String]>,
    kept: &[usize],
) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(kept.iter().map(|at| columns[*at].0));
    for row in rows {
        table.add_row(kept.iter().map(|at| Cell::new(terminal(&row[*at]))));
    }
    for (column, at) in table.column_iter_mut().zip(kept) {
        if columns[*at].1 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words() {
        assert_eq!(
            wrapped("one two three", "  ", "    ", 10),
            "  one two\n    three\n"
        );
        assert_eq!(wrapped("immeasurably", "", "", 5), "immeasurably\n");
        assert_eq!(wrapped("machine  a", "", "", 80), "machine  a\n");
    }

    #[test]
    fn only_columns_that_there_are_can_go() {
        for name in DROPPED {
            assert!(
                COLUMNS.iter().any(|column| column.heading == name),
                "{name}"
            );
        }
    }
}
