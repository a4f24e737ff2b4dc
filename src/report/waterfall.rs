//! A ladder as a picture: each step a bar from where the factor stood to where it takes it, on a
//! logarithmic scale. One SVG, readable on light and on dark ground, that fetches nothing.

use std::fmt::Write;

use crate::record::{Claimed, Factor, Ladder};
use crate::units::significant;

const WIDTH: f64 = 820.0;
const LEFT: f64 = 320.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 64.0;
const ROW: f64 = 30.0;
const BAR: f64 = 16.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#222}.quiet{fill:#666}\
.grid{stroke:#ccc}.up{fill:#2b7bba}.down{fill:#c8553d}.whole{fill:#666}\
.reach{stroke:#111;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.quiet{fill:#999}.grid{stroke:#444}\
.up{fill:#5aa9e6}.down{fill:#ef8a73}.whole{fill:#999}.reach{stroke:#eee}}";

/// The picture of the ladders of `claim`; `None` where it has none that can be drawn.
#[must_use]
pub fn waterfall(claim: &Claimed) -> Option<String> {
    let ladders: Vec<&Ladder> = claim.ladders.iter().filter(|one| drawable(one)).collect();
    let scale = Scale::of(&ladders)?;
    let mut body = String::new();
    let mut y = TOP;
    for ladder in ladders {
        let name = format!("{}, {}", ladder.side.name(), ladder.label);
        text(&mut body, 12.0, y, "start", "", &name);
        y += ROW * 0.8;
        let mut at = 1.0;
        for step in &ladder.steps {
            let next = at * step.factor.point;
            let class = if next >= at { "up" } else { "down" };
            bar(&mut body, &scale, y, (at, next), class, &step.change);
            reach(&mut body, &scale, y, at, &step.factor);
            value(&mut body, &scale, y, at.max(next), step.factor.point);
            at = next;
            y += ROW;
        }
        let whole = "the whole, measured directly";
        bar(
            &mut body,
            &scale,
            y,
            (1.0, ladder.direct.point),
            "whole",
            whole,
        );
        reach(&mut body, &scale, y, 1.0, &ladder.direct);
        value(
            &mut body,
            &scale,
            y,
            ladder.direct.point.max(1.0),
            ladder.direct.point,
        );
        y += ROW * 1.5;
    }
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" role=\"img\">\
         <style>{STYLE}</style>\n"
    );
    text(&mut out, 12.0, 22.0, "start", "", &claim.says);
    let under = "times faster by mmap, one change at a time; logarithmic; marks are 95 % intervals";
    text(&mut out, 12.0, 40.0, "start", "quiet", under);
    grid(&mut out, &scale, y);
    out.push_str(&body);
    out.push_str("</svg>\n");
    Some(out)
}

/// Whether everything in it has a logarithm.
fn drawable(ladder: &Ladder) -> bool {
    let points = ladder.steps.iter().map(|step| step.factor.point);
    let sound = |point: f64| point.is_finite() && point > 0.0;
    let product: f64 = points.clone().product();
    points.chain([ladder.direct.point, product]).all(sound)
}

/// From factors to places.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(ladders: &[&Ladder]) -> Option<Self> {
        if ladders.is_empty() {
            return None;
        }
        let (mut low, mut high) = (0.8f64, 1.25f64);
        for ladder in ladders {
            let mut at = 1.0;
            let mut stand = vec![ladder.direct.point];
            for step in &ladder.steps {
                at *= step.factor.point;
                stand.push(at);
            }
            for factor in stand {
                low = low.min(factor / 1.15);
                high = high.max(factor * 1.15);
            }
        }
        Some(Self { low, high })
    }

    fn x(&self, factor: f64) -> f64 {
        let part =
            (factor.clamp(self.low, self.high) / self.low).ln() / (self.high / self.low).ln();
        LEFT + part * (WIDTH - LEFT - RIGHT)
    }

    /// Round factors within the scale: 1, 2 and 5 of each power of ten, or its powers alone.
    fn marks(&self) -> Vec<f64> {
        let wide = self.high / self.low > 200.0;
        let digits: &[f64] = if wide { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let powers = (-6..=9).map(|power| 10f64.powi(power));
        let marks = powers.flat_map(|power| digits.iter().map(move |digit| digit * power));
        marks
            .filter(|mark| (self.low..=self.high).contains(mark))
            .collect()
    }
}

fn grid(out: &mut String, scale: &Scale, bottom: f64) {
    for mark in scale.marks() {
        let x = scale.x(mark);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom:.1}\"/>"
        );
        text(out, x, TOP - 8.0, "middle", "quiet", &format!("{mark}x"));
    }
}

fn bar(out: &mut String, scale: &Scale, y: f64, (from, to): (f64, f64), class: &str, name: &str) {
    let (one, other) = (scale.x(from), scale.x(to));
    let (x, width) = (one.min(other), (one - other).abs().max(1.0));
    let top = y - BAR + 4.0;
    text(out, LEFT - 12.0, y, "end", "", name);
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\"/>"
    );
}

/// Where the far end of a bar that begins at `at` may lie.
fn reach(out: &mut String, scale: &Scale, y: f64, at: f64, factor: &Factor) {
    let sound = |end: &f64| end.is_finite() && *end > 0.0;
    let Some([low, high]) = factor.interval.filter(|ends| ends.iter().all(sound)) else {
        return;
    };
    let (one, other, y) = (scale.x(at * low), scale.x(at * high), y - BAR / 2.0 + 4.0);
    let _ = writeln!(
        out,
        "<line class=\"reach\" x1=\"{one:.1}\" x2=\"{other:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
    );
}

fn value(out: &mut String, scale: &Scale, y: f64, at: f64, factor: f64) {
    let told = format!("{}x", significant(factor));
    text(out, scale.x(at) + 8.0, y, "start", "", &told);
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, class: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{words}</text>"
    );
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
        let picture = waterfall(&claim(&[8.0, 1.1, 0.9], 8.2)).unwrap();
        assert_eq!(picture.matches("<rect ").count(), 4);
        assert_eq!(picture.matches("class=\"reach\"").count(), 3);
        assert_eq!(picture.matches("class=\"down\"").count(), 1);
        assert!(picture.contains(">8.20x<") && picture.contains("bytes &lt; text &amp; more"));
        assert!(
            !picture.contains("NaN") && !picture.contains("inf"),
            "{picture}"
        );
    }

    #[test]
    fn what_has_no_logarithm_is_not_drawn() {
        for (points, direct) in [(&[0.0][..], 1.0), (&[1.0], -2.0), (&[f64::NAN], 1.0)] {
            assert_eq!(waterfall(&claim(points, direct)), None);
        }
        let mut nothing = claim(&[], 1.0);
        nothing.ladders.clear();
        assert_eq!(waterfall(&nothing), None);
    }

    #[test]
    fn a_scale_is_logarithmic_and_has_round_marks() {
        let scale = Scale {
            low: 0.5,
            high: 50.0,
        };
        let middle = (scale.x(0.5) + scale.x(50.0)) / 2.0;
        assert!((scale.x(5.0) - middle).abs() < 1e-9);
        let marks = scale.marks();
        assert!(marks.contains(&1.0) && marks.contains(&20.0), "{marks:?}");
        assert!(Scale::of(&[]).is_none());
    }
}
