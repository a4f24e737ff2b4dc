//! The ways to measure a claim in Python, what was measured each way, and which of them is next.

use std::time::Duration;

use super::data::Claim;
use super::rounds::Rounds;

/// A way to measure a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A new process, each side once, regular first.
    Published,
    /// The same, mmap first.
    Swapped,
    /// As published, on a file that is not in memory.
    Cold,
    /// A new process for each side, each on a file that is not in memory.
    ColdEach,
    /// Rounds in random order, in a process as it is and in one whose allocator keeps its memory.
    Repeated,
}

impl Way {
    pub(super) const ALL: [Self; 5] = [
        Self::Published,
        Self::Repeated,
        Self::Swapped,
        Self::Cold,
        Self::ColdEach,
    ];

    /// Whether the file is to be out of memory before.
    pub(super) fn is_cold(self) -> bool {
        matches!(self, Self::Cold | Self::ColdEach)
    }

    /// How many processes, or pairs of them, there should be. A first look leaves out what no verdict
    /// rests on.
    fn wanted(self, quick: bool, claim: &Claim) -> usize {
        let slow = claim.weight >= SLOW_WEIGHT;
        match (self, quick) {
            (Self::Published, _) => 12,
            (Self::Repeated, true) => 6,
            (_, true) => 0,
            (_, false) if slow => 4,
            (Self::Repeated, false) => 12,
            (_, false) => 8,
        }
    }
}

/// From this weight on a claim is slow, and is measured in fewer processes some ways.
const SLOW_WEIGHT: u32 = 8;

/// What comes before anything else, the first first: three processes of each way that a verdict rests on make an
/// interval, and three more of the published one a narrower one.
const FIRST: [(Way, usize); 3] = [(Way::Published, 3), (Way::Repeated, 3), (Way::Published, 6)];

