//! Blocks made on several threads, digested and written in order.
//!
//! Each thread makes, digests and writes whole blocks, so a block stays in one core's cache;
//! digesting and writing wait for their turn. Writing one block overlaps with digesting the next
//! and making others, and there is one block in memory per thread whatever the size.

use std::{
    io::{self, Write},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{
    Digest,
    text::{Block, Counts, Recipe},
};

/// More would wait: writing is in turn, and making a block takes about as long as writing it.
const MOST_THREADS: u64 = 4;

/// Writes the whole text to `sink` and returns what is in it.
pub(crate) fn write<W: Write + Send>(recipe: &Recipe, sink: W) -> io::Result<(Counts, Digest)> {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let line = Line {
        recipe,
        next: AtomicU64::new(0),
        digest: Turns::new(Digest::new()),
        sink: Turns::new((sink, Counts::default())),
        failure: Mutex::new(None),
    };
    thread::scope(|scope| {
        for _ in 1..cores.min(MOST_THREADS).min(recipe.blocks()) {
            // Where no thread is to be had, the others do its work.
            let _ = thread::Builder::new().spawn_scoped(scope, || line.work());
        }
        line.work();
    });
    if let Some(cause) = lock(&line.failure).take() {
        return Err(cause);
    }
    let (mut sink, counts) = line.sink.finish();
    sink.flush()?;
    Ok((counts, line.digest.finish()))
}

struct Line<'a, W> {
    recipe: &'a Recipe,
    /// The first block that no thread has taken.
    next: AtomicU64,
    digest: Turns<Digest>,
    sink: Turns<(W, Counts)>,
    failure: Mutex<Option<io::Error>>,
}

impl<W: Write> Line<'_, W> {
    fn work(&self) {
        let _guard = StopOnPanic(self);
        let mut block = Block::new();
        while self.one(&mut block).is_some() {}
    }

    /// Makes, digests and writes the next block; nothing where there is none or another failed.
    fn one(&self, block: &mut Block) -> Option<()> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        if index >= self.recipe.blocks() {
            return None;
        }
        self.recipe.fill(index, block);
        self.digest
            .turn(index, |digest| digest.update(block.text()))?;
        let written = self.sink.turn(index, |(sink, counts)| {
            counts.add(&block.counts);
            sink.write_all(block.text())
        })?;
        if let Err(cause) = written {
            *lock(&self.failure) = Some(cause);
            self.stop();
        }
        Some(())
    }

    fn stop(&self) {
        self.digest.stop();
        self.sink.stop();
    }
}

/// A sink of the caller's may panic; the other threads must not wait for ever for its turn to end.
struct StopOnPanic<'a, 'b, W: Write>(&'a Line<'b, W>);

impl<W: Write> Drop for StopOnPanic<'_, '_, W> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

/// A value that is lent to the holders of the indexes 0, 1, 2, … in this order.
struct Turns<T> {
    state: Mutex<(Turn, T)>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    Of(u64),
    Stopped,
}

impl<T> Turns<T> {
    fn new(value: T) -> Self {
        Self {
            state: Mutex::new((Turn::Of(0), value)),
            changed: Condvar::new(),
        }
    }

    /// Waits for the turn of `index` and uses it; nothing where the line was stopped.
    fn turn<R>(&self, index: u64, task: impl FnOnce(&mut T) -> R) -> Option<R> {
        let waits = |state: &mut (Turn, T)| {
            !matches!(state.0, Turn::Of(turn) if turn == index) && state.0 != Turn::Stopped
        };
        let mut state = self
            .changed
            .wait_while(lock(&self.state), waits)
            .unwrap_or_else(PoisonError::into_inner);
        if state.0 == Turn::Stopped {
            return None;
        }
        let result = task(&mut state.1);
        state.0 = Turn::Of(index + 1);
        self.changed.notify_all();
        Some(result)
    }

    fn stop(&self) {
        lock(&self.state).0 = Turn::Stopped;
        self.changed.notify_all();
    }

    fn finish(self) -> T {
        let state = self.state.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).1
    }
}

/// A panic elsewhere is reported by its own thread; here the data is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ByteCount, TextSpec};

    const BYTES: u64 = 3_000_000;

    fn recipe() -> Recipe {
        Recipe::new(&TextSpec::new(ByteCount(BYTES), 7))
    }

    /// Refuses everything after so many bytes.
    struct Full(u64);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len() as u64)
                .ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn threads_give_what_one_would() {
        let (recipe, mut one, mut block) = (recipe(), Vec::new(), Block::new());
        for index in 0..recipe.blocks() {
            recipe.fill(index, &mut block);
            one.extend_from_slice(block.text());
        }
        for _ in 0..20 {
            let mut many = Vec::new();
            assert!(write(&recipe, &mut many).is_ok());
            assert!(one == many);
        }
    }

    #[test]
    fn the_sink_s_error_comes_back_wherever_it_happens() {
        for room in [0, 1, BYTES / 2, BYTES - 1] {
            let error = write(&recipe(), Full(room)).err();
            assert_eq!(
                error.map(|cause| cause.kind()),
                Some(io::ErrorKind::StorageFull)
            );
        }
        assert!(write(&recipe(), Full(BYTES)).is_ok());
    }

    #[test]
    fn a_panicking_sink_ends_all_threads() {
        struct Panicking;
        impl Write for Panicking {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                panic!("on purpose");
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let outcome = std::panic::catch_unwind(|| write(&recipe(), Panicking).is_ok());
        assert!(outcome.is_err());
    }
}
