//! What may be said of a claim: rules over figures, and the sentence they allow. Pure, and never more
//! than an interval says.

use std::time::Duration;

use super::arms::NO_TIME;
use crate::measure::INTERRUPTED;
use crate::record::{
    AtEqualWork, ClaimFigures, ClaimRow, ClaimVerdict, Factor, Ladder, Side, Step,
};
use crate::run::had_no_turn;
use crate::stats::EQUIVALENCE_MARGIN;
use crate::units::{self, times};

/// What a claim came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The interval reaches the claimed factor.
    Holds,
    /// mmap is faster, by less.
    Partly,
    /// mmap is as fast, or slower.
    Refuted,
    /// What was measured allows more than one of these.
    Undecided,
    /// It cannot be measured here: no Python, or a side that failed.
    Untestable,
}

impl Word {
    /// The word in records and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Partly => "partly",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Untestable => "untestable",
        }
    }
}

/// Judges a factor against the claimed one; the reason where it is undecided.
///
/// An interval that contains the claimed factor, but begins nearer to 1 than to it (on the log
/// scale), would fit "as much as claimed" and "hardly any" alike, and decides nothing.
pub fn judge(claimed: f64, factor: &Factor) -> Result<Word, String> {
    let Some([low, high]) = factor.interval else {
        return Err(format!(
            "too little was measured for an interval around {}",
            times(factor.point)
        ));
    };
    let margin = 1.0 + EQUIVALENCE_MARGIN;
    let between = units::range(low, high);
    if high < 1.0 || (low >= 1.0 / margin && high <= margin && claimed > margin) {
        Ok(Word::Refuted)
    } else if low <= 1.0 {
        let not_that = if high < claimed {
            format!("; it is less than {}", times(claimed))
        } else {
            String::new()
        };
        Err(format!(
            "the interval {between} does not say whether mmap is faster{not_that}"
        ))
    } else if high < claimed {
        Ok(Word::Partly)
    } else if low < claimed.sqrt() {
        Err(format!(
            "mmap is faster, but the interval {between} is too wide to be held against {}",
            times(claimed)
        ))
    } else {
        Ok(Word::Holds)
    }
}

/// What is known of a claim on one side.
pub struct Evidence<'e> {
    /// Which side.
    pub side: Side,
    /// The claimed factor.
    pub claimed: f64,
    /// The row that decides, and how to say how it was run.
    pub main: (Option<&'e ClaimRow>, &'static str),
    /// The row that decides where the other has no figures at all.
    pub second: (Option<&'e ClaimRow>, &'static str),
    /// Where the factor comes from.
    pub ladder: Option<&'e Ladder>,
    /// The row in which both sides do the same work, behind how to say so.
    pub equal: Option<(&'static str, &'e ClaimRow)>,
    /// How long the whole claim takes, where less was measured.
    pub whole: Option<Duration>,
}

/// The verdict in one sentence, and its word as published and at equal work.
#[must_use]
pub fn verdict(evidence: &Evidence<'_>) -> ClaimVerdict {
    let rows = [evidence.main, evidence.second];
    let rows: Vec<(&ClaimRow, &str)> = rows
        .iter()
        .filter_map(|(row, words)| Some(((*row)?, *words)))
        .collect();
    let known = || rows.iter().filter(|(row, _)| row.figures.is_some());
    let decisive = known().next().or_else(|| {
        // A failure says more than a want of time, and so does anything that is wrong.
        let all = rows.iter();
        all.min_by_key(|(row, _)| (row.outcome != "failed", wants_time(row)))
    });
    let (word, mut parts) = match decisive {
        Some((row, _)) => judged(evidence, row),
        None => (Word::Untestable, vec!["nothing was measured".to_owned()]),
    };
    parts.extend(known().map(|(row, words)| measured(row, words)));
    parts.extend(evidence.ladder.and_then(cause));
    let at_equal_work = evidence.equal.map(|(words, row)| {
        let (word, reasons) = judged(evidence, row);
        match (row.figures.is_some(), known().next().is_some()) {
            (true, _) => parts.push(match word {
                Word::Undecided => format!("{}, which is undecided", measured_as(row, words)),
                _ => measured_as(row, words),
            }),
            (false, true) => parts.push(format!("{words} not known: {}", reasons.join("; "))),
            // What is missing was said already.
            (false, false) => {}
        }
        AtEqualWork {
            word: word.name().to_owned(),
            row: row.label.clone(),
        }
    });
    ClaimVerdict {
        side: evidence.side,
        word: word.name().to_owned(),
        at_equal_work,
        sentence: parts.join("; "),
    }
}

