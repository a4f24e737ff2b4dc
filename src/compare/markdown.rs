//! For a pull request or a job summary: what changed first, the rest folded away.

use super::text::{figures, largest_first, question};
use super::{Comparison, Row, Verdict};
use crate::text::{self, markdown_cell};

/// The most characters there are: GitHub takes 65,536 for a comment, and whoever posts one may add a few.
pub(super) const LONGEST: usize = 65_000;

/// Of these, what stands around the rows may take so many.
const LONGEST_FRAME: usize = 20_000;

/// Characters of an id, of a reason and of a note before they are cut.
const LONGEST_TEXT: usize = 300;

/// Room for the words on what is left out.
const REST: usize = 600;

/// Lays out `comparison` as GitHub's Markdown, in at most 65,000 characters. Rows that find no room there are
/// counted, those that changed least first.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    let head = format!("### mapmark compare: {}\n\n", comparison.summary());
    let tail = tail(comparison);
    let mut rows = Rows {
        comparison,
        room: LONGEST.saturating_sub(length(&head) + length(&tail) + REST),
        left_out: Vec::new(),
    };
    let shown = rows.table(&Verdict::SHOWN);
    let folded = rows.folded();
    [head, shown, folded, rows.rest(), tail].concat()
}

/// What was compared, and what a reader should know.
fn tail(comparison: &Comparison) -> String {
    let mut out = format!("{}.\n\n", text::markdown(&cut(&question(comparison))));
    for (name, side) in ["BASE", "NEW"].iter().zip(&comparison.sides) {
        out.push_str(&format!(
            "- {name}: {}, by {}, {}; {}\n",
            text::markdown(&cut(&side.created)),
            side.driver,
            text::markdown(&cut(&side.build)),
            text::markdown(&cut(&side.machine))
        ));
    }
    for (number, note) in comparison.notes.iter().enumerate() {
        let note = format!("- {}\n", text::markdown(&cut(note)));
        if length(&out) + length(&note) > LONGEST_FRAME {
            let more = comparison.notes.len() - number;
            out.push_str(&format!("- {more} more notes, which are left out here\n"));
            break;
        }
        out.push_str(&note);
    }
    out
}

/// The rows, as long as there is room.
struct Rows<'c> {
    comparison: &'c Comparison,
    /// Characters that are left for them.
    room: usize,
    /// How many found none, by verdict.
    left_out: Vec<(Verdict, usize)>,
}

impl Rows<'_> {
    /// A table of the rows with these verdicts; nothing where there is no row, or no room for one.
    fn table(&mut self, verdicts: &[Verdict]) -> String {
        let mut out = "| verdict | cell | base | new | change | 95 % interval | |\n\
                       |---|---|--:|--:|--:|--:|---|\n"
            .to_owned();
        let mut room = self.room.saturating_sub(length(&out) + 1);
        let mut count = 0;
        for verdict in verdicts {
            let rows = largest_first(self.comparison.with(*verdict).collect());
            for (number, row) in rows.iter().enumerate() {
                let line = self.line(row);
                let Some(left) = room.checked_sub(length(&line)) else {
                    self.left_out.push((*verdict, rows.len() - number));
                    // Behind one that has no room stands nothing, however short.
                    room = 0;
                    break;
                };
                room = left;
                count += 1;
                out.push_str(&line);
            }
        }
        self.room = room;
        if count == 0 {
            return String::new();
        }
        out.push('\n');
        out
    }

    /// The rows that nobody has to look at. Markdown inside HTML needs the empty line.
    fn folded(&mut self) -> String {
        let counts: Vec<String> = Verdict::FOLDED
            .iter()
            .filter(|verdict| self.comparison.count(**verdict) > 0)
            .map(|verdict| format!("{} {}", self.comparison.count(*verdict), verdict.name()))
            .collect();
        let open = format!("<details><summary>{}</summary>\n\n", counts.join(", "));
        let close = "</details>\n\n";
        self.room = self.room.saturating_sub(length(&open) + length(close));
        match self.table(&Verdict::FOLDED) {
            table if table.is_empty() => table,
            table => open + &table + close,
        }
    }

    fn line(&self, row: &Row) -> String {
        let [base, new, change, interval] = figures(row, self.comparison.question.metric);
        let reason = row.reason.as_deref().unwrap_or_default();
        format!(
            "| {} | {} | {base} | {new} | {change} | {interval} | {} |\n",
            row.verdict.name(),
            markdown_cell(&cut(&row.id)),
            markdown_cell(&cut(reason))
        )
    }

    /// How many rows are left out, and where they are.
    fn rest(&self) -> String {
        let counts: Vec<String> = self
            .left_out
            .iter()
            .map(|(verdict, count)| format!("{count} {}", verdict.name()))
            .collect();
        if counts.is_empty() {
            return String::new();
        }
        let all: usize = self.left_out.iter().map(|(_, count)| count).sum();
        format!(
            "**{all} of {} cells are left out here**, as GitHub takes 65,536 characters for a comment: {}. \
             `mapmark compare` with `--format html` or `--format json` has all of them.\n\n",
            self.comparison.rows.len(),
            counts.join(", ")
        )
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// `text` without what is too long.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_TEXT).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
