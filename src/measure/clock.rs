//! What is read at the edges of a batch: the time, and the kernel's counters.

use std::cell::Cell;
use std::time::Instant;

use crate::sys::Usage;

/// A clock that never runs backwards, with the counters that go with it.
pub trait Clock {
    /// Nanoseconds since some fixed moment.
    fn now_ns(&self) -> u64;

    /// What the kernel has charged so far; `None` where it does not tell.
    fn usage(&self) -> Option<Usage>;
}

/// The system's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    origin: Instant,
}

impl Monotonic {
    /// A clock that counts from now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Clock for Monotonic {
    fn now_ns(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn usage(&self) -> Option<Usage> {
        Usage::now()
    }
}

/// How fine a clock is and what reading it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockFacts {
    /// Nanoseconds from one reading to the next, on average.
    pub cost_ns: f64,
    /// The shortest step seen between two readings that differ, in nanoseconds; `None` where none
    /// differed.
    pub resolution_ns: Option<u64>,
}

impl ClockFacts {
    /// Reads `clock` a few thousand times and looks at the steps.
    #[must_use]
    pub fn of(clock: &impl Clock) -> Self {
        const READINGS: u32 = 4_096;
        let first = clock.now_ns();
        let mut last = first;
        let mut resolution_ns: Option<u64> = None;
        for _ in 0..READINGS {
            let now = clock.now_ns();
            if now > last {
                let step = now - last;
                resolution_ns = Some(resolution_ns.map_or(step, |shortest| shortest.min(step)));
            }
            last = now;
        }
        Self {
            cost_ns: (last - first) as f64 / f64::from(READINGS),
            resolution_ns,
        }
    }
}

/// A clock for tests: each batch takes the next of the given times, over and over.
#[derive(Debug)]
pub struct Scripted {
    batches_ns: Vec<u64>,
    now_ns: Cell<u64>,
    readings: Cell<usize>,
}

impl Scripted {
    /// A clock whose every second reading is later than the one before by the next of these times.
    #[must_use]
    pub fn new(batches_ns: Vec<u64>) -> Self {
        Self {
            batches_ns,
            now_ns: Cell::new(0),
            readings: Cell::new(0),
        }
    }
}

impl Clock for Scripted {
    fn now_ns(&self) -> u64 {
        let reading = self.readings.replace(self.readings.get() + 1);
        if reading % 2 == 1 && !self.batches_ns.is_empty() {
            let step = self.batches_ns[reading / 2 % self.batches_ns.len()];
            self.now_ns.set(self.now_ns.get() + step);
        }
        self.now_ns.get()
    }

    /// A fault and a microsecond of system time at each reading of the clock.
    fn usage(&self) -> Option<Usage> {
        let count = self.readings.get() as u64;
        Some(Usage {
            minor_faults: count,
            system_ns: 1_000 * count,
            ..Usage::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripted_clock_follows_its_script() {
        let clock = Scripted::new(vec![5, 7]);
        let readings: Vec<u64> = (0..6).map(|_| clock.now_ns()).collect();
        assert_eq!(readings, [0, 5, 5, 12, 12, 17]);
    }

    #[test]
    fn the_monotonic_clock_moves() {
        let facts = ClockFacts::of(&Monotonic::start());
        assert!(facts.cost_ns > 0.0);
        assert!(facts.resolution_ns > Some(0));
        assert_eq!(ClockFacts::of(&Scripted::new(vec![])).resolution_ns, None);
    }
}
