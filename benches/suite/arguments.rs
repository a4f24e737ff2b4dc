//! Criterion's command line, as far as the suite has to know it before criterion reads it: who takes
//! part in a contest is decided before its first benchmark.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use criterion::BenchmarkFilter;
use mapmark::error::{Error, Result};
use regex::Regex;

/// Criterion's options without a value, each with its short form.
const FLAGS: [(&str, Option<char>); 14] = [
    ("bench", None),
    ("discard-baseline", None),
    ("exact", None),
    ("ignored", None),
    ("include-ignored", None),
    ("list", None),
    ("nocapture", None),
    ("noplot", Some('n')),
    ("quick", None),
    ("quiet", None),
    ("show-output", None),
    ("test", None),
    ("verbose", Some('v')),
    ("version", Some('V')),
];

/// Those with one.
const VALUES: [(&str, Option<char>); 16] = [
    ("baseline", Some('b')),
    ("baseline-lenient", None),
    ("color", Some('c')),
    ("confidence-level", None),
    ("format", None),
    ("load-baseline", None),
    ("measurement-time", None),
    ("noise-threshold", None),
    ("nresamples", None),
    ("output-format", None),
    ("plotting-backend", None),
    ("profile-time", None),
    ("sample-size", None),
    ("save-baseline", Some('s')),
    ("significance-level", None),
    ("warm-up-time", None),
];

/// The fewest samples that criterion takes.
const FEWEST_SAMPLES: usize = 10;

/// What criterion was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Measure, and keep a record.
    Measure,
    /// Run each benchmark once, to see that it works.
    Test,
    /// Run each benchmark for a while, under somebody's profiler.
    Profile,
    /// Name the benchmarks.
    List,
    /// Show samples of an earlier run again.
    Load,
}

/// What the suite takes from criterion's command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) mode: Mode,
    pub(crate) filter: BenchmarkFilter,
    /// Whether `cargo bench` asks, and not `cargo test`.
    pub(crate) by_bench: bool,
    /// Whether as little as possible is to be measured.
    pub(crate) quick: bool,
    pub(crate) samples: Option<usize>,
    pub(crate) warm_up: Option<Duration>,
    pub(crate) measurement: Option<Duration>,
}

impl Arguments {
    /// Reads `line`, the program's name first; `None` where criterion knows better what to say of it:
    /// it asks for help, or makes no sense.
    ///
    /// # Errors
    /// Where a value makes no sense that criterion would panic at.
    pub(crate) fn read(line: impl IntoIterator<Item = OsString>) -> Result<Option<Self>> {
        match command().try_get_matches_from(line) {
            Ok(matches) => Self::of(&matches).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn of(matches: &ArgMatches) -> Result<Self> {
        let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
        Ok(Self {
            mode: mode(matches),
            filter: filter(text("FILTER"), matches)?,
            by_bench: matches.get_flag("bench"),
            quick: matches.get_flag("quick"),
            samples: text("sample-size").map(samples).transpose()?,
            warm_up: time("warm-up-time", text("warm-up-time"))?,
            measurement: time("measurement-time", text("measurement-time"))?,
        })
    }

    /// Whether the benchmark of this id takes part.
    pub(crate) fn selects(&self, id: &str) -> bool {
        match &self.filter {
            BenchmarkFilter::AcceptAll => true,
            BenchmarkFilter::Regex(regex) => regex.is_match(id),
            BenchmarkFilter::Exact(exact) => id == exact,
            BenchmarkFilter::RejectAll => false,
        }
    }
}

fn command() -> Command {
    let option =
        |(name, short): (&'static str, Option<char>)| Arg::new(name).long(name).short(short);
    Command::new("suite")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(Arg::new("FILTER"))
        .args(FLAGS.map(|flag| option(flag).action(ArgAction::SetTrue)))
        .args(VALUES.map(option))
        .mut_arg("color", |color| color.alias("colour"))
}

/// By the rules of criterion, which takes the absence of cargo's `--bench` for a test.
fn mode(matches: &ArgMatches) -> Mode {
    if matches.get_flag("list") {
        Mode::List
    } else if matches.get_flag("test") || !matches.get_flag("bench") {
        Mode::Test
    } else if matches.contains_id("profile-time") {
        Mode::Profile
    } else if matches.contains_id("load-baseline") {
        Mode::Load
    } else {
        Mode::Measure
    }
}

fn filter(pattern: Option<&str>, matches: &ArgMatches) -> Result<BenchmarkFilter> {
    Ok(match pattern {
        _ if matches.get_flag("ignored") => BenchmarkFilter::RejectAll,
        None => BenchmarkFilter::AcceptAll,
        Some(exact) if matches.get_flag("exact") => BenchmarkFilter::Exact(exact.to_owned()),
        Some(pattern) => BenchmarkFilter::Regex(Regex::new(pattern).map_err(|error| {
            Error::usage(format!(
                "the filter `{pattern}` is no regular expression: {error}"
            ))
        })?),
    })
}

fn samples(text: &str) -> Result<usize> {
    let samples = text
        .parse()
        .ok()
        .filter(|samples| *samples >= FEWEST_SAMPLES);
    samples.ok_or_else(|| {
        Error::usage(format!(
            "--sample-size `{text}`: expected a whole number of at least {FEWEST_SAMPLES}"
        ))
    })
}

fn time(name: &str, text: Option<&str>) -> Result<Option<Duration>> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.parse().ok();
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match time.filter(|time| !time.is_zero()) {
        Some(time) => Ok(Some(time)),
        None => Err(Error::usage(format!(
            "--{name} `{text}`: expected seconds above zero, for example 0.5"
        ))),
    }
}
