//! Ending a run before its time, without losing what it found out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

/// Whether somebody wants the run to end. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    asked: AtomicBool,
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
    /// Asks the run to end; whoever waits for a worker is woken.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        if let Some(waiting) = &*self.waiting() {
            // Nobody may be listening any more, or what was heard before has woken them already.
            let _ = waiting.try_send(Event::Interrupted);
        }
    }

    /// Whether the run is to end.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
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
