//! From the regular side to the mmap side one change at a time: where the factor comes from.

use super::data::Claim;
use super::rounds::{Rounds, arm, estimate, factor, figures};
use super::taken::{Taken, Way};
use crate::record::{Factor, Ladder, Side, Step};

/// The change from an allocator as it is to one that keeps its memory, and back.
const KEEPING: &str = "memory kept, not zeroed anew";
const AS_IT_WAS: &str = "the allocator as it was";

/// Steps that multiply to a whole, beside the whole measured directly.
pub(super) fn ladder(side: Side, label: &str, steps: Vec<Step>, direct: Factor) -> Ladder {
    let product: f64 = steps.iter().map(|step| step.factor.point).product();
    Ladder {
        side,
        label: label.to_owned(),
        steps,
        product,
        direct,
        remainder: direct.point / product,
    }
}

/// The ladder of a claim in Python; `None` where a part of it was not measured.
pub(super) fn of_python(claim: &Claim, taken: &Taken, seed: u64) -> Option<Ladder> {
    if taken.went_wrong(Way::Repeated) {
        return None;
    }
    let side = &claim.python;
    let rungs: Vec<&str> = side.ladder.iter().map(|rung| rung.name).collect();
    let pair = with(taken, &[side.regular, side.mmap]);
    let direct = figures(&pair, side.regular, side.mmap, seed)?.factor;
    let kept: Vec<&Rounds> = taken.kept.iter().collect();
    let by_advice = !kept.is_empty();
    let processes = if by_advice {
        kept.clone()
    } else {
        with(taken, &rungs)
    };
    let mut steps = Vec::with_capacity(rungs.len() + 1);
    if by_advice {
        steps.push(across(side.regular, [&pair, &kept], KEEPING, seed)?);
    }
    for (from, to) in side.ladder.iter().zip(side.ladder.iter().skip(1)) {
        let between = figures(&processes, from.name, to.name, seed)?;
        steps.push(Step {
            change: to.change.to_owned(),
            factor: between.factor,
            from: between.regular,
            to: between.mmap,
        });
    }
    if by_advice {
        steps.push(across(side.mmap, [&kept, &pair], AS_IT_WAS, seed)?);
    }
    Some(ladder(Side::Python, "repeated", steps, direct))
}

/// Of each process as it is, the first stretch that has these operations, not alternating.
pub(super) fn with<'t>(taken: &'t Taken, operations: &[&str]) -> Vec<&'t Rounds> {
    let stretch = |process: &'t Vec<Rounds>| process.iter().find(|one| one.has(operations, false));
    taken.plain.iter().filter_map(stretch).collect()
}

/// The same operation in two kinds of processes: one factor for each pair of them, since two
/// processes share no rounds.
fn across(operation: &str, [from, to]: [&[&Rounds]; 2], change: &str, seed: u64) -> Option<Step> {
    let pairs = from.iter().zip(to);
    let factors: Vec<Vec<f64>> = pairs
        .map(|(from, to)| Some(vec![from.time_ns(operation)? / to.time_ns(operation)?]))
        .collect::<Option<_>>()?;
    Some(Step {
        change: change.to_owned(),
        factor: factor(&estimate(&factors, seed)?),
        from: arm(from, operation)?,
        to: arm(to, operation)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::data::named;
    use super::super::rounds::made_up;
    use super::*;

    const PAIR: [&str; 2] = ["text_read", "map_read"];
    const RUNGS: [&str; 4] = ["text_read", "text_read_plain", "binary_read", "map_read"];

    fn taken(keeps: bool) -> Taken {
        let mut taken = Taken::default();
        for replicate in 1..=8u64 {
            let slower = |ns: u64| ns * (100 + replicate);
            let plain = made_up(&PAIR, &[&[slower(900), slower(100)]]);
            let rungs = made_up(
                &RUNGS,
                &[&[slower(106), slower(103), slower(95), slower(98)]],
            );
            if keeps {
                taken.plain.push(vec![plain]);
                taken.kept.push(rungs);
            } else {
                taken.plain.push(vec![plain, rungs]);
            }
        }
        taken
    }

    #[test]
    fn the_steps_multiply_to_the_whole() {
        let read = named(&["read"]).unwrap()[0];
        let told = of_python(read, &taken(true), 1).unwrap();
        assert_eq!(told.steps.len(), 5);
        assert!((told.steps[0].factor.point - 900.0 / 106.0).abs() < 1e-9);
        assert!((told.product - 9.0).abs() < 1e-9, "{}", told.product);
        assert!((told.remainder - 1.0).abs() < 1e-9);
        assert!(told.steps.iter().all(|step| step.factor.interval.is_some()));
    }

    #[test]
    fn what_the_steps_miss_is_the_remainder() {
        let read = named(&["read"]).unwrap()[0];
        let told = of_python(read, &taken(false), 1).unwrap();
        assert_eq!(told.steps.len(), 3);
        assert!((told.product - 106.0 / 98.0).abs() < 1e-9);
        assert!((told.product * told.remainder - told.direct.point).abs() < 1e-9);
        assert!(of_python(read, &Taken::default(), 1).is_none());
    }
}
