//! When each contest is visited, and for how long.
//!
//! A run goes over its contests in passes, one for each replicate, each in an order drawn anew: what
//! a machine does for some seconds then falls on all of them, and every contest is spread over the
//! whole run. A visit gets an equal share of the time that is left, so that whatever took longer than
//! planned is made up for by those that follow. None begins when the budget has been over for a while: what is
//! too slow for it costs contests, and not time that nobody wanted to give.
//!
//! Each contest has a quota of visits. Where all have the same, every pass goes over all of them. One
//! with a smaller quota is left out of some passes, evenly, so that it is spread over the run as well.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

/// No visit is given less: a worker needs some of it to begin at all.
const SHORTEST_VISIT: Duration = Duration::from_millis(20);

/// How long the budget may be over when a visit begins, so that a pass that is nearly complete becomes so.
const OVERTIME: Duration = Duration::from_secs(5);

/// The visits still to come.
#[derive(Debug)]
pub struct Schedule {
    budget: Duration,
    begun: usize,
    contests: Vec<usize>,
    /// By contest.
    visits: Vec<Visits>,
    left: Vec<usize>,
    draw: Xoshiro256PlusPlus,
}

/// The visits of a contest.
#[derive(Clone, Copy, Debug)]
struct Visits {
    done: usize,
    quota: usize,
    /// Which share of a visit has come due; a contest is visited when it comes to half of one, so that
    /// the last visit is not in the last pass, when it is too late to act on what it finds.
    due: f64,
}

impl Visits {
    fn to_come(self) -> usize {
        self.quota.saturating_sub(self.done)
    }
}

/// From which share on a visit is due: a half, less what rounding may take from a sum of fractions.
const DUE: f64 = 0.5 - 1e-9;

/// A contest's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which contest, counted from 0.
    pub contest: usize,
    /// In which pass, counted from 0.
    pub replicate: usize,
    /// Whether the pass begins with it.
    pub first_of_pass: bool,
    /// How long it may take.
    pub time: Duration,
}