/// The word for a row, and where it is not decided, what is missing.
fn judged(evidence: &Evidence<'_>, row: &ClaimRow) -> (Word, Vec<String>) {
    let whole = evidence.whole.map(|whole| {
        let seconds = 5.0 * (whole.as_secs_f64() / 5.0).round();
        format!("the whole claim takes {seconds:.0} s")
    });
    let Some(figures) = &row.figures else {
        let reason = row.reason.as_deref().unwrap_or_default();
        let reason = format!("{}: {reason}", row.outcome);
        return match wants_time(row) {
            true => (Word::Undecided, [reason].into_iter().chain(whole).collect()),
            false => (Word::Untestable, vec![reason]),
        };
    };
    match judge(evidence.claimed, &figures.factor) {
        Ok(word) => (word, Vec::new()),
        Err(reason) => {
            let after = format!("undecided after {}", tries(row.side, figures));
            let told = [after].into_iter().chain(whole).chain([reason]);
            (Word::Undecided, told.collect())
        }
    }
}

/// Whether nothing is wrong with a row but that there was no time for it.
fn wants_time(row: &ClaimRow) -> bool {
    let reason = row.reason.as_deref().unwrap_or_default();
    [NO_TIME, INTERRUPTED].contains(&reason) || had_no_turn(reason)
}

/// `3 processes`; in Rust, where each round of a new process is one, `12 rounds`.
fn tries(side: Side, figures: &ClaimFigures) -> String {
    match (side, figures.replicates, figures.rounds) {
        (Side::Python, 1, _) => "1 process".to_owned(),
        (Side::Python, processes, _) => format!("{processes} processes"),
        (Side::Rust, _, 1) => "1 round".to_owned(),
        (Side::Rust, _, rounds) => format!("{rounds} rounds"),
    }
}

/// `2.20x as published (1.90 … 2.50)`.
fn measured(row: &ClaimRow, words: &str) -> String {
    format!("{} {words}{}", factor_text(row), interval_text(row))
}

/// `when both sides read 100 bytes it is 0.600x (0.580 … 0.620)`.
fn measured_as(row: &ClaimRow, words: &str) -> String {
    format!("{words} {}{}", factor_text(row), interval_text(row))
}

fn factor_text(row: &ClaimRow) -> String {
    let point = row.figures.as_ref().map(|figures| figures.factor.point);
    point.map_or_else(String::new, times)
}

/// The interval, or how far the tries lie apart where there is none.
fn interval_text(row: &ClaimRow) -> String {
    let Some(figures) = &row.figures else {
        return String::new();
    };
    match figures.factor.interval {
        Some([low, high]) => format!(" ({})", units::interval(low, high)),
        None => format!(
            " (no interval; {} in {})",
            units::range(figures.range[0], figures.range[1]),
            tries(row.side, figures)
        ),
    }
}

/// The largest step that goes the way of the whole and whose interval leaves no doubt that it does.
fn cause(ladder: &Ladder) -> Option<String> {
    let up = ladder.direct.point >= 1.0;
    let certain = |step: &&Step| {
        let interval = step.factor.interval;
        interval.is_some_and(|[low, high]| if up { low > 1.0 } else { high < 1.0 })
    };
    let size = |step: &Step| step.factor.point.ln().abs();
    let step = ladder
        .steps
        .iter()
        .filter(certain)
        .max_by(|one, other| size(one).total_cmp(&size(other)))?;
    let faults = match (step.from.minor_faults, step.to.minor_faults) {
        (Some(from), Some(to)) if (from - to).abs() >= 50.0 => {
            format!(" (page faults a call: {from:.0}, then {to:.0})")
        }
        _ => String::new(),
    };
    let factor = times(step.factor.point);
    let whole = times(ladder.direct.point);
    Some(format!(
        "of the steps to {whole} the largest is {factor}: {}{faults}",
        step.change
    ))
}

#[cfg(test)]
mod tests {
    use super::super::ladder::ladder;
    use super::*;
    use crate::record::{ClaimArm, ClaimFigures};

    fn factor(point: f64, interval: Option<[f64; 2]>) -> Factor {
        Factor { point, interval }
    }

