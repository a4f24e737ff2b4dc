//! Long work that stops early where somebody asks for it: it looks between pieces, and tidies up.

use std::error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use signal_hook::{consts, flag, low_level};

/// How many bytes are read or written before it is looked again. Smaller files are read and written by one call.
const PIECE: usize = 32 << 20;

/// How often work that cannot look itself is looked after, in milliseconds.
const LOOK_MS: u64 = 20;

/// Whether long work is to stop. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    asked: Arc<AtomicBool>,
    /// The number of the signal that asked; 0 where none did.
    signal: Arc<AtomicUsize>,
    /// Whether signals end the process again, at once.
    at_once: Arc<AtomicBool>,
}

/// What work that was stopped ends with, as the inner error of an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("interrupted")
    }
}

impl error::Error for Stopped {}

impl Stopped {
    /// Whether this is why `error` came.
    #[must_use]
    pub fn is_behind(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Stopped>())
    }
}

impl Stop {
    /// One that the signals which ask a process to end ask from now on, instead of ending it. No thread is started.
    ///
    /// # Errors
    /// Where the system lets no signal be handled.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::default();
        for signal in heeded_signals() {
            flag::register_conditional_default(signal, Arc::clone(&stop.0.at_once))?;
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, Arc::clone(&stop.0.signal), number)?;
            flag::register(signal, Arc::clone(&stop.0.asked))?;
        }
        Ok(stop)
    }

    /// Asks for it.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Has signals end the process as if they had never been handled.
    pub fn let_signals_end(&self) {
        self.0.at_once.store(true, Ordering::SeqCst);
        // One may have come just before, when there was nothing left to stop.
        self.end_as_asked();
    }

    /// Ends the process as the signal that asked would have; returns where none did.
    pub fn end_as_asked(&self) {
        let signal = self.0.signal.load(Ordering::SeqCst);
        if signal != 0 {
            end_by(i32::try_from(signal).unwrap_or_default());
        }
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`Stopped`] where somebody asked. It is not the kind `Interrupted`, after which readers and writers go on.
    pub fn check(&self) -> io::Result<()> {
        match self.asked() {
            true => Err(io::Error::other(Stopped)),
            false => Ok(()),
        }
    }

    /// `sink`, which refuses what is written to it once somebody asks.
    pub fn heeded_by<W: Write>(&self, sink: W) -> impl Write + use<'_, W> {
        Heeding { stop: self, sink }
    }

    /// The whole of the file at `path`.
    ///
    /// # Errors
    /// What the system answered, or [`Stopped`].
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        // One byte more, so that its end is seen.
        self.read_at_most(&file, bytes.saturating_add(1))
    }

    /// What is left of `file`, but at most `most` bytes, for which room is made before.
    ///
    /// # Errors
    /// What the system answered, `OutOfMemory` among it, or [`Stopped`].
    pub fn read_at_most(&self, mut file: &File, most: u64) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        // A process that asks for too much otherwise ends without a word.
        content
            .try_reserve_exact(most)
            .map_err(|_| io::ErrorKind::OutOfMemory)?;
        while content.len() < most {
            self.check()?;
            let held = content.len();
            content.resize(most.min(held.saturating_add(PIECE)), 0);
            let read = loop {
                match file.read(&mut content[held..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read?,
                }
            };
            content.truncate(held + read);
            if read == 0 {
                break;
            }
        }
        Ok(content)
    }

    /// Writes `bytes` in pieces.
    ///
    /// # Errors
    /// What the system answered, or [`Stopped`].
    pub fn write_all(&self, sink: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE) {
            self.check()?;
            sink.write_all(piece)?;
        }
        Ok(())
    }

    /// Does `work` that does not look itself on a thread of its own, which is left behind once somebody asks: the
    /// process is about to end then. Where there is no thread to be had it is done here.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn or_leave<T: Send + 'static>(
        &self,
        work: impl Fn() -> T + Send + Sync + 'static,
    ) -> io::Result<T> {
        self.check()?;
        let (done, result) = mpsc::sync_channel(1);
        let work = Arc::new(work);
        let own = Arc::clone(&work);
        let thread = thread::Builder::new().spawn(move || {
            let _ = done.send(own());
        });
        if thread.is_err() {
            return Ok(work());
        }
        loop {
            match result.recv_timeout(Duration::from_millis(LOOK_MS)) {
                Ok(done) => return Ok(done),
                Err(mpsc::RecvTimeoutError::Timeout) => self.check()?,
                // It panicked, and does so again where that is seen.
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(work()),
            }
        }
    }
}