impl Schedule {
    /// As many `passes` over so many `contests`, within `budget`. `seed` draws the orders.
    #[must_use]
    pub fn new(contests: usize, passes: usize, budget: Duration, seed: u64) -> Self {
        Self {
            budget,
            begun: 0,
            contests: (0..contests).collect(),
            visits: vec![
                Visits {
                    done: 0,
                    quota: passes,
                    due: 0.0
                };
                contests
            ],
            left: Vec::new(),
            draw: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// The next turn, when so much of the budget is spent; `None` when the run is over. No pass begins when
    /// the budget is spent, except the first; one that has begun is finished, so that no contest is left
    /// behind, unless it needs more than some seconds for that.
    pub fn next(&mut self, spent: Duration) -> Option<Turn> {
        let first_of_pass = self.left.is_empty();
        if first_of_pass {
            let spent_all = spent >= self.budget && self.begun > 0;
            let pass = if spent_all { Vec::new() } else { self.due() };
            if pass.is_empty() {
                return None;
            }
            self.begun += 1;
            self.left = pass;
            self.left.shuffle(&mut self.draw);
        } else if spent >= self.budget.saturating_add(OVERTIME) {
            return None;
        }
        let to_come = self.contests.iter().map(|contest| self.visits[*contest]);
        let to_come = to_come.map(Visits::to_come).fold(0, usize::saturating_add);
        let share =
            self.budget.saturating_sub(spent) / u32::try_from(to_come).unwrap_or(u32::MAX).max(1);
        let contest = self.left.pop()?;
        self.visits[contest].done += 1;
        Some(Turn {
            contest,
            replicate: self.begun - 1,
            first_of_pass,
            time: share.max(SHORTEST_VISIT),
        })
    }

    /// The contests of the next pass; none where all have had their visits.
    fn due(&mut self) -> Vec<usize> {
        let to_come = |contest: &usize| self.visits[*contest].to_come();
        let passes = self.contests.iter().map(to_come).max().unwrap_or(0);
        let mut pass = Vec::new();
        for contest in &self.contests {
            let visits = &mut self.visits[*contest];
            visits.due += (visits.to_come() as f64 - visits.due) / passes.max(1) as f64;
            if visits.to_come() > 0 && visits.due >= DUE {
                visits.due -= 1.0;
                pass.push(*contest);
            }
        }
        pass
    }

    /// From the next pass on, each contest shall come to as many visits as `quotas` says, by contest.
    pub fn redistribute(&mut self, quotas: &[usize]) {
        for (visits, quota) in self.visits.iter_mut().zip(quotas) {
            visits.quota = *quota;
        }
    }

    /// Nothing came of the visit that `contest` had last; it shall have another for it.
    pub fn lost(&mut self, contest: usize) {
        let done = &mut self.visits[contest].done;
        *done = done.saturating_sub(1);
    }

    /// Visits that each contest has had, by contest, but those that were lost.
    #[must_use]
    pub fn done(&self) -> Vec<usize> {
        self.visits.iter().map(|visits| visits.done).collect()
    }

    /// The fewest visits that a contest has had which is still visited.
    #[must_use]
    pub fn fewest(&self) -> usize {
        let done = self
            .contests
            .iter()
            .map(|contest| self.visits[*contest].done);
        done.min().unwrap_or(0)
    }

    /// Whether `contest` has yet to be visited in the pass that has begun.
    #[must_use]
    pub fn is_to_come(&self, contest: usize) -> bool {
        self.left.contains(&contest)
    }

    /// Visits `contest` no more.
    pub fn leave_out(&mut self, contest: usize) {
        self.contests.retain(|other| *other != contest);
        self.left.retain(|other| *other != contest);
    }

    /// Whether every contest has had its turn in the pass that has begun.
    #[must_use]
    pub fn pass_is_complete(&self) -> bool {
        self.left.is_empty()
    }

    /// Passes begun so far.
    #[must_use]
    pub fn begun(&self) -> usize {
        self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// The turns of a run in which every visit takes so much longer than it was given.
    fn turns(mut schedule: Schedule, late: Duration) -> (Vec<Turn>, Duration) {
        let (mut turns, mut spent) = (Vec::new(), Duration::ZERO);
        while let Some(turn) = schedule.next(spent) {
            turns.push(turn);
            spent += turn.time + late;
        }
        (turns, spent)
    }

    #[test]
    fn every_pass_visits_every_contest_once_in_another_order() {
        let (turns, spent) = turns(Schedule::new(26, 10, 60_000 * MS, 1), Duration::ZERO);
        assert_eq!(turns.len(), 260);
        let passes: Vec<Vec<usize>> = turns
            .chunks(26)
            .map(|pass| pass.iter().map(|turn| turn.contest).collect())
            .collect();
        for pass in &passes {
            let mut sorted = pass.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..26).collect::<Vec<_>>());
        }
        assert_ne!(passes[0], passes[1]);
        assert_eq!(turns.iter().filter(|turn| turn.first_of_pass).count(), 10);
        assert!(spent <= 60_000 * MS && spent > 59_000 * MS, "{spent:?}");
    }

    #[test]
    fn visits_that_take_longer_are_made_up_for() {
        let (turns, spent) = turns(Schedule::new(26, 10, 60_000 * MS, 1), 40 * MS);
        assert_eq!(turns.len(), 260);
        assert!(spent <= 60_100 * MS, "{spent:?}");
    }

    #[test]
    fn a_budget_that_is_too_short_gives_fewer_whole_passes() {
        let (turns, _) = turns(Schedule::new(26, 10, 100 * MS, 1), 60 * MS);
        assert_eq!(turns.len(), 26);
    }

    #[test]
    fn a_pass_that_is_too_slow_is_cut_off() {
        let slow = |late| turns(Schedule::new(26, 10, 3_000 * MS, 1), late);
        let (most, spent) = slow(1_000 * MS);
        assert_eq!(most.len(), 8);
        assert!(spent >= 8_000 * MS && spent < 9_200 * MS, "{spent:?}");
        assert_eq!(slow(60_000 * MS).0.len(), 1);
        // Later passes as well.
        let (most, spent) = turns(Schedule::new(26, 10, 30_000 * MS, 1), 1_000 * MS);
        assert!(most.len() > 26 && spent < 36_200 * MS, "{spent:?}");
    }

    #[test]
    fn a_contest_left_out_gives_its_time_to_the_others() {
        let mut schedule = Schedule::new(2, 2, 1_000 * MS, 1);
        let first = schedule.next(Duration::ZERO).unwrap();
        assert_eq!(first.time, 250 * MS);
        schedule.leave_out(1 - first.contest);
        let next = schedule.next(500 * MS).unwrap();
        assert_eq!((next.contest, next.replicate), (first.contest, 1));
        assert_eq!(next.time, 500 * MS);
        assert_eq!(schedule.next(1_000 * MS), None);
    }

    #[test]
    fn smaller_quotas_are_spread_over_the_run() {
        let mut schedule = Schedule::new(3, 10, 9_000 * MS, 1);
        schedule.redistribute(&[20, 5, 5]);
        let (turns, spent) = turns(schedule, Duration::ZERO);
        let passes_of = |contest| -> Vec<usize> {
            let own = turns.iter().filter(|turn| turn.contest == contest);
            own.map(|turn| turn.replicate).collect()
        };
        assert_eq!(passes_of(0), (0..20).collect::<Vec<_>>());
        assert_eq!(passes_of(1), [1, 5, 9, 13, 17]);
        assert_eq!(passes_of(1), passes_of(2));
        assert!(
            turns
                .iter()
                .all(|turn| turn.time >= 299 * MS && turn.time <= 301 * MS)
        );
        assert!(spent <= 9_000 * MS, "{spent:?}");
    }

    #[test]
    fn quotas_may_change_between_passes() {
        let mut schedule = Schedule::new(4, 10, 4_000 * MS, 1);
        let (mut spent, mut turns) = (Duration::ZERO, 0);
        while let Some(turn) = schedule.next(spent) {
            spent += turn.time;
            turns += 1;
            if turns == 12 {
                assert_eq!(schedule.done(), [3; 4]);
                schedule.redistribute(&[5, 15, 15, 5]);
            }
        }
        assert_eq!(schedule.done(), [5, 15, 15, 5]);
        assert_eq!((turns, schedule.fewest(), schedule.begun()), (40, 5, 15));
        assert!(spent <= 4_000 * MS, "{spent:?}");
    }

    #[test]
    fn a_visit_that_was_lost_is_made_up_for_as_long_as_there_is_time() {
        let mut schedule = Schedule::new(3, 5, 3_000 * MS, 4);
        let (mut turns, mut spent) = (0, Duration::ZERO);
        while let Some(turn) = schedule.next(spent) {
            (turns, spent) = (turns + 1, spent + turn.time / 2);
            if turn.contest == 1 && turn.replicate < 2 {
                schedule.lost(1);
            }
        }
        assert_eq!((turns, schedule.done()), (17, vec![5; 3]));
        // One of which nothing ever comes ends with the budget.
        let mut schedule = Schedule::new(1, 2, 100 * MS, 4);
        let mut spent = Duration::ZERO;
        while let Some(turn) = schedule.next(spent) {
            spent += turn.time;
            schedule.lost(turn.contest);
        }
        assert_eq!(schedule.fewest(), 0);
        assert!(spent <= 120 * MS, "{spent:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_order() {
        let order = |seed| turns(Schedule::new(9, 3, 900 * MS, seed), Duration::ZERO).0;
        assert_eq!(order(5), order(5));
        assert_ne!(order(5), order(6));
    }
}
