//! Time against the size of the file, where a workload was measured on several sizes.

use std::collections::HashMap;

use plotters::prelude::*;

use super::super::grouped::grouped;
use super::super::sweep::{self, same_state, state_of};
use super::canvas::{self, Area, Drawn};
use super::crossover::bands;
use super::over_sizes::{SIZE, ends, frame, name, place};
use super::palette::colour;
use super::scale::{Axis, time_ticks};
use super::{Chart, file_name};
use crate::error::Result;
use crate::record::{Cell, Run};
use crate::units::{ByteCount, Nanos};

/// An engine's times: bytes and nanoseconds for an iteration.
type Line<'a> = (&'a str, Vec<(u64, f64)>);

/// A picture for each workload and state that two sizes or more were measured in.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let swept = sweep::ranked_lines(run);
    let mut own = HashMap::new();
    for lines in swept.chunk_by(|one, next| same_state(one.cells[0], next.cells[0])) {
        own.entry(state_of(lines[0].cells[0])).or_insert(lines);
    }
    let mut charts = Vec::new();
    for group in &grouped(&run.cells, |cell| state_of(cell)) {
        let lines = lines(group);
        if !lines.is_empty() {
            let own = own.get(&state_of(group[0])).copied().unwrap_or_default();
            charts.push(chart(group[0], &lines, own)?);
        }
    }
    Ok(charts)
}

/// The engines that were measured on two sizes or more.
fn lines<'a>(cells: &[&'a Cell]) -> Vec<Line<'a>> {
    let measured = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.outcome.measured()?.engine.time.0)));
    let engines = grouped(measured, |(cell, _)| &cell.engine);
    let line = |cells: Vec<(&'a Cell, f64)>| {
        let points = cells.iter().map(|(cell, ns)| (cell.fixture.bytes.0, *ns));
        (cells[0].0.engine.as_str(), points.collect::<Vec<_>>())
    };
    let mut lines: Vec<Line<'a>> = engines.into_iter().map(line).collect();
    for (_, points) in &mut lines {
        points.retain(|(bytes, ns)| *bytes > 0 && *ns > 0.0);
        points.sort_by_key(|(bytes, _)| *bytes);
        points.dedup_by_key(|(bytes, _)| *bytes);
    }
    lines.retain(|(_, points)| points.len() >= 2);
    lines
}

/// The picture of `lines`, with the changes of the faster engine where they were `swept` for them.
fn chart(cell: &Cell, lines: &[Line<'_>], swept: &[sweep::Line<'_>]) -> Result<Chart> {
    let state = format!("{}, {}, {}", cell.cache, cell.process, cell.scope);
    let title = format!("{} · {state}: time against size", cell.workload);
    let told = |(engine, points): &Line<'_>| {
        let points: Vec<String> = points
            .iter()
            .map(|(bytes, ns)| format!("{} at {}", Nanos(*ns), ByteCount(*bytes)))
            .collect();
        format!("{engine}: {}", points.join(", "))
    };
    Ok(Chart {
        name: file_name(&["sizes", &cell.workload, &state.replace(", ", "-")]),
        told: lines.iter().map(told).collect::<Vec<_>>().join("; "),
        svg: canvas::draw(SIZE, &title, |area| paint(area, &title, lines, swept))?,
        title,
    })
}

fn paint(area: &Area<'_>, title: &str, lines: &[Line<'_>], swept: &[sweep::Line<'_>]) -> Drawn {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let mut sizes: Vec<u64> = points().map(|(bytes, _)| *bytes).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let marks: Vec<f64> = sizes.iter().map(|bytes| place(*bytes as f64)).collect();
    let (low, high) = ends(points().map(|(_, ns)| ns.log10()));
    let (low, high) = (low - 0.1, high + 0.1);
    let across = ends(marks.iter().copied());
    let up = Axis::new(low..high, time_ticks(low, high));
    let text = |log: f64| Nanos(10f64.powf(log)).to_string();
    let mut chart = frame(area, title, across, marks, up, ("time (log scale)", text))?;
    bands(&mut chart, swept, (low, high))?;
    let mut named = Vec::new();
    for (engine, points) in lines {
        let places: Vec<(f64, f64)> = points
            .iter()
            .map(|(bytes, ns)| (place(*bytes as f64), ns.log10()))
            .collect();
        let colour = colour(engine);
        let dots = places.iter();
        chart.draw_series(dots.map(|place| Circle::new(*place, 3, colour.filled())))?;
        if let Some(last) = places.last() {
            named.push((chart.backend_coord(last).1, *engine));
        }
        chart.draw_series([PathElement::new(places, colour.stroke_width(2))])?;
    }
    name(area, &named)
}
