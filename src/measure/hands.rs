//! The hands that have work done: workers are started, told, listened to, and survived.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::employed::{Employed, Errand, InTurns, interrupted};
use super::interrupt::Interrupt;
use super::lineup::Failure;
use super::protocol::{self, Assignment, Introduction, Job, Order, PROTOCOL, Wanted};
use super::stage::Stage;
use super::trouble::Trouble;
use crate::engine::Engine;
use crate::sys::{MemoryLimit, Notes, Program};
use crate::units::ByteCount;

/// How long to wait before what a worker died of is tried once more: a system that had no process to give
/// may have one then.
const BEFORE_AGAIN: Duration = Duration::from_millis(50);

/// Starts workers and waits for them.
#[derive(Clone, Debug)]
pub struct Hands {
    program: Program,
    arguments: Vec<String>,
    deadline: Duration,
    interrupt: Interrupt,
    limit: Option<Arc<MemoryLimit>>,
    pin: Option<u32>,
    /// How workers died whose work was done by another then. Clones share it.
    replaced: Arc<Mutex<Vec<String>>>,
}

/// The arms of another build, which take turns with those of this one in every round.
#[derive(Clone, Copy)]
pub struct Rivals<'v> {
    /// The other build's workers.
    pub hands: &'v Hands,
    /// Its arms: those of this build, as far as it has them.
    pub engines: &'v [&'static dyn Engine],
}

impl Hands {
    /// Workers of `program`, a mapmark. One that has not answered when `deadline` is over, counted
    /// from when it should have, is ended.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, deadline: Duration) -> Self {
        Self::starting(Program::at(program.into()), deadline)
    }

    fn starting(program: Program, deadline: Duration) -> Self {
        Self {
            program,
            arguments: vec!["worker".to_owned()],
            deadline,
            interrupt: Interrupt::default(),
            limit: None,
            pin: None,
            replaced: Arc::default(),
        }
    }

    /// Workers of the program that runs, whatever becomes of its file.
    ///
    /// # Errors
    /// Where the system does not tell which program that is.
    pub fn of_this(deadline: Duration) -> io::Result<Self> {
        Ok(Self::starting(Program::this()?, deadline))
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
        self.limit = limit.map(Arc::new);
        self
    }

    /// The same for workers of another program.
    #[must_use]
    pub fn of(&self, program: impl Into<PathBuf>) -> Self {
        Self {
            program: Program::at(program.into()),
            ..self.clone()
        }
    }

    /// Where the program was found.
    #[must_use]
    pub fn program(&self) -> &Path {
        self.program.path()
    }

    /// Copies the program, as workers of it are, to `copy`.
    ///
    /// # Errors
    /// What the system answered.
    pub fn copy_program(&self, copy: &Path) -> io::Result<()> {
        std::fs::copy(self.program.source(), copy).map(drop)
    }

    /// Asks the program what it is.
    ///
    /// # Errors
    /// Where it does not answer, or speaks another version of the protocol; the words name both.
    pub fn introduction<B: DeserializeOwned>(&self) -> Result<Introduction<B>, Trouble> {
        let errand = Errand {
            line: written(Wanted::Introduction)?,
            has_rounds: false,
            file: None,
        };
        let told = self.twice(|| self.ask(&errand, Duration::ZERO));
        told.map_err(|failure| failure.trouble)
    }

    /// How workers died whose work was done by another then, in the order of time.
    #[must_use]
    pub fn replaced(&self) -> Vec<String> {
        let replaced = self.replaced.lock();
        replaced.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does `work`, and once more where a worker died of it: another process may have killed it, or memory
    /// was short for a moment.
    ///
    /// # Errors
    /// What went wrong, the second time where there was one.
    pub(super) fn twice<T>(
        &self,
        mut work: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match work() {
            Err(failure) if failure.is_death() && !self.interrupt.asked() => {
                std::thread::sleep(BEFORE_AGAIN);
                let done = work()?;
                let replaced = self.replaced.lock();
                let mut replaced = replaced.unwrap_or_else(PoisonError::into_inner);
                replaced.push(failure.trouble.reason().to_owned());
                Ok(done)
            }
            told => told,
        }
    }

    /// Keeps workers on processor `pin`.
    #[must_use]
    pub fn pinned(mut self, pin: Option<u32>) -> Self {
        self.pin = pin;
        self
    }

    /// What a worker is told to do `job` on the file of `stage`.
    pub(super) fn order(&self, stage: &mut Stage<'_>, job: Job) -> Result<Errand, Trouble> {
        stage.make_scratch()?;
        let has_rounds = matches!(job, Job::Stretch(_));
        let line = written(Wanted::Work(Box::new(Assignment {
            target: stage.target().ticket(),
            workload: stage.workload().name().to_owned(),
            scratch: stage.scratch().map(|scratch| scratch.ticket()),
            pin: self.pin,
            job,
        })))?;
        Ok(Errand {
            line,
            has_rounds,
            file: Some((stage.path().to_owned(), stage.target().bytes().0)),
        })
    }

    /// Has a new worker do what `errand` says, which should take `time`.
    ///
    /// # Errors
    /// What the worker answers, or how it ended; and the arm it was at.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        errand: &Errand,
        time: Duration,
    ) -> Result<T, Failure> {
        self.employ()?.ask(errand, time)
    }

    /// Has a new worker make itself ready to do rounds in turns, as `errand` says.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub(super) fn begin(&self, errand: &Errand) -> Result<InTurns, Failure> {
        self.employ()?.begin(errand)
    }

    fn employ(&self) -> Result<Employed, Failure> {
        if self.interrupt.asked() {
            return Err(interrupted());
        }
        // Where nothing can be noted, nothing is: the contest is blamed instead of the arm.
        let notes = Notes::new().ok();
        let child = self.start(notes.as_ref())?;
        let limit = self.limit.as_ref().map(|limit| ByteCount(limit.bytes()));
        let interrupt = self.interrupt.clone();
        Ok(Employed::new(child, notes, self.deadline, interrupt, limit))
    }

    fn start(&self, notes: Option<&Notes>) -> Result<Child, Failure> {
        let stderr = notes.and_then(|notes| notes.stdio().ok());
        let stderr = stderr.unwrap_or_else(Stdio::null);
        let mut command = Command::new(self.program.source());
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        // A terminal interrupts the whole group; the parent is to hear of it first, and to end its
        // worker itself.
        // And what a worker allocates is not to depend on how its program is called.
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(0);
            command.arg0("mapmark");
        }
        let mut child = command.spawn().map_err(|error| {
            Failure::death(format!(
                "cannot start {}: {error}",
                self.program().display()
            ))
        })?;
        // It waits for its order, so it has done nothing yet.
        if let Some(limit) = &self.limit
            && let Err(reason) = limit.admit(child.id())
        {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Failure::death(reason));
        }
        Ok(child)
    }
}

