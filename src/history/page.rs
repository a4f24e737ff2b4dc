//! The trend as a page that needs nothing else: no network, no script.

use std::fmt::Write;

use super::{Series, Trend};
use crate::units::Ratio;

/// Size of a chart, in pixels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 96.0;
/// What is left free around the dots.
const MARGIN: f64 = 8.0;

const STYLE: &str = "\
:root { color-scheme: light dark }
body { font: 15px/1.4 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
h3 { margin: 1.5rem 0 .2rem; font-size: 1rem }
p { margin: .2rem 0 }
svg { width: 100%; height: auto; color: #2563eb; border: 1px solid #8884 }
.span { stroke: currentColor; stroke-opacity: .35; stroke-width: 2 }
.line { fill: none; stroke: currentColor; stroke-opacity: .6 }
.dot { fill: currentColor }
.step { stroke: #dc2626; stroke-dasharray: 4 3 }";

/// Lays out trends, each with the name of its machine's file, as HTML.
#[must_use]
pub fn page(trends: &[(String, Trend)]) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>mapmark history</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>mapmark history</h1>\n\
         <p>Speed-ups, run after run, with the interval of each; a dashed line where one stepped.</p>\n"
    );
    for (name, trend) in trends {
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<p>{}, {} runs</p>",
            escaped(name),
            escaped(&trend.machine),
            trend.runs
        );
        for series in &trend.series {
            section(&mut out, series);
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn section(out: &mut String, series: &Series) {
    let _ = writeln!(
        out,
        "<h3>{}</h3>\n<p>last {}, median {} of {}</p>",
        escaped(&series.id),
        Ratio(series.last()),
        Ratio(series.median()),
        series.runs.len()
    );
    chart(out, series);
    for remark in series.remarks() {
        let _ = writeln!(out, "<p>{}</p>", escaped(&remark));
    }
}

fn chart(out: &mut String, series: &Series) {
    let ends = |run: &super::trend::Seen| run.interval.unwrap_or([run.speedup; 2]);
    let low = series
        .runs
        .iter()
        .map(|run| ends(run)[0])
        .fold(f64::INFINITY, f64::min);
    let high = series
        .runs
        .iter()
        .map(|run| ends(run)[1])
        .fold(0.0, f64::max);
    // On the log scale, as everything that is a ratio; a range without height lies in the middle.
    let (bottom, top) = (libm::log(low), libm::log(high));
    let y = |speedup: f64| {
        let share = (libm::log(speedup) - bottom) / (top - bottom);
        let share = if share.is_finite() { share } else { 0.5 };
        HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN)
    };
    let step = (WIDTH - 2.0 * MARGIN) / series.runs.len().max(1) as f64;
    let x = |number: usize| MARGIN + (number as f64 + 0.5) * step;
    let _ = writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}, {} to {}\">",
        escaped(&series.id),
        Ratio(low),
        Ratio(high)
    );
    for &at in series.steps() {
        let at = x(at) - step / 2.0;
        let _ = writeln!(
            out,
            "<line class=\"step\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"0\" y2=\"{HEIGHT}\"/>"
        );
    }
    let runs = series.runs.iter().enumerate();
    let places: Vec<String> = runs
        .clone()
        .map(|(number, run)| format!("{:.1},{:.1}", x(number), y(run.speedup)))
        .collect();
    let _ = writeln!(
        out,
        "<polyline class=\"line\" points=\"{}\"/>",
        places.join(" ")
    );
    for (number, run) in runs {
        let (at, [low, high]) = (x(number), ends(run));
        let _ = writeln!(
            out,
            "<g><title>{} {} ({} … {})</title><line class=\"span\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" \
             y2=\"{:.1}\"/><circle class=\"dot\" cx=\"{at:.1}\" cy=\"{:.1}\" r=\"3\"/></g>",
            escaped(&run.created),
            Ratio(run.speedup),
            Ratio(low),
            Ratio(high),
            y(low),
            y(high),
            y(run.speedup)
        );
    }
    out.push_str("</svg>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
