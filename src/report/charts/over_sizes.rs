//! What pictures over sizes share: the frame, and the engines' names at the ends of their lines.

use plotters::prelude::*;

use super::canvas::{Area, Drawn, INK, Undrawn, label};
use super::lanes::Plot;
use super::palette::colour;
use super::scale::Axis;
use crate::units::ByteCount;

pub(super) const SIZE: (u32, u32) = (560, 260);

/// Where the names of the engines stand, to the right of everything drawn.
const NAMES: i32 = 448;

/// How far apart names stand at the ends of their lines.
const LINE: i32 = 14;

/// The marks below are no more than this, and no nearer than this part of the axis.
const MOST_MARKS: usize = 7;
const NEAREST: f64 = 0.125;

/// Where a size stands. No file has fewer bytes than one.
pub(super) fn place(bytes: f64) -> f64 {
    bytes.max(1.0).log2()
}

/// The least and the largest of `values`.
pub(super) fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The axes and the title. `(left, right)` are places of sizes, of which `marks` are named; `up` is
/// called `name`, and `text` writes what stands at its ticks.
pub(super) fn frame<'a, 'b>(
    area: &'a Area<'b>,
    title: &str,
    (left, right): (f64, f64),
    marks: Vec<f64>,
    up: Axis,
    (name, text): (&str, fn(f64) -> String),
) -> Result<Plot<'a, 'b>, Undrawn> {
    area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(24)
        .margin_left(4)
        .margin_right(120)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(Axis::new(left..right, thinned(marks)), up)?;
    chart
        .configure_mesh()
        .bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.mix(0.5))
        .label_style(label())
        .axis_desc_style(label())
        .x_label_formatter(&|log| ByteCount(log.exp2().round() as u64).to_string())
        .y_label_formatter(&|log| text(*log))
        .x_desc("size of the file (log scale)")
        .y_desc(name)
        .draw()?;
    Ok(chart)
}

/// Writes the names of engines beside the ends of their lines, which are told by how far down, in
/// pixels, they stand.
pub(super) fn name(area: &Area<'_>, ends: &[(i32, &str)]) -> Drawn {
    let names = ends.iter().map(|(y, engine)| (y - LINE / 2, *engine));
    for (y, engine) in apart(names.collect()) {
        let colour = colour(engine);
        let style = label().color(&colour);
        area.draw(&Text::new(engine.to_owned(), (NAMES, y), style))?;
    }
    Ok(())
}

/// So few of the marks, which ascend, that their names do not touch; the first and the last stay.
fn thinned(mut marks: Vec<f64>) -> Vec<f64> {
    let (Some(first), Some(last)) = (marks.first().copied(), marks.last().copied()) else {
        return marks;
    };
    let step = (marks.len() - 1).div_ceil(MOST_MARKS - 1).max(1);
    marks = marks.into_iter().step_by(step).collect();
    if marks.last() != Some(&last) {
        marks.push(last);
    }
    let nearest = NEAREST * (last - first);
    let mut kept = first;
    marks.retain(|mark| {
        let stays =
            *mark == first || *mark == last || { mark - kept >= nearest && last - mark >= nearest };
        if stays {
            kept = *mark;
        }
        stays
    });
    marks
}

/// Names from top to bottom, moved down where they would touch.
fn apart(mut names: Vec<(i32, &str)>) -> Vec<(i32, &str)> {
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
        let marks = |count: u32| thinned((0..count).map(f64::from).collect());
        assert_eq!(marks(7).len(), 7);
        assert_eq!(marks(8), [0.0, 2.0, 4.0, 6.0, 7.0]);
        assert_eq!(marks(15), [0.0, 3.0, 6.0, 9.0, 12.0, 14.0]);
        assert_eq!(marks(16), [0.0, 3.0, 6.0, 9.0, 12.0, 15.0]);
    }

    #[test]
    fn marks_of_an_uneven_range_do_not_touch() {
        assert_eq!(thinned(vec![1.0, 2.0, 3.0, 3.05]), [1.0, 2.0, 3.05]);
        assert_eq!(thinned(vec![10.0, 10.001]), [10.0, 10.001]);
        assert_eq!(thinned(vec![5.0]), [5.0]);
        assert!(thinned(Vec::new()).is_empty());
    }
}
