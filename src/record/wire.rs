//! The written form of a record, apart from the types in memory so that it changes only on
//! purpose. It is versioned; old records load for ever.

use std::path::Path;

use data_gen::read_regular;
use serde::{Deserialize, Serialize};

use super::cell::{BASELINE, UNRANKED};
use super::consistent;
use super::{
    Against, ArmFigures, Cell, Claims, Counters, Driver, ExpectedAnswer, FixtureId, Measured,
    Outcome, Run, Settings,
};
use crate::error::{Error, Result};
use crate::machine::{Build, Machine};
use crate::measure::{ClockFacts, Weight};
use crate::stats::{Estimate, Interval, Shares, Verdict};
use crate::units::{ByteCount, Nanos};
use crate::workload::Role;

/// The version that this program writes.
pub const SCHEMA: &str = "mapmark.run.v1";

/// No record has more bytes; what is made of them takes several times as many.
const LONGEST: u64 = 64 << 20;

#[derive(Serialize, Deserialize)]
struct WireRun {
    schema: String,
    driver: String,
    created: String,
    /// Not in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<bool>,
    command: Vec<String>,
    seed: u64,
    profile: Option<String>,
    build: Build,
    machine: Machine,
    clock: Option<WireClock>,
    #[serde(default)]
    settings: Option<Settings>,
    #[serde(default)]
    questions: Vec<String>,
    notes: Vec<String>,
    plan: Vec<String>,
    cells: Vec<WireCell>,
    /// Only in records of `mapmark claim`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claims: Option<Claims>,
    /// Only in records of a run against another build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    against: Option<Against>,
}

#[derive(Serialize, Deserialize)]
struct WireClock {
    cost_ns: f64,
    resolution_ns: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct WireCell {
    workload: String,
    workload_version: u32,
    control: bool,
    fixture: String,
    bytes: u64,
    digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    cache: String,
    process: String,
    scope: String,
    engine: String,
    engine_version: u32,
    baseline: String,
    /// Only of cells that were not measured yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected: Option<ExpectedAnswer>,
    outcome: String,
    reason: Option<String>,
    measured: Option<WireMeasured>,
}

#[derive(Serialize, Deserialize)]
struct WireMeasured {
    replicates: usize,
    rounds: usize,
    block_rounds: usize,
    speedup: f64,
    interval: Option<[f64; 2]>,
    /// Not in records of one replicate before there were several.
    #[serde(default)]
    interval_this_run: Option<[f64; 2]>,
    /// Where the width of `interval` comes from; not in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval_shares: Option<WireShares>,
    floor: Option<[f64; 2]>,
    verdict: String,
    rounds_needed: Option<u64>,
    engine: WireArm,
    baseline: WireArm,
    voided_rounds: u64,
    answer: String,
    looks_at_bytes: Option<u64>,
}

/// Parts of a variance, which sum to 1.
#[derive(Serialize, Deserialize)]
struct WireShares {
    rounds: f64,
    replicates: f64,
    between_runs: f64,
}

#[derive(Serialize, Deserialize)]
struct WireArm {
    batch_iterations: u64,
    time_ns: f64,
    counters: Option<WireCounters>,
    #[serde(default)]
    weight: Option<Weight>,
}

/// For one iteration.
#[derive(Serialize, Deserialize)]
struct WireCounters {
    minor_faults: f64,
    major_faults: f64,
    /// Not in records of before, which cannot tell whether a device was read.
    #[serde(default)]
    blocks_in: Option<f64>,
    user_ns: f64,
    system_ns: f64,
    /// Not in records of before, whose processor times are samples.
    #[serde(default)]
    ticks: Option<f64>,
    voluntary_switches: Option<f64>,
    involuntary_switches: Option<f64>,
}

/// The record of `run` as JSON.
#[must_use]
pub fn to_json(run: &Run) -> String {
    // Only maps with keys that are no strings, or a failing Serialize, could stop this.
    let mut text = serde_json::to_string_pretty(&WireRun::from(run)).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads the record at `path`.
///
/// # Errors
/// Where the file cannot be read, is no record, or is of a version that this program does not
/// know; the message names both versions.
pub fn load(path: &Path) -> Result<Run> {
    let bytes = read_regular(path, LONGEST).map_err(|error| Error::io("read", path, error))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Error::bad_file(path, format!("is no record of a run: {error}")))?;
    parse(text).map_err(|reason| Error::bad_file(path, reason))
}

pub(super) fn parse(text: &str) -> Result<Run, String> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head =
        serde_json::from_str(text).map_err(|error| format!("is no record of a run: {error}"))?;
    if head.schema != SCHEMA {
        return Err(format!(
            "is of schema `{}`, and this program reads `{SCHEMA}`; use the mapmark that wrote it \
             or a newer one",
            head.schema
        ));
    }
    let wire: WireRun =
        serde_json::from_str(text).map_err(|error| format!("is damaged: {error}"))?;
    let run = Run::try_from(wire)?;
    consistent::check(&run)?;
    Ok(run)
}

