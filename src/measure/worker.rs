//! What happens inside a worker: a process that does one job and tells what came of it.
//!
//! What a process has done before decides what its first iteration costs, so for one iteration a
//! worker does next to nothing: it reads an order, prepares what a careful user would, runs the
//! iteration and tells how long it took. The file's content never passes through it before.

use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::arm::{Arm, Subject};
use super::clock::Monotonic;
use super::lineup::{Failure, Lineup};
use super::protocol::{
    self, Assignment, Introduction, Iteration, Job, Known, Order, PROTOCOL, Reply, Stretch,
    StretchOrder, TURN, Wanted,
};
use super::steady::Steady;
use super::weight::weigh;
use crate::engine::{self, Engine};
use crate::error::Error;
use crate::fixture::{Fixture, Scratch, ScratchTicket};
use crate::plan::Scope;
use crate::sys;
use crate::workload::{self, Workload};

/// The fewest rounds of a stretch, however short its time.
const FEWEST_ROUNDS: usize = 2;

/// How often a worker that measures asks whether anybody waits for its answer.
const LISTEN: Duration = Duration::from_millis(500);

/// What allocators align to, and more than any free piece that they could take the shift from.
const ALIGNMENT: u64 = 16;
const KEPT_APART: u64 = 65_536;
const PAGE: u64 = 4096;

/// Added to the number of an arm before it is noted, so that no note is 0.
pub(super) const ARM_NOTE: u8 = 0x80;

/// Does what the line in `orders` asks for, and answers with a line in `replies`. `build` describes
/// this program, should it be asked. Never panics on an order.
///
/// # Errors
/// Where orders cannot be read or replies not written.
pub(crate) fn work(
    orders: &mut dyn BufRead,
    replies: &mut dyn Write,
    build: &impl Serialize,
) -> io::Result<()> {
    let start = Instant::now();
    sys::end_with_parent();
    let mut line = Vec::new();
    orders.read_until(b'\n', &mut line)?;
    // A parent that ended before the system was told of it reads nothing any more.
    if !sys::is_heard() {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    let reply = match protocol::read::<Order>(&line).map(|order| order.wanted) {
        Err(reason) => reply(Err::<(), _>(Failure::nobodys(format!(
            "the order {reason}"
        )))),
        Ok(Wanted::Introduction) => reply(Ok(introduction(build))),
        Ok(Wanted::Work(assignment)) => {
            let mut turns = Turns { orders, replies };
            do_job(*assignment, start, &mut turns)
        }
    };
    writeln!(replies, "{reply}")?;
    replies.flush()
}

/// Whether a worker would understand `line`: a request of this protocol, of work that it knows. Nothing of it is done;
/// that is for the process of a worker alone, which may die of a file that changes.
///
/// # Errors
/// Why not.
pub fn check_request(line: &[u8]) -> Result<(), String> {
    let Wanted::Work(assignment) = protocol::read::<Order>(line)?.wanted else {
        return Ok(());
    };
    let engines = match assignment.job {
        Job::Iteration { engine, .. } | Job::Weighing { engine } => vec![engine],
        Job::Stretch(told) => told.engines,
    };
    let known = find_workload(&assignment.workload).map(drop);
    let mut engines = engines.iter();
    known
        .and_then(|()| engines.try_for_each(|name| find_engine(name).map(drop)))
        .map_err(|failure| failure.trouble.reason().to_owned())
}

fn introduction<B: Serialize>(build: &B) -> Introduction<&B> {
    let known = |name: &str, version| Known {
        name: name.to_owned(),
        version,
    };
    let engines = engine::ENGINES.iter();
    let workloads = workload::WORKLOADS.iter();
    Introduction {
        build,
        engines: engines.map(|e| known(e.name(), e.version())).collect(),
        workloads: workloads.map(|w| known(w.name(), w.version())).collect(),
    }
}

/// Moves what will be allocated on by a multiple of 16 bytes, less than a page, that `drawn` decides.
///
/// Where in its page a buffer of the heap lies is decided by all small allocations before it, the
/// program's own name among them, and a copy into some places takes some percent more or less. So the
/// place is drawn for each stretch, as the system draws the pages. A process of one iteration is left
/// as it begins: its large buffers start a page, and it is to have done nothing before.
fn shift_heap(drawn: u64) {
    let bytes = KEPT_APART + ALIGNMENT * (drawn % (PAGE / ALIGNMENT));
    let room: Vec<u8> = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    black_box(room.leak());
}

fn do_job(assignment: Assignment, start: Instant, turns: &mut Turns<'_>) -> String {
    match Job::clone(&assignment.job) {
        Job::Iteration { engine, scope } => {
            reply(Desk::open(assignment).and_then(|desk| desk.iterate(&engine, scope)))
        }
        Job::Weighing { engine } => reply(Desk::open(assignment).and_then(|desk| {
            let engine = find_engine(&engine)?;
            let scratch = desk.scratch.map(ScratchTicket::open);
            weigh(engine, desk.workload, &desk.fixture, scratch).map_err(Failure::from)
        })),
        Job::Stretch(told) => {
            shift_heap(told.seed);
            reply(Desk::open(assignment).and_then(|desk| desk.stretch(&told, start, turns)))
        }
    }
}

/// The parent's word, for a worker whose rounds take turns with those of another.
struct Turns<'t> {
    orders: &'t mut dyn BufRead,
    replies: &'t mut dyn Write,
}

