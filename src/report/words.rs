//! The answer in words: what a verdict means for somebody who has to choose.

use crate::record::{Cell, Measured, Run};
use crate::stats::{Interval, Verdict};
use crate::units::significant;
use crate::workload::Role;

use super::remarks::undecided;
use super::view::interval_text;

/// From this ratio on people say "times as fast", below it "% faster".
const TIMES: f64 = 1.995;

/// What was found of a cell, in words; the reason where nothing was.
pub(super) fn answer(cell: &Cell) -> String {
    let (engine, baseline) = (&cell.engine, &cell.baseline);
    let Some(measured) = cell.outcome.measured() else {
        let reason = cell.outcome.reason().unwrap_or_default();
        return format!("{}: {reason}", cell.outcome.name());
    };
    let point = measured.estimate.point;
    match measured.verdict {
        Verdict::Faster => format!("{engine} is {} {baseline}", faster(point)),
        Verdict::Slower => format!("{engine} takes {} {baseline}", longer(1.0 / point)),
        Verdict::Same => format!("{engine} and {baseline} take the same time, within 2 %"),
        Verdict::Inconclusive { .. } => format!("not decided: {}", doubt(cell, measured)),
    }
}

fn faster(ratio: f64) -> String {
    if ratio >= TIMES {
        format!("{} times as fast as", significant(ratio))
    } else {
        format!("{} faster than", percent(ratio))
    }
}

fn longer(ratio: f64) -> String {
    if ratio >= TIMES {
        format!("{} times as long as", significant(ratio))
    } else {
        format!("{} longer than", percent(ratio))
    }
}

fn percent(ratio: f64) -> String {
    let percent = 100.0 * (ratio - 1.0);
    let decimals = usize::from(percent < 9.95);
    format!("{percent:.decimals$} %")
}

fn doubt(cell: &Cell, measured: &Measured) -> String {
    undecided(cell, measured).unwrap_or_else(|| "the interval holds both answers".to_owned())
}

/// How the engines did over all contests that rank them, a sentence each; where none does, that. Empty where there
/// is no cell with figures and none that ranks.
pub(super) fn tallies(run: &Run) -> Vec<String> {
    let mut engines: Vec<(&Cell, Tally)> = Vec::new();
    let ranked = run.cells.iter().filter(|cell| cell.role == Role::Ranked);
    for cell in ranked.filter(|cell| !cell.is_floor()) {
        let known = engines
            .iter_mut()
            .find(|(first, _)| (&first.engine, &first.baseline) == (&cell.engine, &cell.baseline));
        match known {
            Some((_, tally)) => tally.count(cell),
            None => {
                let mut tally = Tally::default();
                tally.count(cell);
                engines.push((cell, tally));
            }
        }
    }
    if engines.is_empty() {
        let mut measured = run.cells.iter();
        return match measured.any(|cell| cell.outcome.measured().is_some()) {
            true => {
                vec!["no engine is ranked: there are controls, or the baseline alone".to_owned()]
            }
            false => Vec::new(),
        };
    }
    let sentence = |(cell, tally): &(&Cell, Tally)| tally.sentence(&cell.engine, &cell.baseline);
    engines.iter().map(sentence).collect()
}

#[derive(Default)]
struct Tally {
    all: usize,
    faster: usize,
    slower: usize,
    same: usize,
    undecided: usize,
}

impl Tally {
    fn count(&mut self, cell: &Cell) {
        self.all += 1;
        match cell.outcome.measured().map(|measured| measured.verdict) {
            Some(Verdict::Faster) => self.faster += 1,
            Some(Verdict::Slower) => self.slower += 1,
            Some(Verdict::Same) => self.same += 1,
            Some(Verdict::Inconclusive { .. }) => self.undecided += 1,
            None => {}
        }
    }

    fn sentence(&self, engine: &str, baseline: &str) -> String {
        let mut parts = Vec::new();
        for (count, what) in [
            (self.faster, "faster"),
            (self.slower, "slower"),
            (self.same, "the same"),
            (self.undecided, "undecided"),
        ] {
            if count > 0 {
                parts.push(format!("{what} in {count}"));
            }
        }
        let without = self.all - self.faster - self.slower - self.same - self.undecided;
        if without > 0 {
            parts.push(format!("without figures in {without}"));
        }
        let plural = if self.all == 1 { "" } else { "s" };
        format!(
            "{engine} against {baseline}, {} contest{plural}: {}",
            self.all,
            parts.join(", ")
        )
    }
}

/// The narrowest and the widest noise floor of the contests.
pub(super) fn floors(run: &Run) -> String {
    let measured = run.cells.iter().filter_map(|cell| cell.outcome.measured());
    let mut floors: Vec<Interval> = measured.filter_map(|measured| measured.floor).collect();
    floors.sort_by(|one, other| one.high().total_cmp(&other.high()));
    match (floors.first(), floors.get(floors.len() / 2), floors.last()) {
        (Some(narrowest), Some(middle), Some(widest)) if narrowest != widest => format!(
            "Differences smaller than the noise floor are noise here: it is {} in the quietest \
             contest, {} in the middle one, {} in the noisiest.",
            interval_text(*narrowest),
            interval_text(*middle),
            interval_text(*widest),
        ),
        (Some(only), ..) => format!(
            "Differences inside {} are noise here.",
            interval_text(*only)
        ),
        _ => "The noise floor is not known.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_said_as_people_say_them() {
        assert_eq!(faster(3.774), "3.77 times as fast as");
        assert_eq!(faster(1.24), "24 % faster than");
        assert_eq!(faster(1.031), "3.1 % faster than");
        assert_eq!(longer(2.11), "2.11 times as long as");
        assert_eq!(longer(1.2), "20 % longer than");
    }

    #[test]
    fn a_run_that_ranks_nothing_says_so() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1/run.json");
        let mut run = crate::record::load(path.as_ref()).unwrap();
        run.cells.retain(Cell::is_floor);
        assert!(tallies(&run)[0].contains("no engine is ranked"));
        run.cells.clear();
        assert!(tallies(&run).is_empty());
    }

    #[test]
    fn a_tally_names_only_what_there_is() {
        let tally = Tally {
            all: 4,
            faster: 2,
            undecided: 1,
            ..Tally::default()
        };
        assert_eq!(
            tally.sentence("mmap", "read"),
            "mmap against read, 4 contests: faster in 2, undecided in 1, without figures in 1"
        );
    }
}