struct Heeding<'s, W> {
    stop: &'s Stop,
    sink: W,
}

impl<W: Write> Write for Heeding<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stop.check()?;
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Ends this process as `signal` does by default.
pub fn end_by(signal: i32) {
    let _ = low_level::emulate_default_handler(signal);
}

/// Has writing beyond the largest size that a file may have (`ulimit -f`) fail like any write, with a path and a
/// reason, instead of ending this process without a word. It is handled and not ignored: programs that this one starts
/// inherit what is ignored.
pub fn outlive_the_size_limit() {
    #[cfg(unix)]
    {
        let is_ignored = ignored_signals() & (1 << (libc::SIGXFSZ - 1)) != 0;
        if !is_ignored {
            // Where it cannot be handled, the signal ends the process as ever.
            let _ = flag::register(libc::SIGXFSZ, Arc::new(AtomicBool::new(false)));
        }
    }
}

/// The signals that ask a process to end. One that this process was started to ignore, as by `nohup`, stays ignored.
#[must_use]
pub fn heeded_signals() -> Vec<i32> {
    let ignored = ignored_signals();
    let mut signals = vec![consts::SIGINT, consts::SIGTERM];
    #[cfg(unix)]
    signals.push(consts::SIGHUP);
    signals.retain(|signal| ignored & (1 << (signal - 1)) == 0);
    signals
}

/// A bit for each signal that is ignored, the first for number 1. Systems that do not tell ignore none.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_on_until_somebody_asks() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        let stop = Stop::default();
        let file = File::open(&path).unwrap();
        assert_eq!(stop.read_at_most(&file, 2).unwrap(), b"12");
        let much = stop.read_at_most(&file, u64::MAX).unwrap_err();
        assert_eq!(much.kind(), io::ErrorKind::OutOfMemory);
        let mut sink = Vec::new();
        stop.write_all(&mut sink, b"123").unwrap();
        stop.heeded_by(&mut sink).write_all(b"45").unwrap();
        assert_eq!(stop.read(&path).unwrap(), sink);
        assert_eq!(stop.or_leave(|| 7).unwrap(), 7);
        stop.clone().ask();
        let errors = [
            stop.write_all(&mut sink, b"6").unwrap_err(),
            stop.heeded_by(&mut sink).write_all(b"6").unwrap_err(),
            stop.read(&path).unwrap_err(),
            stop.or_leave(|| 7).unwrap_err(),
        ];
        assert!(errors.iter().all(Stopped::is_behind), "{errors:?}");
        assert!(!Stopped::is_behind(&io::ErrorKind::Interrupted.into()));
        assert_eq!(sink, b"12345");
    }

    #[test]
    fn work_that_does_not_look_is_left() {
        let stop = Stop::default();
        let (asks, (begun, go)) = (stop.clone(), mpsc::channel::<()>());
        let (begun, go) = (std::sync::Mutex::new(begun), std::sync::Mutex::new(go));
        let left = stop.or_leave(move || {
            asks.ask();
            // Until the test has its answer; the sender goes with this closure.
            let _ = go
                .lock()
                .map(|go| go.recv_timeout(Duration::from_secs(600)));
            drop(begun.lock());
        });
        assert!(Stopped::is_behind(&left.unwrap_err()));
    }
}
