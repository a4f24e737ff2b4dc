//! Ending a run before its time, without losing what it found out.

use std::io;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use data_gen::Stop;

/// What is said of work that was still to be done.
pub(crate) const INTERRUPTED: &str = "the run was interrupted before";

/// A signal that comes so long after the first ends the process at once: somebody has waited in vain. Those that
/// come before are copies of the first, as `timeout` sends them.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether somebody wants the run to end. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stop: Stop,
    waiting: Mutex<Option<SyncSender<Event>>>,
}

/// What the parent of a worker waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// The worker, which takes turns, is ready for the next.
    Ready,
    /// The worker closed its side; this is what it said.
    Told(Vec<u8>),
    /// The worker said more than so many bytes, which no answer has.
    Babbled(u64),
    /// Somebody wants the run to end.
    Interrupted,
}

impl Interrupt {
    /// One that the signals which ask a process to end ask from now on.
    ///
    /// # Errors
    /// Where signals cannot be handled, or there is no thread to be had that waits for them.
    #[cfg(unix)]
    pub fn on_signals() -> io::Result<Self> {
        let interrupt = Self::default();
        let mut signals = signal_hook::iterator::Signals::new(data_gen::heeded_signals())?;
        let asked = interrupt.clone();
        thread::Builder::new().spawn(move || {
            let mut first = None;
            for signal in &mut signals {
                match first {
                    None => first = Some(std::time::Instant::now()),
                    Some(first) if first.elapsed() < PATIENCE => {}
                    Some(_) => data_gen::end_by(signal),
                }
                asked.ask();
            }
        })?;
        Ok(interrupt)
    }

    /// One that the signals which ask a process to end ask from now on.
    ///
    /// # Errors
    /// Where signals cannot be handled, or there is no thread to be had that waits for them.
    #[cfg(not(unix))]
    pub fn on_signals() -> io::Result<Self> {
        let (interrupt, signalled) = (Self::default(), Stop::on_signals()?);
        let asked = interrupt.clone();
        thread::Builder::new().spawn(move || {
            // No thread can be woken by a signal here.
            while !signalled.asked() {
                thread::sleep(Duration::from_millis(100));
            }
            asked.ask();
        })?;
        Ok(interrupt)
    }

    /// What work that looks between its pieces is told.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.0.stop
    }

    /// Asks the run to end; whoever waits for a worker is woken.
    pub fn ask(&self) {
        self.0.stop.ask();
        if let Some(waiting) = &*self.waiting() {
            // Nobody may be listening any more, or what was heard before has woken them already.
            let _ = waiting.try_send(Event::Interrupted);
        }
    }

    /// Whether the run is to end.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.stop.asked()
    }

    /// Has `waiting` woken when somebody asks; nobody with `None`.
    pub(super) fn wakes(&self, waiting: Option<SyncSender<Event>>) {
        *self.waiting() = waiting;
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<SyncSender<Event>>> {
        let waiting = self.0.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }
}
