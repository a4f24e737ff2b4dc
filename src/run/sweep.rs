//! How a sweep spends its budget: next to a change of the faster engine rather than evenly.
//!
//! The first passes go over all sizes. From then on, after every pass, the sizes are judged by what is
//! known so far, and the replicates that are left go to those next to a change. Time is given as more
//! replicates and not as longer visits: the chance of a replicate as a whole (address layout, state of
//! the allocator, placement of pages) is not made smaller by more of its rounds, only by more replicates
//! (of *k* of them with *n* rounds each, the variance of the point is that of replicates over *k* plus
//! that of rounds over *k n*), and an interval from few replicates pays for not knowing their spread.
//!
//! No size goes without: each keeps as many replicates as its interval needs to be honest, and they are
//! spread over the whole run like all others, so that what a machine does for a while falls on all sizes.

use super::course::Course;
use super::driver::FEWEST_REPLICATES;
use super::schedule::Schedule;
use crate::record::Settings;
use crate::stats::{Swept, Verdict, crossovers};

/// So many passes go over all sizes before any is preferred: fewer replicates have no spread to speak of.
pub(super) const BROAD_PASSES: usize = 3;

/// No size gets more than so many times the replicates of an even run. Intervals shrink with the root of
/// their number, and reading the file back for each of them costs time that is not spent measuring; what
/// is left beyond makes visits longer.
const MOST_TIMES: usize = 4;

/// How many replicates every contest shall have. Those of a sweep may have half of what is wanted, and
/// no fewer than an interval needs.
pub(super) fn least(settings: &Settings) -> usize {
    let wanted = settings.replicates;
    match settings.sweep {
        Some(_) => wanted.div_ceil(2).max(FEWEST_REPLICATES).min(wanted),
        None => wanted,
    }
}

