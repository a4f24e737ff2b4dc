//! Listening to a worker, which may be any program: no more is heard than one of ours would have to say.

use std::io::{BufRead, BufReader, Read};
use std::process::ChildStdout;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::interrupt::Event;
use super::protocol::TURN;

/// An answer of any kind has no more bytes, so that a program that babbles is not listened to without end.
pub(super) const MOST_TOLD: u64 = 1 << 20;

/// Rounds come on top: at most so many bytes of them for each second that the worker lived before it
/// answered. Twenty thousand batches, which is what the shortest that are timed well come to, have a quarter.
const MOST_TOLD_A_SECOND: u64 = 1 << 24;

/// Listens to a worker.
pub(super) struct Ear<R = BufReader<ChildStdout>> {
    pub(super) stdout: R,
    pub(super) begin: Instant,
    pub(super) has_rounds: bool,
    pub(super) sender: SyncSender<Event>,
}

impl<R: BufRead> Ear<R> {
    /// Tells what the worker says until it closes its side.
    pub(super) fn listen(mut self) {
        // What it says depends on how long it worked before.
        let _ = self.stdout.fill_buf();
        let lived = match self.has_rounds {
            true => self.begin.elapsed().as_secs_f64(),
            false => 0.0,
        };
        let most = MOST_TOLD + (lived * MOST_TOLD_A_SECOND as f64) as u64;
        // Nobody listens to a worker that was given up.
        let _ = self.sender.send(all_of(self.stdout, most));
    }

    /// Tells of each turn that the worker is ready for, and of what it says at the end.
    pub(super) fn listen_in_turns(mut self) {
        while let Ok([TURN, ..]) = self.stdout.fill_buf() {
            self.stdout.consume(1);
            if self.sender.send(Event::Ready).is_err() {
                return; // the worker was given up
            }
        }
        self.listen();
    }
}

/// All that can be read, but no more than so many bytes.
fn all_of(from: impl Read, most: u64) -> Event {
    let mut told = Vec::new();
    // What cannot be read is no message, which its reader will say.
    let _ = from.take(most.saturating_add(1)).read_to_end(&mut told);
    match told.len() as u64 > most {
        true => Event::Babbled(most),
        false => Event::Told(told),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::super::employed::MOST_EVENTS;
    use super::*;

    #[test]
    fn what_babbles_is_cut_off() {
        let heard = |from: &mut dyn Read| match all_of(from, 10) {
            Event::Told(told) => Some(told),
            _ => None,
        };
        assert_eq!(heard(&mut io::repeat(b'x')), None);
        assert_eq!(heard(&mut &b"0123456789"[..]), Some(b"0123456789".to_vec()));
        assert_eq!(heard(&mut &b"said"[..]), Some(b"said".to_vec()));
    }

    /// What is heard of a worker that says `said`, and lived so long before.
    fn heard(said: impl Read, lived: Duration, has_rounds: bool) -> Vec<Event> {
        let (sender, events) = mpsc::sync_channel(MOST_EVENTS);
        let ear = Ear {
            stdout: BufReader::new(said),
            begin: Instant::now().checked_sub(lived).unwrap(),
            has_rounds,
            sender,
        };
        ear.listen();
        events.try_iter().collect()
    }

    #[test]
    fn rounds_may_be_as_many_as_the_worker_had_time_for() {
        let said = || io::repeat(b'x').take(2 * MOST_TOLD);
        let long = Duration::from_secs(10);
        let fits = |lived, has_rounds| match &heard(said(), lived, has_rounds)[..] {
            [Event::Told(told)] => told.len() as u64 == 2 * MOST_TOLD,
            [Event::Babbled(_)] => false,
            other => panic!("{other:?}"),
        };
        assert!(fits(long, true));
        assert!(!fits(long, false) && !fits(Duration::ZERO, true));
    }

    #[test]
    fn one_that_is_ready_all_the_time_has_to_wait() {
        let (sender, events) = mpsc::sync_channel(MOST_EVENTS);
        let ear = Ear {
            stdout: BufReader::new(io::repeat(TURN)),
            begin: Instant::now(),
            has_rounds: true,
            sender,
        };
        let listening = thread::Builder::new()
            .spawn(move || ear.listen_in_turns())
            .unwrap();
        for _ in 0..10 {
            assert!(matches!(events.recv(), Ok(Event::Ready)));
        }
        drop(events); // given up
        listening.join().unwrap();
    }
}
