//! The trend for a terminal, at most 80 columns wide.

use super::{Series, Trend};
use crate::text::terminal;
use crate::units::Ratio;

/// The newest runs that a row's small chart shows.
const SHOWN: usize = 16;
/// Eight heights of a character.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The widest column of ids.
const LONGEST_ID: usize = 36;

/// Lays out `trend`.
#[must_use]
pub fn table(trend: &Trend) -> String {
    let mut out = format!("{}\n{} runs\n\n", terminal(&trend.machine), trend.runs);
    let longest = trend.series.iter().map(|series| series.id.chars().count());
    let width = longest.max().unwrap_or(0).clamp(4, LONGEST_ID);
    line(&mut out, width, ["cell", "runs", "last", "median", "trend"]);
    for series in &trend.series {
        let runs = series.runs.len().to_string();
        let (last, median) = (
            Ratio(series.last()).to_string(),
            Ratio(series.median()).to_string(),
        );
        line(
            &mut out,
            width,
            [&series.id, &runs, &last, &median, &sparks(series)],
        );
        for remark in series.remarks() {
            out.push_str(&format!("    {}\n", terminal(&remark)));
        }
    }
    out
}

fn line(out: &mut String, width: usize, [id, runs, last, median, trend]: [&str; 5]) {
    let shown = terminal(id);
    let id = if shown.chars().count() > width {
        out.push_str(&format!("  {shown}\n"));
        ""
    } else {
        &shown
    };
    let text = format!("  {id:width$}  {runs:>4}  {last:>6}  {median:>6}  {trend}");
    out.push_str(text.trim_end());
    out.push('\n');
}

/// The newest speed-ups between their smallest and largest, a character each.
fn sparks(series: &Series) -> String {
    let start = series.runs.len().saturating_sub(SHOWN);
    let speedups = || series.runs[start..].iter().map(|run| run.speedup);
    let low = speedups().fold(f64::INFINITY, f64::min);
    let high = speedups().fold(0.0, f64::max);
    let top = (HEIGHTS.len() - 1) as f64;
    let height = |speedup: f64| {
        let share = if high > low {
            (speedup - low) / (high - low)
        } else {
            0.5
        };
        HEIGHTS[((share * top).round() as usize).min(HEIGHTS.len() - 1)]
    };
    speedups().map(height).collect()
}