    fn arm(faults: f64) -> ClaimArm {
        ClaimArm {
            name: "text_read".to_owned(),
            time_ns: 1e6,
            minor_faults: Some(faults),
        }
    }

    fn row(point: f64, interval: Option<[f64; 2]>) -> ClaimRow {
        ClaimRow {
            side: Side::Python,
            label: "as published".to_owned(),
            outcome: "measured".to_owned(),
            reason: None,
            figures: Some(ClaimFigures {
                factor: factor(point, interval),
                range: [point / 2.0, point * 2.0],
                replicates: 4,
                rounds: 4,
                regular: arm(900.0),
                mmap: arm(30.0),
            }),
        }
    }

    fn unmeasured(outcome: &str, reason: &str) -> ClaimRow {
        ClaimRow {
            outcome: outcome.to_owned(),
            reason: Some(reason.to_owned()),
            figures: None,
            ..row(1.0, None)
        }
    }

    fn told(main: &ClaimRow, second: &ClaimRow, ladder: Option<&Ladder>) -> (String, String) {
        let verdict = verdict(&Evidence {
            side: Side::Python,
            claimed: 15.0,
            main: (Some(main), "as published"),
            second: (Some(second), "when repeated"),
            ladder,
            equal: None,
            whole: Some(Duration::from_secs(74)),
        });
        (verdict.word, verdict.sentence)
    }

    fn step(change: &str, point: f64, low: f64, high: f64, faults: [f64; 2]) -> Step {
        Step {
            change: change.to_owned(),
            factor: factor(point, Some([low, high])),
            from: arm(faults[0]),
            to: arm(faults[1]),
        }
    }

    #[test]
    fn the_interval_decides_and_nothing_else() {
        let judged = |claimed, low, high| judge(claimed, &factor(2.0, Some([low, high])));
        assert_eq!(judged(15.0, 12.0, 15.5), Ok(Word::Holds));
        assert_eq!(judged(15.0, 20.0, 25.0), Ok(Word::Holds));
        assert_eq!(judged(15.0, 1.9, 2.4), Ok(Word::Partly));
        assert_eq!(judged(15.0, 0.4, 0.5), Ok(Word::Refuted));
        assert_eq!(judged(15.0, 0.99, 1.01), Ok(Word::Refuted));
        assert_eq!(judged(1.09, 1.06, 1.12), Ok(Word::Holds));
        assert_eq!(judged(1.09, 1.03, 1.05), Ok(Word::Partly));
        let undecided = judged(15.0, 0.8, 2.0).unwrap_err();
        assert!(undecided.contains("does not say whether mmap is faster; it is less than 15.0x"));
        let reaching = judged(1.09, 0.9, 1.2).unwrap_err();
        assert!(
            reaching.ends_with("does not say whether mmap is faster"),
            "{reaching}"
        );
        assert!(judged(15.0, 1.5, 200.0).unwrap_err().contains("too wide"));
        let few = judge(15.0, &factor(2.0, None)).unwrap_err();
        assert!(few.contains("too little was measured"), "{few}");
    }

    #[test]
    fn the_published_way_decides_where_it_was_measured() {
        let published = row(2.2, Some([1.9, 2.6]));
        let repeated = row(20.0, Some([19.0, 21.0]));
        let (word, sentence) = told(&published, &repeated, None);
        assert_eq!(word, "partly");
        assert_eq!(
            sentence,
            "2.20x as published (1.90 … 2.60); 20.0x when repeated (19.0 … 21.0)"
        );
        let (word, sentence) = told(&row(2.2, None), &repeated, None);
        assert_eq!(word, "undecided", "another way is another question");
        let begin =
            "undecided after 4 processes; the whole claim takes 75 s; too little was measured";
        assert!(sentence.starts_with(begin), "{sentence}");
        let tries = "(no interval; 1.10 … 4.40 in 4 processes)";
        assert!(sentence.contains(tries), "{sentence}");
    }

    #[test]
    fn what_was_not_measured_is_untestable_with_the_reason() {
        let skipped = unmeasured("skipped", "python3 not found");
        let (word, sentence) = told(&skipped, &skipped, None);
        assert_eq!(
            (word.as_str(), sentence.as_str()),
            ("untestable", "skipped: python3 not found")
        );
        let failed = unmeasured("failed", "Python ended with signal: 11");
        let (_, sentence) = told(&skipped, &failed, None);
        assert_eq!(sentence, "failed: Python ended with signal: 11");
        let (word, _) = told(&failed, &row(9.0, Some([8.0, 10.0])), None);
        assert_eq!(word, "partly", "what is left decides");
    }

