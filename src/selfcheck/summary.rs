//! What the trials of each kind came to, and the conclusion for people.

use super::{PLANTED, Trial};
use crate::stats::Sample;

/// A plant counts as seen where at least this part of its trials saw it.
const POWER: f64 = 0.8;

/// More false alarms than this, as a part of the trials, and no verdict is worth anything.
const MOST_FALSE_ALARMS: f64 = 0.05;

/// What was found may miss what was planted by this part of it.
const MOST_BIAS: f64 = 0.5;

/// From this many trials of a plant on, the conclusion stands without a reservation.
const MANY_TRIALS: usize = 10;

/// Everything about trials with one plant.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// How much more work the candidates did, in percent.
    pub planted: u64,
    /// How many trials there were.
    pub trials: usize,
    /// In how many a slow-down was seen.
    pub seen: usize,
    /// How many said what cannot be.
    pub false_alarms: usize,
    /// The speed-up that such a plant has.
    pub expected: f64,
    /// The median of what was found.
    pub speedup: f64,
    /// In how many the interval holds the expected speed-up.
    pub held: usize,
    /// The median of how far the intervals reach to either side, in percent; `None` where no trial
    /// has an interval.
    pub half_width_percent: Option<f64>,
    /// The median of how long a trial took, in seconds.
    pub seconds: f64,
}

impl Summary {
    /// How far the median of what was found lies from what it should be, in percent of it.
    #[must_use]
    pub fn bias_percent(&self) -> f64 {
        100.0 * (self.speedup / self.expected - 1.0)
    }

    /// The part of the trials, from 0 to 1, that saw what was planted; `None` where nothing was.
    #[must_use]
    pub fn power(&self) -> Option<f64> {
        (self.planted > 0 && self.trials > 0).then(|| self.seen as f64 / self.trials as f64)
    }

    /// Whether such a difference is seen nearly always, and as large as it is.
    fn is_resolved(&self) -> bool {
        let is_right = self.bias_percent().abs() <= MOST_BIAS * self.planted as f64;
        is_right && self.power().is_some_and(|power| power >= POWER)
    }
}

/// The speed-up of a candidate that takes `planted` percent longer.
#[must_use]
pub fn expected_speedup(planted: u64) -> f64 {
    1.0 / (1.0 + planted as f64 / 100.0)
}

/// What the trials of each plant came to, the smallest first.
#[must_use]
pub fn summaries(trials: &[Trial]) -> Vec<Summary> {
    let kinds = std::iter::once(0).chain(PLANTED);
    kinds
        .filter_map(|planted| summary(planted, trials))
        .collect()
}

fn summary(planted: u64, trials: &[Trial]) -> Option<Summary> {
    let own: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.planted == planted)
        .collect();
    let median = |value: &dyn Fn(&Trial) -> Option<f64>| {
        let values = own.iter().filter_map(|trial| value(trial)).collect();
        Sample::new(values).ok().map(|sample| sample.median())
    };
    let expected = expected_speedup(planted);
    let holds = |trial: &&&Trial| {
        let interval = trial.estimate.interval;
        interval.is_some_and(|interval| interval.contains(expected))
    };
    Some(Summary {
        planted,
        trials: own.len(),
        seen: own.iter().filter(|trial| trial.sees_slowdown()).count(),
        false_alarms: own.iter().filter(|trial| trial.is_false_alarm()).count(),
        expected,
        speedup: median(&|trial| Some(trial.estimate.point))?,
        held: own.iter().filter(holds).count(),
        half_width_percent: median(&|trial| Some(trial.estimate.interval?.half_width_percent())),
        seconds: median(&|trial| Some(trial.time.as_secs_f64()))?,
    })
}

/// What a machine can resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The smallest planted difference that is seen, as are all larger ones; `None` where none is, or
    /// where false alarms are too many for any to count.
    pub resolves_percent: Option<u64>,
    /// The same as a sentence, with what it rests on.
    pub sentence: String,
}

