//! How much to measure and under which conditions, as it is typed.

use std::ops::RangeInclusive;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::error::{Error, Result};
use crate::plan::Contest;
use crate::record::Settings;
use crate::run;
use crate::sys;
use crate::units::ByteCount;

/// More would leave no time for any.
const MOST_REPLICATES: usize = 10_000;

#[derive(Args)]
#[command(next_help_heading = "Budget")]
pub(super) struct BudgetArguments {
    /// Time for all of it [default: 60s; with --quick 10s]
    #[arg(long, value_name = "TIME")]
    budget: Option<String>,
    /// Stop early when every interval reaches no farther than this to either side: 1%
    #[arg(long, value_name = "PERCENT")]
    precision: Option<String>,
    /// New workers to measure every contest in; a sweep has as many passes, and gives the later ones to the sizes next to a
    /// change [default: what the time suffices for, 5 to 20]
    #[arg(long, value_name = "N")]
    replicates: Option<usize>,
    /// Draws the orders and resamples [default: the time]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
}

#[derive(Args)]
#[command(next_help_heading = "Conditions")]
pub(super) struct ConditionArguments {
    /// Run each engine once, untimed, before each of its batches in a steady cell
    #[arg(long)]
    settle: bool,
    /// Keep workers on this processor
    #[arg(long, value_name = "CPU")]
    pub(super) pin: Option<u32>,
    /// Give workers so much memory, their share of the page cache included
    #[arg(long, value_name = "SIZE")]
    pub(super) memory_limit: Option<String>,
}

impl BudgetArguments {
    /// The settings of the record of a run of `contests`, a first look if it is `quick`.
    pub(super) fn settings(
        &self,
        conditions: &ConditionArguments,
        contests: &[Contest],
        quick: bool,
    ) -> Result<Settings> {
        let budget = match &self.budget {
            Some(text) => time("--budget", text)?,
            None if quick => run::QUICK_BUDGET,
            None => run::BUDGET,
        };
        let usual = || run::replicates(contests, budget);
        let replicates = self.replicates.unwrap_or_else(usual);
        if !(1..=MOST_REPLICATES).contains(&replicates) {
            return Err(Error::usage(format!(
                "--replicates {replicates}: name a number from 1 to {MOST_REPLICATES}"
            )));
        }
        let precision = self.precision.as_deref();
        let precision = precision.map(|text| percent("--precision", text));
        Ok(Settings {
            budget_s: budget.as_secs_f64(),
            precision_percent: precision.transpose()?,
            replicates,
            settle: conditions.settle,
            pinned_to: conditions.checked_pin()?,
            memory_limit_bytes: conditions.limit()?,
            measuring_percent: None,
            sweep: None,
        })
    }
}

impl ConditionArguments {
    fn checked_pin(&self) -> Result<Option<u32>> {
        let Some(cpu) = self.pin else { return Ok(None) };
        match sys::allowed_cpus() {
            None => Err(Error::usage(
                "--pin: only Linux pins a process to a processor",
            )),
            Some(allowed) if allowed.contains(&cpu) => Ok(Some(cpu)),
            Some(allowed) => {
                let allowed: Vec<String> = allowed.iter().map(u32::to_string).collect();
                Err(Error::usage(format!(
                    "--pin {cpu}: this process may not use that processor; choose of {}",
                    allowed.join(", ")
                )))
            }
        }
    }

    fn limit(&self) -> Result<Option<u64>> {
        let Some(text) = &self.memory_limit else {
            return Ok(None);
        };
        let bytes: ByteCount = text
            .parse()
            .map_err(|error| Error::usage(format!("--memory-limit: {error}")))?;
        Ok(Some(bytes.0))
    }
}

/// No time is longer: a month, which no clock overflows at.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Less is below what a clock can tell, and more than any interval or change comes to.
const PERCENTAGES: RangeInclusive<f64> = 0.001..=1_000_000.0;

/// The duration that is given to `option`: `60s`, `1m30s`, `500ms`; above zero, and no longer than a month.
pub(super) fn time(option: &str, text: &str) -> Result<Duration> {
    let parsed: Option<SignedDuration> = text.parse().ok();
    let time = parsed
        .and_then(|time| Duration::try_from(time).ok())
        .filter(|time| !time.is_zero())
        .ok_or_else(|| {
            let expected = "expected a time above zero, for example 60s or 2m";
            Error::usage(format!("{option} {text}: {expected}"))
        })?;
    if time > LONGEST {
        let days = LONGEST.as_secs() / (24 * 60 * 60);
        return Err(Error::usage(format!(
            "{option} {text}: longer than {days} days, which is the most; name a shorter time"
        )));
    }
    Ok(time)
}

/// The percentage that is given to `option`: `1%`, `0.5%`.
pub(super) fn percent(option: &str, text: &str) -> Result<f64> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let parsed: Option<f64> = number.parse().ok();
    parsed
        .filter(|percent| PERCENTAGES.contains(percent))
        .ok_or_else(|| {
            let (least, most) = (PERCENTAGES.start(), PERCENTAGES.end());
            Error::usage(format!(
                "{option} {text}: expected a percentage from {least} to {most}, for example 1%"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_percentages_are_read_or_refused() {
        let read = |text| time("--budget", text);
        assert_eq!(read("60s").unwrap(), Duration::from_secs(60));
        assert_eq!(read("1m 30s").unwrap(), Duration::from_secs(90));
        assert_eq!(read("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(read("720h").unwrap(), LONGEST);
        for wrong in ["", "60", "0s", "-5s", "soon", "292471208677y"] {
            let told = read(wrong).unwrap_err().to_string();
            let begin = format!("--budget {wrong}: expected a time above zero");
            assert!(told.starts_with(&begin), "{told}");
        }
        for huge in ["721h", "9999999999h", "9223372036854775807s"] {
            let told = read(huge).unwrap_err().to_string();
            let begin = format!("--budget {huge}: longer than 30 days");
            assert!(told.starts_with(&begin), "{told}");
        }
        let read = |text| percent("--precision", text);
        assert_eq!(read("1%").unwrap(), 1.0);
        assert_eq!(read("0.5").unwrap(), 0.5);
        for wrong in [
            "", "%", "0%", "-1%", "NaN%", "inf", "1e300%", "1000001%", "1e-9%",
        ] {
            let told = read(wrong).unwrap_err().to_string();
            let begin = format!("--precision {wrong}: expected a percentage from 0.001 to 1000000");
            assert!(told.starts_with(&begin), "{told}");
        }
    }
}
