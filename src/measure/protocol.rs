//! What a worker is told and what it answers: one line of JSON each.

use serde::{Deserialize, Serialize};

use super::round::Batch;
use crate::fixture::Ticket;
use crate::sys::Usage;
use crate::workload::Answer;

/// Raised whenever a message changes its meaning; both sides refuse another's.
pub(super) const PROTOCOL: u32 = 1;

/// One iteration to be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) protocol: u32,
    pub(super) fixture: Ticket,
    pub(super) workload: String,
    pub(super) engine: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) protocol: u32,
    pub(super) result: Result<Iteration, String>,
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

/// Reads a message, and refuses one of another protocol with both versions named.
pub(super) fn read<T: for<'a> Deserialize<'a>>(line: &str) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Head {
        protocol: u32,
    }
    let wrong = |error| format!("is no message of a worker: {error}");
    let head: Head = serde_json::from_str(line).map_err(wrong)?;
    if head.protocol != PROTOCOL {
        return Err(format!(
            "speaks protocol {}, and this program speaks {PROTOCOL}",
            head.protocol
        ));
    }
    serde_json::from_str(line).map_err(wrong)
}

/// Writes a message, without the line feed behind it.
pub(super) fn write(message: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(message).map_err(|error| format!("cannot be told to a worker: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reply_comes_back_as_it_was() {
        let reply = Reply {
            protocol: PROTOCOL,
            result: Ok(Iteration {
                elapsed_ns: 7,
                usage: None,
                answer: Answer::Offset(3),
            }),
        };
        assert_eq!(read::<Reply>(&write(&reply).unwrap()).unwrap(), reply);
    }

    #[test]
    fn another_protocol_is_refused_with_both_versions() {
        let error = read::<Reply>(r#"{"protocol": 99, "new": true}"#).unwrap_err();
        assert_eq!(error, "speaks protocol 99, and this program speaks 1");
    }

    proptest! {
        #[test]
        fn no_line_whatever_makes_a_reader_panic(line in ".*", protocol in any::<u32>()) {
            let _ = read::<Order>(&line);
            let _ = read::<Reply>(&format!(r#"{{"protocol": {protocol}, "result": {line}}}"#));
        }
    }
}