impl Turns<'_> {
    /// Says that whatever went before is done, and waits for the next turn; false where there is none.
    fn next(&mut self) -> bool {
        let said = self.replies.write_all(&[TURN]);
        let said = said.and_then(|()| self.replies.flush());
        let mut word = [0];
        said.is_ok() && self.orders.read_exact(&mut word).is_ok()
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
    fn open(assignment: Assignment) -> Result<Self, Failure> {
        if let Some(cpu) = assignment.pin {
            sys::pin(cpu).map_err(Failure::nobodys)?;
        }
        Ok(Self {
            workload: find_workload(&assignment.workload)?,
            fixture: assignment.target.open()?,
            scratch: assignment.scratch,
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
            .map_err(|error| Failure::nobodys(error.to_string()))?;
        let answer = arm.answers().first();
        Ok(Iteration {
            elapsed_ns: batch.elapsed_ns,
            usage: batch.usage,
            answer: *answer.ok_or_else(|| Failure::nobodys("the iteration gave no answer"))?,
        })
    }

    fn stretch(
        self,
        told: &StretchOrder,
        start: Instant,
        turns: &mut Turns<'_>,
    ) -> Result<Stretch, Failure> {
        let engines: Vec<&dyn Engine> = told
            .engines
            .iter()
            .map(|name| find_engine(name))
            .collect::<Result<_, _>>()?;
        let mut readers: Vec<_> = engines.iter().map(|engine| engine.reader()).collect();
        let mut arms = Vec::with_capacity(engines.len());
        for (number, (engine, reader)) in engines.iter().zip(&mut readers).enumerate() {
            let arm = match told.conditions.scope {
                Scope::PerCall => Arm::new(*engine, self.workload, &self.fixture),
                Scope::KeptOpen => Arm::kept_open(reader.as_mut(), self.workload, &self.fixture),
            };
            let arm = arm.map_err(|trouble| Failure {
                arm: Some(number),
                trouble,
            })?;
            let planted = told.slow_down.filter(|planted| planted.arm == number);
            arms.push(match planted {
                Some(planted) => arm.slowed_by(planted.percent),
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
        run_rounds(Steady::of(lineup), told, start, turns)
    }
}

fn run_rounds(
    mut steady: Steady<'_, '_, '_>,
    told: &StretchOrder,
    start: Instant,
    turns: &mut Turns<'_>,
) -> Result<Stretch, Failure> {
    let clock = Monotonic::start();
    steady.make_ready()?;
    let lineup = steady.lineup();
    lineup.tell_arms(note_arm);
    if told.batch_iterations.is_empty() {
        lineup.size_batches(&clock)?;
    } else {
        lineup.set_batch_iterations(&told.batch_iterations);
    }
    lineup.warm_up(&clock)?;
    let batch_iterations = lineup.batch_iterations().to_vec();
    if told.in_turns {
        steady.run_in_turns(&clock, &mut || turns.next())?;
    } else {
        let time = Duration::from_nanos(told.time_ns);
        let mut fewest = FEWEST_ROUNDS;
        while fewest > 0 || start.elapsed() < time {
            if !sys::is_heard() {
                return Err(Failure::nobodys("nobody waits for the answer"));
            }
            let left = time.saturating_sub(start.elapsed());
            steady.run_until(&clock, Instant::now() + left.min(LISTEN), fewest)?;
            fewest = 0;
        }
    }
    let kept = steady.finish();
    Ok(Stretch {
        batch_iterations,
        rounds: kept.rounds,
        voided: kept.voided,
    })
}

/// Leaves a byte where the parent finds it should this process die: one small write into memory, in
/// front of a batch and outside the clock.
fn note_arm(arm: usize) {
    // Without the note the parent blames the whole contest, which is no worse than not to run.
    sys::note(ARM_NOTE | u8::try_from(arm).unwrap_or(u8::MAX));
}

fn find_workload(name: &str) -> Result<&'static dyn Workload, Failure> {
    workload::find(name)
        .ok_or_else(|| Failure::nobodys(format!("this worker has no workload `{name}`")))
}

fn find_engine(name: &str) -> Result<&'static dyn Engine, Failure> {
    engine::find(name)
        .ok_or_else(|| Failure::nobodys(format!("this worker has no engine `{name}`")))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::nobodys(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_bad_order_is_answered() {
        let work = |mut order: &[u8]| {
            let mut reply = Vec::new();
            super::work(&mut order, &mut reply, &()).unwrap();
            String::from_utf8(reply).unwrap()
        };
        assert!(work(b"").contains("is no message of a worker"));
        assert!(work(br#"{"protocol": 1}"#).contains("speaks protocol 1"));
        assert!(work(b"\xff\xfe").contains("is no message of a worker"));
    }
}
