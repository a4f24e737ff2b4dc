//! What a run could resolve, why no more, and what a longer one would decide.

use std::time::Duration;

use crate::record::{Cell, Driver, Measured, Run};
use crate::run::BUDGET;
use crate::stats::{self, EQUIVALENCE_MARGIN, Sample, Verdict};
use crate::units::percent;
use crate::workload::Role;

/// Budgets that a longer run is imagined with: the default, and what somebody may wait for.
const LONGER: [Duration; 3] = [BUDGET, Duration::from_secs(300), Duration::from_secs(1800)];

/// From this share on, what differs between runs is more than the usual assumption, which makes it a half.
const DRIFTED: f64 = 0.6;

/// What was compared and judged.
fn judged(run: &Run) -> Vec<(&Cell, &Measured, Verdict)> {
    let ranked = run.cells.iter().filter(|cell| cell.role == Role::Ranked);
    ranked
        .filter_map(|cell| Some((cell, cell.outcome.measured()?, cell.verdict()?)))
        .collect()
}

fn is_open(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Inconclusive { .. })
}

/// What this machine could resolve in this run, and what would narrow the intervals; empty where nothing was compared.
pub(super) fn resolution(run: &Run) -> Vec<String> {
    let judged = judged(run);
    if judged.is_empty() {
        return Vec::new();
    }
    let mut told = vec![decided(&judged)];
    told.extend(widths(&judged));
    told.extend(causes(&judged));
    told
}

fn decided(judged: &[(&Cell, &Measured, Verdict)]) -> String {
    let all = judged.len();
    let count = |name: &str| {
        let own = judged.iter().filter(|(.., verdict)| verdict.name() == name);
        match own.count() {
            0 => None,
            count => Some(format!("{count} {name}")),
        }
    };
    let counts = ["faster", "slower", "same", "inconclusive"].map(count);
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let open = judged.iter().filter(|(.., verdict)| is_open(*verdict));
    format!(
        "{} of {all} comparisons decided: {}",
        all - open.count(),
        counts.join(", ")
    )
}

/// How far the intervals and the floors reach.
fn widths(judged: &[(&Cell, &Measured, Verdict)]) -> Option<String> {
    let of = |interval: fn(&Measured) -> Option<stats::Interval>| {
        let intervals = judged.iter().filter_map(|(_, own, _)| interval(own));
        let widths = intervals.map(|interval| interval.half_width_percent());
        let mut widths: Vec<f64> = widths.collect();
        widths.sort_unstable_by(f64::total_cmp);
        widths
    };
    let intervals = of(|own| own.estimate.interval);
    let (first, last) = (*intervals.first()?, *intervals.last()?);
    let middle = |widths: Vec<f64>| Some(percent(Sample::new(widths).ok()?.median()));
    let floors = middle(of(|own| own.floor));
    let floors = floors.map_or_else(String::new, |floor| format!("; median noise floor {floor}"));
    Some(format!(
        "median half-width of the intervals {} (from {} to {}){floors}: smaller differences are not seen here",
        middle(intervals)?,
        percent(first),
        percent(last)
    ))
}

/// Why the intervals are as wide as they are, and what would narrow them.
fn causes(judged: &[(&Cell, &Measured, Verdict)]) -> Vec<String> {
    let shares = judged.iter().filter_map(|(_, own, _)| own.estimate.shares);
    let shares: Vec<stats::Shares> = shares.collect();
    if shares.is_empty() {
        return Vec::new();
    }
    let replicates = judged.iter().map(|(_, own, _)| own.estimate.replicates);
    let most = replicates.max().unwrap_or(1);
    if most == 1 {
        return vec![
            "the width is the chance of rounds in one process; what another process would find is not in it: \
             `mapmark run` measures in several"
                .to_owned(),
        ];
    }
    let mean = |share: fn(&stats::Shares) -> f64| {
        shares.iter().map(share).sum::<f64>() / shares.len() as f64
    };
    let (rounds, replicates) = (mean(|own| own.rounds), mean(|own| own.replicates));
    let between = mean(|own| own.between_runs);
    let mut told = vec![format!(
        "of the variance behind the intervals {:.0} % comes from rounds within a replicate, {:.0} % from \
         differences between replicates, {:.0} % is kept for differences between runs",
        100.0 * rounds,
        100.0 * replicates,
        100.0 * between
    )];
    let mut narrower = vec![match rounds >= replicates {
        true => "longer visits (a larger --budget)",
        false => "more replicates (--replicates)",
    }];
    if most < stats::ENOUGH_REPLICATES && rounds >= replicates {
        narrower.push("ten replicates or more, from which the spread is known better");
    }
    if between > DRIFTED {
        narrower.push("a quieter machine, since this one drifted during the run");
    }
    told.push(format!("what would narrow them: {}", narrower.join("; ")));
    told
}

