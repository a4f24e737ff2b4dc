//! What an iteration holds in memory and what passes between it and the system, looked at in a
//! process of its own while the file is still open.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::trouble::Trouble;
use crate::engine::Engine;
use crate::fixture::{Fixture, Scratch};
use crate::sys::{Resident, Transfer, TransferReading, mapped_of};
use crate::workload::{Answer, Kind, Work, Workload, serve};

/// What one iteration holds and fetches, beyond what its process did before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// Memory when the work is done and nothing closed yet: its peak, for engines that let go at the
    /// end.
    pub memory: Option<Resident>,
    /// Bytes of the file itself that are mapped and resident then.
    #[serde(default)]
    pub mapped_bytes: Option<u64>,
    /// Bytes and calls of reading and writing. What a map touches is not among them.
    pub transfer: Option<Transfer>,
}

/// A weight, and the answer that shows that the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Weighed {
    weight: Weight,
    answer: Answer,
}

impl Weighed {
    pub(super) fn parts(self) -> (Option<Weight>, Answer) {
        let known = self.weight.memory.is_some() || self.weight.transfer.is_some();
        (known.then_some(self.weight), self.answer)
    }
}

/// Runs one iteration and looks around before it closes.
///
/// # Errors
/// What the system answered.
pub(super) fn weigh(
    engine: &dyn Engine,
    workload: &dyn Workload,
    fixture: &Fixture,
    scratch: Option<Scratch>,
) -> Result<Weighed, Trouble> {
    let refused = |error: std::io::Error| Trouble::Failed(error.to_string());
    let work = workload
        .work(fixture.bytes(), fixture.questions())
        .map_err(|error| Trouble::Failed(error.to_string()))?;
    let path = match &scratch {
        Some(scratch) => scratch.path().to_owned(),
        None => fixture.path().to_owned(),
    };
    let before = Readings::now();
    match (work, scratch) {
        (Work::Read(mut task), _) => {
            let mut reader = engine.reader();
            let mut access = reader.open(fixture).map_err(refused)?;
            let answer = serve(task.as_mut(), &mut access).map_err(refused)?;
            Ok(before.until_now(&path, answer))
        }
        (Work::Write(mut edit), Some(mut scratch)) => {
            let durable = workload.kind() == Kind::Writes { durable: true };
            let mut writer = engine.writer().map_err(Trouble::unsupported)?;
            let mut access = writer.open(&mut scratch).map_err(refused)?;
            let count = access.edit(edit.as_mut(), durable).map_err(refused)?;
            Ok(before.until_now(&path, Answer::Count(count)))
        }
        (Work::Write(_), None) => Err(Trouble::Failed("no scratch copy was made".to_owned())),
    }
}

struct Readings {
    memory: Option<Resident>,
    transfer: Option<TransferReading>,
}

impl Readings {
    /// The transfer is read last before the work and first after it: reading memory transfers too.
    fn now() -> Self {
        let memory = Resident::now();
        Self {
            memory,
            transfer: TransferReading::now(),
        }
    }

    fn until_now(self, path: &Path, answer: Answer) -> Weighed {
        let transfer = TransferReading::now();
        let memory = Resident::now();
        Weighed {
            weight: Weight {
                memory: memory
                    .zip(self.memory)
                    .map(|(after, before)| after - before),
                mapped_bytes: mapped_of(path),
                transfer: transfer
                    .zip(self.transfer)
                    .map(|(after, before)| after.since(&before)),
            },
            answer,
        }
    }
}