/// What the trials say of this machine, in a sentence.
#[must_use]
pub fn conclusion(summaries: &[Summary]) -> Conclusion {
    let sum = |count: fn(&Summary) -> usize| summaries.iter().map(count).sum::<usize>();
    let (trials, alarms) = (sum(|kind| kind.trials), sum(|kind| kind.false_alarms));
    let planted = summaries.iter().filter(|kind| kind.planted > 0);
    let Some(largest) = planted.clone().next_back() else {
        return Conclusion {
            resolves_percent: None,
            sentence: "no planted slow-down was measured, so nothing can be said; name a longer \
                       --budget"
                .to_owned(),
        };
    };
    let among = format!("{} in {trials} trials", counted(alarms, "false alarm"));
    if alarms as f64 > MOST_FALSE_ALARMS * trials as f64 {
        return Conclusion {
            resolves_percent: None,
            sentence: format!(
                "verdicts cannot be trusted here today: {among}, and one in {:.0} is the most that \
                 may be",
                1.0 / MOST_FALSE_ALARMS
            ),
        };
    }
    let resolved = planted.rev().take_while(|kind| kind.is_resolved()).last();
    let kind = resolved.unwrap_or(largest);
    let of = format!(
        "{} of {} planted slow-downs of {} % were seen",
        kind.seen, kind.trials, kind.planted
    );
    let found = format!("found {:+.2} % off", kind.bias_percent());
    let begin = match resolved {
        Some(kind) => format!("differences of {} % can be seen here today", kind.planted),
        None => format!(
            "differences of {} % cannot be seen reliably here today",
            kind.planted
        ),
    };
    let few = match kind.trials < MANY_TRIALS {
        true => "; a longer --budget makes this surer",
        false => "",
    };
    Conclusion {
        resolves_percent: resolved.map(|kind| kind.planted),
        sentence: format!("{begin}: {of}, {found}, with {among}{few}"),
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::super::design::judged;
    use super::super::design::tests::replicates;
    use super::*;
    use std::time::Duration;

    fn trial(planted: u64, factor: f64) -> Trial {
        let judged = judged(&replicates(factor)).unwrap();
        Trial {
            planted,
            verdict: judged.verdict,
            estimate: judged.candidate,
            time: Duration::from_secs(1),
        }
    }

    #[test]
    fn plants_are_seen_and_nothing_where_there_is_none() {
        let trials = [trial(0, 1.0), trial(2, 1.02), trial(2, 1.0), trial(1, 0.9)];
        assert!(trials[1].sees_slowdown() && !trials[1].is_false_alarm());
        assert!(!trials[2].sees_slowdown() && !trials[2].is_false_alarm());
        assert!(trials[3].is_false_alarm());
        let told = summaries(&trials);
        let counts: Vec<_> = told
            .iter()
            .map(|kind| (kind.planted, kind.trials, kind.seen, kind.false_alarms))
            .collect();
        assert_eq!(counts, [(0, 1, 0, 0), (1, 1, 0, 1), (2, 2, 1, 0)]);
    }

    #[test]
    fn a_kind_without_intervals_keeps_its_row() {
        let mut one = trial(2, 1.02);
        one.estimate.interval = None;
        let told = summaries(&[one]);
        assert_eq!((told.len(), told[0].trials), (1, 1));
        assert_eq!((told[0].half_width_percent, told[0].held), (None, 0));
    }

    #[test]
    fn a_difference_without_a_plant_is_a_false_alarm() {
        assert!(trial(0, 1.02).is_false_alarm());
        assert!(trial(0, 0.98).is_false_alarm());
    }

    #[test]
    fn what_was_found_is_held_against_what_was_planted() {
        assert_eq!(expected_speedup(0), 1.0);
        assert_eq!(expected_speedup(10), 1.0 / 1.1);
        let told = summaries(&[trial(2, 1.02), trial(5, 1.03)]);
        assert!(told[0].bias_percent().abs() < 0.2);
        assert!((told[1].bias_percent() - 1.9).abs() < 0.2);
        assert_eq!([told[0].held, told[1].held], [1, 0]);
    }

    /// Trials of one plant: how many, how many saw it, and what they found.
    fn kind(planted: u64, trials: usize, seen: usize, speedup: f64) -> Summary {
        Summary {
            planted,
            trials,
            seen,
            false_alarms: 0,
            expected: expected_speedup(planted),
            speedup,
            held: trials,
            half_width_percent: Some(0.4),
            seconds: 1.0,
        }
    }

    #[test]
    fn the_conclusion_names_the_smallest_difference_that_is_seen() {
        let null = kind(0, 80, 0, 1.0);
        let seen = [
            null,
            kind(1, 20, 9, 0.99),
            kind(2, 20, 20, 0.9804),
            kind(5, 20, 19, 0.9524),
        ];
        let told = conclusion(&seen);
        assert_eq!(told.resolves_percent, Some(2));
        assert_eq!(
            told.sentence,
            "differences of 2 % can be seen here today: 20 of 20 planted slow-downs of 2 % were \
             seen, found +0.00 % off, with 0 false alarms in 140 trials"
        );
        let none = conclusion(&[
            kind(0, 4, 0, 1.0),
            kind(5, 1, 1, 0.9524),
            kind(10, 1, 0, 0.91),
        ]);
        assert_eq!(none.resolves_percent, None, "the larger one was missed");
        assert_eq!(
            none.sentence,
            "differences of 10 % cannot be seen reliably here today: 0 of 1 planted slow-downs of \
             10 % were seen, found +0.10 % off, with 0 false alarms in 6 trials; a longer --budget \
             makes this surer"
        );
        assert!(conclusion(&[null]).sentence.starts_with("no planted"));
    }

    #[test]
    fn what_is_seen_at_a_wrong_size_or_with_false_alarms_does_not_count() {
        // 1 % was "found" as 4.6 %.
        let credited = [kind(0, 80, 0, 1.0), kind(1, 20, 20, 1.0 / 1.046)];
        assert_eq!(conclusion(&credited).resolves_percent, None);
        let mut alarmed = [kind(0, 8, 0, 1.0), kind(1, 2, 2, 0.99)];
        alarmed[0].false_alarms = 1;
        let told = conclusion(&alarmed);
        assert_eq!(told.resolves_percent, None);
        assert!(
            told.sentence
                .starts_with("verdicts cannot be trusted here today: 1 false alarm in 10 trials"),
            "{}",
            told.sentence
        );
    }
}
