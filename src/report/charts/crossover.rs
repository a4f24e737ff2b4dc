//! Speed-up against the size of the file, and the sizes between which the faster engine changes.

use std::collections::HashSet;

use plotters::prelude::*;

use super::super::sweep::{Line, ranked_lines, same_state};
use super::canvas::{self, Area, Drawn, INK, Undrawn};
use super::lanes::Plot;
use super::over_sizes::{SIZE, ends, frame, name, place};
use super::palette::colour;
use super::scale::{RatioAxis, ratio_text};
use super::speedups::{Row, axis};
use super::{Chart, file_name};
use crate::error::Result;
use crate::record::Run;

/// A picture for each workload and state of a sweep that ranks engines and has two sizes or more.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let lines = ranked_lines(run);
    let groups = lines.chunk_by(|one, next| same_state(one.cells[0], next.cells[0]));
    let drawn = groups.filter(|group| group.iter().any(|line| line.found.len() > 1));
    drawn.map(chart).collect()
}

fn chart(lines: &[Line<'_>]) -> Result<Chart> {
    let cell = lines[0].cells[0];
    let state = format!("{}, {}, {}", cell.cache, cell.process, cell.scope);
    let title = format!(
        "{} · {state}: speed-up over {} against size",
        cell.workload, cell.baseline
    );
    Ok(Chart {
        name: file_name(&["crossover", &cell.workload, &state.replace(", ", "-")]),
        told: lines.iter().map(told).collect::<Vec<_>>().join("; "),
        svg: canvas::draw(SIZE, &title, |area| paint(area, &title, lines))?,
        title,
    })
}

fn told(line: &Line<'_>) -> String {
    let points = rows(line).map(|(cell, measured)| {
        let size = cell.fixture.bytes;
        format!("{} {} at {size}", measured.speedup(), cell.word())
    });
    let changes = line.changes.iter().map(|change| {
        let (low, high) = line.interval(change);
        format!("; the faster one changes between {low} and {high}")
    });
    let engine = line.cells.first().map_or("", |cell| &cell.engine);
    let points: Vec<String> = points.collect();
    format!(
        "{engine}: {}{}",
        points.join(", "),
        changes.collect::<String>()
    )
}

fn rows<'a>(line: &Line<'a>) -> impl Iterator<Item = Row<'a>> {
    let cells = line.cells.clone().into_iter();
    cells.filter_map(|cell| Some((cell, cell.outcome.measured()?)))
}

fn paint(area: &Area<'_>, title: &str, lines: &[Line<'_>]) -> Drawn {
    let rows: Vec<Row<'_>> = lines.iter().flat_map(rows).collect();
    let mut marks: Vec<f64> = rows
        .iter()
        .map(|(cell, _)| place(cell.fixture.bytes.0 as f64))
        .collect();
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    let (left, right) = ends(marks.iter().copied());
    let up = axis(&rows);
    let across = (left - 0.3, right + 0.3);
    let words = ("speed-up (log scale)", ratio_text as fn(f64) -> String);
    let mut chart = frame(area, title, across, marks, up.axis(), words)?;
    bands(&mut chart, lines, (up.low, up.high))?;
    floors(&mut chart, &rows, &up)?;
    let one = vec![(across.0, 0.0), (across.1, 0.0)];
    chart.draw_series([PathElement::new(one, INK.mix(0.6))])?;
    let mut named = Vec::new();
    for line in lines {
        let end = curve(&mut chart, line, &up)?;
        named.extend(end.map(|y| (y, line.cells[0].engine.as_str())));
    }
    name(area, &named)
}

/// The sizes between which the faster engine changes, over the whole height, and where that is about to be.
pub(super) fn bands(plot: &mut Plot<'_, '_>, lines: &[Line<'_>], (low, high): (f64, f64)) -> Drawn {
    for line in lines {
        let colour = colour(&line.cells[0].engine);
        for change in &line.changes {
            let (from, to) = line.interval(change);
            let corners = [(place(from.0 as f64), low), (place(to.0 as f64), high)];
            plot.draw_series([Rectangle::new(corners, colour.mix(0.22).filled())])?;
            if let Some(bytes) = change.at_bytes {
                let upright = vec![(place(bytes), low), (place(bytes), high)];
                plot.draw_series([PathElement::new(upright, colour.stroke_width(1))])?;
            }
        }
    }
    Ok(())
}

/// What is noise at each size; engines of a contest share its floor.
fn floors(plot: &mut Plot<'_, '_>, rows: &[Row<'_>], up: &RatioAxis) -> Drawn {
    let mut drawn = HashSet::new();
    for (cell, measured) in rows {
        let Some(floor) = measured.floor else {
            continue;
        };
        if !drawn.insert(cell.fixture.bytes) {
            continue;
        }
        let at = place(cell.fixture.bytes.0 as f64);
        let end = |ratio: f64| up.held(ratio.log2());
        let corners = [(at - 0.2, end(floor.low())), (at + 0.2, end(floor.high()))];
        plot.draw_series([Rectangle::new(corners, INK.mix(0.14).filled())])?;
    }
    Ok(())
}

/// The speed-ups of an engine with their intervals; how far down, in pixels, the last one stands.
fn curve(
    plot: &mut Plot<'_, '_>,
    line: &Line<'_>,
    up: &RatioAxis,
) -> std::result::Result<Option<i32>, Undrawn> {
    let colour = colour(&line.cells[0].engine);
    let mut points = Vec::new();
    for (cell, measured) in rows(line) {
        let at = place(cell.fixture.bytes.0 as f64);
        if let Some(interval) = measured.estimate.interval {
            let ends = [interval.low(), interval.high()];
            let ends = ends.map(|end| (at, up.held(end.log2()))).to_vec();
            plot.draw_series([PathElement::new(ends, colour.stroke_width(3))])?;
        }
        points.push((at, up.held(measured.estimate.point.log2())));
    }
    let dots = points.iter();
    plot.draw_series(dots.map(|at| Circle::new(*at, 3, colour.filled())))?;
    let end = points.last().map(|last| plot.backend_coord(last).1);
    plot.draw_series([PathElement::new(points, colour.stroke_width(1))])?;
    Ok(end)
}
