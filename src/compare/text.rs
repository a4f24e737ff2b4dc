//! Words and figures that several formats share.

use std::cmp::Ordering;

use super::{Comparison, Metric, Row, Verdict};
use crate::stats::{Finding, Interval};
use crate::text::terminal;
use crate::units::{Nanos, Ratio, change, change_interval};

/// `−9.1 % … −5.0 %`.
pub(super) fn interval(interval: Option<Interval>) -> String {
    let text = |interval: Interval| change_interval(interval.low(), interval.high());
    interval.map_or_else(String::new, text)
}

/// A speed-up, or a time with its unit.
pub(super) fn value(finding: Option<Finding>, metric: Metric) -> String {
    let Some(finding) = finding else {
        return String::new();
    };
    match metric {
        Metric::Speedup => Ratio(finding.point()).to_string(),
        Metric::Time => Nanos(finding.point()).to_string(),
    }
}

/// What is compared, in a sentence.
pub(crate) fn question(comparison: &Comparison) -> String {
    let what = match comparison.question.metric {
        Metric::Speedup => "the speed-up in NEW over that in BASE; below 0 % the engine lost",
        Metric::Time => "the time in NEW over that in BASE; above 0 % the engine lost",
    };
    let most = 1.0 + comparison.question.tolerance;
    format!(
        "change is {what}. Tolerated: {} … {}",
        change(1.0 / most),
        change(most)
    )
}

/// The figures of a row: BASE, NEW, change, interval.
pub(crate) fn figures(row: &Row, metric: Metric) -> [String; 4] {
    [
        value(row.base, metric),
        value(row.new, metric),
        row.change
            .map_or_else(String::new, |known| change(known.ratio)),
        interval(row.change.and_then(|known| known.interval)),
    ]
}

/// Rows of one verdict: what regressed or improved by the size of its change, either way, the largest first; others in
/// the order of the records.
pub(super) fn largest_first(mut rows: Vec<&Row>) -> Vec<&Row> {
    let size = |row: &Row| row.change.map_or(0.0, |change| change.ratio.ln().abs());
    rows.sort_by(|one, other| match one.verdict {
        Verdict::Regressed | Verdict::Improved => size(other).total_cmp(&size(one)),
        _ => Ordering::Equal,
    });
    rows
}

/// `text` in lines of at most `width` columns, those behind the first indented by `indent`.
pub(super) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in terminal(text).split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_their_width() {
        assert_eq!(wrapped("one two three", 2, 8), "one two\n  three");
        assert_eq!(wrapped("extraordinary", 2, 8), "extraordinary");
    }
}
