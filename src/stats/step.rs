//! Where a series of runs stepped, and whether it drifts.

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// How improbable by chance a step must be.
const LEVEL: f64 = 0.01;
/// How often the values are shuffled to find that out.
const SHUFFLES: usize = 1999;
/// The fewest values on either side of a step.
const FEWEST: usize = 3;
/// The most values that are searched: the search grows with their square.
pub const LONGEST: usize = 200;

/// How a series of values went on.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// Nothing is to be seen, or there are too few values to see it.
    Level,
    /// It stepped: the number of the first value behind each step, in order.
    Steps(Vec<usize>),
    /// It moves all the time: this much from one value to the next.
    Drift(f64),
}

/// How `values`, in order of time, went on. Steps smaller than `least` are none.
///
/// A step is sought where Pettitt's statistic is largest: "A Non-Parametric Approach to the Change-Point Problem"
/// (1979). It looks at ranks alone, so that one wild value moves it no more than any other. How improbable it is by
/// chance is asked of the values in random orders, seeded, instead of Pettitt's approximation, which finds nothing in
/// ten values. Where there is no such step, a stretch is sought that differs from what is before and behind it, as a
/// slow revision leaves it that was put right: Olshen, Venkatraman, Lucito & Wigler, "Circular Binary Segmentation for
/// the Analysis of Array-Based DNA Copy Number Data" (2004), on ranks. Then each part is searched in the same way, as
/// long as there is something to find. A straight line (Theil, 1950; Sen, 1968) that fits better than the steps is a
/// drift. Only the newest [`LONGEST`] values are looked at.
#[must_use]
pub fn course(values: &[f64], least: f64) -> Course {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return Course::Level;
    }
    let older = values.len().saturating_sub(LONGEST);
    let values = &values[older..];
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1979);
    let mut steps = Vec::new();
    search(values, 0, &mut steps, &mut random);
    steps.sort_unstable();
    let slope = slope(values);
    if !steps.is_empty() && misfit_of_line(values, slope) < misfit_of_steps(values, &steps) {
        let all = slope.abs() * (values.len() - 1) as f64;
        return if all >= least {
            Course::Drift(slope)
        } else {
            Course::Level
        };
    }
    let steps = large_steps(values, steps, least);
    if steps.is_empty() {
        Course::Level
    } else {
        Course::Steps(steps.iter().map(|step| older + step).collect())
    }
}

/// Adds the steps in `values`, which begin at `offset`.
fn search(values: &[f64], offset: usize, steps: &mut Vec<usize>, random: &mut impl Rng) {
    let ranks = ranks(values);
    let found = significant(&ranks, pettitt, random).map(|at| vec![at]);
    let found =
        found.or_else(|| significant(&ranks, stretch, random).map(|(from, to)| vec![from, to]));
    let Some(found) = found else { return };
    for (start, end) in around(&found, values.len()) {
        search(&values[start..end], offset + start, steps, random);
    }
    steps.extend(found.iter().map(|at| offset + at));
}

/// Where `find` finds something in `ranks`, if random orders seldom have it as large.
fn significant<T>(
    ranks: &[f64],
    find: impl Fn(&[f64]) -> Option<(T, f64)>,
    random: &mut impl Rng,
) -> Option<T> {
    let (found, statistic) = find(ranks)?;
    let mut shuffled = ranks.to_vec();
    let mut as_large = 1;
    for _ in 0..SHUFFLES {
        shuffled.shuffle(random);
        as_large += usize::from(find(&shuffled).is_some_and(|(_, other)| other >= statistic));
        // Those that are left can only add to it.
        if as_large as f64 > LEVEL * (SHUFFLES + 1) as f64 {
            return None;
        }
    }
    Some(found)
}

/// Where the largest step is, and Pettitt's statistic for it.
fn pettitt(ranks: &[f64]) -> Option<(usize, f64)> {
    let count = ranks.len();
    let (mut best, mut sum) = (None, 0.0);
    for (number, rank) in ranks.iter().enumerate() {
        sum += rank;
        let before = number + 1;
        if before < FEWEST || count - before < FEWEST {
            continue;
        }
        let statistic = (2.0 * sum - (before * (count + 1)) as f64).abs();
        if best.is_none_or(|(_, largest)| statistic > largest) {
            best = Some((before, statistic));
        }
    }
    best
}

/// The stretch that differs most from what is before and behind it, and how much.
fn stretch(ranks: &[f64]) -> Option<((usize, usize), f64)> {
    let count = ranks.len();
    let mut sums = vec![0.0];
    for rank in ranks {
        sums.push(sums[sums.len() - 1] + rank);
    }
    let expected = (count + 1) as f64 / 2.0;
    let mut best = None;
    for start in FEWEST..count.saturating_sub(FEWEST) {
        for end in start + FEWEST..=count - FEWEST {
            let length = (end - start) as f64;
            let excess = sums[end] - sums[start] - length * expected;
            let statistic = excess * excess / (length * (count as f64 - length));
            if best.is_none_or(|(_, largest)| statistic > largest) {
                best = Some(((start, end), statistic));
            }
        }
    }
    best
}

/// The rank of each value, counted from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for group in order.chunk_by(|&one, &other| values[one] == values[other]) {
        let mean = start as f64 + (group.len() + 1) as f64 / 2.0;
        for &value in group {
            ranks[value] = mean;
        }
        start += group.len();
    }
    ranks
}