/// What was measured of a claim.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Each process that ran each side once.
    tries: [Vec<Rounds>; Way::ALL.len()],
    /// Each process that ran rounds, its stretches.
    pub(super) plain: Vec<Vec<Rounds>>,
    /// As many whose allocator kept its memory.
    pub(super) kept: Vec<Rounds>,
    troubles: [Option<(&'static str, String)>; Way::ALL.len()],
    spent: [Duration; Way::ALL.len()],
}

impl Taken {
    /// The processes that ran each side once, this way.
    pub(super) fn tries(&self, way: Way) -> &[Rounds] {
        &self.tries[place(way)]
    }

    /// Why a way was not measured, or not further: an outcome and its reason.
    pub(super) fn trouble(&self, way: Way) -> Option<(&'static str, String)> {
        self.troubles[place(way)].clone()
    }

    /// Whether a way was tried and went wrong.
    pub(super) fn went_wrong(&self, way: Way) -> bool {
        let trouble = &self.troubles[place(way)];
        trouble
            .as_ref()
            .is_some_and(|(outcome, _)| *outcome != "skipped")
    }

    /// Takes a process that ran each side once, this way.
    pub(super) fn add(&mut self, way: Way, rounds: Rounds) {
        self.tries[place(way)].push(rounds);
    }

    /// Counts the time that a process took, or several that belong together.
    pub(super) fn spend(&mut self, way: Way, time: Duration) {
        self.spent[place(way)] += time;
    }

    /// Ends a way, with an outcome and its reason.
    pub(super) fn fail(&mut self, way: Way, reason: (&'static str, String)) {
        self.troubles[place(way)] = Some(reason);
    }

    fn done(&self, way: Way) -> usize {
        match way {
            Way::Repeated => self.plain.len(),
            _ => self.tries(way).len(),
        }
    }

    /// What to do next, of what still fits into the time: what the verdict needs, else the way that
    /// lags behind most.
    pub(super) fn next(&self, claim: &Claim, quick: bool, budget: Duration) -> Option<Way> {
        let all = self.spent();
        let fits = |way: &Way| {
            let done = self.done(*way);
            let basic = matches!(way, Way::Published | Way::Repeated);
            match u32::try_from(done).unwrap_or(u32::MAX) {
                0 => basic || all < budget,
                done => all + self.spent[place(*way)] / done <= budget,
            }
        };
        let stage = |way: &Way| {
            let most = way.wanted(quick, claim);
            let open = |(first, count): &(Way, usize)| {
                first == way && self.done(*way) < (*count).min(most)
            };
            FIRST.iter().position(open).unwrap_or(FIRST.len())
        };
        let lag = |way: &Way| self.done(*way) as f64 / way.wanted(quick, claim) as f64;
        Way::ALL
            .into_iter()
            .filter(|way| self.troubles[place(*way)].is_none())
            .filter(|way| self.done(*way) < way.wanted(quick, claim))
            .filter(fits)
            .min_by(|one, other| {
                let order = stage(one).cmp(&stage(other));
                order.then(lag(one).total_cmp(&lag(other)))
            })
    }

    /// The time that all ways took together.
    pub(super) fn spent(&self) -> Duration {
        self.spent.iter().sum()
    }

    /// Whether a way that the verdict rests on has fewer processes than make an interval, and more may come.
    pub(super) fn lacks_processes(&self) -> bool {
        let ways = [Way::Published, Way::Repeated].into_iter();
        ways.filter(|way| self.troubles[place(*way)].is_none())
            .any(|way| self.done(way) < FIRST[0].1)
    }

    /// Nothing more comes; what was never measured has `trouble`.
    pub(super) fn give_up(&mut self, trouble: &(&'static str, String)) {
        for way in Way::ALL {
            if self.done(way) == 0 && self.trouble(way).is_none() {
                self.fail(way, trouble.clone());
            }
        }
    }
}

fn place(way: Way) -> usize {
    Way::ALL.iter().position(|one| *one == way).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::published::CLAIMS;
    use super::super::rounds::made_up;
    use super::*;

    fn claim(id: &str) -> &'static Claim {
        CLAIMS.iter().find(|claim| claim.id == id).unwrap()
    }

    #[test]
    fn the_way_that_lags_behind_is_next_as_long_as_there_is_time() {
        let read = claim("read");
        let budget = Duration::from_secs(1);
        let mut taken = Taken::default();
        assert_eq!(taken.next(read, false, budget), Some(Way::Published));
        for _ in 0..3 {
            let rounds = made_up(&["text_read", "map_read"], &[&[30, 10]]);
            taken.add(Way::Published, rounds);
        }
        assert_eq!(taken.next(read, false, budget), Some(Way::Repeated));
        taken.spend(Way::Published, 2 * budget);
        assert_eq!(
            taken.next(read, false, budget),
            Some(Way::Repeated),
            "once at least"
        );
        taken.fail(Way::Repeated, ("failed", String::new()));
        assert_eq!(taken.next(read, false, budget), None);
        taken.give_up(&("skipped", "no time".to_owned()));
        assert_eq!(taken.trouble(Way::Published), None);
        assert_eq!(taken.trouble(Way::Repeated).unwrap().0, "failed");
        assert_eq!(taken.trouble(Way::Cold).unwrap().1, "no time");
    }

    #[test]
    fn a_first_look_has_only_what_verdicts_rest_on_and_three_of_each_first() {
        for claim in CLAIMS {
            for way in [Way::Swapped, Way::Cold, Way::ColdEach] {
                assert_eq!(way.wanted(true, claim), 0);
                assert!(way.wanted(false, claim) >= 4);
            }
        }
        let find = claim("find");
        let mut taken = Taken::default();
        let mut order = Vec::new();
        while let Some(way) = taken.next(find, true, Duration::MAX) {
            order.push(way);
            assert_eq!(taken.lacks_processes(), order.len() <= 6);
            match way {
                Way::Repeated => taken.plain.push(Vec::new()),
                _ => taken.add(way, made_up(&["text_find", "map_find"], &[&[30, 10]])),
            }
        }
        let (published, repeated) = ([Way::Published; 3], [Way::Repeated; 3]);
        assert_eq!(order[..9], [published, repeated, published].concat());
        assert_eq!(order.len(), 12 + 6);
    }
}
