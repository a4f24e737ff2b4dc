//! The answer in words: what a verdict means for somebody who has to choose.

use crate::record::{Cell, Contests, Measured, Run};
use crate::stats::{Interval, Verdict};
use crate::units::significant;
use crate::workload::Role;

use super::grouped::grouped;
use super::remarks::why_inconclusive;
use super::view::floor_text;

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
        Some(Verdict::Faster) => format!("{engine} is {} {baseline}", faster(point)),
        Some(Verdict::Slower) => format!("{engine} takes {} {baseline}", longer(1.0 / point)),
        Some(Verdict::Same) => format!("{engine} and {baseline} take the same time, within 2 %"),
        Some(Verdict::Inconclusive { .. }) => format!("inconclusive: {}", doubt(measured)),
        None => match cell.idle() {
            Some(reason) => format!("{}: {reason}", cell.word()),
            None => cell.word().to_owned(),
        },
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

fn doubt(measured: &Measured) -> String {
    why_inconclusive(measured).unwrap_or_else(|| "the interval holds both answers".to_owned())
}

/// How the engines did over all contests that rank them, a sentence each; where none does, that. Empty where there
/// is no cell with figures and none that ranks.
pub(super) fn tallies(run: &Run) -> Vec<String> {
    let contests = Contests::new(&run.cells, |cell| cell.outcome.measured().is_some());
    let ranked = run.cells.iter().filter(|cell| cell.role == Role::Ranked);
    let ranked = ranked.filter(|cell| !cell.is_floor());
    let engines = grouped(ranked, |cell| (&cell.engine, &cell.baseline));
    if engines.is_empty() {
        let mut measured = run.cells.iter();
        return match measured.any(|cell| cell.outcome.measured().is_some()) {
            true => {
                vec!["no engine is ranked: there are controls, or the baseline alone".to_owned()]
            }
            false => Vec::new(),
        };
    }
    let sentence = |cells: &Vec<&Cell>| sentence(cells[0], &contests);
    engines.iter().map(sentence).collect()
}

/// What is compared over the same contests first, and what is not apart.
fn sentence(cell: &Cell, contests: &Contests<'_>) -> String {
    let Contests { whole, part } = contests;
    let tally = |contests: &[&[Cell]]| {
        let cells = contests.iter().flat_map(|cells| cells.iter());
        let own =
            |other: &&Cell| (&other.engine, &other.baseline) == (&cell.engine, &cell.baseline);
        Tally::new(cells.filter(own))
    };
    let shared = if whole.rest.is_empty() || whole.engines.len() < 2 {
        ""
    } else {
        " that all engines share"
    };
    let parts: Vec<String> = [
        (&whole.shared, shared),
        (&whole.rest, " that not all engines share"),
        (&part.shared, " in which a part of the file is enough"),
        (
            &part.rest,
            " in which a part of the file is enough and that not all engines share",
        ),
    ]
    .into_iter()
    .filter_map(|(contests, which)| tally(contests).text(which))
    .collect();
    let (engine, baseline) = (&cell.engine, &cell.baseline);
    match parts[..] {
        [] => format!("{engine} against {baseline}: no contest ranks them"),
        _ => format!("{engine} against {baseline}, {}", parts.join("; ")),
    }
}

#[derive(Default)]
struct Tally {
    all: usize,
    faster: usize,
    slower: usize,
    same: usize,
    inconclusive: usize,
}

impl Tally {
    fn new<'r>(cells: impl Iterator<Item = &'r Cell>) -> Self {
        let mut tally = Self::default();
        for cell in cells {
            tally.all += 1;
            match cell.verdict() {
                Some(Verdict::Faster) => tally.faster += 1,
                Some(Verdict::Slower) => tally.slower += 1,
                Some(Verdict::Same) => tally.same += 1,
                Some(Verdict::Inconclusive { .. }) => tally.inconclusive += 1,
                None => {}
            }
        }
        tally
    }

    /// `24 contests: faster in 16, slower in 8`, with what kind of contests they are; `None` where there are none.
    fn text(&self, which: &str) -> Option<String> {
        let mut parts = Vec::new();
        for (count, what) in [
            (self.faster, "faster"),
            (self.slower, "slower"),
            (self.same, "same"),
            (self.inconclusive, "inconclusive"),
        ] {
            if count > 0 {
                parts.push(format!("{what} in {count}"));
            }
        }
        let without = self.all - self.faster - self.slower - self.same - self.inconclusive;
        if without > 0 {
            parts.push(format!("without figures in {without}"));
        }
        let plural = if self.all == 1 { "" } else { "s" };
        (self.all > 0).then(|| format!("{} contest{plural}{which}: {}", self.all, parts.join(", ")))
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
            floor_text(*narrowest),
            floor_text(*middle),
            floor_text(*widest),
        ),
        (Some(only), ..) => format!("Differences inside {} are noise here.", floor_text(*only)),
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
    fn a_tally_tells_shared_contests_from_others() {
        let run = crate::record::samples::run(&[
            ("whole_file", 1000, [2.0, 2.0]),
            ("find_last", 1000, [2.0, 0.5]),
            ("rfind_absent", 1000, [0.0, 0.1]),
            ("find_first", 20, [50.0, 400.0]),
        ]);
        assert_eq!(
            tallies(&run),
            [
                "buf_reader against read, 2 contests that all engines share: faster in 2; 1 contest that \
                 not all engines share: without figures in 1; 1 contest in which a part of the file is \
                 enough: faster in 1",
                "mmap against read, 2 contests that all engines share: faster in 1, slower in 1; 1 contest \
                 that not all engines share: slower in 1; 1 contest in which a part of the file is enough: \
                 faster in 1",
            ]
        );
    }

    #[test]
    fn a_tally_names_only_what_there_is() {
        let tally = Tally {
            all: 4,
            faster: 2,
            inconclusive: 1,
            ..Tally::default()
        };
        assert_eq!(
            tally.text("").unwrap(),
            "4 contests: faster in 2, inconclusive in 1, without figures in 1"
        );
        assert_eq!(Tally::default().text(""), None);
    }
}
