//! From a change to a verdict.

use super::pairs::Pair;
use super::{Metric, Question, Row, Verdict, is_alarm};
use crate::stats::{Change, Interval, MINIMUM_ROUNDS};

/// The row of a pair, whose p-value is adjusted for `compared` cells.
pub(super) fn row(
    pair: Pair,
    adjusted_p: Option<f64>,
    question: &Question,
    compared: usize,
) -> Row {
    let (verdict, reason) = match (pair.change, adjusted_p) {
        (Some(change), Some(adjusted_p)) => judge(&pair, &change, adjusted_p, question, compared),
        _ => without_change(&pair),
    };
    Row {
        id: pair.id,
        verdict,
        base: pair.base,
        new: pair.new,
        change: pair.change,
        baseline_moved: pair.moved.map(libm::exp),
        adjusted_p,
        reason,
    }
}

fn without_change(pair: &Pair) -> (Verdict, Option<String>) {
    let verdict = match (pair.base, pair.new) {
        (Some(_), Some(_)) => Verdict::Incomparable,
        (Some(_), None) => Verdict::Missing,
        (None, _) => Verdict::New,
    };
    (verdict, pair.reason.clone())
}

/// An alarm needs all of this: the table's rate of false ones allows it, the change is beyond what is tolerated, and
/// beyond what either run showed where there was none. `same` needs the whole interval within what is tolerated.
fn judge(
    pair: &Pair,
    change: &Change,
    adjusted_p: f64,
    question: &Question,
    compared: usize,
) -> (Verdict, Option<String>) {
    let open = |reason: String| (Verdict::Inconclusive, Some(reason));
    let Some(interval) = change.interval else {
        let few = || format!("fewer than {MINIMUM_ROUNDS} rounds on a side");
        return open(pair.reason.clone().unwrap_or_else(few));
    };
    let tolerated = |ratio: f64| {
        let most = 1.0 + question.tolerance;
        (1.0 / most..=most).contains(&ratio)
    };
    let floored = pair
        .floors
        .iter()
        .flatten()
        .any(|floor| floor.contains(change.ratio));
    let alarm = is_alarm(adjusted_p);
    if alarm && !tolerated(change.ratio) && !floored {
        return (direction(change.ratio, question.metric), None);
    }
    if tolerated(interval.low()) && tolerated(interval.high()) {
        return (Verdict::Same, None);
    }
    open(match (alarm, tolerated(change.ratio)) {
        (true, false) => "the change lies inside a noise floor".to_owned(),
        (true, true) => "a change, but perhaps no larger than is tolerated".to_owned(),
        (false, _) => doubt(pair, change, &interval, compared),
    })
}

fn direction(ratio: f64, metric: Metric) -> Verdict {
    let worse = match metric {
        Metric::Speedup => ratio < 1.0,
        Metric::Time => ratio > 1.0,
    };
    if worse {
        Verdict::Regressed
    } else {
        Verdict::Improved
    }
}

fn doubt(pair: &Pair, change: &Change, interval: &Interval, compared: usize) -> String {
    let replicates =
        |finding: Option<crate::stats::Finding>| finding.map_or(0, |found| found.replicates);
    if !interval.contains(1.0) {
        format!("alone it would be a change; among {compared} cells, one such comes by chance")
    } else if change.unsettled {
        "the baseline's own time changed too, so the machine did, or the baseline; both builds in one run \
         (`--against`) would tell"
            .to_owned()
    } else if replicates(pair.base).min(replicates(pair.new)) == 1 {
        "one process on a side cannot tell a small change from another process".to_owned()
    } else {
        "the interval reaches beyond what is tolerated; longer runs would narrow it".to_owned()
    }
}
