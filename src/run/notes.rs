//! What a reader of the record should know of cells and workers that went wrong.

use super::course::CutShort;

/// So many cells are named, and the others counted.
const NAMED: usize = 3;

/// A note for each reason why cells were given up after some replicates, in the order of the cells.
pub(super) fn of_cut_short(cells: &[CutShort]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&CutShort>)> = Vec::new();
    for cell in cells {
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == cell.reason)
        {
            Some((_, same)) => same.push(cell),
            None => reasons.push((&cell.reason, vec![cell])),
        }
    }
    let note = |(reason, cells): (&str, Vec<&CutShort>)| {
        let ids: Vec<&str> = cells.iter().map(|cell| cell.id.as_str()).collect();
        let replicates = cells.iter().map(|cell| cell.replicates);
        let (fewest, most) = (replicates.clone().min(), replicates.max());
        let counted = match (fewest, most) {
            (Some(1), Some(1)) => "1 replicate, which stands".to_owned(),
            (Some(fewest), Some(most)) if fewest < most => {
                format!("{fewest} to {most} replicates, which stand")
            }
            (_, most) => format!("{} replicates, which stand", most.unwrap_or(0)),
        };
        format!("{} ended after {counted}: {reason}", listed(&ids))
    };
    reasons.into_iter().map(note).collect()
}

/// The note on workers that died and whose work another one did then, where there are any.
pub(super) fn of_replaced(deaths: &[String]) -> Option<String> {
    let last = deaths.last()?;
    Some(match deaths.len() {
        1 => format!("a worker died, and another one did its work: {last}"),
        count => format!("{count} workers died, and others did their work; the last: {last}"),
    })
}

fn listed(ids: &[&str]) -> String {
    match ids {
        [one] => (*one).to_owned(),
        [named @ .., last] if ids.len() <= NAMED => format!("{} and {last}", named.join(", ")),
        _ => {
            let others = ids.len().saturating_sub(NAMED);
            let plural = if others == 1 { "cell" } else { "cells" };
            let named: Vec<&str> = ids.iter().copied().take(NAMED).collect();
            format!("{} and {others} other {plural}", named.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(id: &str, replicates: usize, reason: &str) -> CutShort {
        CutShort {
            id: id.to_owned(),
            replicates,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn cells_that_ended_for_one_reason_share_a_note() {
        let many = (0..7).map(|number| cell(&format!("c{number}"), 8 + number % 2, "grown"));
        let mut cells: Vec<CutShort> = many.collect();
        cells.insert(1, cell("a", 1, "killed"));
        assert_eq!(
            of_cut_short(&cells),
            [
                "c0, c1, c2 and 4 other cells ended after 8 to 9 replicates, which stand: grown",
                "a ended after 1 replicate, which stands: killed",
            ]
        );
        let two = [cell("a", 2, "cut"), cell("b", 2, "cut")];
        let told = ["a and b ended after 2 replicates, which stand: cut"];
        assert_eq!(of_cut_short(&two), told);
        assert!(of_cut_short(&[]).is_empty());
    }

    #[test]
    fn deaths_that_cost_nothing_are_counted() {
        let deaths = ["killed", "lost"].map(str::to_owned);
        assert_eq!(of_replaced(&[]), None);
        let one = of_replaced(&deaths[..1]).unwrap();
        assert_eq!(one, "a worker died, and another one did its work: killed");
        let two = of_replaced(&deaths).unwrap();
        assert!(two.starts_with("2 workers died") && two.ends_with(": lost"));
    }
}
