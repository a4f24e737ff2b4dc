//! The hands that have work done: workers are started, told, listened to, and survived.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::interrupt::{Event, Interrupt};
use super::lineup::Failure;
use super::protocol::{self, Job, Order, PROTOCOL, Reply};
use super::stage::Stage;
use super::trouble::Trouble;
use super::worker::ARM_NOTE;
use crate::sys::{self, MemoryLimit};
use crate::units::ByteCount;

/// Starts workers and waits for them.
#[derive(Debug)]
pub struct Hands {
    program: PathBuf,
    arguments: Vec<String>,
    deadline: Duration,
    interrupt: Interrupt,
    limit: Option<MemoryLimit>,
    pin: Option<u32>,
}

impl Hands {
    /// Workers of `program`, a mapmark. One that has not answered when `deadline` is over, counted
    /// from when it should have, is ended.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, deadline: Duration) -> Self {
        Self {
            program: program.into(),
            arguments: vec!["worker".to_owned()],
            deadline,
            interrupt: Interrupt::default(),
            limit: None,
            pin: None,
        }
    }

    /// Has `interrupt` end workers.
    #[must_use]
    pub fn interrupted_by(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// Keeps workers within `limit`.
    #[must_use]
    pub fn within(mut self, limit: Option<MemoryLimit>) -> Self {
        self.limit = limit;
        self
    }

    /// Keeps workers on processor `pin`.
    #[must_use]
    pub fn pinned(mut self, pin: Option<u32>) -> Self {
        self.pin = pin;
        self
    }

    /// The order to do `job` on the file of `stage`, as it is told.
    pub(super) fn order(&self, stage: &mut Stage<'_>, job: Job) -> Result<String, Trouble> {
        stage.make_scratch()?;
        let order = Order {
            protocol: PROTOCOL,
            target: stage.target().ticket(),
            workload: stage.workload().name().to_owned(),
            scratch: stage.scratch().map(|scratch| scratch.ticket()),
            pin: self.pin,
            job,
        };
        protocol::write(&order).map_err(|reason| Trouble::Failed(format!("the order {reason}")))
    }

    /// Has a new worker do what `order` says, which should take `time`.
    ///
    /// # Errors
    /// What the worker answers, or how it ended; and the arm it was at.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        order: &str,
        time: Duration,
    ) -> Result<T, Failure> {
        if self.interrupt.asked() {
            return Err(interrupted());
        }
        // Where nothing can be noted, nothing is: the contest is blamed instead of the arm.
        let notes = sys::anonymous_file().ok();
        let mut child = self.start(notes.as_ref())?;
        let told = self.talk(&mut child, order, time + self.deadline);
        if !matches!(told, Heard::Told(_)) {
            // It may have ended meanwhile, in which case there is nothing to end.
            let _ = child.kill();
        }
        let status = ended(&mut child, self.deadline)
            .map_err(|error| nobody(format!("cannot wait for the worker: {error}")))?;
        let at_arm = |reason| Failure {
            arm: notes.and_then(last_arm),
            trouble: Trouble::Failed(reason),
        };
        match told {
            Heard::Interrupted => Err(interrupted()),
            _ if self.interrupt.asked() => Err(interrupted()),
            Heard::Nothing => Err(at_arm(format!(
                "the worker did not answer within {:.0} s and was ended",
                (time + self.deadline).as_secs_f64()
            ))),
            Heard::Told(_) if !status.success() => Err(at_arm(self.death(status))),
            Heard::Told(line) => {
                protocol::read::<Reply<T>>(&line)
                    .map_err(|reason| nobody(format!("what the worker said {reason}")))?
                    .result
            }
        }
    }

    fn start(&self, notes: Option<&File>) -> Result<Child, Failure> {
        let stderr = notes
            .and_then(|file| file.try_clone().ok())
            .map_or_else(Stdio::null, Stdio::from);
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        // A terminal interrupts the whole group; the parent is to hear of it first, and to end its
        // worker itself.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(|error| nobody(format!("cannot start {}: {error}", self.program.display())))?;
        // It waits for its order, so it has done nothing yet.
        if let Some(limit) = &self.limit
            && let Err(reason) = limit.admit(child.id())
        {
            let _ = child.kill();
            let _ = child.wait();
            return Err(nobody(reason));
        }
        Ok(child)
    }

    /// Tells the order and listens until the worker closes its side.
    fn talk(&self, child: &mut Child, order: &str, at_most: Duration) -> Heard {
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Heard::Nothing;
        };
        let (sender, receiver) = mpsc::channel();
        self.interrupt.wakes(Some(sender.clone()));
        if self.interrupt.asked() {
            return Heard::Interrupted; // just before it could have been woken
        }
        std::thread::spawn(move || listen(stdout, &sender));
        let order = format!("{order}\n");
        std::thread::spawn(move || tell(stdin, &order));
        let heard = receiver.recv_timeout(at_most);
        self.interrupt.wakes(None);
        match heard {
            Ok(Event::Told(line)) => Heard::Told(line),
            Ok(Event::Interrupted) => Heard::Interrupted,
            Err(_) => Heard::Nothing,
        }
    }

    /// How a worker ended, in words.
    fn death(&self, status: ExitStatus) -> String {
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            match (status.signal(), &self.limit) {
                (Some(libc::SIGBUS), _) => {
                    return "the file was truncated while mapped (SIGBUS)".to_owned();
                }
                (Some(libc::SIGKILL), Some(limit)) => {
                    let bytes = ByteCount(limit.bytes());
                    return format!(
                        "the worker was killed (SIGKILL), by somebody or for want of memory, of \
                         which it had {bytes}"
                    );
                }
                (Some(libc::SIGKILL), None) => {
                    return "the worker was killed (SIGKILL), by somebody or for want of memory"
                        .to_owned();
                }
                (Some(signal), _) => return format!("the worker died of signal {signal}"),
                (None, _) => {}
            }
        }
        format!("the worker ended with {status}")
    }
}

