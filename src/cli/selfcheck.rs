//! `mapmark selfcheck`: what this machine can resolve today.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::Told;
use super::budget::time;
use super::common::{interrupt, now, workers};
use super::place::PlaceArguments;
use super::progress::Bar;
use crate::error::Result;
use crate::machine::{Build, Machine};
use crate::report::{folded, for_terminal};
use crate::run::Progress;
use crate::selfcheck::{
    BYTES, Checked, Conclusion, Summary, Trial, conclusion, selfcheck, summaries,
};
use crate::text::terminal;

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
        let budget = time("--budget", &self.budget)?;
        let interrupt = interrupt()?;
        let store = self.place.store(&interrupt)?;
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
        let concluded = conclusion(&told);
        Ok(Told {
            text: if self.json {
                as_json(&checked, &told, &concluded, &doubts)
            } else {
                for_terminal(&as_text(&told, checked.lost, &concluded, &doubts))
            },
            status: if interrupt.asked() { 3 } else { 0 },
            lost: None,
        })
    }
}

/// What stands where there is no figure.
const NOTHING: &str = "–";

fn as_text(
    summaries: &[Summary],
    lost: usize,
    concluded: &Conclusion,
    doubts: &[String],
) -> String {
    let mut out = format!(
        "`read` against `read`, whole_file on text-{BYTES}, warm and steady; judged without a margin\n\n\
         {:>7} {:>6} {:>9} {:>12} {:>8} {:>8} {:>8} {:>8} {:>7}\n",
        "planted",
        "trials",
        "seen",
        "false alarms",
        "expected",
        "found",
        "bias",
        "interval",
        "seconds"
    );
    let known = |figure: Option<String>| figure.unwrap_or_else(|| NOTHING.to_owned());
    for kind in summaries {
        let seen = known(
            kind.power()
                .map(|_| format!("{} of {}", kind.seen, kind.trials)),
        );
        let bias = format!("{:+.2} %", kind.bias_percent());
        let width = known(
            kind.half_width_percent
                .map(|percent| format!("{percent:.2} %")),
        );
        let _ = writeln!(
            out,
            "{:>5} % {:>6} {seen:>9} {:>12} {:>8.4} {:>8.4} {bias:>8} {width:>8} {:>7.1}",
            kind.planted, kind.trials, kind.false_alarms, kind.expected, kind.speedup, kind.seconds
        );
    }
    out.push_str(&format!("\n{}", folded(&concluded.sentence, 0, 2)));
    out.push_str(
        "\nplanted: each iteration takes so much longer; expected: the speed-up then; found\n\
         and seconds: medians over the trials; bias: of what was found from what was\n\
         expected; interval: half of it, the median\n",
    );
    if lost > 0 {
        let trials = if lost == 1 {
            "trial was"
        } else {
            "trials were"
        };
        let _ = writeln!(
            out,
            "{lost} {trials} lost: pages left memory, or a worker died"
        );
    }
    if !doubts.is_empty() {
        out.push_str("\ndoubts\n");
    }
    for doubt in doubts {
        let _ = writeln!(out, "  {}", terminal(doubt));
    }
    out
}

fn as_json(
    checked: &Checked,
    summaries: &[Summary],
    concluded: &Conclusion,
    doubts: &[String],
) -> String {
    let kinds = summaries.iter().map(|kind| {
        json!({
            "planted_percent": kind.planted,
            "trials": kind.trials,
            "seen": kind.seen,
            "false_alarms": kind.false_alarms,
            "expected_speedup": kind.expected,
            "speedup": kind.speedup,
            "bias_percent": kind.bias_percent(),
            "power": kind.power(),
            "held": kind.held,
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
        "resolves_percent": concluded.resolves_percent,
        "conclusion": concluded.sentence,
        "doubts": doubts,
    });
    format!("{all:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selfcheck::expected_speedup;

    fn kind(planted: u64, trials: usize, seen: usize, speedup: f64) -> Summary {
        Summary {
            planted,
            trials,
            seen,
            false_alarms: 0,
            expected: expected_speedup(planted),
            speedup,
            held: trials,
            half_width_percent: Some(0.38),
            seconds: 2.44,
        }
    }

    #[test]
    fn the_table_has_what_was_expected_and_ends_with_the_conclusion() {
        let kinds = [
            kind(0, 80, 0, 1.0001),
            kind(1, 20, 11, 0.9905),
            kind(2, 20, 20, 0.9806),
            kind(10, 20, 20, 0.9081),
        ];
        let text = as_text(&kinds, 0, &conclusion(&kinds), &[]);
        let expected = "\
`read` against `read`, whole_file on text-2MB, warm and steady; judged without a margin

planted trials      seen false alarms expected    found     bias interval seconds
    0 %     80         –            0   1.0000   1.0001  +0.01 %   0.38 %     2.4
    1 %     20  11 of 20            0   0.9901   0.9905  +0.04 %   0.38 %     2.4
    2 %     20  20 of 20            0   0.9804   0.9806  +0.02 %   0.38 %     2.4
   10 %     20  20 of 20            0   0.9091   0.9081  -0.11 %   0.38 %     2.4

differences of 2 % can be seen here today: 20 of 20 planted slow-downs of 2 %
  were seen, found +0.02 % off, with 0 false alarms in 140 trials

planted: each iteration takes so much longer; expected: the speed-up then; found
and seconds: medians over the trials; bias: of what was found from what was
expected; interval: half of it, the median
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_was_lost_is_told() {
        let mut one = kind(2, 1, 1, 0.98);
        one.half_width_percent = None;
        let concluded = conclusion(&[one]);
        let told = as_text(&[one], 3, &concluded, &[]);
        assert!(
            told.contains("3 trials were lost: pages left memory"),
            "{told}"
        );
        assert!(!as_text(&[one], 0, &concluded, &[]).contains("lost"));
        let checked = Checked {
            trials: Vec::new(),
            lost: 3,
        };
        let json = as_json(&checked, &[one], &concluded, &[]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["lost"], 3);
        let kind = &json["kinds"][0];
        assert!(kind["half_width_percent"].is_null());
        assert_eq!(kind["expected_speedup"], 1.0 / 1.02);
        assert!((kind["bias_percent"].as_f64().unwrap() + 0.04).abs() < 1e-9);
        assert_eq!((&kind["power"], &kind["seen"]), (&json!(1.0), &json!(1)));
        assert_eq!(json["resolves_percent"], 2);
        assert_eq!(json["conclusion"], concluded.sentence);
    }
}
