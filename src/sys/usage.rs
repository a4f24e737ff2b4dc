//! What the kernel has charged to this thread so far: faults, processor time, context switches.
//!
//! Linux brings what `getrusage` tells of processor time up to date at ticks and at switches only, so a
//! batch between two ticks would cost nothing, and the one with the tick all of it. Reading the clock of
//! the thread's processor time brings it up to date too: so that clock is read first, and is the sum.
//! User and system time are samples still: the kernel splits the sum as its ticks fell.
//!
//! # Safety
//!
//! `getrusage` fills a plain structure of integers that is handed to it by pointer.
#![allow(unsafe_code)]

use std::ops::Sub;

use serde::{Deserialize, Serialize};

/// Counters since the thread began (since the process began where the system counts no threads).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Page faults served without the device.
    pub minor_faults: u64,
    /// Page faults that waited for the device.
    pub major_faults: u64,
    /// Blocks of 512 bytes that were fetched from a device.
    pub blocks_in: u64,
    /// Processor time in user mode, in nanoseconds.
    pub user_ns: u64,
    /// Processor time in the kernel, in nanoseconds.
    pub system_ns: u64,
    /// Whether the sum of both is what the scheduler counted, to the nanosecond, and not a sample.
    #[serde(default)]
    pub exact: bool,
    /// Times the thread gave up the processor to wait.
    pub voluntary_switches: u64,
    /// Times the processor was taken from it.
    pub involuntary_switches: u64,
}

impl Sub for Usage {
    type Output = Self;

    /// What was charged between two readings.
    fn sub(self, earlier: Self) -> Self {
        // The sum is exact where its parts are rounded to microseconds.
        let worked_ns = self.processor_ns().saturating_sub(earlier.processor_ns());
        let system_ns = self.system_ns.saturating_sub(earlier.system_ns);
        let system_ns = system_ns.min(worked_ns);
        Self {
            minor_faults: self.minor_faults.saturating_sub(earlier.minor_faults),
            major_faults: self.major_faults.saturating_sub(earlier.major_faults),
            blocks_in: self.blocks_in.saturating_sub(earlier.blocks_in),
            user_ns: worked_ns - system_ns,
            system_ns,
            exact: self.exact && earlier.exact,
            voluntary_switches: self
                .voluntary_switches
                .saturating_sub(earlier.voluntary_switches),
            involuntary_switches: self
                .involuntary_switches
                .saturating_sub(earlier.involuntary_switches),
        }
    }
}

impl Usage {
    /// Processor time in all, in nanoseconds.
    #[must_use]
    pub fn processor_ns(&self) -> u64 {
        self.user_ns.saturating_add(self.system_ns)
    }

    /// What one thread can have been charged within `elapsed_ns`: the calls that read the counters are
    /// charged too, and are not in the time. They are the system's.
    #[must_use]
    pub fn within(self, elapsed_ns: u64) -> Self {
        if !self.exact {
            return self;
        }
        let user_ns = self.user_ns.min(elapsed_ns);
        let system_ns = self.system_ns.min(elapsed_ns - user_ns);
        Self {
            user_ns,
            system_ns,
            ..self
        }
    }