/// Waits for a worker that has said what it had to say; one that stays all the same is ended.
fn ended(child: &mut Child, deadline: Duration) -> std::io::Result<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    let _ = child.kill();
    child.wait()
}

/// What was heard of a worker.
enum Heard {
    Told(Vec<u8>),
    Nothing,
    Interrupted,
}

/// A worker that died does not take the order; how it died is what will be told. One that does not
/// read holds up nobody but this thread.
fn tell(mut stdin: ChildStdin, order: &str) {
    let _ = stdin.write_all(order.as_bytes());
}

fn listen(mut stdout: ChildStdout, sender: &Sender<Event>) {
    let mut told = Vec::new();
    // What cannot be read is no message, which its reader will say.
    let _ = stdout.read_to_end(&mut told);
    // Nobody listens to a worker that was given up.
    let _ = sender.send(Event::Told(told));
}

/// The last arm that a worker noted.
fn last_arm(mut notes: File) -> Option<usize> {
    let mut noted = Vec::new();
    notes.rewind().ok()?;
    notes.read_to_end(&mut noted).ok()?;
    let last = noted.iter().rfind(|byte| **byte >= ARM_NOTE)?;
    Some(usize::from(last & !ARM_NOTE))
}

fn interrupted() -> Failure {
    Failure::from(Trouble::Skipped(
        "the run was interrupted before".to_owned(),
    ))
}

/// Trouble of which no arm is to blame.
fn nobody(reason: String) -> Failure {
    Failure::from(Trouble::Failed(reason))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::measure::protocol::Iteration;

    /// A worker that is a line of shell.
    fn shell(script: &str, deadline: Duration) -> Hands {
        Hands {
            arguments: vec!["-c".to_owned(), script.to_owned()],
            ..Hands::new("sh", deadline)
        }
    }

    fn failure(hands: &Hands) -> Failure {
        let told = hands.ask::<Iteration>("{}", Duration::ZERO);
        told.expect_err("nothing sensible was said")
    }

    fn told(script: &str) -> String {
        let failure = failure(&shell(script, Duration::from_secs(60)));
        failure.trouble.reason().to_owned()
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
        assert!(told("printf '\\377\\376'").contains("is no message of a worker"));
        assert!(told("exec true").contains("is no message of a worker"));
    }

    #[test]
    fn the_arm_at_which_a_worker_died_is_known() {
        let script = "printf '\\200\\201\\202\\201' >&2; kill -KILL $$";
        let hands = shell(script, Duration::from_secs(60));
        assert_eq!(failure(&hands).arm, Some(1));
        let silent = shell(
            "echo last words >&2; kill -KILL $$",
            Duration::from_secs(60),
        );
        assert_eq!(failure(&silent).arm, None);
    }

    #[test]
    fn a_worker_that_hangs_is_ended() {
        let hands = shell("exec sleep 600", Duration::from_millis(50));
        assert!(failure(&hands).trouble.reason().contains("did not answer"));
    }

    #[test]
    fn an_interrupt_ends_the_worker_and_all_later_ones() {
        let interrupt = Interrupt::default();
        let hands = shell("exec sleep 600", Duration::from_secs(600));
        let hands = hands.interrupted_by(interrupt.clone());
        let asking = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            interrupt.ask();
        });
        let start = Instant::now();
        for _ in 0..2 {
            let trouble = failure(&hands).trouble;
            assert!(matches!(trouble, Trouble::Skipped(_)), "{trouble:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(300));
        asking.join().unwrap();
    }

    #[test]
    fn a_program_that_is_missing_is_a_reason() {
        let hands = Hands::new("/no/such/mapmark", Duration::from_secs(1));
        assert!(
            failure(&hands)
                .trouble
                .reason()
                .contains("/no/such/mapmark")
        );
    }
}
