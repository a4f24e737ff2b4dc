//! Where the time of cold cells goes: processor time, and waiting for the device.

use plotters::prelude::*;

use super::canvas::INK;
use super::lanes::{Lanes, MOST_ROWS};
use super::scale::Axis;
use super::{Chart, file_name};
use crate::error::Result;
use crate::plan::Cache;
use crate::record::{Cell, Run, Shares};

/// A cold cell with the shares of processor time and waiting, in percent.
struct Row {
    name: String,
    shares: [f64; 2],
}

impl Row {
    fn of(cell: &Cell) -> Option<Self> {
        let measured = cell.outcome.measured()?;
        let waiting = 100.0 * Shares::of(cell, measured, &measured.engine)?.waiting()?;
        Some(Self {
            name: format!("{} {} · {}", cell.workload, cell.engine, cell.parameter()),
            shares: [100.0 - waiting, waiting],
        })
    }

    fn told(&self) -> String {
        let [worked, waiting] = self.shares;
        let name = &self.name;
        format!("{name}: processor {worked:.0} %, waiting {waiting:.0} %")
    }
}

/// Pictures of the cold cells of `run` that fetched from a device and whose shares are known.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let cold = run.cells.iter().filter(|cell| cell.cache == Cache::Cold);
    let rows: Vec<Row> = cold.filter_map(Row::of).collect();
    rows.chunks(MOST_ROWS).map(chart).collect()
}

fn chart(rows: &[Row]) -> Result<Chart> {
    let title = "Where the time of cold cells goes".to_owned();
    Ok(Chart {
        name: file_name(&["cold"]),
        told: rows.iter().map(Row::told).collect::<Vec<_>>().join("; "),
        svg: picture(&title, rows)?,
        title,
    })
}

fn picture(title: &str, rows: &[Row]) -> Result<String> {
    let lane = |row: &Row| (row.name.clone(), format!("waiting {:.0} %", row.shares[1]));
    let lanes = Lanes {
        rows: rows.iter().map(lane).collect(),
        axis: Axis::new(0.0..100.0, vec![0.0, 25.0, 50.0, 75.0, 100.0]),
        tick: |percent| format!("{percent:.0} %"),
        under: "share of the time: grey processor, pale waiting for the device".to_owned(),
    };
    lanes.draw(title, |_, plot| {
        for (number, row) in rows.iter().enumerate() {
            let at = lanes.place(number);
            let mut left = 0.0;
            for (share, shade) in row.shares.into_iter().zip([0.45, 0.15]) {
                let corners = [(left, at - 0.34), (left + share, at + 0.34)];
                plot.draw_series([Rectangle::new(corners, INK.mix(shade).filled())])?;
                left += share;
            }
        }
        Ok(())
    })
}
