//! `mapmark selfcheck`: what this machine can resolve today.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::Told;
use super::budget::time;
use super::place::PlaceArguments;
use super::progress::Bar;
use super::run::workers;
use crate::error::Result;
use crate::machine::{Build, Machine};
use crate::measure::Interrupt;
use crate::run::Progress;
use crate::selfcheck::{BYTES, Summary, Trial, selfcheck, summaries};

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
        let now = jiff::Timestamp::now().as_nanosecond().unsigned_abs() as u64;
        let mut bar = Bar::new(budget, quiet);
        let start = std::time::Instant::now();
        let mut watch = |trial: &Trial| {
            let at = match trial.planted {
                0 => "nothing planted".to_owned(),
                percent => format!("{percent} % planted"),
            };
            bar.visit(&at, start.elapsed());
        };
        let seed = self.seed.unwrap_or(now);
        let trials = selfcheck(&store, &hands, &interrupt, budget, seed, &mut watch)?;
        drop(bar);
        let trials = match trials {
            Ok(trials) => trials,
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
        let told = summaries(&trials);
        Ok(Told {
            text: if self.json {
                as_json(&trials, &told, &doubts)
            } else {
                as_text(&told, &doubts)
            },
            status: if interrupt.asked() { 3 } else { 0 },
            lost: None,
        })
    }
}

fn as_text(summaries: &[Summary], doubts: &[String]) -> String {
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
        let _ = writeln!(
            out,
            "{:>7} %  {:>6}  {seen:>9}  {:>12}  {:>8.4}  {:>6.2} %  {:>7.1}",
            kind.planted,
            kind.trials,
            kind.false_alarms,
            kind.speedup,
            kind.half_width_percent,
            kind.seconds
        );
    }
    out.push_str(
        "\nspeed-up and seconds: medians over the trials; interval: half of it, the median\n",
    );
    if !doubts.is_empty() {
        out.push_str("\ndoubts\n");
    }
    for doubt in doubts {
        let _ = writeln!(out, "  {doubt}");
    }
    out
}

fn as_json(trials: &[Trial], summaries: &[Summary], doubts: &[String]) -> String {
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
    let trials = trials.iter().map(|trial| {
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
        "doubts": doubts,
    });
    format!("{all:#}\n")
}
