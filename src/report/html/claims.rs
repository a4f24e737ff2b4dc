//! Claims on the page of their run: the verdicts at a glance and in sentences, and behind them every row
//! and ladder.

use serde::Serialize;

use super::super::charts::Chart;
use super::super::claims::{
    GLANCE, HEADINGS, LEGEND, RUNGS, at_a_glance, both_words, cells, conditions, heading, printed,
    rungs, title,
};
use crate::record::{ClaimRow, Claimed, Claims, Ladder, Run, Side};

/// All claims of a run.
#[derive(Serialize)]
pub(super) struct Asked {
    pub(super) title: String,
    conditions: [String; 2],
    glance: [&'static str; 8],
    claims: Vec<Claim>,
    legend: [&'static str; 9],
    headings: &'static [&'static str],
    rung_headings: [&'static str; 3],
}

#[derive(Serialize)]
struct Claim {
    heading: String,
    printed: String,
    glance: [[String; 8]; 2],
    verdicts: Vec<Said>,
    tables: Vec<Table>,
    ladders: Vec<Steps>,
    picture: Option<Chart>,
}

#[derive(Serialize)]
struct Said {
    side: &'static str,
    words: String,
    sentence: String,
}

/// The rows of one side.
#[derive(Serialize)]
struct Table {
    side: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    label: String,
    /// What stands under the headings; nothing where it was not measured.
    texts: Vec<String>,
    /// What became of it instead, and why.
    told: Option<String>,
}

#[derive(Serialize)]
struct Steps {
    title: String,
    rows: Vec<[String; 4]>,
}

/// The claims of `run`, with a picture for each in the same order.
pub(super) fn asked(run: &Run, claims: &Claims, pictures: &[Option<Chart>]) -> Asked {
    Asked {
        title: title(claims),
        conditions: conditions(run, claims),
        glance: GLANCE,
        claims: claims
            .claims
            .iter()
            .zip(pictures)
            .map(|(claimed, picture)| claim(claimed, picture.as_ref()))
            .collect(),
        legend: LEGEND,
        headings: &HEADINGS[1..],
        rung_headings: RUNGS,
    }
}

fn claim(claim: &Claimed, picture: Option<&Chart>) -> Claim {
    let said = claim.verdicts.iter().map(|verdict| Said {
        side: verdict.side.name(),
        words: both_words(verdict),
        sentence: verdict.sentence.clone(),
    });
    let table = |side: Side| Table {
        side: side.name(),
        rows: claim
            .rows
            .iter()
            .filter(|row| row.side == side)
            .map(row)
            .collect(),
    };
    let tables = [Side::Python, Side::Rust].map(table);
    Claim {
        heading: heading(claim),
        printed: printed(claim),
        glance: at_a_glance(claim),
        verdicts: said.collect(),
        tables: tables
            .into_iter()
            .filter(|table| !table.rows.is_empty())
            .collect(),
        ladders: claim.ladders.iter().map(steps).collect(),
        picture: picture.cloned(),
    }
}

fn row(row: &ClaimRow) -> Row {
    let texts = row.figures.as_ref().map(|figures| {
        let [_, texts @ ..] = cells(row, figures);
        texts.to_vec()
    });
    let reason = row.reason.as_deref().unwrap_or_default();
    let told = texts
        .is_none()
        .then(|| format!("{}: {reason}", row.outcome));
    Row {
        label: row.label.clone(),
        texts: texts.unwrap_or_default(),
        told,
    }
}

fn steps(ladder: &Ladder) -> Steps {
    Steps {
        title: format!("ladder in {}, {}", ladder.side.name(), ladder.label),
        rows: rungs(ladder),
    }
}
