//! What the kernel has charged to this thread so far: faults, processor time, context switches.
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
    /// Times the thread gave up the processor to wait.
    pub voluntary_switches: u64,
    /// Times the processor was taken from it.
    pub involuntary_switches: u64,
}

impl Sub for Usage {
    type Output = Self;

    /// What was charged between two readings.
    fn sub(self, earlier: Self) -> Self {
        Self {
            minor_faults: self.minor_faults.saturating_sub(earlier.minor_faults),
            major_faults: self.major_faults.saturating_sub(earlier.major_faults),
            blocks_in: self.blocks_in.saturating_sub(earlier.blocks_in),
            user_ns: self.user_ns.saturating_sub(earlier.user_ns),
            system_ns: self.system_ns.saturating_sub(earlier.system_ns),
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
    /// Reads the counters; `None` where the system does not tell.
    #[must_use]
    #[cfg(unix)]
    pub fn now() -> Option<Self> {
        #[cfg(target_os = "linux")]
        const WHO: libc::c_int = libc::RUSAGE_THREAD;
        #[cfg(not(target_os = "linux"))]
        const WHO: libc::c_int = libc::RUSAGE_SELF;

        let mut raw = std::mem::MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: the pointer is valid for one `rusage`, which the call fills.
        let status = unsafe { libc::getrusage(WHO, raw.as_mut_ptr()) };
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
        Some(Self {
            minor_faults: count(raw.ru_minflt),
            major_faults: count(raw.ru_majflt),
            blocks_in: count(raw.ru_inblock),
            user_ns: nanos(raw.ru_utime),
            system_ns: nanos(raw.ru_stime),
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
}