    #[test]
    fn what_there_was_no_time_for_is_undecided_and_not_untestable() {
        let late = unmeasured("skipped", NO_TIME);
        let (word, sentence) = told(&late, &late, None);
        assert_eq!(word, "undecided");
        assert_eq!(
            sentence,
            "skipped: there was no time for it; the whole claim takes 75 s"
        );
        let failed = unmeasured("failed", "Python ended with signal: 11");
        assert_eq!(told(&late, &failed, None).0, "untestable");
        let no_turn = [
            "the run ended before its turn",
            "the budget of 2.5 s was over",
        ];
        for reason in [INTERRUPTED].into_iter().chain(no_turn) {
            let ended = unmeasured("skipped", reason);
            assert_eq!(told(&ended, &ended, None).0, "undecided");
        }
    }

    #[test]
    fn the_largest_certain_step_is_the_cause() {
        let repeated = row(9.0, Some([8.8, 9.2]));
        let steps = vec![
            step("memory kept", 8.4, 8.0, 8.8, [945.0, 2.0]),
            step("no decoding", 1.1, 1.05, 1.2, [2.0, 2.0]),
            step("doubtful", 100.0, 0.5, 900.0, [2.0, 2.0]),
        ];
        let whole = ladder(Side::Python, "repeated", steps, factor(9.0, None));
        let (_, sentence) = told(&repeated, &repeated, Some(&whole));
        let cause = "of the steps to 9.00x the largest is 8.40x: memory kept (page faults a call: 945, then 2)";
        assert!(sentence.ends_with(cause), "{sentence}");
        let slower = vec![step("mapped", 0.5, 0.4, 0.6, [1.0, 1.0])];
        let whole = ladder(Side::Python, "repeated", slower, factor(0.5, None));
        let (_, sentence) = told(&repeated, &repeated, Some(&whole));
        assert!(
            sentence.ends_with("of the steps to 0.500x the largest is 0.500x: mapped"),
            "{sentence}"
        );
        let doubtful = vec![step("mapped", 1.5, 0.9, 2.0, [1.0, 1.0])];
        let whole = ladder(Side::Python, "repeated", doubtful, factor(1.5, None));
        let (_, sentence) = told(&repeated, &repeated, Some(&whole));
        assert!(!sentence.contains("of the steps"), "{sentence}");
    }

    fn of_both_halves(published: &ClaimRow, equal: &ClaimRow) -> ClaimVerdict {
        verdict(&Evidence {
            side: Side::Python,
            claimed: 240.0,
            main: (Some(published), "as published"),
            second: (None, "when repeated"),
            ladder: None,
            equal: Some(("when both sides read 100 bytes it is", equal)),
            whole: None,
        })
    }

    #[test]
    fn the_same_work_on_both_sides_has_a_word_of_its_own_and_is_said_last() {
        let (published, equal) = (row(600.0, Some([500.0, 700.0])), row(0.6, Some([0.5, 0.7])));
        let told = of_both_halves(&published, &equal);
        assert_eq!(told.word, "holds");
        let half = told.at_equal_work.unwrap();
        assert_eq!((half.word.as_str(), half.row), ("refuted", equal.label));
        assert_eq!(
            told.sentence,
            "600x as published (500 … 700); when both sides read 100 bytes it is 0.600x (0.500 … 0.700)"
        );
        let told = of_both_halves(&published, &row(0.9, Some([0.7, 1.2])));
        assert_eq!(told.at_equal_work.unwrap().word, "undecided");
        let end = "it is 0.900x (0.700 … 1.20), which is undecided";
        assert!(told.sentence.ends_with(end), "{}", told.sentence);
        let told = of_both_halves(&published, &unmeasured("failed", "Python crashed"));
        assert_eq!(told.at_equal_work.unwrap().word, "untestable");
        let end = "it is not known: failed: Python crashed";
        assert!(told.sentence.ends_with(end), "{}", told.sentence);
        let missing = unmeasured("skipped", "python3 not found");
        let told = of_both_halves(&missing, &missing);
        assert_eq!(told.sentence, "skipped: python3 not found");
        assert_eq!(told.at_equal_work.unwrap().word, "untestable");
    }
}
