//! A worker at work: told its order, listened to, and survived, however it ends.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use serde::de::{DeserializeOwned, IgnoredAny};

use super::interrupt::{Event, Interrupt};
use super::lineup::Failure;
use super::protocol::{self, Reply, TURN};
use super::trouble::Trouble;
use super::worker::ARM_NOTE;
use crate::units::ByteCount;

/// What a worker tells is of no more bytes, so that one that babbles is not listened to without end; it is far more than
/// the rounds of any stretch that people wait for.
const MOST_TOLD: u64 = 1 << 33;

/// It is ready for no more turns, for the same reason.
const MOST_TURNS: u32 = 1 << 28;

/// A worker, from its start to its end.
pub(super) struct Employed {
    child: Child,
    /// Where it notes the arm it is at.
    notes: Option<File>,
    deadline: Duration,
    interrupt: Interrupt,
    /// The memory it has.
    limit: Option<ByteCount>,
    /// Where turns are given, once the order is written.
    stdin: Option<ChildStdin>,
    /// Hands that back then.
    written: Option<Receiver<ChildStdin>>,
    events: Receiver<Event>,
    /// Wakes whoever waits for `events`.
    waker: Sender<Event>,
    ended: bool,
}

/// What was heard of a worker.
enum Heard {
    Ready,
    Told(Vec<u8>),
    Nothing,
    Interrupted,
}

impl Employed {
    /// A worker that was started and waits for its order.
    pub(super) fn new(
        mut child: Child,
        notes: Option<File>,
        deadline: Duration,
        interrupt: Interrupt,
        limit: Option<ByteCount>,
    ) -> Self {
        let (waker, events) = mpsc::channel();
        Self {
            stdin: child.stdin.take(),
            written: None,
            child,
            notes,
            deadline,
            interrupt,
            limit,
            events,
            waker,
            ended: false,
        }
    }

    /// Has it do what `order` says, which should take `time`, and tells what it answers.
    ///
    /// # Errors
    /// What the worker answers, or how it ended; and the arm it was at.
    pub(super) fn ask<T: DeserializeOwned>(
        mut self,
        order: &str,
        time: Duration,
    ) -> Result<T, Failure> {
        self.tell(order, false);
        let heard = self.hear(time);
        self.conclude(heard, time)
    }

    /// Has it make itself ready for the turns that `order` tells of.
    pub(super) fn begin(mut self, order: &str) -> InTurns {
        self.tell(order, true);
        InTurns(self)
    }

    /// How long to wait for what should take `time`.
    fn patience(&self, time: Duration) -> Duration {
        time.saturating_add(self.deadline)
    }

    /// Tells the order, and has the worker listened to: `in_turns`, or until it closes its side.
    fn tell(&mut self, order: &str, in_turns: bool) {
        let (Some(mut stdin), Some(stdout)) = (self.stdin.take(), self.child.stdout.take()) else {
            return; // never, both are pipes; nothing will be heard then
        };
        let sender = self.waker.clone();
        std::thread::spawn(move || match in_turns {
            true => listen_in_turns(stdout, &sender),
            false => listen(stdout, &sender),
        });
        let order = format!("{order}\n");
        let (back, written) = mpsc::channel();
        self.written = in_turns.then_some(written);
        // A worker that does not read holds up nobody but this thread; one that died does not take the
        // order, and how it died is what will be told.
        std::thread::spawn(move || {
            let _ = stdin.write_all(order.as_bytes());
            let _ = back.send(stdin);
        });
    }

    /// Waits for what the worker says next, which should take `time`.
    fn hear(&self, time: Duration) -> Heard {
        self.interrupt.wakes(Some(self.waker.clone()));
        if self.interrupt.asked() {
            return Heard::Interrupted; // just before it could have been woken
        }
        let heard = self.events.recv_timeout(self.patience(time));
        self.interrupt.wakes(None);
        match heard {
            Ok(Event::Ready) => Heard::Ready,
            Ok(Event::Told(line)) => Heard::Told(line),
            Ok(Event::Interrupted) => Heard::Interrupted,
            Err(_) => Heard::Nothing,
        }
    }

