//! Time against the size of the file, where a workload was measured on several sizes.

use plotters::prelude::*;

use super::super::sweep::{self, same_state};
use super::canvas::{self, Area, Drawn, INK, label};
use super::crossover::bands;
use super::palette::colour;
use super::scale::{Axis, time_ticks};
use super::{Chart, file_name};
use crate::error::Result;
use crate::record::{Cell, Run};
use crate::units::{ByteCount, Nanos};

pub(super) const SIZE: (u32, u32) = (560, 260);

/// Where the names of the engines stand, to the right of everything drawn.
pub(super) const NAMES: i32 = 448;

/// How far apart names stand at the ends of their lines.
pub(super) const LINE: i32 = 14;

/// An engine's times: bytes and nanoseconds for an iteration.
type Line<'a> = (&'a str, Vec<(u64, f64)>);

/// A picture for each workload and state that two sizes or more were measured in.
pub(super) fn charts(run: &Run) -> Result<Vec<Chart>> {
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for cell in &run.cells {
        match groups.iter_mut().find(|group| same_state(group[0], cell)) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    let swept = sweep::ranked_lines(run);
    let mut charts = Vec::new();
    for group in &groups {
        let lines = lines(group);
        let own = swept.chunk_by(|one, next| same_state(one.cells[0], next.cells[0]));
        let mut own = own.filter(|own| same_state(own[0].cells[0], group[0]));
        if !lines.is_empty() {
            charts.push(chart(group[0], &lines, own.next().unwrap_or(&[]))?);
        }
    }
    Ok(charts)
}

/// The engines that were measured on two sizes or more.
fn lines<'a>(cells: &[&'a Cell]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for cell in cells {
        let Some(measured) = cell.outcome.measured() else {
            continue;
        };
        let point = (cell.fixture.bytes.0, measured.engine.time.0);
        match lines.iter_mut().find(|(engine, _)| *engine == cell.engine) {
            Some((_, points)) => points.push(point),
            None => lines.push((&cell.engine, vec![point])),
        }
    }
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
    let (left, right) = ends(sizes.iter().map(|bytes| (*bytes as f64).log2()));
    let (low, high) = ends(points().map(|(_, ns)| ns.log10()));
    let (low, high) = (low - 0.1, high + 0.1);
    let marks = sizes.iter().map(|bytes| (*bytes as f64).log2()).collect();
    area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(24)
        .margin_left(4)
        .margin_right(120)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(
            Axis::new(left..right, thinned(marks)),
            Axis::new(low..high, time_ticks(low, high)),
        )?;
    chart
        .configure_mesh()
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .axis_desc_style(label())
        .x_label_formatter(&|log| ByteCount(log.exp2().round() as u64).to_string())
        .y_label_formatter(&|log| Nanos(10f64.powf(*log)).to_string())
        .x_desc("size of the file (log scale)")
        .y_desc("time (log scale)")
        .draw()?;
    bands(&mut chart, swept, (low, high))?;
    let mut names = Vec::new();
    for (engine, points) in lines {
        let places: Vec<(f64, f64)> = points
            .iter()
            .map(|(bytes, ns)| ((*bytes as f64).log2(), ns.log10()))
            .collect();
        let colour = colour(engine);
        let dots = places.iter();
        chart.draw_series(dots.map(|place| Circle::new(*place, 3, colour.filled())))?;
        if let Some(last) = places.last() {
            names.push((chart.backend_coord(last).1 - LINE / 2, *engine));
        }
        chart.draw_series([PathElement::new(places, colour.stroke_width(2))])?;
    }
    for (y, engine) in apart(names) {
        let colour = colour(engine);
        let style = label().color(&colour);
        area.draw(&Text::new(engine.to_owned(), (NAMES, y), style))?;
    }
    Ok(())
}

pub(super) fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// Every second mark of many, so that their names do not touch.
pub(super) fn thinned(mut marks: Vec<f64>) -> Vec<f64> {
    while marks.len() > 7 {
        marks = marks.into_iter().step_by(2).collect();
    }
    marks
}

/// Names from top to bottom, moved down where they would touch.
pub(super) fn apart(mut names: Vec<(i32, &str)>) -> Vec<(i32, &str)> {
    names.sort_unstable();
    for at in 1..names.len() {
        names[at].0 = names[at].0.max(names[at - 1].0 + LINE);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_touch() {
        let names = apart(vec![(50, "a"), (48, "b"), (51, "c"), (120, "d")]);
        assert_eq!(names, [(48, "b"), (62, "a"), (76, "c"), (120, "d")]);
    }

    #[test]
    fn marks_stay_few() {
        assert_eq!(thinned((0..15).map(f64::from).collect()).len(), 4);
    }
}