impl From<&Run> for WireRun {
    fn from(run: &Run) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            driver: run.driver.name().to_owned(),
            created: run.created.clone(),
            ended: run.ended,
            command: run.command.clone(),
            seed: run.seed,
            profile: run.profile.map(|profile| profile.to_string()),
            build: run.build.clone(),
            machine: run.machine.clone(),
            clock: run.clock.map(|clock| WireClock {
                cost_ns: clock.cost_ns,
                resolution_ns: clock.resolution_ns,
            }),
            settings: run.settings.clone(),
            questions: run.questions.clone(),
            notes: run.notes.clone(),
            plan: run.plan.clone(),
            cells: run.cells.iter().map(WireCell::from).collect(),
            claims: run.claims.clone(),
            against: run.against.clone(),
        }
    }
}

impl TryFrom<WireRun> for Run {
    type Error = String;

    fn try_from(wire: WireRun) -> Result<Self, String> {
        let driver = Driver::ALL
            .into_iter()
            .find(|driver| driver.name() == wire.driver)
            .ok_or_else(|| format!("names the driver `{}`, which is unknown", wire.driver))?;
        let cells = wire.cells.into_iter().enumerate().map(|(number, cell)| {
            Cell::try_from(cell).map_err(|reason| format!("cell {number}: {reason}"))
        });
        Ok(Self {
            driver,
            created: wire.created,
            ended: wire.ended,
            command: wire.command,
            seed: wire.seed,
            profile: wire.profile.map(word).transpose()?,
            build: wire.build,
            machine: wire.machine,
            clock: wire.clock.map(|clock| ClockFacts {
                cost_ns: clock.cost_ns,
                resolution_ns: clock.resolution_ns,
            }),
            settings: wire.settings,
            questions: wire.questions,
            notes: wire.notes,
            plan: wire.plan,
            cells: cells.collect::<Result<_, String>>()?,
            claims: wire.claims,
            against: wire.against,
        })
    }
}

/// Parses an axis's word.
fn word<T: std::str::FromStr<Err = Error>>(word: String) -> Result<T, String> {
    word.parse().map_err(|error: Error| error.to_string())
}

impl From<&Cell> for WireCell {
    fn from(cell: &Cell) -> Self {
        Self {
            workload: cell.workload.clone(),
            workload_version: cell.workload_version,
            control: cell.role == Role::Control,
            fixture: cell.fixture.name.clone(),
            bytes: cell.fixture.bytes.0,
            digest: cell.fixture.digest.clone(),
            query: cell.query.clone(),
            cache: cell.cache.to_string(),
            process: cell.process.to_string(),
            scope: cell.scope.to_string(),
            engine: cell.engine.clone(),
            engine_version: cell.engine_version,
            baseline: cell.baseline.clone(),
            expected: cell.expected.clone(),
            outcome: cell.outcome.name().to_owned(),
            reason: cell.outcome.reason().or(cell.idle()).map(str::to_owned),
            measured: cell.outcome.measured().map(|measured| WireMeasured {
                verdict: cell.word().to_owned(),
                ..WireMeasured::from(measured)
            }),
        }
    }
}

impl TryFrom<WireCell> for Cell {
    type Error = String;

    fn try_from(wire: WireCell) -> Result<Self, String> {
        let reason = wire.reason.unwrap_or_default();
        let outcome = match (wire.outcome.as_str(), wire.measured) {
            ("measured", Some(measured)) => Outcome::Measured(Box::new(measured.try_into()?)),
            ("measured", None) => return Err("is measured and has no figures".to_owned()),
            (other, Some(_)) => return Err(format!("is {other} and has figures")),
            ("unsupported", _) => Outcome::Unsupported(reason),
            ("unverified", _) => Outcome::Unverified(reason),
            ("failed", _) => Outcome::Failed(reason),
            ("skipped", _) => Outcome::Skipped(reason),
            (other, _) => return Err(format!("has the outcome `{other}`, which is unknown")),
        };
        Ok(Self {
            workload: wire.workload,
            workload_version: wire.workload_version,
            role: if wire.control {
                Role::Control
            } else {
                Role::Ranked
            },
            fixture: FixtureId {
                name: wire.fixture,
                bytes: ByteCount(wire.bytes),
                digest: wire.digest,
            },
            query: wire.query,
            cache: word(wire.cache)?,
            process: word(wire.process)?,
            scope: word(wire.scope)?,
            engine: wire.engine,
            engine_version: wire.engine_version,
            baseline: wire.baseline,
            expected: wire.expected,
            outcome,
        }
        // Older records judged the baseline beside itself, and what had nothing to do.
        .without_idle_verdict())
    }
}

