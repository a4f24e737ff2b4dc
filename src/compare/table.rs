//! The table for a terminal, at most 80 columns wide.

use std::collections::HashMap;

use anstyle::{AnsiColor, Style};

use super::text::{figures, largest_first, question, wrapped};
use super::{Comparison, Heading, Row, Verdict};
use crate::text::terminal;

/// Columns of a line.
const WIDTH: usize = 80;
/// The longest id that shares its line with the figures.
const LONGEST_ID: usize = 36;
const HEADINGS: [&str; 4] = ["base", "new", "change", "95 % interval"];

/// Lays out `comparison`. Colours are escape sequences; whoever prints strips them where nobody sees them.
#[must_use]
pub fn table(comparison: &Comparison) -> String {
    let mut out = String::new();
    for heading in headings_of(&comparison.sides) {
        line(&mut out, &wrapped(&heading, 6, WIDTH));
    }
    for note in &comparison.notes {
        line(&mut out, &wrapped(&format!("note  {note}"), 6, WIDTH));
    }
    line(&mut out, &wrapped(&question(comparison), 0, WIDTH));
    let bold = Style::new().bold();
    line(
        &mut out,
        &format!(
            "\n{bold}{}{bold:#}",
            wrapped(&comparison.summary(), 0, WIDTH)
        ),
    );
    let widths = widths(comparison);
    for verdict in Verdict::ALL {
        group(&mut out, comparison, verdict, &widths);
    }
    out
}

/// Which runs they are; where both are one run, it is told once.
fn headings_of([base, new]: &[Heading; 2]) -> Vec<String> {
    let run = |side: &Heading| format!("{}, {}, by {}", side.path, side.created, side.driver);
    if base.path == new.path && base.build != new.build {
        return vec![
            format!("run   {}", run(base)),
            format!("base  {}", base.build),
            format!("new   {}", new.build),
        ];
    }
    vec![
        format!("base  {}, {}", run(base), base.build),
        format!("new   {}, {}", run(new), new.build),
    ]
}

/// The rows of one verdict, those with the same reason below it.
fn group(out: &mut String, comparison: &Comparison, verdict: Verdict, widths: &[usize; 5]) {
    let style = style(verdict);
    for (reason, rows) in by_reason(comparison.with(verdict)) {
        let name = verdict.name();
        let title = match reason {
            Some(reason) => wrapped(&format!("{name}: {reason}"), 2, WIDTH),
            None => name.to_owned(),
        };
        line(out, &format!("\n{style}{title}{style:#}"));
        headings(out, &rows, widths);
        for row in largest_first(rows) {
            let figures = figures(row, comparison.question.metric);
            line(out, &cells(&row.id, &figures, widths));
        }
    }
}

/// The rows of each reason, in the order in which the reasons first come.
fn by_reason<'r>(rows: impl Iterator<Item = &'r Row>) -> Vec<(Option<&'r str>, Vec<&'r Row>)> {
    let mut places = HashMap::new();
    let mut groups: Vec<(Option<&str>, Vec<&Row>)> = Vec::new();
    for row in rows {
        let reason = row.reason.as_deref();
        let place = *places.entry(reason).or_insert(groups.len());
        if place == groups.len() {
            groups.push((reason, Vec::new()));
        }
        groups[place].1.push(row);
    }
    groups
}

fn headings(out: &mut String, rows: &[&Row], widths: &[usize; 5]) {
    if rows.iter().any(|row| row.change.is_some()) {
        let dimmed = Style::new().dimmed();
        let text = cells("", &HEADINGS.map(str::to_owned), widths);
        line(out, &format!("{dimmed}{text}{dimmed:#}"));
    }
}

/// The width of the id and of each figure.
fn widths(comparison: &Comparison) -> [usize; 5] {
    let mut widths = [0; 5];
    for (width, heading) in widths[1..].iter_mut().zip(HEADINGS) {
        *width = heading.chars().count();
    }
    for row in &comparison.rows {
        let id = terminal(&row.id).chars().count();
        if id <= LONGEST_ID {
            widths[0] = widths[0].max(id);
        }
        let figures = figures(row, comparison.question.metric);
        for (width, figure) in widths[1..].iter_mut().zip(&figures) {
            *width = figure.chars().count().max(*width);
        }
    }
    // What the figures need is theirs; ids that are longer then stand on a line of their own.
    let figures: usize = widths[1..].iter().map(|width| width + 2).sum();
    widths[0] = widths[0].min(WIDTH.saturating_sub(figures + 2));
    widths
}

/// One line, or two where the id is too long to share it.
fn cells(id: &str, figures: &[String; 4], widths: &[usize; 5]) -> String {
    let id = terminal(id);
    let mut out = if id.chars().count() > widths[0] {
        format!("  {id}\n  {:width$}", "", width = widths[0])
    } else {
        format!("  {id:width$}", width = widths[0])
    };
    for (figure, width) in figures.iter().zip(&widths[1..]) {
        out.push_str(&format!("  {figure:>width$}"));
    }
    out.trim_end().to_owned()
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Regressed => AnsiColor::Red,
        Verdict::Improved => AnsiColor::Green,
        Verdict::Same | Verdict::New => return Style::new(),
        Verdict::Missing | Verdict::Incomparable | Verdict::Inconclusive => AnsiColor::Yellow,
    };
    Style::new().fg_color(Some(colour.into()))
}
