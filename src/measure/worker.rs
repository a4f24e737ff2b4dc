//! A new process for one iteration: the worker's side, and the hands that call it.
//!
//! What a process has done before decides what its first iteration costs, so the worker does next
//! to nothing: it reads one order, prepares what a careful user would, runs one iteration and tells
//! how long it took. The file's content never passes through it before.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::arm::Arm;
use super::clock::Monotonic;
use super::protocol::{self, Iteration, Order, PROTOCOL, Reply};
use crate::engine;
use crate::workload;

/// Runs the iteration that `order` asks for and returns the reply. Never panics on an order.
#[must_use]
pub fn work(order: &str) -> String {
    let reply = Reply {
        protocol: PROTOCOL,
        result: iterate(order),
    };
    // A reply holds numbers and a text; where it cannot be written the parent hears nothing.
    protocol::write(&reply).unwrap_or_default()
}

fn iterate(order: &str) -> Result<Iteration, String> {
    let order: Order = protocol::read(order).map_err(|reason| format!("the order {reason}"))?;
    let workload = workload::find(&order.workload)
        .ok_or_else(|| format!("this worker has no workload `{}`", order.workload))?;
    let engine = engine::find(&order.engine)
        .ok_or_else(|| format!("this worker has no engine `{}`", order.engine))?;
    let fixture = order.fixture.open().map_err(|error| error.to_string())?;
    let mut arm = Arm::new(engine, workload, &fixture).map_err(|trouble| trouble.reason())?;
    let batch = arm
        .timed(&fixture, None, &Monotonic::start(), 1)
        .map_err(|error| error.to_string())?;
    let answer = arm.answers().first();
    Ok(Iteration {
        elapsed_ns: batch.elapsed_ns,
        usage: batch.usage,
        answer: *answer.ok_or("the iteration gave no answer")?,
    })
}

/// Starts workers and waits for them.
#[derive(Clone, Debug)]
pub struct Hands {
    program: PathBuf,
    arguments: Vec<String>,
    deadline: Duration,
}

impl Hands {
    /// Workers of `program`, a mapmark. One that has not answered after `deadline` is ended.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, deadline: Duration) -> Self {
        Self {
            program: program.into(),
            arguments: vec!["worker".to_owned()],
            deadline,
        }
    }

    /// Has one iteration run in a new process.
    pub(super) fn iterate(&self, order: &str) -> Result<Iteration, String> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.program.display()))?;
        let told = self.talk(&mut child, order);
        if told.is_none() {
            // It may have ended meanwhile, in which case there is nothing to end.
            let _ = child.kill();
        }
        let status = child
            .wait()
            .map_err(|error| format!("cannot wait for the worker: {error}"))?;
        let Some(told) = told else {
            let seconds = self.deadline.as_secs();
            return Err(format!(
                "the worker did not answer within {seconds} s and was ended"
            ));
        };
        if !status.success() {
            return Err(death(status));
        }
        let reply: Reply =
            protocol::read(&told).map_err(|reason| format!("what the worker said {reason}"))?;
        reply.result
    }

    /// Tells the order and listens until the worker closes its side; `None` past the deadline.
    fn talk(&self, child: &mut Child, order: &str) -> Option<String> {
        let (mut stdin, mut stdout) = (child.stdin.take()?, child.stdout.take()?);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut told = String::new();
            // What cannot be read is no message, which its reader will say.
            let _ = stdout.read_to_string(&mut told);
            let _ = sender.send(told);
        });
        // A worker that died does not take the order; how it died is what will be told.
        let _ = writeln!(stdin, "{order}");
        drop(stdin);
        receiver.recv_timeout(self.deadline).ok()
    }
}

/// How a worker ended, in words.
fn death(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        match status.signal() {
            Some(libc::SIGBUS) => {
                return "the file was truncated while mapped (SIGBUS)".to_owned();
            }
            Some(libc::SIGKILL) => {
                return "the worker was killed (SIGKILL), by somebody or for want of memory"
                    .to_owned();
            }
            Some(signal) => return format!("the worker died of signal {signal}"),
            None => {}
        }
    }
    format!("the worker ended with {status}")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A worker that is a line of shell.
    fn shell(script: &str, deadline: Duration) -> Hands {
        Hands {
            program: "sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            deadline,
        }
    }

    fn told(script: &str) -> String {
        let told = shell(script, Duration::from_secs(60)).iterate("{}");
        told.err().unwrap_or_default()
    }

    #[test]
    fn a_dead_worker_is_a_reason() {
        assert_eq!(
            told("kill -BUS $$"),
            "the file was truncated while mapped (SIGBUS)"
        );
        assert!(told("kill -KILL $$").contains("killed (SIGKILL)"));
        assert!(told("kill -SEGV $$").contains("signal 11"));
        assert!(told("exit 7").contains("exit status: 7"));
        assert!(told("echo nonsense").contains("is no message of a worker"));
        assert!(told("echo '{\"protocol\": 9}'").contains("speaks protocol 9"));
        assert!(told("exec true").contains("is no message of a worker"));
    }

    #[test]
    fn a_worker_that_hangs_is_ended() {
        let hands = shell("exec sleep 600", Duration::from_millis(50));
        assert!(hands.iterate("{}").unwrap_err().contains("did not answer"));
    }

    #[test]
    fn a_program_that_is_missing_is_a_reason() {
        let hands = Hands::new("/no/such/mapmark", Duration::from_secs(1));
        assert!(
            hands
                .iterate("{}")
                .unwrap_err()
                .contains("/no/such/mapmark")
        );
    }

    #[test]
    fn a_bad_order_is_answered() {
        assert!(work("").contains("is no message of a worker"));
        assert!(work(r#"{"protocol": 2}"#).contains("speaks protocol 2"));
    }
}
