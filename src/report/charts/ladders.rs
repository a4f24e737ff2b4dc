//! The ladders of a claim: each step a bar from where the factor stood to where it takes it, and below
//! them the whole, as it was measured directly.

use plotters::prelude::*;

use super::canvas::{Drawn, INK, TEXT};
use super::lanes::{Lanes, MOST_ROWS, Plot, line_at_one};
use super::palette::{FASTER, SLOWER};
use super::scale::{RatioAxis, ratio_text};
use super::{Chart, file_name};
use crate::error::Result;
use crate::record::{Claimed, Factor, Ladder, Run};
use crate::units::{ByteCount, times};

/// Half the height of a bar, where a row is 1 high.
const HALF: f64 = 0.32;

/// A picture for each claim of `run`; `None` for those without ladders that can be drawn.
pub(super) fn charts(run: &Run) -> Result<Vec<Option<Chart>>> {
    let claims = run.claims.iter().flat_map(|claims| &claims.claims);
    claims.map(chart).collect()
}

fn chart(claim: &Claimed) -> Result<Option<Chart>> {
    let mut room = MOST_ROWS;
    let fits = |ladder: &&Ladder| {
        let rows = rows_of(ladder);
        let fits = rows <= room;
        room = room.saturating_sub(rows);
        fits
    };
    let drawable = claim.ladders.iter().filter(|ladder| drawable(ladder));
    let ladders: Vec<&Ladder> = drawable.take_while(fits).collect();
    if ladders.is_empty() {
        return Ok(None);
    }
    let title = format!(
        "{} ({}): from the regular side to mmap, one change a row",
        claim.id,
        ByteCount(claim.bytes)
    );
    let told: Vec<String> = ladders.iter().map(|ladder| told(ladder)).collect();
    Ok(Some(Chart {
        name: file_name(&["ladder", &claim.id]),
        told: told.join("; "),
        svg: picture(&title, &ladders)?,
        title,
    }))
}

/// A row for its name, one for each step, and one for the whole.
fn rows_of(ladder: &Ladder) -> usize {
    ladder.steps.len() + 2
}

/// Whether everything in it has a logarithm.
fn drawable(ladder: &Ladder) -> bool {
    let points = ladder.steps.iter().map(|step| step.factor.point);
    let sound = |point: f64| point.is_finite() && point > 0.0;
    let product: f64 = points.clone().product();
    points.chain([ladder.direct.point, product]).all(sound)
}

fn told(ladder: &Ladder) -> String {
    let steps = ladder.steps.iter();
    let mut parts: Vec<String> = steps
        .map(|step| format!("{} {}", step.change, times(step.factor.point)))
        .collect();
    parts.push(format!("measured directly {}", times(ladder.direct.point)));
    format!("{}: {}", name(ladder), parts.join(", "))
}

fn name(ladder: &Ladder) -> String {
    format!("{}, {}", ladder.side.name(), ladder.label)
}

fn picture(title: &str, ladders: &[&Ladder]) -> Result<String> {
    let axis = axis(ladders);
    let lanes = Lanes {
        rows: ladders.iter().flat_map(|ladder| rows(ladder)).collect(),
        axis: axis.axis(),
        tick: ratio_text,
        under: "times faster by mmap (log scale); thin lines are 95 % intervals".to_owned(),
    };
    lanes.draw(title, |area, plot| {
        line_at_one(plot, lanes.rows.len())?;
        let mut row = 0;
        for ladder in ladders {
            let at = (8, lanes.text_top(plot, row));
            let bold = ("sans-serif", TEXT).into_font().style(FontStyle::Bold);
            area.draw(&Text::new(name(ladder), at, bold.color(&INK)))?;
            rungs(plot, &axis, ladder, lanes.place(row + 1))?;
            row += rows_of(ladder);
        }
        Ok(())
    })
}

/// The names and words of a ladder's rows; its own name is drawn apart, since it stands to the left.
fn rows(ladder: &Ladder) -> Vec<(String, String)> {
    let mut rows = vec![(String::new(), String::new())];
    let steps = ladder.steps.iter();
    rows.extend(steps.map(|step| (step.change.clone(), times(step.factor.point))));
    let whole = format!("{} in all", times(ladder.direct.point));
    rows.push(("measured directly".to_owned(), whole));
    rows
}

/// Draws the steps from `at` downward, and the whole below them.
fn rungs(plot: &mut Plot<'_, '_>, axis: &RatioAxis, ladder: &Ladder, mut at: f64) -> Drawn {
    let mut stands = 0.0;
    for step in &ladder.steps {
        let next = stands + step.factor.point.log2();
        let colour = if next >= stands { FASTER } else { SLOWER };
        bar(plot, axis, at, (stands, next), colour.to_rgba())?;
        reach(plot, axis, at, stands, &step.factor)?;
        // What the next bar begins from.
        let joint = vec![(next, at - HALF), (next, at - 1.0 + HALF)];
        plot.draw_series([PathElement::new(joint, INK.mix(0.4))])?;
        (stands, at) = (next, at - 1.0);
    }
    let whole = ladder.direct.point.log2();
    bar(plot, axis, at, (0.0, whole), INK.mix(0.45))?;
    reach(plot, axis, at, 0.0, &ladder.direct)
}