    /// Reads the counters; `None` where the system does not tell.
    #[must_use]
    #[cfg(unix)]
    pub fn now() -> Option<Self> {
        use rustix::time::{ClockId, clock_gettime};

        #[cfg(target_os = "linux")]
        const WHO: (libc::c_int, ClockId) = (libc::RUSAGE_THREAD, ClockId::ThreadCPUTime);
        #[cfg(not(target_os = "linux"))]
        const WHO: (libc::c_int, ClockId) = (libc::RUSAGE_SELF, ClockId::ProcessCPUTime);

        let worked = clock_gettime(WHO.1);
        let mut raw = std::mem::MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: the pointer is valid for one `rusage`, which the call fills.
        let status = unsafe { libc::getrusage(WHO.0, raw.as_mut_ptr()) };
        if status != 0 {
            return None;
        }
        // SAFETY: all fields are integers, for which zeroes are valid too.
        let raw = unsafe { raw.assume_init() };
        let count = |value: libc::c_long| u64::try_from(value).unwrap_or(0);
        let nanos = |time: libc::timeval| {
            let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
            let micros = u64::try_from(time.tv_usec).unwrap_or(0);
            seconds * 1_000_000_000 + micros * 1_000
        };
        let seconds = u64::try_from(worked.tv_sec).unwrap_or(0);
        let worked_ns = seconds * 1_000_000_000 + u64::try_from(worked.tv_nsec).unwrap_or(0);
        let system_ns = nanos(raw.ru_stime).min(worked_ns);
        Some(Self {
            minor_faults: count(raw.ru_minflt),
            major_faults: count(raw.ru_majflt),
            blocks_in: count(raw.ru_inblock),
            user_ns: worked_ns - system_ns,
            system_ns,
            exact: true,
            voluntary_switches: count(raw.ru_nvcsw),
            involuntary_switches: count(raw.ru_nivcsw),
        })
    }

    /// Reads the counters; `None` where the system does not tell.
    #[must_use]
    #[cfg(not(unix))]
    pub fn now() -> Option<Self> {
        None
    }
}

/// How long a tick of the kernel's accounting is, in nanoseconds: by as many it tells user from system
/// time. Where it counts both as they pass, a microsecond, in which it tells them.
#[must_use]
pub fn accounting_tick_ns() -> u64 {
    #[cfg(target_os = "linux")]
    {
        // The coarse clock moves with the tick, and so tells how long one is.
        let tick = rustix::time::clock_getres(rustix::time::ClockId::MonotonicCoarse);
        u64::try_from(tick.tv_nsec).unwrap_or(0).max(1_000)
    }
    #[cfg(not(target_os = "linux"))]
    {
        1_000
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn touching_new_memory_counts_faults() {
        let before = Usage::now().unwrap();
        let pages = std::hint::black_box(vec![1u8; 4 << 20]);
        let after = Usage::now().unwrap();
        assert!(!pages.is_empty());
        assert!((after - before).minor_faults >= 1);
    }

    /// Works for about `nanos` on this thread.
    fn work(nanos: u128) {
        let start = std::time::Instant::now();
        while start.elapsed().as_nanos() < nanos {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn processor_time_is_counted_between_ticks_too() {
        assert!(accounting_tick_ns() >= 1_000);
        for _ in 0..200 {
            let before = Usage::now().unwrap();
            let start = std::time::Instant::now();
            // A fortieth of a tick, so that in most of these none falls.
            work(100_000);
            let elapsed_ns = u64::try_from(start.elapsed().as_nanos()).unwrap();
            let charged = Usage::now().unwrap() - before;
            assert!(charged.exact);
            assert!(charged.processor_ns() > 0, "{charged:?}");
            let told = charged.within(elapsed_ns);
            assert!(told.processor_ns() <= elapsed_ns, "{told:?}");
        }
    }

    #[test]
    fn parts_that_are_rounded_leave_the_sum_exact() {
        let reading = |user_ns, system_ns| Usage {
            user_ns,
            system_ns,
            exact: true,
            ..Usage::default()
        };
        // The microsecond that the system's time was rounded to passed, while 300 ns did.
        let charged = reading(4_500, 3_000) - reading(5_200, 2_000);
        assert_eq!((charged.user_ns, charged.system_ns), (0, 300));
        assert_eq!(
            reading(70, 40).within(100),
            reading(70, 30),
            "the calls at the edges are the system's"
        );
        assert_eq!(reading(170, 40).within(100), reading(100, 0));
        let sampled = Usage {
            exact: false,
            ..reading(170, 40)
        };
        assert_eq!(sampled.within(100), sampled);
    }
}
