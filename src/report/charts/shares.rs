//! Where the time of cold cells goes: processor time, and waiting for the device.

use plotters::prelude::*;

use super::canvas::{self, Area, CHARACTER, Drawn, INK, label};
use super::scale::Axis;
use super::{Chart, file_name};
use crate::error::Result;
use crate::plan::Cache;
use crate::record::{Cell, Run};
use crate::report::why::waiting_percent;

const WIDTH: u32 = 720;
const ROW: u32 = 20;

/// Where the device's share stands as text, to the right of everything drawn.
const WAITING: i32 = 598;

/// Rows in a picture; a run with more cold cells gets several.
const MOST_ROWS: usize = 48;

/// A cold cell with the shares of user time, system time and waiting, in percent.
struct Row {
    name: String,
    shares: [f64; 3],
}

impl Row {
    fn of(cell: &Cell) -> Option<Self> {
        let side = cell.outcome.measured()?.engine;
        let waiting = waiting_percent(&side)?;
        let user = (100.0 * side.counters?.user.0 / side.time.0).clamp(0.0, 100.0 - waiting);
        Some(Self {
            name: format!("{} {} · {}", cell.workload, cell.engine, cell.parameter()),
            shares: [user, 100.0 - waiting - user, waiting],
        })
    }

    fn told(&self) -> String {
        let [user, system, waiting] = self.shares;
        let name = &self.name;
        format!("{name}: user {user:.0} %, system {system:.0} %, waiting {waiting:.0} %")
    }
}

/// Pictures of all cold cells of `run`.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let cold = run.cells.iter().filter(|cell| cell.cache == Cache::Cold);
    let rows: Vec<Row> = cold.filter_map(Row::of).collect();
    rows.chunks(MOST_ROWS).map(chart).collect()
}

fn chart(rows: &[Row]) -> Result<Chart> {
    let title = "Where the time of cold cells goes".to_owned();
    let size = (WIDTH, 84 + ROW * rows.len() as u32);
    Ok(Chart {
        name: file_name(&["cold"]),
        told: rows.iter().map(Row::told).collect::<Vec<_>>().join("; "),
        svg: canvas::draw(size, &title, |area| paint(area, &title, rows))?,
        title,
    })
}

fn paint(area: &Area<'_>, title: &str, rows: &[Row]) -> Drawn {
    let widest = rows.iter().map(|row| row.name.chars().count()).max();
    // From top to bottom, so the first row has the highest number.
    let place = |row: usize| (rows.len() - 1 - row) as f64;
    area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(24)
        .margin_left(6)
        .margin_right(130)
        .x_label_area_size(44)
        .y_label_area_size(CHARACTER * (widest.unwrap_or(0) as u32).min(44) + 8)
        .build_cartesian_2d(
            Axis::new(0.0..100.0, vec![0.0, 25.0, 50.0, 75.0, 100.0]),
            Axis::new(
                -0.5..rows.len() as f64 - 0.5,
                (0..rows.len()).map(place).collect(),
            ),
        )?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .axis_desc_style(label())
        .x_label_formatter(&|percent| format!("{percent:.0} %"))
        .y_label_formatter(&|place| {
            let row = rows.len() - 1 - (place.round().max(0.0) as usize).min(rows.len() - 1);
            rows[row].name.clone()
        })
        .x_desc("share of the time: dark user, grey system, pale waiting for the device")
        .draw()?;
    for (number, row) in rows.iter().enumerate() {
        let at = place(number);
        let mut left = 0.0;
        for (share, shade) in row.shares.into_iter().zip([0.8, 0.45, 0.15]) {
            let corners = [(left, at - 0.34), (left + share, at + 0.34)];
            chart.draw_series([Rectangle::new(corners, INK.mix(shade).filled())])?;
            left += share;
        }
        let (_, y) = chart.backend_coord(&(0.0, at));
        let text = format!("waiting {:.0} %", row.shares[2]);
        area.draw(&Text::new(text, (WAITING, y - 6), label()))?;
    }
    Ok(())
}
