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
use crate::workload::Role;

/// So many passes go over all sizes before any is preferred: fewer replicates have no spread to speak of.
pub(super) const BROAD_PASSES: usize = 3;

/// No size gets more than so many times the replicates of an even run. Intervals shrink with the root of
/// their number, and reading the file back for each of them costs time that is not spent measuring; what
/// is left beyond makes visits longer.
const MOST_TIMES: usize = 4;

/// Whether sizes next to a change are preferred. Where the engine overtakes the baseline says nothing
/// about two builds, and with a precision asked for, every size shall be as well known as any other.
pub(super) fn prefers(settings: &Settings, two_builds: bool) -> bool {
    settings.sweep.is_some() && settings.precision_percent.is_none() && !two_builds
}

/// How many replicates every contest shall have. Where some are preferred, the others may have half of
/// what is wanted, and no fewer than an interval needs.
pub(super) fn least(settings: &Settings, prefers: bool) -> usize {
    let wanted = settings.replicates;
    match prefers {
        true => wanted.div_ceil(2).max(FEWEST_REPLICATES).min(wanted),
        false => wanted,
    }
}

/// After a pass of a sweep that [prefers]: gives the replicates that are left to the contests next to a
/// change.
pub(super) fn prefer(courses: &[Course<'_>], settings: &Settings, schedule: &mut Schedule) {
    if schedule.begun() < BROAD_PASSES {
        return;
    }
    let chosen = next_to_changes(&ranges(courses));
    let alive: Vec<bool> = courses.iter().map(Course::is_alive).collect();
    schedule.redistribute(&quotas_of_living(
        &alive,
        &schedule.done(),
        least(settings, true),
        settings.replicates,
        &chosen,
    ));
}

/// The quotas of the contests that are `alive`, who share among themselves; the others keep what they
/// have `done`.
fn quotas_of_living(
    alive: &[bool],
    done: &[usize],
    least: usize,
    even: usize,
    chosen: &[usize],
) -> Vec<usize> {
    let living: Vec<usize> = (0..done.len()).filter(|at| alive[*at]).collect();
    let own: Vec<usize> = living.iter().map(|at| done[*at]).collect();
    let places = living.iter().enumerate();
    let places = places.filter(|(_, at)| chosen.contains(at));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let mut all = done.to_vec();
    for (at, quota) in living.iter().zip(quotas(&own, least, even, &places)) {
        all[*at] = quota;
    }
    all
}

/// A range for each engine in each workload and state that ranks engines: controls rank nobody. Courses come
/// with their sizes ascending.
fn ranges(courses: &[Course<'_>]) -> Vec<Range> {
    let mut ranges: Vec<((&Course<'_>, &str), Range)> = Vec::new();
    let ranked = |one: &Course<'_>| one.is_alive() && one.contest.workload.role() == Role::Ranked;
    let ranked = courses.iter().enumerate().filter(|(_, one)| ranked(one));
    for (number, course) in ranked {
        for (engine, found) in course.glances() {
            let same =
                |(of, other): &(&Course<'_>, &str)| *other == engine && of.same_state(course);
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
/// There are no more visits in all than in an even run, unless more were had before. Where none is
/// preferred, or all are, those that are left make all as even as they can be.
pub(super) fn quotas(done: &[usize], least: usize, even: usize, chosen: &[usize]) -> Vec<usize> {
    let preferred = (0..done.len()).filter(|contest| chosen.contains(contest));
    let preferred = preferred.count();
    let all_alike = preferred == 0 || preferred == done.len();
    let is_chosen = |contest: usize| all_alike || chosen.contains(&contest);
    let least = least.min(even);
    let (mut had, mut spent) = (Vec::new(), 0);
    for (contest, done) in done.iter().enumerate() {
        match is_chosen(contest) {
            true => had.push(*done),
            false => spent += least.max(*done),
        }
    }
    let left = even.saturating_mul(done.len()).saturating_sub(spent);
    let each = level(had, left).clamp(least, even.saturating_mul(MOST_TIMES).max(least));
    let quota = |(contest, done): (usize, &usize)| match is_chosen(contest) {
        true => each.max(*done),
        false => least.max(*done),
    };
    done.iter().enumerate().map(quota).collect()
}

/// How far `left` visits raise those who have `had` so many: to where all who have fewer come to.
fn level(mut had: Vec<usize>, mut left: usize) -> usize {
    had.sort_unstable();
    while let Some(most) = had.pop() {
        let each = left / (had.len() + 1);
        if most <= each {
            return each;
        }
        left = left.saturating_sub(most);
    }
    0
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
    fn an_end_of_the_preference_costs_no_more_visits_than_an_even_run() {
        // Two were preferred for a while; now none is, or one of them and another.
        for chosen in [&[][..], &[0, 2]] {
            let quotas = quotas(&[20, 14, 4, 4, 4, 4], 5, 10, chosen);
            assert!(quotas.iter().sum::<usize>() <= 60, "{quotas:?}");
            assert!(quotas.iter().all(|quota| *quota >= 5), "{quotas:?}");
        }
        assert_eq!(quotas(&[20, 4, 4, 4], 5, 10, &[]), [20, 6, 6, 6]);
        assert_eq!(quotas(&[20, 4, 4, 4], 5, 10, &[0, 1]), [20, 10, 5, 5]);
    }

    #[test]
    fn who_is_measured_no_more_has_no_share() {
        let alive = [true, false, true, true];
        let own = quotas_of_living(&alive, &[3, 1, 3, 3], 5, 10, &[1, 2]);
        assert_eq!(own, [5, 1, 20, 5]);
        assert_eq!(
            quotas_of_living(&alive, &[3, 1, 3, 3], 5, 10, &[]),
            [10, 1, 10, 10]
        );
    }

    #[test]
    fn two_builds_and_a_wanted_precision_are_measured_evenly() {
        let plain = Settings {
            replicates: 10,
            ..Settings::default()
        };
        let swept = Settings {
            sweep: "4KiB..64MiB".parse().ok(),
            ..plain.clone()
        };
        let precise = Settings {
            precision_percent: Some(1.0),
            ..swept.clone()
        };
        assert!(prefers(&swept, false));
        assert!(!prefers(&swept, true) && !prefers(&precise, false) && !prefers(&plain, false));
        assert_eq!((least(&swept, true), least(&swept, false)), (5, 10));
    }

    #[test]
    fn where_every_size_needs_all_there_is_nothing_is_given_away() {
        assert_eq!(quotas(&[3; 3], 5, 5, &[1]), [5; 3]);
        assert_eq!(quotas(&[1; 3], 5, 2, &[1]), [2; 3]);
        assert_eq!(quotas(&[7, 1], 5, 5, &[1]), [7, 5]);
    }
}