fn written(wanted: Wanted) -> Result<String, Trouble> {
    let order = Order {
        protocol: PROTOCOL,
        wanted,
    };
    protocol::write(&order).map_err(|reason| Trouble::Failed(format!("the order {reason}")))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::measure::protocol::Iteration;
    use std::time::Instant;

    /// A worker that is a line of shell.
    fn shell(script: &str, deadline: Duration) -> Hands {
        Hands {
            arguments: vec!["-c".to_owned(), script.to_owned()],
            ..Hands::new("sh", deadline)
        }
    }

    fn failure(hands: &Hands) -> Failure {
        let errand = Errand {
            line: "{}".to_owned(),
            has_rounds: false,
            file: None,
        };
        let told = hands.ask::<Iteration>(&errand, Duration::ZERO);
        told.expect_err("nothing sensible was said")
    }

    fn told(script: &str) -> String {
        let failure = failure(&shell(script, Duration::from_secs(60)));
        failure.trouble.reason().to_owned()
    }

    #[test]
    fn a_dead_worker_is_a_reason() {
        assert_eq!(told("kill -BUS $$"), "the worker died of SIGBUS");
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
        if !Path::new("/proc/self/fd").exists() {
            return; // a shell cannot open its standard error anew, to write to its start
        }
        let script =
            "for arm in 0 1 2 1; do printf \"\\\\20$arm\" 1<>/dev/stderr; done; kill -KILL $$";
        let hands = shell(script, Duration::from_secs(60));
        assert_eq!(failure(&hands).arm, Some(1));
    }

    #[test]
    fn what_a_worker_prints_before_it_dies_blames_no_arm() {
        for words in ["last words", "caf\u{e9} \u{3002}", r"\201\202"] {
            let script = format!("printf '{words}' >&2; kill -KILL $$");
            let hands = shell(&script, Duration::from_secs(60));
            assert_eq!(failure(&hands).arm, None, "{words}");
        }
    }

    #[test]
    fn a_worker_that_babbles_is_ended() {
        let much = Duration::from_secs(600);
        let said = failure(&shell("exec yes", much)).trouble;
        assert!(said.reason().contains("said more than 1MiB"), "{said:?}");
        // Whether it is ended or gives up by itself, it is not listened to.
        failure(&shell("exec yes >&2", much));
    }

    #[test]
    fn what_a_worker_started_ends_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("pid");
        let script = format!(
            "sleep 600 & echo $! > '{0}.new'; mv '{0}.new' '{0}'; wait",
            place.display()
        );
        let hands = shell(&script, Duration::from_secs(1));
        assert!(failure(&hands).trouble.reason().contains("did not answer"));
        let pid = std::fs::read_to_string(&place).unwrap();
        let ended = || {
            let asked = Command::new("kill").args(["-0", pid.trim()]).output();
            !asked.unwrap().status.success()
        };
        let start = Instant::now();
        while !ended() && start.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(ended());
    }

    #[test]
    fn no_deadline_is_too_long() {
        let told = failure(&shell("echo nonsense", Duration::MAX)).trouble;
        assert!(told.reason().contains("is no message"), "{told:?}");
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
        let asking = std::thread::Builder::new().spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            interrupt.ask();
        });
        let start = Instant::now();
        for _ in 0..2 {
            let trouble = failure(&hands).trouble;
            assert!(matches!(trouble, Trouble::Skipped(_)), "{trouble:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(300));
        asking.unwrap().join().unwrap();
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
