//! Results of several machines in one table: what became of each claim, and of the main question.

use super::claims::both_words;
use crate::record::{ClaimRow, Claimed, Run, Side};
use crate::text::markdown_cell;
use crate::units::{self, Ratio, times};

/// What was published of one machine.
pub struct Published {
    /// Its name, which is that of its directory.
    pub name: String,
    /// What `mapmark claim` found.
    pub claim: Option<Run>,
    /// What `mapmark run` found.
    pub run: Option<Run>,
}

const HEAD: &str = "\
# Results by machine

Made by `mapmark report --machines` from the records in `machines/`; a test holds it against them. To add a
machine: `scripts/reproduce NAME`, and a pull request with what it leaves.

Factors say how many times faster mmap was; in brackets the 95 % interval for the next run on that machine.
";

/// The page of all machines, in the order of their names.
#[must_use]
pub fn machines_page(machines: &[Published]) -> String {
    let mut out = HEAD.to_owned();
    if machines.is_empty() {
        out.push_str("\nNo machine is published yet.\n");
        return out;
    }
    out.push_str("\n| machine | what it is | Python |\n| --- | --- | --- |\n");
    for machine in machines {
        row(&mut out, &about(machine));
    }
    out.push_str("\n## Claims\n\n| machine | claim | side | verdict | first of the rows | repeated, or in a loop |\n");
    out.push_str("| --- | --- | --- | --- | ---: | ---: |\n");
    for machine in machines {
        let claims = machine.claim.iter().flat_map(|run| &run.claims);
        for claim in claims.flat_map(|claims| &claims.claims) {
            for side in [Side::Python, Side::Rust] {
                row(&mut out, &of_claim(&machine.name, claim, side));
            }
        }
    }
    out.push_str("\n## mmap against read\n\n| machine | cell | speed-up | verdict |\n");
    out.push_str("| --- | --- | ---: | --- |\n");
    for machine in machines {
        let cells = machine.run.iter().flat_map(|run| &run.cells);
        for cell in cells.filter(|cell| cell.engine == "mmap") {
            let Some(measured) = cell.outcome.measured() else {
                continue;
            };
            let speedup = Ratio(measured.estimate.point).to_string();
            let interval = measured.estimate.interval;
            let reach = interval.map(|interval| [interval.low(), interval.high()]);
            row(
                &mut out,
                &[
                    machine.name.clone(),
                    cell.contest_title(),
                    with_interval(speedup, reach),
                    cell.word().to_owned(),
                ],
            );
        }
    }
    out
}

fn about(machine: &Published) -> [String; 3] {
    let any = machine.claim.as_ref().or(machine.run.as_ref());
    let python = machine.claim.as_ref().and_then(|run| run.claims.as_ref());
    let version = python.and_then(|claims| claims.python.version.clone());
    [
        machine.name.clone(),
        any.map_or_else(String::new, |run| run.machine.summary()),
        version.unwrap_or_else(|| "none".to_owned()),
    ]
}

fn of_claim(machine: &str, claim: &Claimed, side: Side) -> [String; 6] {
    let rows: Vec<&ClaimRow> = claim.rows.iter().filter(|row| row.side == side).collect();
    let again = rows.iter().find(|row| {
        let label = &row.label;
        label.starts_with("repeated") || label.ends_with(", loop")
    });
    let verdict = claim.verdicts.iter().find(|verdict| verdict.side == side);
    [
        machine.to_owned(),
        format!("{}, {}", claim.id, times(claim.factor)),
        side.name().to_owned(),
        verdict.map_or_else(String::new, both_words),
        rows.first().map_or_else(String::new, |row| factor(row)),
        again.map_or_else(String::new, |row| factor(row)),
    ]
}

fn factor(row: &ClaimRow) -> String {
    match &row.figures {
        Some(figures) => {
            let point = times(figures.factor.point);
            with_interval(point, figures.factor.interval)
        }
        None => row.outcome.clone(),
    }
}

fn with_interval(point: String, interval: Option<[f64; 2]>) -> String {
    match interval {
        Some([low, high]) => format!("{point} ({})", units::interval(low, high)),
        None => point,
    }
}

fn row(out: &mut String, cells: &[String]) {
    for cell in cells {
        out.push_str(&format!("| {} ", markdown_cell(cell)));
    }
    out.push_str("|\n");
}
