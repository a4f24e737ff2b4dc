//! Claims for people: the verdicts first, then the rows and the ladders behind them.

use crate::record::{
    ClaimFigures, ClaimRow, ClaimVerdict, Claimed, Claims, Factor, Ladder, Run, Side, Step,
};
use crate::text::terminal;
use crate::units::{self, ByteCount, Nanos, times};

/// No line is longer.
const WIDTH: usize = 80;

pub(super) const HEADINGS: [&str; 5] = ["", "factor", "95 % interval", "regular", "mmap"];

/// How to read the tables, for both forms.
pub(super) const LEGEND: [&str; 9] = [
    "factor: time of the regular side over time of the mmap side; above 1x mmap is faster",
    "95 % interval: where the next run's factor lies, 95 times in a hundred; in brackets, where \
     there are too few rounds for one, the smallest and the largest process",
    "as published: each side once in a new process, the regular side first; in Rust in a new process",
    "at equal work: the row that the sentence ends with, in which both sides do the same work",
    "holds: the interval reaches the claimed factor; partly: mmap is faster, by less; refuted: it is \
     not; undecided: the interval allows more than one of these; untestable: it cannot be measured here",
    "again: repeated, in Rust in a loop",
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
        out.push_str(&format!("\n{}\n", terminal(&heading(claim))));
        for verdict in &claim.verdicts {
            let side = verdict.side.name();
            let told = match &verdict.at_equal_work {
                Some(_) => format!("{side:<8}{}: {}", both_words(verdict), verdict.sentence),
                None => format!("{side:<8}{:<11} {}", verdict.word, verdict.sentence),
            };
            out.push_str(&folded(&told, 2, 10));
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

/// Both words of a verdict; of an older record the one it has.
pub(super) fn both_words(verdict: &ClaimVerdict) -> String {
    let published = &verdict.word;
    match &verdict.at_equal_work {
        Some(equal) if equal.word == *published => {
            format!("{published} as published and at equal work")
        }
        Some(equal) => format!("{published} as published, {} at equal work", equal.word),
        None => published.clone(),
    }
}

/// The headings of the answer at a glance, a line for each side of a claim.
pub(super) const GLANCE: [&str; 8] = [
    "claim",
    "said",
    "side",
    "as published",
    "factor",
    "at equal work",
    "factor",
    "again",
];

/// The answer at a glance.
fn glance(out: &mut String, claims: &Claims) {
    let mut write = |cells: [&str; 8]| {
        let [claim, said, side, published, once, equal, same, again] = cells;
        let line = format!(
            "{claim:<7} {said:>6}  {side:<6}  {published:<13}{once:>7}  {equal:<13}{same:>7} {again:>8}"
        );
        write_line(out, &line);
    };
    write(GLANCE);
    for cells in claims.claims.iter().flat_map(at_a_glance) {
        write(cells.each_ref().map(String::as_str));
    }
}

/// What stands under [`GLANCE`]: Python, then Rust, which does without what is the same for both.
pub(super) fn at_a_glance(claim: &Claimed) -> [[String; 8]; 2] {
    let of = |side: Side| {
        let factor = |fits: &dyn Fn(&str) -> bool| {
            let mut rows = claim.rows.iter().filter(|row| row.side == side);
            let row = rows.find(|row| fits(&row.label));
            let figures = row.and_then(|row| row.figures.as_ref());
            figures.map_or_else(|| "–".to_owned(), |figures| times(figures.factor.point))
        };
        let verdict = claim.verdicts.iter().find(|verdict| verdict.side == side);
        let equal = verdict.and_then(|verdict| verdict.at_equal_work.as_ref());
        // Older records say only of Python which row it is.
        let older = claim.equal.as_deref().filter(|_| side == Side::Python);
        let row = equal.map(|equal| equal.row.as_str()).or(older);
        let word = |word: Option<&String>| word.cloned().unwrap_or_else(|| "–".to_owned());
        [
            word(verdict.map(|verdict| &verdict.word)),
            match side {
                Side::Python => factor(&|label| label == "as published"),
                Side::Rust => factor(&|label| label.ends_with(", new process")),
            },
            word(equal.map(|equal| &equal.word)),
            factor(&|label| Some(label) == row),
            match side {
                Side::Python => factor(&|label| label.starts_with("repeated")),
                Side::Rust => factor(&|label| label.ends_with(", loop")),
            },
        ]
    };
    let line = |first: [String; 3], rest: [String; 5]| {
        let [claim, said, side] = first;
        let [published, once, equal, same, again] = rest;
        [claim, said, side, published, once, equal, same, again]
    };
    let name = |side: Side| side.name().to_owned();
    let (python, rust) = (Side::Python, Side::Rust);
    let said = [claim.id.clone(), times(claim.factor), name(python)];
    let below = [String::new(), String::new(), name(rust)];
    [line(said, of(python)), line(below, of(rust))]
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
    out.push_str(&format!("\n{}\n", terminal(&heading(claim))));
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
    // A long interval takes its room from the label's.
    let figures = format!("{factor:>7} {interval:>16}");
    let room = 59_usize.saturating_sub(label.chars().count());
    let line = format!("  {label}{figures:>room$} {regular:>8} {mmap:>8}");
    write_line(out, &line);
}

/// A line as it is laid out.
fn write_line(out: &mut String, line: &str) {
    out.push_str(&terminal(line.trim_end()));
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
        write_line(out, &line);
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
pub(crate) fn folded(text: &str, first: usize, rest: usize) -> String {
    let mut out = " ".repeat(first);
    let mut width = first;
    let mut begun = false;
    for word in terminal(text).split(' ') {
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
