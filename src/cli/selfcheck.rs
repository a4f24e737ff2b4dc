//! `mapmark selfcheck`: what this machine can resolve today.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::Told;
use super::budget::time;
use super::common::{now, workers};
use super::place::PlaceArguments;
use super::progress::Bar;
use crate::error::Result;
use crate::machine::{Build, Machine};
use crate::measure::Interrupt;
use crate::report::for_terminal;
use crate::run::Progress;
use crate::selfcheck::{BYTES, Checked, Summary, Trial, selfcheck, summaries};

#[derive(Args)]
pub(super) struct Selfcheck {
    /// Time for all of it
    #[arg(long, value_name = "TIME", default_value = "60s")]
    budget: String,
    /// Draws the order of the trials [default: the time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: PlaceArguments,
}

impl Selfcheck {
    pub(super) fn run(&self, quiet: bool) -> Result<Told> {
        self.place.refuse_debug_build()?;
        let budget = time(&self.budget)?;
        let store = self.place.store()?;
        let interrupt = Interrupt::default();
        let hands = workers(None, Duration::from_secs(60), &interrupt)?;
        let (_, seed) = now();
        let mut bar = Bar::new(budget, quiet);
        let start = std::time::Instant::now();
        let mut watch = |trial: &Trial| {
            let at = match trial.planted {
                0 => "nothing planted".to_owned(),
                percent => format!("{percent} % planted"),
            };
            bar.visit(&at, start.elapsed());
        };
        let seed = self.seed.unwrap_or(seed);
        let checked = selfcheck(&store, &hands, &interrupt, budget, seed, &mut watch)?;
        drop(bar);
        let checked = match checked {
            Ok(checked) => checked,
            // Nothing that was typed is wrong: here and now it cannot be done.
            Err(trouble) => {
                return Ok(Told {
                    text: format!("this machine cannot be checked: {}\n", trouble.reason()),
                    status: 3,
                    lost: None,
                });
            }
        };
        let doubts = Machine::observe(store.directory()).doubts(&Build::this());
        let told = summaries(&checked.trials);
        Ok(Told {
            text: if self.json {
                as_json(&checked, &told, &doubts)
            } else {
                for_terminal(&as_text(&told, checked.lost, &doubts))
            },
            status: if interrupt.asked() { 3 } else { 0 },
            lost: None,
        })
    }
}

fn as_text(summaries: &[Summary], lost: usize, doubts: &[String]) -> String {
    let mut out = format!(
        "`read` against `read`, whole_file on text-{BYTES}, warm and steady; judged without a margin\n\n\
         {:>9}  {:>6}  {:>9}  {:>12}  {:>8}  {:>8}  {:>7}\n",
        "more work", "trials", "seen", "false alarms", "speed-up", "interval", "seconds"
    );
    for kind in summaries {
        let seen = match kind.planted {
            0 => "–".to_owned(),
            _ => format!("{} of {}", kind.seen, kind.trials),
        };
        let width = kind
            .half_width_percent
            .map_or_else(|| "–".to_owned(), |percent| format!("{percent:.2} %"));
        let _ = writeln!(
            out,
            "{:>7} %  {:>6}  {seen:>9}  {:>12}  {:>8.4}  {width:>8}  {:>7.1}",
            kind.planted, kind.trials, kind.false_alarms, kind.speedup, kind.seconds
        );
    }
    out.push_str(
        "\nspeed-up and seconds: medians over the trials; interval: half of it, the median\n",
    );
    if lost > 0 {
        let trials = if lost == 1 {
            "trial was"
        } else {
            "trials were"
        };
        let _ = writeln!(out, "{lost} {trials} lost: pages left memory");
    }
    if !doubts.is_empty() {
        out.push_str("\ndoubts\n");
    }
    for doubt in doubts {
        let _ = writeln!(out, "  {doubt}");
    }
    out
}

fn as_json(checked: &Checked, summaries: &[Summary], doubts: &[String]) -> String {
    let kinds = summaries.iter().map(|kind| {
        json!({
            "planted_percent": kind.planted,
            "trials": kind.trials,
            "seen": kind.seen,
            "false_alarms": kind.false_alarms,
            "speedup": kind.speedup,
            "half_width_percent": kind.half_width_percent,
            "seconds": kind.seconds,
        })
    });
    let trials = checked.trials.iter().map(|trial| {
        json!({
            "planted_percent": trial.planted,
            "verdict": trial.verdict.name(),
            "speedup": trial.estimate.point,
            "interval": trial.estimate.interval.map(|interval| [interval.low(), interval.high()]),
            "replicates": trial.estimate.replicates,
            "rounds": trial.estimate.rounds,
            "seconds": trial.time.as_secs_f64(),
        })
    });
    let all = json!({
        "kinds": kinds.collect::<Vec<_>>(),
        "trials": trials.collect::<Vec<_>>(),
        "lost": checked.lost,
        "doubts": doubts,
    });
    format!("{all:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_is_told() {
        let kind = Summary {
            planted: 2,
            trials: 1,
            seen: 1,
            false_alarms: 0,
            speedup: 0.98,
            half_width_percent: None,
            seconds: 1.0,
        };
        let told = as_text(&[kind], 3, &[]);
        assert!(
            told.contains("3 trials were lost: pages left memory"),
            "{told}"
        );
        assert!(!as_text(&[kind], 0, &[]).contains("lost"));
        let json = as_json(
            &Checked {
                trials: Vec::new(),
                lost: 3,
            },
            &[kind],
            &[],
        );
        assert!(json.contains("\"lost\": 3") && json.contains("\"half_width_percent\": null"));
    }
}
