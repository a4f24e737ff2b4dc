//! What the environment and the command line ask for.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{Criterion, PlottingBackend};
use mapmark::error::Result;
use mapmark::fixture::{Fixture, Origin, Store};
use mapmark::measure;
use mapmark::plan::{Profile, Selection};
use mapmark::record::Directory;

use super::arms::Arms;

/// The command line belongs to criterion; what it does not know is set by environment.
pub(crate) struct Settings {
    pub(crate) profile: Profile,
    pub(crate) selection: Selection,
    pub(crate) out: Option<PathBuf>,
    pub(crate) mode: Mode,
}

/// What criterion was asked to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Measure, and keep a record.
    Measure,
    /// Run each benchmark once, to see that it works.
    Test,
    /// Anything else that keeps no record: list the benchmarks, profile them.
    Other,
}

impl Mode {
    /// By the rules of criterion, which takes the absence of cargo's `--bench` for a test.
    fn of(arguments: &[String]) -> Self {
        let has = |flag: &str| {
            arguments
                .iter()
                .any(|argument| argument == flag || argument.starts_with(&format!("{flag}=")))
        };
        if has("--list") || has("--profile-time") {
            Self::Other
        } else if has("--test") || !has("--bench") {
            Self::Test
        } else {
            Self::Measure
        }
    }
}

/// A fixture with its content, which the oracle needs.
pub(crate) struct Loaded {
    pub(crate) fixture: Fixture,
    pub(crate) content: Vec<u8>,
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self> {
        let variable =
            |name: &str| env::var_os(name).map(|text| text.to_string_lossy().into_owned());
        let (profile, selection) = Selection::from_environment(variable)?;
        let out = env::var_os("MAPMARK_OUT").map(PathBuf::from);
        Directory::check(out.as_deref())?;
        let arguments: Vec<String> = env::args().collect();
        Ok(Self {
            profile,
            selection,
            out,
            mode: Mode::of(&arguments),
        })
    }

    /// Criterion with the profile's times, which its own arguments override.
    pub(crate) fn criterion(&self) -> Criterion {
        let (samples, warm_up_ms, measurement_ms) = match self.profile {
            Profile::Quick => (10, 10, 120),
            Profile::Default | Profile::Full => (20, 50, 800),
        };
        let criterion = Criterion::default()
            .plotting_backend(PlottingBackend::Plotters)
            // Its default, ten times as many, costs more time in drawing than measuring does.
            .nresamples(10_000)
            .sample_size(samples)
            .warm_up_time(Duration::from_millis(warm_up_ms))
            .measurement_time(Duration::from_millis(measurement_ms));
        let criterion = if self.profile == Profile::Quick {
            criterion.without_plots()
        } else {
            criterion
        };
        criterion.configure_from_args()
    }

    /// How long a noise floor may be measured beyond what criterion asked for.
    pub(crate) fn floor_time(&self, arms: &Arms<'_, '_>) -> Duration {
        match (self.profile, arms) {
            (_, Arms::Fresh(_)) => Duration::ZERO, // differences between processes are large
            (Profile::Quick, _) => Duration::from_millis(50),
            (Profile::Default | Profile::Full, _) => Duration::from_secs(5),
        }
    }

    /// The fixtures of the selected sizes, made where they are missing or damaged.
    pub(crate) fn fixtures(&self) -> Result<Vec<Loaded>> {
        if self.mode == Mode::Other && env::args().any(|argument| argument == "--list") {
            return Ok(Vec::new());
        }
        let elsewhere =
            "CARGO_TARGET_DIR names another place for everything that is built and made";
        let store =
            Store::open(fixture_directory()).map_err(|error| error.with_advice(elsewhere))?;
        self.selection
            .sizes
            .iter()
            .map(|size| {
                let (fixture, origin) = store.text(*size)?;
                tell(&fixture, &origin);
                let content = measure::load(&fixture)?;
                Ok(Loaded { fixture, content })
            })
            .collect()
    }
}

fn tell(fixture: &Fixture, origin: &Origin) {
    let path = fixture.path().display();
    match origin {
        Origin::Found => {}
        Origin::Made => eprintln!("fixture: made {path}"),
        Origin::MadeAgain { reason } => eprintln!("fixture: made {path} again: {reason}"),
    }
}

/// Where the fixtures are.
pub(crate) fn fixture_directory() -> PathBuf {
    Store::default_directory()
}

/// Where criterion puts its own report too.
pub(crate) fn target_directory() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new("target").to_owned(), PathBuf::from)
}
