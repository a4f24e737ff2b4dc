//! What happens inside a worker: a process that does one job and tells what came of it.
//!
//! What a process has done before decides what its first iteration costs, so for one iteration a
//! worker does next to nothing: it reads an order, prepares what a careful user would, runs the
//! iteration and tells how long it took. The file's content never passes through it before.

use std::io::Write;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::arm::{Arm, Subject};
use super::clock::Monotonic;
use super::lineup::{Failure, Lineup};
use super::pairing::Pairing;
use super::protocol::{self, Iteration, Job, Order, PROTOCOL, Reply, Stretch, StretchOrder};
use super::trouble::Trouble;
use super::weight::weigh;
use crate::engine::{self, Engine};
use crate::error::Error;
use crate::fixture::{Fixture, Scratch, ScratchTicket};
use crate::plan::Scope;
use crate::sys;
use crate::workload::{self, Answer, Workload};

/// The fewest rounds of a stretch, however short its time.
const FEWEST_ROUNDS: usize = 2;

/// Added to the number of an arm before it is noted, so that no text is taken for a note.
pub(super) const ARM_NOTE: u8 = 0x80;

/// Does what `order` asks for and returns the reply. Never panics on an order.
#[must_use]
pub fn work(order: &[u8]) -> String {
    let start = Instant::now();
    let order: Order = match protocol::read(order) {
        Ok(order) => order,
        Err(reason) => return reply(Err::<(), _>(nobody(format!("the order {reason}")))),
    };
    match Job::clone(&order.job) {
        Job::Iteration { engine, scope } => {
            reply(Desk::open(order).and_then(|desk| desk.iterate(&engine, scope)))
        }
        Job::Weighing { engine } => reply(Desk::open(order).and_then(|desk| {
            let engine = find_engine(&engine)?;
            let scratch = desk.scratch.map(ScratchTicket::open);
            weigh(engine, desk.workload, &desk.fixture, scratch).map_err(Failure::from)
        })),
        Job::Stretch(told) => reply(Desk::open(order).and_then(|desk| desk.stretch(&told, start))),
    }
}

fn reply<T: Serialize>(result: Result<T, Failure>) -> String {
    let reply = Reply {
        protocol: PROTOCOL,
        result,
    };
    // A reply holds numbers and texts; where it cannot be written the parent hears nothing.
    protocol::write(&reply).unwrap_or_default()
}

/// What every job needs.
struct Desk {
    workload: &'static dyn Workload,
    fixture: Fixture,
    scratch: Option<ScratchTicket>,
}

impl Desk {
    fn open(order: Order) -> Result<Self, Failure> {
        if let Some(cpu) = order.pin {
            sys::pin(cpu).map_err(nobody)?;
        }
        let workload = workload::find(&order.workload)
            .ok_or_else(|| nobody(format!("this worker has no workload `{}`", order.workload)))?;
        Ok(Self {
            workload,
            fixture: order.target.open()?,
            scratch: order.scratch,
        })
    }

    fn iterate(self, engine: &str, scope: Scope) -> Result<Iteration, Failure> {
        let engine = find_engine(engine)?;
        let mut scratch = self.scratch.map(ScratchTicket::open);
        let mut reader; // outlives the arm that keeps its file open
        let mut arm = match scope {
            Scope::PerCall => Arm::new(engine, self.workload, &self.fixture)?,
            Scope::KeptOpen => {
                reader = engine.reader();
                Arm::kept_open(reader.as_mut(), self.workload, &self.fixture)?
            }
        };
        let batch = arm
            .timed(&self.fixture, scratch.as_mut(), &Monotonic::start(), 1)
            .map_err(|error| nobody(error.to_string()))?;
        let answer = arm.answers().first();
        Ok(Iteration {
            elapsed_ns: batch.elapsed_ns,
            usage: batch.usage,
            answer: *answer.ok_or_else(|| nobody("the iteration gave no answer"))?,
        })
    }