/// After a pass of a sweep: gives the replicates that are left to the contests next to a change.
pub(super) fn prefer(courses: &[Course<'_>], settings: &Settings, schedule: &mut Schedule) {
    if settings.sweep.is_none() || schedule.begun() < BROAD_PASSES {
        return;
    }
    let chosen = next_to_changes(&ranges(courses));
    let done = schedule.done();
    schedule.redistribute(&quotas(
        &done,
        least(settings),
        settings.replicates,
        &chosen,
    ));
}

/// A range for each engine in each workload and state. Courses come with their sizes ascending.
fn ranges(courses: &[Course<'_>]) -> Vec<Range> {
    let mut ranges: Vec<((&Course<'_>, &str), Range)> = Vec::new();
    let alive = courses.iter().enumerate().filter(|(_, one)| one.is_alive());
    for (number, course) in alive {
        for (engine, found) in course.glances() {
            let same =
                |(of, other): &(&Course<'_>, &str)| *other == engine && of.differs_in_size(course);
            let at = ranges.iter().position(|(of, _)| same(of));
            let at = at.unwrap_or_else(|| {
                ranges.push(((course, engine), Range::default()));
                ranges.len() - 1
            });
            ranges[at].1.contests.push(number);
            ranges[at].1.found.push(found);
        }
    }
    ranges.into_iter().map(|(_, range)| range).collect()
}

/// A range of sizes, ascending, in which one engine is compared with the baseline in one state: the
/// contest that each size belongs to, and what is known there so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Range {
    /// Numbers of contests, one for each size.
    pub(super) contests: Vec<usize>,
    /// What was found; as long as `contests`.
    pub(super) found: Vec<Swept>,
}

/// Which contests are next to a change, by their numbers, each once, ascending.
///
/// Of each range these are the sizes from the last one that is decided before a change to the first one
/// behind it, and all that are not decided: there the change, or another one, may lie. A size that is
/// known to be the same is settled.
pub(super) fn next_to_changes(ranges: &[Range]) -> Vec<usize> {
    let mut chosen: Vec<usize> = ranges.iter().flat_map(next_to_change).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

fn next_to_change(range: &Range) -> Vec<usize> {
    let changes = crossovers(&range.found);
    let between = |place: usize| {
        let mut changes = changes.iter();
        changes.any(|change| (change.last..=change.first).contains(&place))
    };
    let is_open = |found: &Swept| matches!(found.verdict, Verdict::Inconclusive { .. });
    let chosen = range.found.iter().enumerate().zip(&range.contests);
    chosen
        .filter(|((place, found), _)| between(*place) || is_open(found))
        .map(|(_, contest)| *contest)
        .collect()
}

/// How many replicates each contest shall have when the run is over. `done` holds how many each has now,
/// `least` how many none goes below, `even` how many each would have were none preferred, and `chosen`
/// which are next to a change.
///
/// There are as many visits in all as in an even run. Where none is preferred, or all are, it is one.
pub(super) fn quotas(done: &[usize], least: usize, even: usize, chosen: &[usize]) -> Vec<usize> {
    let is_chosen = |contest: usize| chosen.contains(&contest);
    let preferred = (0..done.len())
        .filter(|contest| is_chosen(*contest))
        .count();
    if preferred == 0 || preferred == done.len() {
        return done.iter().map(|done| even.max(*done)).collect();
    }
    let least = least.min(even);
    let others = done.iter().enumerate();
    let others = others.filter(|(contest, _)| !is_chosen(*contest));
    let spent: usize = others.map(|(_, done)| least.max(*done)).sum();
    let left = even.saturating_mul(done.len()).saturating_sub(spent);
    let each = (left / preferred).clamp(least, even.saturating_mul(MOST_TIMES).max(least));
    let quota = |(contest, done): (usize, &usize)| match is_chosen(contest) {
        true => each.max(*done),
        false => least.max(*done),
    };
    done.iter().enumerate().map(quota).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A range over the contests from `first` on: `+` faster, `-` slower, `=` the same, `?` open.
    fn range(first: usize, verdicts: &str) -> Range {
        let swept = |(place, sign): (usize, char)| Swept {
            bytes: 1024 << place,
            speedup: 1.0,
            verdict: match sign {
                '+' => Verdict::Faster,
                '-' => Verdict::Slower,
                '=' => Verdict::Same,
                _ => Verdict::Inconclusive {
                    rounds_needed: None,
                },
            },
        };
        Range {
            contests: (first..first + verdicts.len()).collect(),
            found: verdicts.chars().enumerate().map(swept).collect(),
        }
    }

    fn chosen(verdicts: &str) -> Vec<usize> {
        next_to_changes(&[range(0, verdicts)])
    }

    #[test]
    fn sizes_next_to_a_change_are_those_that_bracket_it_and_those_between() {
        assert_eq!(chosen("-----+++"), [4, 5]);
        assert_eq!(chosen("---?=+++"), [2, 3, 4, 5]);
        assert_eq!(chosen("--++--"), [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_not_decided_may_hide_a_change() {
        assert_eq!(chosen("??--?-??"), [0, 1, 4, 6, 7]);
        assert_eq!(chosen("????"), [0, 1, 2, 3]);
    }

    #[test]
    fn what_is_decided_or_known_to_be_the_same_everywhere_is_left_alone() {
        for settled in ["", "----", "++++", "====", "--==-"] {
            assert!(chosen(settled).is_empty(), "{settled}");
        }
    }

    #[test]
    fn engines_and_states_that_change_elsewhere_share() {
        let steady = [range(0, "----+++"), range(0, "--+++++")];
        let fresh = range(7, "+++-???");
        let all = [&steady[..], &[fresh]].concat();
        assert_eq!(next_to_changes(&all), [1, 2, 3, 4, 9, 10, 11, 12, 13]);
    }

    #[test]
    fn where_none_is_preferred_all_get_the_same() {
        assert_eq!(quotas(&[3; 4], 5, 10, &[]), [10; 4]);
        assert_eq!(quotas(&[3; 4], 5, 10, &[0, 1, 2, 3]), [10; 4]);
        assert_eq!(quotas(&[], 5, 10, &[]), [0; 0]);
    }

    #[test]
    fn what_the_others_do_without_goes_to_those_next_to_a_change() {
        let quotas = quotas(&[3; 30], 5, 10, &[4, 5, 20, 21]);
        let preferred = [4, 5, 20, 21].map(|contest| quotas[contest]);
        // Of 300 visits, 26 contests take five each; the rest is more than four times an even share.
        assert_eq!(preferred, [40; 4]);
        assert_eq!(quotas.iter().filter(|quota| **quota == 5).count(), 26);
        let wider = super::quotas(&[3; 30], 5, 10, &(5..20).collect::<Vec<_>>());
        assert_eq!(wider[5..20], [15; 15]);
        assert_eq!(wider.iter().sum::<usize>(), 300);
    }

    #[test]
    fn what_was_measured_counts() {
        // Contest 0 was preferred at first, and is no longer.
        let quotas = quotas(&[9, 4, 4, 4], 5, 10, &[1, 2]);
        assert_eq!(quotas, [9, 13, 13, 5]);
    }

    #[test]
    fn where_every_size_needs_all_there_is_nothing_is_given_away() {
        assert_eq!(quotas(&[3; 3], 5, 5, &[1]), [5; 3]);
        assert_eq!(quotas(&[1; 3], 5, 2, &[1]), [2; 3]);
        assert_eq!(quotas(&[7, 1], 5, 5, &[1]), [7, 5]);
    }
}
