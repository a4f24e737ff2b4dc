//! Claims for people: the verdicts first, then the rows and the ladders behind them.

use crate::record::{ClaimFigures, ClaimRow, Claimed, Claims, Factor, Ladder, Run, Side, Step};
use crate::units::{self, ByteCount, Nanos, times};

/// No line is longer.
const WIDTH: usize = 80;

pub(super) const HEADINGS: [&str; 5] = ["", "factor", "95 % interval", "regular", "mmap"];

/// How to read the tables, for both forms.
pub(super) const LEGEND: [&str; 7] = [
    "factor: time of the regular side over time of the mmap side; above 1x mmap is faster",
    "95 % interval: where the next run's factor lies, 95 times in a hundred; in brackets, where \
     there are too few rounds for one, the smallest and the largest process",
    "as published: each side once in a new process, the regular side first",
    "made fair: the row that the sentence about Python ends with, in which both sides do the same \
     work",
    "repeated: each side after itself; alternating: by turns, so that each side meets the memory \
     that the other gave back",
    "ladder: one change a step; the steps' factors multiply to the product, and the remainder is \
     what the directly measured factor has beyond it",
    "faults: page faults of one call, before and after the step",
];

/// The claims for a terminal, at most 80 columns wide.
#[must_use]
pub fn claims_text(run: &Run, claims: &Claims) -> String {
    let mut out = format!("{}\n", title(claims));
    for line in conditions(run, claims) {
        out.push_str(&folded(&line, 0, 2));
    }
    out.push('\n');
    glance(&mut out, claims);
    for claim in &claims.claims {
        out.push_str(&format!("\n{}\n", heading(claim)));
        for verdict in &claim.verdicts {
            let begin = format!("{:<8}{:<11} ", verdict.side.name(), verdict.word);
            out.push_str(&folded(&format!("{begin}{}", verdict.sentence), 2, 10));
        }
    }
    for claim in &claims.claims {
        details(&mut out, claim);
    }
    section(&mut out, "how to read this", &LEGEND);
    section(&mut out, "doubts", &doubts(run));
    out
}

fn section(out: &mut String, title: &str, entries: &[impl AsRef<str>]) {
    if entries.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for entry in entries {
        out.push_str(&folded(entry.as_ref(), 2, 4));
    }
}

/// What makes the figures doubtful: of this machine, and of this run.
pub(super) fn doubts(run: &Run) -> Vec<String> {
    let mut doubts = run.machine.doubts(&run.build);
    doubts.extend(run.notes.iter().cloned());
    doubts
}

/// The headings of the answer at a glance, above which stand Python and Rust.
pub(super) const GLANCE: [&str; 9] = [
    "claim",
    "said",
    "Python",
    "as published",
    "repeated",
    "made fair",
    "Rust",
    "new process",
    "in a loop",
];

/// The answer in a line for each claim.
fn glance(out: &mut String, claims: &Claims) {
    let mut write = |cells: [&str; 9]| {
        let [claim, said, python, once, again, equal, rust, fresh, steady] = cells;
        let line = format!(
            "{claim:<7}{said:>6}  {python:<10}{once:>9} {again:>8} {equal:>7}  {rust:<10}{fresh:>8} \
             {steady:>8}"
        );
        out.push_str(line.trim_end());
        out.push('\n');
    };
    // The headings in two lines, each broken before its last word.
    let single = |heading: &str| ["claim", "said", "repeated"].contains(&heading);
    write(GLANCE.map(|heading| match heading.rsplit_once(' ') {
        Some((first, _)) => first,
        None if single(heading) => "",
        None => heading,
    }));
    write(GLANCE.map(|heading| match heading.rsplit_once(' ') {
        Some((_, last)) => last,
        None if single(heading) => heading,
        None => "",
    }));
    for claim in &claims.claims {
        let cells = at_a_glance(claim);
        write(cells.each_ref().map(String::as_str));
    }
}

/// What stands under [`GLANCE`].
pub(super) fn at_a_glance(claim: &Claimed) -> [String; 9] {
    let word = |side: Side| {
        let verdict = claim.verdicts.iter().find(|verdict| verdict.side == side);
        verdict.map_or_else(String::new, |verdict| verdict.word.clone())
    };
    let factor = |side: Side, fits: &dyn Fn(&str) -> bool| {
        let mut rows = claim.rows.iter().filter(|row| row.side == side);
        let row = rows.find(|row| fits(&row.label));
        let figures = row.and_then(|row| row.figures.as_ref());
        figures.map_or_else(|| "–".to_owned(), |figures| times(figures.factor.point))
    };
    let equal = claim.equal.as_deref().unwrap_or_default();
    [
        claim.id.clone(),
        times(claim.factor),
        word(Side::Python),
        factor(Side::Python, &|label| label == "as published"),
        factor(Side::Python, &|label| label.starts_with("repeated")),
        factor(Side::Python, &|label| label == equal),
        word(Side::Rust),
        factor(Side::Rust, &|label| label.ends_with(", new process")),
        factor(Side::Rust, &|label| label.ends_with(", loop")),
    ]
}

pub(super) fn title(claims: &Claims) -> String {
    match claims.claims.len() {
        1 => "A claim that mmap is faster, asked again on this machine".to_owned(),
        count => format!("{count} claims that mmap is faster, asked again on this machine"),
    }
}

pub(super) fn conditions(run: &Run, claims: &Claims) -> [String; 2] {
    let python = &claims.python;
    let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "unknown".to_owned());
    let python = match &python.reason {
        Some(reason) => format!("python: {reason}"),
        None => format!(
            "python: {} {}{}, allocator of {}",
            known(&python.implementation),
            known(&python.version),
            if python.free_threaded {
                ", free-threaded"
            } else {
                ""
            },
            known(&python.allocator),
        ),
    };
    [format!("machine: {}", run.machine.summary()), python]
}

