//! What a worker is told and what it answers: one line of JSON each. A worker whose rounds take turns
//! with another's also waits for a line feed before each round, and says one when it is ready for it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::lineup::{Conditions, Failure};
use super::round::{Batch, Round};
use crate::fixture::{ScratchTicket, Ticket};
use crate::plan::Scope;
use crate::sys::Usage;
use crate::workload::{Answer, Expected};

/// Raised whenever a message changes its meaning; both sides refuse another's.
pub const PROTOCOL: u32 = 3;

/// What stands between rounds that take turns: no message is as short.
pub(super) const TURN: u8 = b'\n';

/// What a worker is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) protocol: u32,
    pub(super) wanted: Wanted,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wanted {
    /// To say what it is. Answered by an [`Introduction`].
    Introduction,
    /// To work.
    Work(Box<Assignment>),
}

/// What a worker is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Assignment {
    pub(super) target: Ticket,
    pub(super) workload: String,
    /// The copy to change, for a workload that writes.
    pub(super) scratch: Option<ScratchTicket>,
    /// The processor to stay on.
    pub(super) pin: Option<u32>,
    pub(super) job: Job,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Job {
    /// One iteration, in a process that did nothing before. Answered by an [`Iteration`].
    Iteration { engine: String, scope: Scope },
    /// One iteration, to see what it holds and fetches. Answered by a
    /// [`Weight`](super::weight::Weight).
    Weighing { engine: String },
    /// Rounds, for some time. Answered by a [`Stretch`].
    Stretch(Box<StretchOrder>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StretchOrder {
    pub(super) engines: Vec<String>,
    pub(super) expected: Expected,
    pub(super) conditions: Conditions,
    pub(super) seed: u64,
    /// The lengths of the batches, one for each engine; empty where they are to be found.
    pub(super) batch_iterations: Vec<u64>,
    /// When to end, counted from the worker's start; without a meaning where rounds take turns.
    pub(super) time_ns: u64,
    /// Whether each round waits for its turn.
    pub(super) in_turns: bool,
    /// Not there in what older programs send, and not read by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) slow_down: Option<SlowDown>,
}

/// A slow-down that is planted, to see whether it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowDown {
    /// Which arm, counted as they are handed over.
    pub arm: usize,
    /// How much longer each of its batches takes than the work in it, in percent.
    pub percent: u64,
}

/// What a worker is: how its program was built, and what it can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction<B> {
    /// The build, as whoever starts workers describes it.
    pub build: B,
    /// Its engines.
    pub engines: Vec<Known>,
    /// Its workloads.
    pub workloads: Vec<Known>,
}

/// An engine or a workload that a program has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// The version of its work.
    pub version: u32,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reply<T> {
    pub(super) protocol: u32,
    pub(super) result: Result<T, Failure>,
}

/// An iteration and what it found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Iteration {
    pub(super) elapsed_ns: u64,
    pub(super) usage: Option<Usage>,
    pub(super) answer: Answer,
}

impl Iteration {
    pub(super) fn batch(&self) -> Batch {
        Batch {
            iterations: 1,
            elapsed_ns: self.elapsed_ns,
            usage: self.usage,
        }
    }
}

/// Rounds whose answers were right and whose cache state was verified, and how long their batches
/// were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stretch {
    pub(super) batch_iterations: Vec<u64>,
    pub(super) rounds: Vec<Round>,
    pub(super) voided: u64,
}

/// Reads a message, and refuses one of another protocol with both versions named.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Head {
        protocol: u32,
    }
    let wrong = |error| format!("is no message of a worker: {error}");
    let head: Head = serde_json::from_slice(line).map_err(wrong)?;
    if head.protocol != PROTOCOL {
        return Err(format!(
            "speaks protocol {}, and this program speaks {PROTOCOL}",
            head.protocol
        ));
    }
    serde_json::from_slice(line).map_err(wrong)
}

/// Writes a message, without the line feed behind it.
pub(super) fn write(message: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(message).map_err(|error| format!("cannot be told: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Trouble;
    use proptest::prelude::*;

    fn stretch() -> Reply<Stretch> {
        let batch = Batch {
            iterations: 3,
            elapsed_ns: 7,
            usage: Some(Usage::default()),
        };
        Reply {
            protocol: PROTOCOL,
            result: Ok(Stretch {
                batch_iterations: vec![3],
                rounds: vec![Round {
                    batches: vec![batch],
                    positions: vec![0],
                }],
                voided: 1,
            }),
        }
    }

    #[test]
    fn a_reply_comes_back_as_it_was() {
        let told = write(&stretch()).unwrap();
        assert_eq!(read::<Reply<Stretch>>(told.as_bytes()).unwrap(), stretch());
        let failed: Reply<Iteration> = Reply {
            protocol: PROTOCOL,
            result: Err(Failure {
                arm: Some(2),
                trouble: Trouble::Failed("wrong answer".to_owned()),
            }),
        };
        let told = write(&failed).unwrap();
        assert_eq!(read::<Reply<Iteration>>(told.as_bytes()).unwrap(), failed);
    }

    #[test]
    fn another_protocol_is_refused_with_both_versions() {
        let error = read::<Reply<Iteration>>(br#"{"protocol": 99, "new": true}"#).unwrap_err();
        assert_eq!(
            error,
            format!("speaks protocol 99, and this program speaks {PROTOCOL}")
        );
    }

    proptest! {
        #[test]
        fn no_bytes_whatever_make_a_reader_panic(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<Order>(&line);
            let _ = read::<Reply<Stretch>>(&line);
        }

        #[test]
        fn a_message_damaged_anywhere_is_refused_or_read(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut line = write(&stretch()).unwrap().into_bytes();
            let at = at.index(line.len());
            line[at] = byte;
            let _ = read::<Reply<Stretch>>(&line);
            line.truncate(at);
            prop_assert!(read::<Reply<Stretch>>(&line).is_err());
        }
    }
}