    fn stretch(self, told: &StretchOrder, start: Instant) -> Result<Stretch, Failure> {
        let engines: Vec<&dyn Engine> = told
            .engines
            .iter()
            .map(|name| find_engine(name))
            .collect::<Result<_, _>>()?;
        let other = other_fixture(told)?; // outlives the arm that works on it
        let mut readers: Vec<_> = engines.iter().map(|engine| engine.reader()).collect();
        let mut arms = Vec::with_capacity(engines.len());
        for (number, (engine, reader)) in engines.iter().zip(&mut readers).enumerate() {
            let elsewhere = other.as_ref().filter(|(arm, ..)| *arm == number);
            let fixture = elsewhere.map_or(&self.fixture, |(_, fixture, _)| fixture);
            let arm = match told.conditions.scope {
                Scope::PerCall => Arm::new(*engine, self.workload, fixture),
                Scope::KeptOpen => Arm::kept_open(reader.as_mut(), self.workload, fixture),
            };
            let arm = arm.map_err(|trouble| Failure {
                arm: Some(number),
                trouble,
            })?;
            arms.push(match elsewhere {
                Some((_, fixture, answer)) => arm.on_other_file(fixture, *answer),
                None => arm,
            });
        }
        let scratch: Option<Scratch> = match self.scratch {
            Some(ticket) => Some(ticket.open_with_pristine(&self.fixture)?),
            None => None,
        };
        let expected = told.expected.clone();
        let mut subject = Subject::told(self.workload, &self.fixture, expected, scratch);
        let lineup = Lineup::new(&mut subject, arms, told.conditions, told.seed);
        run_rounds(Pairing::of(lineup), told, start)
    }
}

/// The other file of an arm that has one, brought into memory.
fn other_fixture(told: &StretchOrder) -> Result<Option<(usize, Fixture, Answer)>, Failure> {
    let Some(elsewhere) = &told.elsewhere else {
        return Ok(None);
    };
    let fixture = elsewhere.target.clone().open()?;
    fixture.read()?;
    Ok(Some((elsewhere.arm, fixture, elsewhere.answer)))
}

fn run_rounds(
    mut pairing: Pairing<'_, '_, '_>,
    told: &StretchOrder,
    start: Instant,
) -> Result<Stretch, Failure> {
    let clock = Monotonic::start();
    pairing.make_ready()?;
    let lineup = pairing.lineup();
    lineup.tell_arms(note_arm);
    if told.batch_iterations.is_empty() {
        lineup.size_batches(&clock)?;
    } else {
        lineup.set_batch_iterations(&told.batch_iterations);
    }
    lineup.warm_up(&clock)?;
    let batch_iterations = lineup.batch_iterations().to_vec();
    let end = start + Duration::from_nanos(told.time_ns);
    pairing.run_until(&clock, end, FEWEST_ROUNDS)?;
    let kept = pairing.finish();
    Ok(Stretch {
        batch_iterations,
        rounds: kept.rounds,
        voided: kept.voided,
    })
}

/// Leaves a byte where the parent finds it should this process die: one small write into memory, in
/// front of a batch and outside the clock.
fn note_arm(arm: usize) {
    let note = ARM_NOTE | u8::try_from(arm).unwrap_or(u8::MAX);
    // Without the note the parent blames the whole contest, which is no worse than not to run.
    let _ = std::io::stderr().write_all(&[note]);
}

fn find_engine(name: &str) -> Result<&'static dyn Engine, Failure> {
    engine::find(name).ok_or_else(|| nobody(format!("this worker has no engine `{name}`")))
}

/// Trouble of which no arm is to blame.
fn nobody(reason: impl Into<String>) -> Failure {
    Failure::from(Trouble::Failed(reason.into()))
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { arm: None, trouble }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        nobody(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_order_is_answered() {
        assert!(work(b"").contains("is no message of a worker"));
        assert!(work(br#"{"protocol": 1}"#).contains("speaks protocol 1"));
        assert!(work(b"\xff\xfe").contains("is no message of a worker"));
    }
}