pub(super) fn heading(claim: &Claimed) -> String {
    format!("{} · {} ({})", claim.id, claim.says, ByteCount(claim.bytes))
}

/// What was printed, where it was.
pub(super) fn printed(claim: &Claimed) -> String {
    let seconds = |list: &[f64]| {
        let texts: Vec<String> = list.iter().map(|s| Nanos(s * 1e9).to_string()).collect();
        texts.join(", ")
    };
    let date = claim.date.as_ref().map(|date| format!(", {date}"));
    let source = format!("{}{}", claim.source, date.unwrap_or_default());
    let factor = times(claim.factor);
    if claim.mmap_s.is_empty() {
        return format!("printed: {factor} ({source})");
    }
    format!(
        "printed: {} against {}, {factor} ({source})",
        seconds(&claim.regular_s),
        seconds(&claim.mmap_s)
    )
}

fn details(out: &mut String, claim: &Claimed) {
    out.push_str(&format!("\n{}\n", heading(claim)));
    out.push_str(&folded(&printed(claim), 2, 4));
    for side in [Side::Python, Side::Rust] {
        let mut headings = HEADINGS;
        headings[0] = side.name();
        line(out, &headings.map(str::to_owned));
        for row in claim.rows.iter().filter(|row| row.side == side) {
            match &row.figures {
                Some(figures) => line(out, &cells(row, figures)),
                None => {
                    let reason = row.reason.as_deref().unwrap_or_default();
                    let told = format!("{}: {}: {reason}", row.label, row.outcome);
                    out.push_str(&folded(&told, 4, 6));
                }
            }
        }
        for ladder in claim.ladders.iter().filter(|ladder| ladder.side == side) {
            write_rungs(out, ladder);
        }
    }
}

pub(super) fn cells(row: &ClaimRow, figures: &ClaimFigures) -> [String; 5] {
    [
        format!("  {}", row.label),
        times(figures.factor.point),
        interval_or_range(figures),
        Nanos(figures.regular.time_ns).to_string(),
        Nanos(figures.mmap.time_ns).to_string(),
    ]
}

fn interval(factor: &Factor) -> String {
    match factor.interval {
        Some([low, high]) => units::interval(low, high),
        None => "unknown".to_owned(),
    }
}

fn interval_or_range(figures: &ClaimFigures) -> String {
    match figures.factor.interval {
        Some(_) => interval(&figures.factor),
        None => {
            let [low, high] = figures.range;
            format!("({})", units::range(low, high))
        }
    }
}

fn line(out: &mut String, cells: &[String; 5]) {
    let [label, factor, interval, regular, mmap] = cells;
    let line = format!("  {label:<34} {factor:>7} {interval:>16} {regular:>8} {mmap:>8}");
    out.push_str(line.trim_end());
    out.push('\n');
}

/// The faults of a step, before and after; empty where nobody counted.
fn faults(step: &Step) -> String {
    match (step.from.minor_faults, step.to.minor_faults) {
        (Some(from), Some(to)) => format!("{from:.0} → {to:.0}"),
        _ => String::new(),
    }
}

/// What stands above the rows of a ladder, behind its own name.
pub(super) const RUNGS: [&str; 3] = ["factor", "95 % interval", "faults"];

/// The rows of a ladder: its steps, and what they amount to.
pub(super) fn rungs(ladder: &Ladder) -> Vec<[String; 4]> {
    let step = |step: &Step| {
        let (factor, between) = (times(step.factor.point), interval(&step.factor));
        [step.change.clone(), factor, between, faults(step)]
    };
    let whole = |name: &str, factor: String, between: String| {
        [name.to_owned(), factor, between, String::new()]
    };
    let mut rows: Vec<[String; 4]> = ladder.steps.iter().map(step).collect();
    rows.push(whole(
        "product of the steps",
        times(ladder.product),
        String::new(),
    ));
    let direct = (times(ladder.direct.point), interval(&ladder.direct));
    rows.push(whole("measured directly", direct.0, direct.1));
    rows.push(whole("remainder", times(ladder.remainder), String::new()));
    rows
}

fn write_rungs(out: &mut String, ladder: &Ladder) {
    let mut write = |cells: [&str; 4]| {
        let [change, factor, interval, faults] = cells;
        let line = format!("    {change:<37} {factor:>7} {interval:>15} {faults:>13}");
        out.push_str(line.trim_end());
        out.push('\n');
    };
    let [factor, between, faults] = RUNGS;
    write([
        &format!("ladder, {}", ladder.label),
        factor,
        between,
        faults,
    ]);
    for [name, factor, between, faults] in rungs(ladder) {
        write([&format!("  {name}"), &factor, &between, &faults]);
    }
}

/// `text` broken before the last column: the first line behind `first` spaces, others behind `rest`.
fn folded(text: &str, first: usize, rest: usize) -> String {
    let mut out = " ".repeat(first);
    let mut width = first;
    let mut begun = false;
    for word in text.split(' ') {
        let length = word.chars().count();
        if begun && width + 1 + length > WIDTH {
            let kept = out.trim_end().len();
            out.truncate(kept);
            out.push('\n');
            out.push_str(&" ".repeat(rest));
            width = rest;
        } else if begun {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
        begun = true;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_before_the_last_column() {
        let text = "word ".repeat(60);
        let folded = folded(text.trim(), 2, 10);
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(folded.matches("word").count(), 60);
        assert!(folded.lines().nth(1).unwrap().starts_with("          word"));
    }
}
