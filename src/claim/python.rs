//! A Python interpreter: found, asked who it is, given work, and survived.
//!
//! It is somebody else's program, so everything it does wrong is a reason and nothing more: to be
//! missing, to be too old, to crash, to hang, to print what nobody can read.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::measure::{INTERRUPTED, Interrupt};
use crate::record::PythonFacts;
use crate::sys;

/// What it runs.
const SCRIPT: &str = include_str!("../../scripts/python_arms.py");

/// What is looked for where nobody names one.
const USUAL: [&str; 2] = ["python3", "python"];

/// The oldest version that will do.
const OLDEST: (u32, u32) = (3, 8);

/// How often it is asked, while one waits, whether somebody interrupts.
const LOOK_UP: Duration = Duration::from_millis(100);

/// Nobody reads more of what it says.
const MOST_BYTES: u64 = 64 << 20;

/// How the C library's allocator is told to keep its memory: the first is the largest it takes.
const KEEP_MEMORY: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "1073741824"),
];

/// Why Python did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is none.
    Missing(String),
    /// It went wrong.
    Failed(String),
    /// It did not end; nothing more is asked of it.
    Hung(String),
    /// Somebody wants the run to end.
    Interrupted,
}

impl Fault {
    /// The outcome that a row gets, and its reason.
    #[must_use]
    pub fn told(&self) -> (&'static str, String) {
        match self {
            Self::Missing(reason) => ("skipped", reason.clone()),
            Self::Failed(reason) | Self::Hung(reason) => ("failed", reason.clone()),
            Self::Interrupted => ("skipped", INTERRUPTED.to_owned()),
        }
    }
}

/// An interpreter that answered.
#[derive(Debug)]
pub struct Interpreter {
    program: PathBuf,
    /// What it says of itself.
    pub facts: PythonFacts,
    deadline: Duration,
    interrupt: Interrupt,
}

#[derive(Deserialize)]
struct Probed {
    #[serde(flatten)]
    facts: PythonFacts,
    executable: Option<PathBuf>,
}

impl Interpreter {
    /// The interpreter that was named, else the usual one. One that has not ended when `deadline` is
    /// over, counted from when it should have, is ended.
    ///
    /// # Errors
    /// Where there is none, or none that will do.
    pub fn find(
        named: Option<&Path>,
        deadline: Duration,
        interrupt: &Interrupt,
    ) -> Result<Self, Fault> {
        let with = |program: &Path| Self {
            program: program.to_owned(),
            facts: PythonFacts::default(),
            deadline,
            interrupt: interrupt.clone(),
        };
        if let Some(program) = named {
            let python = with(program);
            let probed = python.probe()?;
            return Ok(Self {
                facts: probed.facts,
                ..python
            });
        }
        Self::first(&USUAL.map(Path::new), with)
    }

    /// The first of these programs that answers; where none does, what was wrong with the first that is there.
    fn first(programs: &[&Path], with: impl Fn(&Path) -> Self) -> Result<Self, Fault> {
        let mut kept = None;
        for program in programs {
            let python = with(program);
            match python.probe() {
                // What was found may only stand for the interpreter and take time to find it.
                Ok(probed) => {
                    let program = probed.executable.filter(|path| path.is_absolute());
                    return Ok(Self {
                        facts: probed.facts,
                        program: program.unwrap_or_else(|| python.program.clone()),
                        ..python
                    });
                }
                Err(Fault::Missing(_)) => {}
                Err(Fault::Interrupted) => return Err(Fault::Interrupted),
                // A `python3` that only advertises another must not hide a `python` that works.
                Err(fault) => kept = kept.or(Some(fault)),
            }
        }
        Err(kept.unwrap_or_else(|| Fault::Missing("python3 not found".to_owned())))
    }

