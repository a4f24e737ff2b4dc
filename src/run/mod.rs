//! `mapmark run`: contests measured by workers, spread over the whole run, into a record.
//!
//! ```text
//! plan -> courses (oracle asked) -> schedule -> visits by workers -> rounds.csv, run.json
//! ```

mod begin;
mod course;
mod driver;
mod notes;
mod prepare;
mod rival;
mod schedule;
mod share;
#[cfg(test)]
mod simulations;
mod sweep;

pub(crate) use driver::had_no_turn;
pub use driver::{Finished, Progress, drive};
pub use prepare::Loaded;
pub use rival::OtherBuild;
pub use schedule::{Schedule, Turn};

use std::time::Duration;

use crate::measure::Hands;
use crate::plan::Contest;
use crate::record::{Driver, Reservation, Settings};

/// Time for all of it, unless told otherwise.
pub const BUDGET: Duration = Duration::from_secs(60);
/// The same for a first look.
pub const QUICK_BUDGET: Duration = Duration::from_secs(10);

/// Replicates, unless told otherwise. What a process draws (the layout of memory) and what a machine does
/// for a second or two falls on all rounds of a visit, so more and shorter visits narrow an interval where
/// more rounds would not; and an interval from few replicates pays for not knowing their spread.
const MOST_REPLICATES: usize = 20;

/// The time that a visit needs at least to have some rounds: to begin a worker and warm it up, and for
/// each byte of the file that a few rounds of three arms read.
const SHORTEST_VISIT: Duration = Duration::from_millis(65);
const VISIT_NS_PER_BYTE: f64 = 6.0;

/// How many replicates a run of `contests` has in the time of `budget`, unless told otherwise: as many as
/// leave each visit time for some rounds.
#[must_use]
pub fn replicates(contests: &[Contest], budget: Duration) -> usize {
    let visit = |contest: &Contest| {
        let reading_s = contest.bytes.0 as f64 * VISIT_NS_PER_BYTE / 1e9;
        SHORTEST_VISIT.as_secs_f64() + reading_s
    };
    let pass_s: f64 = contests.iter().map(visit).sum();
    let passes = budget.as_secs_f64() / pass_s.max(f64::MIN_POSITIVE);
    (passes as usize).clamp(driver::FEWEST_REPLICATES, MOST_REPLICATES)
}

/// The time that the first visit needs for each byte of the file and each arm: an iteration in a process of its
/// own, those that find out how long a batch is and warm up, and two rounds. On the slow side of what machines were
/// seen to take.
const FIRST_NS_PER_BYTE: f64 = 5.0;

/// How long it takes, about, until each of `contests` has its first replicate, in seconds.
#[must_use]
pub fn first_replicates_s(contests: &[Contest]) -> f64 {
    let visit = |contest: &Contest| {
        let arms = contest.entries.len() + 1; // the baseline's twin
        let reading_s = contest.bytes.0 as f64 * arms as f64 * FIRST_NS_PER_BYTE / 1e9;
        SHORTEST_VISIT.as_secs_f64() + reading_s
    };
    contests.iter().map(visit).sum()
}

/// What a run needs to know besides the files.
pub struct Orders {
    /// What drives it: `run` or `claim`.
    pub driver: Driver,
    /// When it begins, as RFC 3339 writes it.
    pub created: String,
    /// The contests.
    pub contests: Vec<Contest>,
    /// How much, and under which conditions.
    pub settings: Settings,
    /// Draws the orders and the resamples.
    pub seed: u64,
    /// Those that have the work done.
    pub hands: Hands,
    /// Another build that takes turns with this one in every round.
    pub against: Option<OtherBuild>,
    /// The directory of the record.
    pub place: Reservation,
    /// The command line, as the record keeps it.
    pub command: Vec<String>,
    /// What will be asked of a file of somebody's own, in words.
    pub questions: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selection;

    fn usual(selection: &Selection, budget: Duration) -> usize {
        replicates(&selection.contests(), budget)
    }

    #[test]
    fn how_long_the_first_replicates_take_is_known_about() {
        let of = |size: &str, workloads: &[&str]| {
            let mut selection = Selection::small();
            selection.set_workloads(workloads).unwrap();
            selection.set_sizes(&[size]).unwrap();
            first_replicates_s(&selection.contests())
        };
        assert!(of("2MB", &["whole_file"]) < 1.0);
        let (one, all) = (of("400MB", &["whole_file"]), of("400MB", &["all"]));
        assert!(one > 3.0 && all > 60.0 && all < 600.0, "{one} {all}");
    }

    #[test]
    fn the_time_decides_how_many_replicates_there_are() {
        assert_eq!(usual(&Selection::small(), BUDGET), 20);
        let mut selection = Selection::first_look();
        assert_eq!(usual(&selection, QUICK_BUDGET), 14);
        selection.set_workloads(&["find_first"]).unwrap();
        assert_eq!(usual(&selection, QUICK_BUDGET), 20);
        // What would take longer than there is has as many as an interval needs.
        selection.set_workloads(&["all"]).unwrap();
        assert_eq!(usual(&selection, QUICK_BUDGET), 5);
        selection.set_sizes(&["1GiB"]).unwrap();
        assert_eq!(usual(&selection, BUDGET), 5);
        let swept = Selection::swept("4KiB..64MiB".parse().unwrap());
        assert_eq!(usual(&swept, QUICK_BUDGET), 5);
        assert_eq!(usual(&swept, BUDGET), 16);
        assert_eq!(replicates(&[], BUDGET), 20);
    }
}
