//! Pictures of a run, or of two, as SVG that needs nothing else: no script, no font, no network. They follow the
//! reader's light or dark page, because their ink is the page's (`currentColor`) and the colours of
//! engines are readable on both.

mod canvas;
mod changes;
mod crossover;
mod ladders;
mod lanes;
mod over_sizes;
mod palette;
mod rounds;
mod scale;
mod shares;
mod sizes;
mod speedups;
mod trend;

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::record::{Rounds, Run};

pub(super) use changes::changes;
pub(super) use palette::colour_text;
pub(super) use trend::trend;

/// At most so many cells get a picture of their rounds, or of their history; thousands would make a page that nobody
/// can open.
pub(super) const MOST_PICTURES: usize = 120;

/// A picture.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Chart {
    /// The name of its file, without `.svg`.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// The same in figures, for those who do not see it.
    pub told: String,
    /// The `<svg>` element.
    pub svg: String,
}

impl Chart {
    /// The chart as a file of its own, which brings its ink and its paper along.
    #[must_use]
    pub fn file(&self) -> String {
        canvas::on_its_own(&self.svg)
    }
}

/// All pictures of a run.
#[derive(Clone, Debug, Default)]
pub struct Charts {
    /// Where the factors of claims come from, in the order of the claims; `None` where there is nothing
    /// to draw.
    pub ladders: Vec<Option<Chart>>,
    /// Speed-up against the size of the file, and where the faster engine changes, of a sweep.
    pub crossovers: Vec<Chart>,
    /// Speed-ups with their intervals and the noise floor, one for each workload.
    pub speedups: Vec<Chart>,
    /// Time against the size of the file, where several sizes were measured.
    pub sizes: Vec<Chart>,
    /// Where the time of cold cells goes.
    pub shares: Vec<Chart>,
    /// The rounds over time and their distribution, one for each cell.
    pub rounds: Vec<Chart>,
    /// How many cells have rounds and no picture of them.
    pub left_out: usize,
}

impl Charts {
    /// Draws the pictures of `run`; those of rounds where there are `rounds`.
    ///
    /// # Errors
    /// Where drawing fails.
    pub fn of(run: &Run, rounds: Option<&Rounds>) -> Result<Self> {
        let mut charts = Self {
            ladders: ladders::charts(run)?,
            crossovers: crossover::charts(run)?,
            speedups: speedups::charts(run)?,
            sizes: sizes::charts(run)?,
            shares: shares::charts(run)?,
            ..Self::default()
        };
        if let Some(rounds) = rounds {
            for cell in run.cells.iter().filter(|cell| !cell.is_floor()) {
                let Some(own) = rounds.of(&cell.id()).filter(|own| !own.is_empty()) else {
                    continue;
                };
                if charts.rounds.len() < MOST_PICTURES {
                    charts.rounds.push(rounds::chart(cell, own)?);
                } else {
                    charts.left_out += 1;
                }
            }
        }
        charts.name_apart();
        Ok(charts)
    }

    /// All of them, in the order of the page.
    pub fn iter(&self) -> impl Iterator<Item = &Chart> {
        let of_cells = self.crossovers.iter().chain(&self.speedups);
        let of_cells = of_cells.chain(&self.sizes).chain(&self.shares);
        let of_cells = of_cells.chain(&self.rounds);
        self.ladders.iter().flatten().chain(of_cells)
    }

    /// Two charts whose names became one in a file name get numbers behind.
    fn name_apart(&mut self) {
        let mut used = HashSet::new();
        // From which number on a name may be free.
        let mut next: HashMap<String, usize> = HashMap::new();
        let ladders = self.ladders.iter_mut().flatten();
        let charts = ladders.chain(&mut self.crossovers);
        let charts = charts.chain(&mut self.speedups);
        let charts = charts.chain(&mut self.sizes).chain(&mut self.shares);
        for chart in charts.chain(&mut self.rounds) {
            let plain = chart.name.clone();
            while !used.insert(chart.name.clone()) {
                let number = next.entry(plain.clone()).or_insert(2);
                chart.name = format!("{plain}-{number}");
                *number += 1;
            }
        }
    }
}

/// A file name that every system takes.
fn file_name(parts: &[&str]) -> String {
    let name = parts.join("-");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    name.chars()
        .map(|c| if plain(c) { c } else { '-' })
        .take(100)
        .collect()
}
