//! A worker at work: told its order, listened to, and survived, however it ends.

use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::{DeserializeOwned, IgnoredAny};

use super::ear::{Ear, MOST_TOLD};
use super::interrupt::{Event, INTERRUPTED, Interrupt};
use super::lineup::Failure;
use super::protocol::{self, Reply, TURN};
use super::trouble::Trouble;
use super::worker::ARM_NOTE;
use crate::sys::{self, Notes};
use crate::units::ByteCount;

/// What was heard of a worker and not yet listened to: one that speaks out of its turn waits.
pub(super) const MOST_EVENTS: usize = 2;

/// How often a worker is looked at whose standard error may grow.
const LOOK: Duration = Duration::from_millis(250);

/// What a worker is to do.
pub(super) struct Errand {
    /// The order.
    pub(super) line: String,
    /// Whether it is answered with rounds, which may be many.
    pub(super) has_rounds: bool,
    /// The file that it maps, and how many bytes that has.
    pub(super) file: Option<(PathBuf, u64)>,
}

/// A worker, from its start to its end.
pub(super) struct Employed {
    child: Child,
    /// Where it notes the arm it is at.
    notes: Option<Notes>,
    /// The file that it maps.
    file: Option<(PathBuf, u64)>,
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
    waker: SyncSender<Event>,
    ended: bool,
}

/// What was heard of a worker.
enum Heard {
    Ready,
    Told(Vec<u8>),
    /// More than so many bytes.
    Babble(u64),
    Nothing,
    Interrupted,
}

impl Employed {
    /// A worker that was started and waits for its order.
    pub(super) fn new(
        mut child: Child,
        notes: Option<Notes>,
        deadline: Duration,
        interrupt: Interrupt,
        limit: Option<ByteCount>,
    ) -> Self {
        let (waker, events) = mpsc::sync_channel(MOST_EVENTS);
        Self {
            stdin: child.stdin.take(),
            written: None,
            child,
            notes,
            file: None,
            deadline,
            interrupt,
            limit,
            events,
            waker,
            ended: false,
        }
    }

    /// Has it do what `errand` says, which should take `time`, and tells what it answers.
    ///
    /// # Errors
    /// What the worker answers, or how it ended; and the arm it was at.
    pub(super) fn ask<T: DeserializeOwned>(
        mut self,
        errand: &Errand,
        time: Duration,
    ) -> Result<T, Failure> {
        self.tell(errand, false)?;
        let heard = self.hear(time);
        self.conclude(heard, time)
    }

    /// Has it make itself ready for the turns that `errand` tells of.
    ///
    /// # Errors
    /// Where the system has no thread to listen to it with.
    pub(super) fn begin(mut self, errand: &Errand) -> Result<InTurns, Failure> {
        self.tell(errand, true)?;
        Ok(InTurns(self))
    }

    /// How long to wait for what should take `time`.
    fn patience(&self, time: Duration) -> Duration {
        time.saturating_add(self.deadline)
    }

    /// Tells the order, and has the worker listened to: `in_turns`, or until it closes its side.
    fn tell(&mut self, errand: &Errand, in_turns: bool) -> Result<(), Failure> {
        let (Some(mut stdin), Some(stdout)) = (self.stdin.take(), self.child.stdout.take()) else {
            return Ok(()); // never, both are pipes; nothing will be heard then
        };
        self.file.clone_from(&errand.file);
        let ear = Ear {
            stdout: BufReader::new(stdout),
            begin: Instant::now(),
            has_rounds: errand.has_rounds,
            sender: self.waker.clone(),
        };
        in_background(move || match in_turns {
            true => ear.listen_in_turns(),
            false => ear.listen(),
        })?;
        let order = format!("{}\n", errand.line);
        let (back, written) = mpsc::channel();
        self.written = in_turns.then_some(written);
        // A worker that does not read holds up nobody but this thread; one that died does not take the
        // order, and how it died is what will be told.
        in_background(move || {
            let _ = stdin.write_all(order.as_bytes());
            let _ = back.send(stdin);
        })
    }

    /// Waits for what the worker says next, which should take `time`.
    fn hear(&self, time: Duration) -> Heard {
        self.interrupt.wakes(Some(self.waker.clone()));
        if self.interrupt.asked() {
            return Heard::Interrupted; // just before it could have been woken
        }
        let heard = self.wait(self.patience(time));
        self.interrupt.wakes(None);
        heard
    }

    fn wait(&self, patience: Duration) -> Heard {
        let begin = Instant::now();
        let growing = self.notes.as_ref().filter(|notes| notes.can_grow());
        loop {
            let left = patience.saturating_sub(begin.elapsed());
            let step = growing.map_or(left, |_| left.min(LOOK));
            match self.events.recv_timeout(step) {
                Ok(Event::Ready) => return Heard::Ready,
                Ok(Event::Told(line)) => return Heard::Told(line),
                Ok(Event::Babbled(most)) => return Heard::Babble(most),
                Ok(Event::Interrupted) => return Heard::Interrupted,
                Err(RecvTimeoutError::Disconnected) => return Heard::Nothing,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if growing.is_some_and(Notes::overgrown) {
                return Heard::Babble(MOST_TOLD);
            }
            if begin.elapsed() >= patience {
                return Heard::Nothing;
            }
        }
    }

    /// What the worker told at its end, or why it told nothing.
    fn conclude<T: DeserializeOwned>(
        &mut self,
        heard: Heard,
        time: Duration,
    ) -> Result<T, Failure> {
        if !matches!(heard, Heard::Told(_)) {
            end(&mut self.child);
        }
        self.ended = true;
        let status = ended(&mut self.child, self.deadline)
            .map_err(|error| Failure::nobodys(format!("cannot wait for the worker: {error}")))?;
        let noted = self.notes.take().and_then(|notes| last_arm(&notes));
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
            Heard::Babble(most) => Err(at_arm(format!(
                "the worker said more than {}, which no answer has, and was ended",
                ByteCount(most)
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
                    return match &self.file {
                        Some((path, bytes)) => sys::bus_error(path, *bytes),
                        None => "the worker died of SIGBUS".to_owned(),
                    };
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
            end(&mut self.child);
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
        thread::sleep(Duration::from_micros(100));
    }
    end(child);
    child.wait()
}

/// Ends a worker, with what it may have started itself: each is the first of a process group of its own.
fn end(child: &mut Child) {
    // It may have ended meanwhile, in which case there is nothing to end.
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.kill();
}

/// Does `work` on a thread of its own.
fn in_background(work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let begun = thread::Builder::new().spawn(work);
    begun.map(drop).map_err(|error| {
        Failure::death(format!(
            "the system has no thread to talk to a worker with ({error}); it has too little memory, or \
             too many processes run"
        ))
    })
}

/// The arm that a worker noted last.
fn last_arm(notes: &Notes) -> Option<usize> {
    let note = notes.last().filter(|note| *note >= ARM_NOTE)?;
    Some(usize::from(note & !ARM_NOTE))
}

pub(super) fn interrupted() -> Failure {
    Failure::from(Trouble::Skipped(INTERRUPTED.to_owned()))
}