fn bar(
    plot: &mut Plot<'_, '_>,
    axis: &RatioAxis,
    at: f64,
    (from, to): (f64, f64),
    colour: RGBAColor,
) -> Drawn {
    let corners = [(axis.held(from), at - HALF), (axis.held(to), at + HALF)];
    plot.draw_series([Rectangle::new(corners, colour.filled())])?;
    // A step that changes nothing is seen to be there.
    let end = vec![(axis.held(to), at - HALF), (axis.held(to), at + HALF)];
    plot.draw_series([PathElement::new(end, colour.stroke_width(2))])?;
    Ok(())
}

/// Where the far end of a bar that begins at `from` may lie.
fn reach(plot: &mut Plot<'_, '_>, axis: &RatioAxis, at: f64, from: f64, factor: &Factor) -> Drawn {
    let sound = |end: &f64| end.is_finite() && *end > 0.0;
    if let Some(ends) = factor.interval.filter(|ends| ends.iter().all(sound)) {
        let ends = ends.map(|end| (axis.held(from + end.log2()), at)).to_vec();
        plot.draw_series([PathElement::new(ends, INK.stroke_width(2))])?;
    }
    Ok(())
}

/// The axis that holds every place where a ladder stands, and its intervals as far as those squeeze
/// nothing.
fn axis(ladders: &[&Ladder]) -> RatioAxis {
    let (mut places, mut ends) = (Vec::new(), Vec::new());
    for ladder in ladders {
        let mut stands = 1.0;
        for step in &ladder.steps {
            ends.extend(
                step.factor
                    .interval
                    .into_iter()
                    .flatten()
                    .map(|end| stands * end),
            );
            stands *= step.factor.point;
            places.push(stands);
        }
        places.push(ladder.direct.point);
        ends.extend(ladder.direct.interval.into_iter().flatten());
    }
    RatioAxis::of(places, ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{ClaimArm, Side, Step};

    fn claim(points: &[f64], direct: f64) -> Claimed {
        let arm = ClaimArm {
            name: "text_read".to_owned(),
            time_ns: 1e6,
            minor_faults: None,
        };
        let step = |point: &f64| Step {
            change: "bytes < text & more".to_owned(),
            factor: Factor {
                point: *point,
                interval: Some([point * 0.9, point * 1.1]),
            },
            from: arm.clone(),
            to: arm.clone(),
        };
        let product: f64 = points.iter().product();
        Claimed {
            id: "read".to_owned(),
            says: "mmap is faster".to_owned(),
            source: String::new(),
            date: None,
            regular_s: Vec::new(),
            mmap_s: Vec::new(),
            factor: 15.0,
            bytes: 2_000_000,
            equal: None,
            verdicts: Vec::new(),
            rows: Vec::new(),
            ladders: vec![Ladder {
                side: Side::Python,
                label: "repeated".to_owned(),
                steps: points.iter().map(step).collect(),
                product,
                direct: Factor {
                    point: direct,
                    interval: None,
                },
                remainder: direct / product,
            }],
        }
    }

    #[test]
    fn a_ladder_is_drawn_step_by_step() {
        let chart = chart(&claim(&[8.0, 1.1, 0.9], 8.2)).unwrap().unwrap();
        assert_eq!(chart.name, "ladder-read");
        let bars = |colour: &str| chart.svg.matches(&format!("fill=\"{colour}\"")).count();
        assert_eq!((bars("#3B7DD8"), bars("#CF7A26")), (2, 1), "{}", chart.svg);
        for words in [
            "8.00x",
            "8.20x in all",
            "bytes &lt; text &amp; more",
            "Python, repeated",
        ] {
            assert!(chart.svg.contains(words), "{words}: {}", chart.svg);
        }
        assert!(
            chart.told.contains("measured directly 8.20x"),
            "{}",
            chart.told
        );
        assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf"));
    }

    #[test]
    fn what_has_no_logarithm_is_not_drawn() {
        for (points, direct) in [(&[0.0][..], 1.0), (&[1.0], -2.0), (&[f64::NAN], 1.0)] {
            assert!(chart(&claim(points, direct)).unwrap().is_none());
        }
        let mut endless = claim(&[1.0; MOST_ROWS], 1.0);
        assert!(chart(&endless).unwrap().is_none(), "nobody could open it");
        endless.ladders.clear();
        assert!(chart(&endless).unwrap().is_none());
    }

    #[test]
    fn damaged_intervals_squeeze_nothing() {
        let mut damaged = claim(&[2.0, 3.0], 6.0);
        damaged.ladders[0].steps[0].factor.interval = Some([-1.0, f64::NAN]);
        damaged.ladders[0].steps[1].factor.interval = Some([1e-30, 1e30]);
        damaged.ladders[0].direct.interval = Some([f64::INFINITY, 0.0]);
        let axis = axis(&damaged.ladders.iter().collect::<Vec<_>>());
        assert!(axis.low > -4.0 && axis.high < 6.0, "{axis:?}");
        assert!(chart(&damaged).unwrap().is_some());
    }
}