    /// What the worker told at its end, or why it told nothing.
    fn conclude<T: DeserializeOwned>(
        &mut self,
        heard: Heard,
        time: Duration,
    ) -> Result<T, Failure> {
        if !matches!(heard, Heard::Told(_)) {
            // It may have ended meanwhile, in which case there is nothing to end.
            let _ = self.child.kill();
        }
        self.ended = true;
        let status = ended(&mut self.child, self.deadline)
            .map_err(|error| Failure::nobodys(format!("cannot wait for the worker: {error}")))?;
        let noted = self.notes.take().and_then(last_arm);
        let at_arm = |reason| Failure {
            arm: noted,
            trouble: Trouble::Failed(reason),
        };
        match heard {
            Heard::Interrupted => Err(interrupted()),
            _ if self.interrupt.asked() => Err(interrupted()),
            Heard::Nothing => Err(at_arm(format!(
                "the worker did not answer within {:.0} s and was ended",
                self.patience(time).as_secs_f64()
            ))),
            Heard::Ready => Err(at_arm(
                "the worker did another round than it was asked for".to_owned(),
            )),
            Heard::Told(_) if !status.success() => Err(Failure {
                arm: noted,
                trouble: Trouble::Died(self.death(status)),
            }),
            Heard::Told(line) => {
                let reply = protocol::read::<Reply<T>>(&line);
                let reply = reply
                    .map_err(|reason| Failure::nobodys(format!("what the worker said {reason}")))?;
                reply.result.map_err(|failure| match failure.trouble {
                    // Whether the run was interrupted is for its parent to say.
                    Trouble::Skipped(reason) => {
                        Failure::nobodys(format!("the worker skipped it: {reason}"))
                    }
                    _ => failure,
                })
            }
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
                    return format!(
                        "the worker was killed (SIGKILL), by somebody or for want of memory, of \
                         which it had {limit}"
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

impl Drop for Employed {
    /// A worker that nobody asks any more is ended.
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A worker whose rounds take turns with those of another.
pub(super) struct InTurns(Employed);

impl InTurns {
    /// Waits until it has done what it was told and is ready for its next turn, which should take
    /// `time`.
    ///
    /// # Errors
    /// What went wrong instead.
    pub(super) fn wait(&mut self, time: Duration) -> Result<(), Failure> {
        match self.0.hear(time) {
            Heard::Ready => Ok(()),
            heard => Err(match self.0.conclude::<IgnoredAny>(heard, time) {
                Err(failure) => failure,
                Ok(_) => Failure::nobodys("the worker ended before its turn".to_owned()),
            }),
        }
    }

    /// Has it do a round.
    pub(super) fn turn(&mut self) {
        // It is ready, so it has read its order.
        let written = self.0.written.take();
        if let Some(Ok(stdin)) = written.map(|written| written.recv_timeout(self.0.deadline)) {
            self.0.stdin = Some(stdin);
        }
        if let Some(stdin) = &mut self.0.stdin {
            // One that died does not take its turn, which is heard by whoever waits for it.
            let _ = stdin.write_all(&[TURN]);
        }
    }

    /// There are no more turns; what it has to tell, which should take `time`.
    ///
    /// # Errors
    /// What went wrong.
    pub(super) fn finish<T: DeserializeOwned>(mut self, time: Duration) -> Result<T, Failure> {
        drop((self.0.stdin.take(), self.0.written.take()));
        let heard = self.0.hear(time);
        self.0.conclude(heard, time)
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

fn listen(stdout: ChildStdout, sender: &Sender<Event>) {
    // Nobody listens to a worker that was given up.
    let _ = sender.send(Event::Told(all_of(stdout, MOST_TOLD)));
}

/// All that can be read, but no more than so many bytes.
fn all_of(from: impl Read, most: u64) -> Vec<u8> {
    let mut told = Vec::new();
    // What cannot be read, or was cut off, is no message, which its reader will say.
    let _ = from.take(most).read_to_end(&mut told);
    told
}

/// Tells of each turn that the worker is ready for, and of what it says at the end.
fn listen_in_turns(stdout: ChildStdout, sender: &Sender<Event>) {
    let mut stdout = BufReader::new(stdout);
    for _ in 0..MOST_TURNS {
        let Ok([TURN, ..]) = stdout.fill_buf() else {
            break;
        };
        stdout.consume(1);
        if sender.send(Event::Ready).is_err() {
            return; // the worker was given up
        }
    }
    let _ = sender.send(Event::Told(all_of(stdout, MOST_TOLD)));
}

/// The last arm that a worker noted.
fn last_arm(mut notes: File) -> Option<usize> {
    let mut noted = Vec::new();
    notes.rewind().ok()?;
    notes.read_to_end(&mut noted).ok()?;
    let last = noted.iter().rfind(|byte| **byte >= ARM_NOTE)?;
    Some(usize::from(last & !ARM_NOTE))
}

pub(super) fn interrupted() -> Failure {
    Failure::from(Trouble::Skipped(
        "the run was interrupted before".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_babbles_is_cut_off() {
        assert_eq!(all_of(std::io::repeat(b'x'), 10), [b'x'; 10]);
        assert_eq!(all_of(&b"said"[..], 10), b"said");
    }
}