    fn probe(&self) -> Result<Probed, Fault> {
        let told = self.run("probe", Allocator::AsItIs, Duration::ZERO)?;
        let line = told.lines().next().unwrap_or_default();
        let probed: Probed = serde_json::from_str(line).map_err(|_| no_answer(&told))?;
        let version = probed.facts.version.as_deref().unwrap_or_default();
        match numbers(version) {
            None => Err(no_answer(&told)),
            Some(numbers) if numbers < OLDEST => Err(Fault::Failed(format!(
                "python {version} is too old; {}.{} or newer is needed",
                OLDEST.0, OLDEST.1
            ))),
            Some(_) => Ok(probed),
        }
    }

    /// Whether its allocator can be told to keep its memory.
    #[must_use]
    pub fn takes_advice(&self) -> bool {
        let allocator = self.facts.allocator.as_deref().unwrap_or_default();
        allocator.starts_with("glibc")
    }

    /// Runs the script with `order`, which should take `time`, and returns what it printed.
    ///
    /// # Errors
    /// What went wrong; where it said something on standard error, the last line of it.
    pub fn run(&self, order: &str, allocator: Allocator, time: Duration) -> Result<String, Fault> {
        let mut command = Command::new(&self.program);
        command
            .args(["-I", "-c", SCRIPT, order])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, value) in KEEP_MEMORY {
            match allocator {
                Allocator::AsItIs => command.env_remove(name),
                Allocator::KeepsMemory => command.env(name, value),
            };
        }
        sys::end_with_this_process(&mut command);
        let mut child = command.spawn().map_err(|error| {
            let program = self.program.display();
            if error.kind() == std::io::ErrorKind::NotFound {
                Fault::Missing(format!("{program} not found"))
            } else {
                Fault::Failed(format!("cannot start {program}: {error}"))
            }
        })?;
        let patience = time.saturating_add(self.deadline);
        let begin = Instant::now();
        let pipes = (child.stdout.take(), child.stderr.take());
        let (out, err) = match (listen(pipes.0), listen(pipes.1)) {
            (Ok(out), Ok(err)) => (out, err),
            (Err(fault), _) | (_, Err(fault)) => {
                give_up(&mut child);
                return Err(fault);
            }
        };
        let told = self.wait(&out, begin, patience);
        let status = told.as_ref().ok();
        let status = status.and_then(|_| ended(&mut child, begin, patience));
        if status.is_none() {
            give_up(&mut child);
        }
        if self.interrupt.asked() {
            return Err(Fault::Interrupted);
        }
        let said = err.recv_timeout(LOOK_UP).unwrap_or_default();
        match (told, status) {
            (Ok(told), Some(status)) if status.success() => Ok(told),
            (Ok(_), Some(status)) => Err(Fault::Failed(death(status, &said))),
            (Err(fault), _) => Err(fault),
            (Ok(_), None) => Err(hung(patience)),
        }
    }

    fn wait(
        &self,
        out: &Receiver<String>,
        begin: Instant,
        patience: Duration,
    ) -> Result<String, Fault> {
        loop {
            match out.recv_timeout(LOOK_UP) {
                Ok(told) => return Ok(told),
                Err(RecvTimeoutError::Disconnected) => return Ok(String::new()),
                Err(RecvTimeoutError::Timeout) if self.interrupt.asked() => {
                    return Err(Fault::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) if begin.elapsed() >= patience => {
                    return Err(hung(patience));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// What the C library's allocator is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocator {
    /// Nothing.
    AsItIs,
    /// To keep memory that was given back.
    KeepsMemory,
}

/// Reads a pipe to its end, elsewhere, so that neither side waits for the other.
fn listen(pipe: Option<impl Read + Send + 'static>) -> Result<Receiver<String>, Fault> {
    let (sender, receiver) = mpsc::channel();
    let begun = std::thread::Builder::new().spawn(move || {
        let mut told = Vec::new();
        if let Some(pipe) = pipe {
            // What cannot be read is no message, which its reader will say.
            let _ = pipe.take(MOST_BYTES).read_to_end(&mut told);
        }
        // Nobody listens to one that was given up.
        let _ = sender.send(String::from_utf8_lossy(&told).into_owned());
    });
    match begun {
        Ok(_) => Ok(receiver),
        Err(error) => Err(Fault::Failed(format!(
            "the system has no thread to listen to Python with: {error}"
        ))),
    }
}

/// Ends a Python that may have ended meanwhile, in which case there is nothing to end.
fn give_up(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// How it ended, once it said all it had to say; `None` where it does not in time.
fn ended(child: &mut Child, begin: Instant, patience: Duration) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if begin.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(None) | Err(_) => return None,
        }
    }
}

fn hung(time: Duration) -> Fault {
    let seconds = time.as_secs_f64();
    Fault::Hung(format!(
        "Python did not end within {seconds:.0} s and was ended"
    ))
}

fn death(status: ExitStatus, said: &str) -> String {
    let how = format!("Python ended with {status}");
    match last_line(said) {
        Some(line) => format!("{how}: {line}"),
        None => how,
    }
}

fn no_answer(told: &str) -> Fault {
    let line = last_line(told).unwrap_or_default();
    Fault::Failed(format!("Python printed what cannot be read: `{line}`"))
}

/// The last line that says something, cut where it is long.
pub(super) fn last_line(said: &str) -> Option<String> {
    let line = said.lines().rev().find(|line| !line.trim().is_empty())?;
    let plain = line.trim().chars().filter(|one| !one.is_control());
    Some(plain.take(160).collect())
}

/// Major and minor number of `3.11.7`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn no_deadline_is_too_long() {
        let interrupt = Interrupt::default();
        let named = Path::new("/bin/sh");
        let fault = Interpreter::find(Some(named), Duration::MAX, &interrupt).unwrap_err();
        assert!(matches!(fault, Fault::Failed(_)), "{fault:?}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("3.7.9").unwrap() < OLDEST);
        assert!(numbers("3.11.7").unwrap() >= OLDEST);
        assert!(numbers("3.13.0rc1").unwrap() >= OLDEST);
        assert_eq!(numbers("three"), None);
        assert_eq!(numbers(""), None);
    }

    #[test]
    fn of_what_was_said_the_last_line_counts() {
        assert_eq!(last_line("a\nb\n\n").as_deref(), Some("b"));
        assert_eq!(last_line("  \n").as_deref(), None);
        assert_eq!(
            last_line(&"x".repeat(500)).map(|line| line.len()),
            Some(160)
        );
    }

    #[test]
    #[cfg(unix)]
    fn one_that_answers_badly_does_not_hide_the_next() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let script = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let bad = script("bad", "echo 'get it from the store' >&2; exit 9");
        let worse = script("worse", "exit 8");
        let good = script(
            "good",
            r#"echo '{"version": "3.11.0", "implementation": "CPython"}'"#,
        );
        let missing = directory.path().join("missing");
        let first = |programs: &[&Path]| {
            Interpreter::first(programs, |program| Interpreter {
                program: program.to_owned(),
                facts: PythonFacts::default(),
                deadline: Duration::from_secs(60),
                interrupt: Interrupt::default(),
            })
        };
        let found = first(&[&missing, &bad, &good]).unwrap();
        assert_eq!(found.program, good);
        let (outcome, reason) = first(&[&bad, &missing, &worse]).unwrap_err().told();
        assert_eq!(outcome, "failed");
        assert!(reason.ends_with("9: get it from the store"), "{reason}");
        assert!(matches!(first(&[&missing]), Err(Fault::Missing(_))));
    }

    #[test]
    fn a_program_that_is_missing_is_said_to_be() {
        let interrupt = Interrupt::default();
        let found = Interpreter::find(
            Some(Path::new("/no/such/python")),
            Duration::from_secs(1),
            &interrupt,
        );
        let fault = found.expect_err("it is not there");
        assert_eq!(
            fault.told(),
            ("skipped", "/no/such/python not found".to_owned())
        );
    }
}