/// Without the steps over which the middle moves by less than `least`, the smallest first.
fn large_steps(values: &[f64], mut steps: Vec<usize>, least: f64) -> Vec<usize> {
    loop {
        let levels: Vec<f64> = segments(values, &steps).map(middle).collect();
        let heights = levels.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let smallest = heights.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        match smallest {
            Some((number, height)) if height < least => steps.remove(number),
            _ => return steps,
        };
    }
}

fn segments<'a>(values: &'a [f64], steps: &'a [usize]) -> impl Iterator<Item = &'a [f64]> {
    around(steps, values.len()).map(|(start, end)| &values[start..end])
}

/// Where the segments between steps begin and end.
fn around(steps: &[usize], count: usize) -> impl Iterator<Item = (usize, usize)> {
    let starts = std::iter::once(0).chain(steps.iter().copied());
    starts.zip(steps.iter().copied().chain([count]))
}

/// The sum of the distances from the middles between the steps.
fn misfit_of_steps(values: &[f64], steps: &[usize]) -> f64 {
    let misfit = |segment: &[f64]| {
        let middle = middle(segment);
        segment
            .iter()
            .map(|value| (value - middle).abs())
            .sum::<f64>()
    };
    segments(values, steps).map(misfit).sum()
}

/// The sum of the distances from the line with this slope that goes through the middle.
fn misfit_of_line(values: &[f64], slope: f64) -> f64 {
    let levelled: Vec<f64> = values
        .iter()
        .enumerate()
        .map(|(number, value)| value - slope * number as f64)
        .collect();
    misfit_of_steps(&levelled, &[])
}

/// The middle of the slopes between all pairs: Theil (1950), Sen (1968).
fn slope(values: &[f64]) -> f64 {
    let mut slopes = Vec::new();
    for (early, first) in values.iter().enumerate() {
        for (late, second) in values.iter().enumerate().skip(early + 1) {
            slopes.push((second - first) / (late - early) as f64);
        }
    }
    if slopes.is_empty() {
        0.0
    } else {
        middle(&slopes)
    }
}

fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

#[cfg(test)]
mod tests {
    use super::super::noise::{Source, heavy_tails, independent};
    use super::*;

    /// Noise of 2 %, and what `shift` adds to each value.
    fn series(seed: u64, count: usize, shift: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
        let noise = independent(&mut source, count);
        let shifted = noise.iter().enumerate();
        shifted
            .map(|(number, noise)| noise + shift(number))
            .collect()
    }

    /// In how many of 200 series something was seen.
    fn seen(make: impl Fn(u64) -> Vec<f64>, what: impl Fn(Course) -> bool) -> usize {
        (0..200)
            .filter(|&seed| what(course(&make(seed), 0.01)))
            .count()
    }

    #[test]
    fn where_nothing_happens_nothing_is_seen() {
        let quiet = seen(
            |seed| series(seed, 30, |_| 0.0),
            |found| found != Course::Level,
        );
        // At most 1 % for each of two searches, and three standard errors of that in 200.
        assert!(quiet <= 10, "{quiet}");
        let wild = |seed| heavy_tails(&mut Source(Xoshiro256PlusPlus::seed_from_u64(seed)), 30);
        let wild = seen(wild, |found| found != Course::Level);
        assert!(wild <= 10, "{wild}");
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let found = seen(
            |seed| series(seed, 20, |number| if number < 12 { 0.0 } else { 0.06 }),
            |found| matches!(found, Course::Steps(at) if at.len() == 1 && at[0].abs_diff(12) <= 1),
        );
        assert!(found >= 160, "{found}");
    }

    #[test]
    fn ten_values_suffice_for_a_clear_step() {
        let values = series(1, 10, |number| if number < 5 { 0.0 } else { 0.3 });
        assert_eq!(course(&values, 0.01), Course::Steps(vec![5]));
    }

    #[test]
    fn there_and_back_are_two_steps() {
        let values = series(
            2,
            40,
            |number| if (15..28).contains(&number) { 0.1 } else { 0.0 },
        );
        let Course::Steps(at) = course(&values, 0.01) else {
            panic!("no steps");
        };
        assert!(
            at.len() == 2 && at[0].abs_diff(15) <= 1 && at[1].abs_diff(28) <= 1,
            "{at:?}"
        );
    }

    #[test]
    fn a_drift_is_no_step() {
        let found = seen(
            |seed| series(seed, 30, |number| 0.01 * number as f64),
            |found| matches!(found, Course::Drift(slope) if (slope - 0.01).abs() < 0.003),
        );
        assert!(found >= 170, "{found}");
    }

    #[test]
    fn outliers_are_no_step() {
        let wild = |number: usize| if number % 9 == 4 { 1.0 } else { 0.0 };
        let found = seen(
            |seed| series(seed, 30, wild),
            |found| found != Course::Level,
        );
        assert!(found <= 10, "{found}");
    }

    #[test]
    fn small_steps_and_short_series_are_let_be() {
        let values = series(3, 40, |number| if number < 20 { 0.0 } else { 0.1 });
        assert_eq!(course(&values, 0.2), Course::Level);
        for count in 0..6 {
            assert_eq!(course(&values[..count], 0.01), Course::Level);
        }
        assert_eq!(course(&[1.0; 30], 0.0), Course::Level);
        assert_eq!(course(&[f64::NAN; 30], 0.0), Course::Level);
    }
}