impl From<&Measured> for WireMeasured {
    fn from(measured: &Measured) -> Self {
        let ends = |interval: Interval| [interval.low(), interval.high()];
        Self {
            replicates: measured.estimate.replicates,
            rounds: measured.estimate.rounds,
            block_rounds: measured.estimate.block_length,
            speedup: measured.estimate.point,
            interval: measured.estimate.interval.map(ends),
            interval_this_run: measured.estimate.this_run.map(ends),
            interval_shares: measured.estimate.shares.map(|shares| WireShares {
                rounds: shares.rounds,
                replicates: shares.replicates,
                between_runs: shares.between_runs,
            }),
            floor: measured.floor.map(ends),
            verdict: String::new(), // its word is the cell's to know
            rounds_needed: match measured.verdict {
                Some(Verdict::Inconclusive { rounds_needed }) => rounds_needed,
                _ => None,
            },
            engine: (&measured.engine).into(),
            baseline: (&measured.baseline).into(),
            voided_rounds: measured.voided,
            answer: measured.answer.clone(),
            looks_at_bytes: measured.looks_at.map(|bytes| bytes.0),
        }
    }
}

impl TryFrom<WireMeasured> for Measured {
    type Error = String;

    fn try_from(wire: WireMeasured) -> Result<Self, String> {
        let interval = |ends: Option<[f64; 2]>| {
            ends.map(|[low, high]| Interval::new(low, high).map_err(|error| error.to_string()))
                .transpose()
        };
        Ok(Self {
            estimate: Estimate {
                point: positive(wire.speedup, "speedup")?,
                interval: interval(wire.interval)?,
                this_run: interval(wire.interval_this_run.or(wire.interval))?,
                shares: wire.interval_shares.map(|shares| Shares {
                    rounds: shares.rounds,
                    replicates: shares.replicates,
                    between_runs: shares.between_runs,
                }),
                rounds: wire.rounds,
                replicates: wire.replicates,
                block_length: wire.block_rounds,
            },
            floor: interval(wire.floor)?,
            verdict: verdict(&wire.verdict, wire.rounds_needed)?,
            engine: wire.engine.try_into()?,
            baseline: wire.baseline.try_into()?,
            voided: wire.voided_rounds,
            answer: wire.answer,
            looks_at: wire.looks_at_bytes.map(ByteCount),
        })
    }
}

fn verdict(name: &str, rounds_needed: Option<u64>) -> Result<Option<Verdict>, String> {
    if [BASELINE, UNRANKED].contains(&name) {
        return Ok(None);
    }
    [
        Verdict::Faster,
        Verdict::Slower,
        Verdict::Same,
        Verdict::Inconclusive { rounds_needed },
    ]
    .into_iter()
    .find(|verdict| verdict.name() == name)
    .map(Some)
    .ok_or_else(|| format!("has the verdict `{name}`, which is unknown"))
}

fn positive(value: f64, name: &str) -> Result<f64, String> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(format!("has a {name} of {value}"))
    }
}

impl From<&ArmFigures> for WireArm {
    fn from(arm: &ArmFigures) -> Self {
        Self {
            batch_iterations: arm.batch_iterations,
            time_ns: arm.time.0,
            counters: arm.counters.map(|counters| WireCounters {
                minor_faults: counters.minor_faults,
                major_faults: counters.major_faults,
                blocks_in: counters.blocks_in,
                user_ns: counters.user.0,
                system_ns: counters.system.0,
                ticks: counters.ticks,
                voluntary_switches: counters.voluntary_switches,
                involuntary_switches: counters.involuntary_switches,
            }),
            weight: arm.weight,
        }
    }
}

impl TryFrom<WireArm> for ArmFigures {
    type Error = String;

    fn try_from(wire: WireArm) -> Result<Self, String> {
        Ok(Self {
            batch_iterations: wire.batch_iterations,
            time: Nanos(positive(wire.time_ns, "time_ns")?),
            counters: wire.counters.map(|counters| Counters {
                minor_faults: counters.minor_faults,
                major_faults: counters.major_faults,
                blocks_in: counters.blocks_in,
                user: Nanos(counters.user_ns),
                system: Nanos(counters.system_ns),
                ticks: counters.ticks,
                voluntary_switches: counters.voluntary_switches,
                involuntary_switches: counters.involuntary_switches,
            }),
            weight: wire.weight,
        })
    }
}
