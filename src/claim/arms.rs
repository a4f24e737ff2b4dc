//! Python at work: its processes, so that every claim is measured every way, all of them spread over the time there
//! is.

use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::data::Claim;
use super::python::{Allocator, Fault, Interpreter};
use super::rounds::{Rounds, Stretch, Turns};
use super::subject::{Run, Subject};
use super::taken::{Taken, Way};
use crate::measure::Interrupt;
use crate::run::Progress;

/// Why a way was not measured that nothing is wrong with.
pub(super) const NO_TIME: &str = "there was no time for it";

/// How much Python is to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// The time for all claims.
    pub(super) budget: Duration,
    /// Whether it is a first look.
    pub(super) quick: bool,
    /// Draws the orders.
    pub(super) seed: u64,
}

/// Measures every claim every way, within the time. What goes wrong is in what is returned.
pub(super) fn measure(
    python: &Interpreter,
    subjects: &mut [Subject<'_>],
    effort: Effort,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Vec<Taken> {
    let start = Instant::now();
    let mut draw = Xoshiro256PlusPlus::seed_from_u64(effort.seed);
    let mut taken: Vec<Taken> = subjects.iter().map(|_| Taken::default()).collect();
    let mut shares = shares(subjects, effort.budget);
    let mut order: Vec<usize> = (0..subjects.len()).collect();
    let mut last = None;
    // Whether there was anything to do since time was given to others.
    let mut busy = true;
    while last.is_none() {
        let mut idle = true;
        order.shuffle(&mut draw);
        for number in order.iter().copied() {
            let (subject, taken) = (&mut subjects[number], &mut taken[number]);
            let next = taken.next(subject.claim, effort.quick, shares[number]);
            let Some(way) = next.filter(|_| last.is_none()) else {
                continue;
            };
            idle = false;
            let at = format!("{} in Python", subject.claim.id);
            progress.visit(&at, start.elapsed());
            let begin = Instant::now();
            let visited = visit(python, subject, way, effort, draw.next_u64(), taken);
            taken.spend(way, begin.elapsed());
            if let Err(trouble) = visited {
                if trouble.reason.0 == "failed" {
                    progress.note(&format!("{at}: {}", trouble.reason.1));
                }
                taken.fail(way, trouble.reason.clone());
                last = Some(trouble.reason).filter(|_| trouble.is_final || interrupt.asked());
            }
        }
        if idle && !busy {
            break;
        }
        busy = !idle;
        if idle {
            give_on(&taken, &mut shares, effort.budget);
        }
    }
    let missing = ("skipped", NO_TIME.to_owned());
    for taken in &mut taken {
        taken.give_up(last.as_ref().unwrap_or(&missing));
    }
    taken
}

/// Gives the time that is left to those who lack processes for an interval, or to all where nobody does.
fn give_on(taken: &[Taken], shares: &mut [Duration], budget: Duration) {
    let spent: Duration = taken.iter().map(Taken::spent).sum();
    let lacking: Vec<bool> = taken.iter().map(Taken::lacks_processes).collect();
    let nobody = !lacking.contains(&true);
    let given = lacking.iter().filter(|lacks| nobody || **lacks).count();
    let each = budget.saturating_sub(spent) / u32::try_from(given).unwrap_or(1).max(1);
    for ((share, taken), lacks) in shares.iter_mut().zip(taken).zip(lacking) {
        if nobody || lacks {
            *share = taken.spent() + each;
        }
    }
}

/// What went wrong: the outcome of a way and its reason, and whether Python is asked no more.
struct Trouble {
    reason: (&'static str, String),
    is_final: bool,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self {
            reason: fault.told(),
            is_final: matches!(fault, Fault::Hung(_) | Fault::Interrupted),
        }
    }
}

impl From<(&'static str, String)> for Trouble {
    fn from(reason: (&'static str, String)) -> Self {
        Self {
            reason,
            is_final: false,
        }
    }
}

/// One process, or those that belong together, of one way.
fn visit(
    python: &Interpreter,
    subject: &mut Subject<'_>,
    way: Way,
    effort: Effort,
    seed: u64,
    taken: &mut Taken,
) -> Result<(), Trouble> {
    subject.check()?;
    let side = &subject.claim.python;
    let (regular, mmap) = (side.regular, side.mmap);
    let mut once = |operations: &[&'static str]| -> Result<Rounds, Trouble> {
        subject.make_ready(way.is_cold())?;
        let stretches = [Stretch {
            operations: operations.to_vec(),
            turns: Turns::Alternating,
        }];
        let order = subject.order(&stretches, Run::Once, seed);
        let told = python.run(&order, Allocator::AsItIs, Duration::ZERO)?;
        let rounds = Rounds::read(&told, &stretches)?.into_iter().next();
        rounds.ok_or_else(|| Trouble::from(Fault::Failed("there was no round".to_owned())))
    };
    let rounds = match way {
        Way::Published | Way::Cold => once(&[regular, mmap])?,
        Way::Swapped => once(&[mmap, regular])?,
        Way::ColdEach => once(&[regular])?.joined(once(&[mmap])?),
        Way::Repeated => return repeat(python, subject, effort, seed, taken),
    };
    taken.add(way, rounds);
    Ok(())
}

/// Rounds in a process as it is and, where the allocator takes advice and matters, in one that was
/// told to keep its memory; which of them first is drawn.
fn repeat(
    python: &Interpreter,
    subject: &mut Subject<'_>,
    effort: Effort,
    seed: u64,
    taken: &mut Taken,
) -> Result<(), Trouble> {
    let claim = subject.claim;
    let advised = claim.python.allocator && python.takes_advice();
    let (time_ms, fewest) = if effort.quick { (15, 1) } else { (50, 2) };
    let run = Run::Rounds { time_ms, fewest };
    let mut process = |allocator, stretches: &[Stretch]| -> Result<_, Trouble> {
        subject.make_ready(false)?;
        let order = subject.order(stretches, run, seed);
        let time = Duration::from_millis(time_ms) * u32::try_from(stretches.len()).unwrap_or(1);
        let told = python.run(&order, allocator, time)?;
        Ok(Rounds::read(&told, stretches)?)
    };
    // No verdict rests on a ladder whose calls are slow.
    let without_ladder = effort.quick && claim.python.writes;
    let plain = plain_stretches(claim, advised || without_ladder, effort.quick);
    let advised = advised && !without_ladder;
    let ladder = [Stretch {
        operations: operations(claim.python.ladder.iter().map(|rung| rung.name)),
        turns: turns(claim),
    }];
    let keeping_first = advised && seed & 1 == 1;
    let before = match keeping_first {
        true => Some(process(Allocator::KeepsMemory, &ladder)?),
        false => None,
    };
    let as_it_is = process(Allocator::AsItIs, &plain)?;
    let kept = match before {
        None if advised => Some(process(Allocator::KeepsMemory, &ladder)?),
        other => other,
    };
    taken.plain.push(as_it_is);
    taken.kept.extend(kept.into_iter().flatten());
    Ok(())
}

/// How operations follow one another where they do not alternate: where the allocator matters, each
/// after itself. Those that write begin with a copy restored and are too slow for that.
fn turns(claim: &Claim) -> Turns {
    match claim.python.allocator && !claim.python.writes {
        true => Turns::Settled,
        false => Turns::Drawn,
    }
}

/// The stretches of a process as it is. Where the allocator matters, each pair has its own, so that
/// no pair meets the memory that another left, and the published pair has one more in which its
/// sides alternate; elsewhere one stretch has all operations. A first look has the published pair, and the one
/// in which both sides do the same work.
fn plain_stretches(claim: &Claim, advised: bool, quick: bool) -> Vec<Stretch> {
    let side = &claim.python;
    let turns = turns(claim);
    let stretch = |operations: Vec<&'static str>| Stretch { operations, turns };
    let wanted = side.singles.iter();
    let wanted = wanted.filter(|one| !quick || one.label == side.equal.0);
    let singles = wanted.map(|one| [one.regular, one.mmap]);
    let rungs = side.ladder.iter().map(|rung| rung.name);
    if !side.allocator {
        return vec![stretch(operations(rungs.chain(singles.flatten())))];
    }
    let published = [side.regular, side.mmap];
    let pairs = std::iter::once(published).chain(singles);
    let mut stretches: Vec<Stretch> = pairs.map(|pair| stretch(pair.to_vec())).collect();
    if turns == Turns::Settled && !quick {
        stretches.push(Stretch {
            operations: published.to_vec(),
            turns: Turns::Alternating,
        });
    }
    if !advised {
        stretches.push(stretch(operations(rungs)));
    }
    stretches
}

/// Each operation once.
fn operations(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut once: Vec<&'static str> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

/// The time of each claim: its weight's part of the budget.
fn shares(subjects: &[Subject<'_>], budget: Duration) -> Vec<Duration> {
    let asked: u32 = subjects.iter().map(|subject| subject.claim.weight).sum();
    let part = |subject: &Subject<'_>| {
        budget.mul_f64(f64::from(subject.claim.weight) / f64::from(asked.max(1)))
    };
    subjects.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::published::CLAIMS;
    use super::*;

    fn claim(id: &str) -> &'static Claim {
        CLAIMS.iter().find(|claim| claim.id == id).unwrap()
    }

    #[test]
    fn every_pair_has_its_own_stretch_where_the_allocator_matters() {
        let read = plain_stretches(claim("read"), true, false);
        assert_eq!(read[0].operations, ["text_read", "map_read"]);
        assert!(read.iter().all(|stretch| stretch.operations.len() == 2));
        assert_eq!(read.last().unwrap().turns, Turns::Alternating);
        let without_advice = plain_stretches(claim("read"), false, false);
        assert_eq!(without_advice.last().unwrap().operations.len(), 4);
        let regex = plain_stretches(claim("regex"), true, false);
        let names: Vec<_> = regex
            .iter()
            .map(|stretch| stretch.operations.clone())
            .collect();
        assert_eq!(names, [["text_regex", "binary_regex", "map_regex"]]);
    }

    #[test]
    fn a_first_look_has_the_published_pair_and_the_one_of_equal_work() {
        let pairs = |id: &str| -> Vec<Vec<&str>> {
            let stretches = plain_stretches(claim(id), true, true);
            let names = stretches.into_iter().map(|stretch| stretch.operations);
            names.collect()
        };
        let find = [["text_find", "map_find"], ["blocks_find", "map_find"]];
        assert_eq!(pairs("find"), find);
        assert_eq!(pairs("read"), [["text_read", "map_read"]]);
    }

    #[test]
    fn time_that_is_left_goes_to_those_who_lack_processes() {
        let second = Duration::from_secs(1);
        let mut taken = [Taken::default(), Taken::default(), Taken::default()];
        for enough in &mut taken[..2] {
            for _ in 0..3 {
                let rounds = super::super::rounds::made_up(&["one", "other"], &[&[3, 1]]);
                enough.add(Way::Published, rounds);
                enough.plain.push(Vec::new());
            }
            enough.spend(Way::Published, second);
        }
        let mut shares = [second; 3];
        give_on(&taken, &mut shares, 6 * second);
        assert_eq!(shares, [second, second, 4 * second]);
        taken[2].fail(Way::Published, ("failed", String::new()));
        taken[2].fail(Way::Repeated, ("failed", String::new()));
        give_on(&taken, &mut shares, 8 * second);
        assert_eq!(shares, [3 * second, 3 * second, 2 * second]);
    }
}