/// What a longer run would decide, for a run by workers; `None` where nothing was compared, or it did not come to all
/// that it had planned.
pub(super) fn outlook(run: &Run) -> Option<String> {
    let settings = run.settings.as_ref()?;
    let judged = judged(run);
    let is_cut_short = run.ended == Some(false) || run.cells.iter().any(Cell::is_to_come);
    if run.driver != Driver::Run || judged.is_empty() || settings.budget_s <= 0.0 || is_cut_short {
        return None;
    }
    let open: Vec<_> = judged
        .iter()
        .filter(|(.., verdict)| is_open(*verdict))
        .collect();
    if open.is_empty() {
        return Some(
            "every comparison is decided; a longer run would narrow the intervals".to_owned(),
        );
    }
    let needed = open.iter().filter_map(|(_, own, _)| {
        let times = stats::times_to_decide(&own.estimate, own.floor, EQUIVALENCE_MARGIN)?;
        Some(times * settings.budget_s)
    });
    let needed: Vec<f64> = needed.collect();
    let within = |seconds: f64| needed.iter().filter(|own| **own <= seconds).count();
    let longer = LONGER.map(|budget| budget.as_secs_f64()).into_iter();
    let longer =
        longer.filter(|seconds| *seconds > 1.5 * settings.budget_s && within(*seconds) > 0);
    let longer: Vec<f64> = longer.collect();
    // The first that decides half of them, or else the first that decides most.
    let half = longer
        .iter()
        .find(|seconds| 2 * within(**seconds) >= open.len());
    let best = half.or_else(|| longer.iter().rev().max_by_key(|seconds| within(**seconds)));
    Some(match best {
        Some(seconds) => format!(
            "a run of {seconds} s (--budget {seconds}s) would decide about {} of the {} inconclusive",
            within(*seconds),
            open.len()
        ),
        None => format!(
            "a longer run would probably decide none of the {} inconclusive: their differences are too small for \
             the noise of this machine",
            open.len()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Outcome, Settings, samples};
    use crate::stats::{Interval, Shares};

    /// A quick run of four comparisons: two decided, one that six times the time would decide, one that 24 times would.
    fn run() -> Run {
        let mut run = samples::run(&[
            ("whole_file", 1000, [2.0, 3.0]),
            ("find_last", 1000, [1.05, 1.000_1]),
        ]);
        run.driver = Driver::Run;
        run.settings = Some(Settings {
            budget_s: 10.0,
            replicates: 5,
            ..Settings::default()
        });
        for cell in &mut run.cells {
            let Outcome::Measured(measured) = &mut cell.outcome else {
                continue;
            };
            let point = measured.estimate.point;
            measured.floor = Interval::new(1.0 / 1.02, 1.02).ok();
            measured.estimate.replicates = 5;
            measured.estimate.shares = Some(Shares {
                rounds: 0.4,
                replicates: 0.1,
                between_runs: 0.5,
            });
            if cell.workload == "find_last" && cell.engine != "read" {
                measured.estimate.interval = Interval::new(point / 1.1, point * 1.1).ok();
                let rounds_needed = None;
                measured.verdict = Some(Verdict::Inconclusive { rounds_needed });
            }
        }
        run
    }

    #[test]
    fn what_was_resolved_and_why_no_more() {
        assert_eq!(
            resolution(&run()),
            [
                "2 of 4 comparisons decided: 2 faster, 2 inconclusive",
                "median half-width of the intervals 5.5 % (from 1.0 % to 10 %); median noise floor 2.0 %: smaller \
                 differences are not seen here",
                "of the variance behind the intervals 40 % comes from rounds within a replicate, 10 % from \
                 differences between replicates, 50 % is kept for differences between runs",
                "what would narrow them: longer visits (a larger --budget); ten replicates or more, from which the \
                 spread is known better",
            ]
        );
    }

    #[test]
    fn what_is_shared_by_no_replicate_is_blamed_on_the_machine() {
        let mut run = run();
        for cell in &mut run.cells {
            if let Outcome::Measured(measured) = &mut cell.outcome {
                measured.estimate.replicates = 10;
                measured.estimate.shares = Some(Shares {
                    rounds: 0.1,
                    replicates: 0.2,
                    between_runs: 0.7,
                });
            }
        }
        let told = resolution(&run);
        let last = told.last().unwrap();
        assert!(
            last.contains("more replicates (--replicates); a quieter machine"),
            "{last}"
        );
        for cell in &mut run.cells {
            if let Outcome::Measured(measured) = &mut cell.outcome {
                measured.estimate.replicates = 1;
            }
        }
        assert!(resolution(&run).last().unwrap().contains("one process"));
    }

    #[test]
    fn a_longer_run_decides_what_time_decides() {
        let mut run = run();
        let told = outlook(&run).unwrap();
        assert_eq!(
            told,
            "a run of 60 s (--budget 60s) would decide about 1 of the 2 inconclusive"
        );
        run.cells.retain(|cell| cell.engine != "buf_reader");
        let told = outlook(&run).unwrap();
        assert!(
            told.contains("a run of 300 s") && told.contains("1 of the 1"),
            "{told}"
        );
        if let Some(settings) = &mut run.settings {
            settings.budget_s = 1800.0;
        }
        let told = outlook(&run).unwrap();
        assert!(told.contains("decide none of the 1 inconclusive"), "{told}");
        run.cells.retain(|cell| cell.workload != "find_last");
        assert!(
            outlook(&run)
                .unwrap()
                .starts_with("every comparison is decided")
        );
        run.settings = None;
        assert_eq!(outlook(&run), None);
    }
}
