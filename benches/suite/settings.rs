//! What the environment and the command line ask for.

use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use criterion::{Criterion, PlottingBackend};
use data_gen::Stop;
use mapmark::error::{Error, Result};
use mapmark::fixture::{Fixture, Origin, Store};
use mapmark::measure;
use mapmark::plan::{Process, Profile, Selection};
use mapmark::record::Reservation;
use mapmark::sys::hold_output;
use mapmark::text::shown;

use super::arguments::{Arguments, Mode};
use super::replay::Asked;
use super::say;

/// The command line belongs to criterion; what it does not know is set by environment.
pub(crate) struct Settings {
    pub(crate) profile: Profile,
    pub(crate) selection: Selection,
    pub(crate) out: Option<PathBuf>,
    pub(crate) arguments: Arguments,
}

/// How long a contest is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// The fewest rounds, so that each of criterion's samples has one.
    pub(crate) samples: usize,
    /// How long rounds run before any is kept.
    pub(crate) warm_up: Duration,
    /// What criterion calls the measurement time: that of an engine and the baseline together.
    measurement: Duration,
    /// How long a contest may take, if that is longer, for its floor to be known well.
    floor: Duration,
}

impl Times {
    /// How long a contest of so many arms is measured at least, and at most where its floor is not
    /// known well before.
    pub(crate) fn of_contest(&self, arms: usize, process: Process) -> (Duration, Duration) {
        let arms = u32::try_from(arms).unwrap_or(u32::MAX);
        let least = self.measurement.saturating_mul(arms) / 2;
        match process {
            Process::Steady => (least, self.floor.max(least)),
            Process::Fresh => (least, least), // differences between processes are large
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
        Reservation::check(out.as_deref())?;
        let Some(arguments) = Arguments::read(env::args_os())? else {
            // Prints its help, or what is wrong, and ends the process.
            let _ = Criterion::default().configure_from_args();
            return Err(Error::usage(
                "criterion takes an argument that the suite does not know; leave it out",
            ));
        };
        Ok(Self {
            profile,
            selection,
            out,
            arguments,
        })
    }

    /// How long contests are measured, which criterion's arguments override.
    pub(crate) fn times(&self) -> Times {
        let quick = self.profile == Profile::Quick || self.arguments.quick;
        let (warm_up, measurement, floor) = match quick {
            true => (10, 200, 0),
            false => (50, 800, 5_500),
        };
        let ms = Duration::from_millis;
        Times {
            samples: self.asked().samples,
            warm_up: self.arguments.warm_up.unwrap_or(ms(warm_up)),
            measurement: self.arguments.measurement.unwrap_or(ms(measurement)),
            floor: ms(floor),
        }
    }

    /// How criterion asks for what was measured.
    pub(crate) fn asked(&self) -> Asked {
        let samples = match self.profile {
            Profile::Quick => 10,
            Profile::Default | Profile::Full => 20,
        };
        Asked {
            samples: self.arguments.samples.unwrap_or(samples),
            exactly: self.arguments.samples.is_some(),
            quick: self.arguments.quick,
        }
    }

    /// Criterion with the same filter.
    ///
    /// # Errors
    /// Where its arguments make no sense to it.
    pub(crate) fn criterion(&self) -> Result<Criterion> {
        // It says which program draws, also to those who have gone away.
        let (criterion, _) = hold_output(Criterion::default);
        let criterion = criterion
            .plotting_backend(PlottingBackend::Plotters)
            // Its default, ten times as many, costs more time in drawing than measuring does.
            .nresamples(10_000);
        let criterion = if self.profile == Profile::Quick {
            criterion.without_plots()
        } else {
            criterion
        };
        let configured = panic::catch_unwind(AssertUnwindSafe(|| criterion.configure_from_args()));
        let criterion = configured.map_err(|payload| criterion_ended(payload.as_ref()))?;
        Ok(criterion.with_benchmark_filter(self.arguments.filter.clone()))
    }

    /// The fixtures of the selected sizes, made where they are missing or damaged. A signal ends the suite when what
    /// it was making is gone; afterwards at once.
    pub(crate) fn fixtures(&self) -> Result<Vec<Loaded>> {
        if self.arguments.mode == Mode::List {
            return Ok(Vec::new());
        }
        let stop = Stop::on_signals();
        let stop =
            stop.map_err(|error| Error::usage(format!("cannot watch for interrupts: {error}")))?;
        let made = self.made_until(&stop);
        if let Err(error) = &made
            && error.is_interrupt()
        {
            say(format_args!("error: {error}"));
        }
        stop.let_signals_end();
        made
    }

    fn made_until(&self, stop: &Stop) -> Result<Vec<Loaded>> {
        let elsewhere =
            "CARGO_TARGET_DIR names another place for everything that is built and made";
        let store =
            Store::open(fixture_directory()).map_err(|error| error.with_advice(elsewhere))?;
        let store = store.stopped_by(stop);
        self.selection
            .sizes
            .iter()
            .map(|size| {
                measure::check_room(*size)?;
                if store.is_busy() {
                    let place = shown(store.directory());
                    say(format_args!(
                        "fixture: waiting for another process that makes files in {place}"
                    ));
                }
                let (fixture, origin) = store
                    .text(*size)
                    .map_err(|error| error.with_advice(elsewhere))?;
                tell(&fixture, &origin);
                let content = measure::load(&fixture)?;
                Ok(Loaded { fixture, content })
            })
            .collect()
    }
}

fn tell(fixture: &Fixture, origin: &Origin) {
    let path = shown(fixture.path());
    match origin {
        Origin::Found => {}
        Origin::Made => say(format_args!("fixture: made {path}")),
        Origin::MadeAgain { reason } => say(format_args!("fixture: made {path} again: {reason}")),
    }
}

/// Where the fixtures are.
pub(crate) fn fixture_directory() -> PathBuf {
    Store::default_directory()
}

/// Where criterion puts its own report, by its own rules.
pub(crate) fn criterion_directory() -> PathBuf {
    let path = |name: &str| env::var_os(name).map(PathBuf::from);
    let home = path("CRITERION_HOME");
    let target = || path("CARGO_TARGET_DIR").or_else(configured_target_directory);
    home.or_else(|| Some(target()?.join("criterion")))
        .unwrap_or_else(|| Path::new("target/criterion").to_owned())
}

/// Where cargo's configuration has it build, if it is cargo that runs the suite.
fn configured_target_directory() -> Option<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO")?);
    let told = cargo.args(["metadata", "--format-version", "1"]).output();
    let told: serde_json::Value = serde_json::from_slice(&told.ok()?.stdout).ok()?;
    Some(PathBuf::from(told.get("target_directory")?.as_str()?))
}

/// What criterion said when it could not go on.
pub(crate) fn criterion_ended(payload: &(dyn std::any::Any + Send)) -> Error {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    Error::usage(format!(
        "criterion cannot go on: {}",
        text.unwrap_or_else(|| "it does not say why".to_owned())
    ))
}
