//! On which processors this thread may run. One that does not move keeps its caches, and two
//! measurements that are pinned apart do not take turns on one processor.
//!
//! # Safety
//!
//! The raw calls get sets of processors and the length of these in bytes.
#![allow(unsafe_code)]

/// Pins the calling thread to one processor. Threads and processes that it makes afterwards are
/// pinned as well; threads that run already stay free.
///
/// # Errors
/// Where the system pins nothing, or does not let this thread run on `cpu`; the message names the
/// processors that it may use.
#[cfg(target_os = "linux")]
pub fn pin(cpu: u32) -> Result<(), String> {
    let refused = || {
        let allowed = allowed_cpus().unwrap_or_default();
        format!(
            "processor {cpu} cannot be used here; choose one of {}",
            in_ranges(&allowed)
        )
    };
    if cpu as usize >= MOST_CPUS {
        return Err(refused());
    }
    let mask = mask_of(cpu);
    // Only the kernel knows: a thread pinned elsewhere may still move here.
    // SAFETY: the call reads as many bytes as the mask has.
    let status =
        unsafe { libc::sched_setaffinity(0, size_of_val(mask.as_slice()), mask.as_ptr().cast()) };
    if status == 0 {
        return Ok(());
    }
    let error = std::io::Error::last_os_error();
    Err(match error.raw_os_error() {
        Some(libc::EINVAL) => refused(),
        _ => format!("cannot pin to processor {cpu}: {error}"),
    })
}

/// More processors than any kernel is built for; the sets of the C library end at 1,024.
#[cfg(target_os = "linux")]
const MOST_CPUS: usize = 1 << 20;

/// A word of the kernel's sets of processors.
#[cfg(target_os = "linux")]
type Word = libc::c_ulong;

#[cfg(target_os = "linux")]
const WORD_BITS: usize = Word::BITS as usize;

/// The set of one processor. The kernel takes a set of any length.
#[cfg(target_os = "linux")]
fn mask_of(cpu: u32) -> Vec<Word> {
    let cpu = cpu as usize;
    let mut mask = vec![0; cpu / WORD_BITS + 1];
    mask[cpu / WORD_BITS] = 1 << (cpu % WORD_BITS);
    mask
}

/// The processors of a set, ascending.
#[cfg(target_os = "linux")]
fn cpus_in(mask: &[Word]) -> Vec<u32> {
    let bits = mask.iter().enumerate().flat_map(|(at, word)| {
        let set = (0..WORD_BITS).filter(move |bit| word >> bit & 1 == 1);
        set.map(move |bit| at * WORD_BITS + bit)
    });
    bits.filter_map(|cpu| u32::try_from(cpu).ok()).collect()
}

/// See Linux's `pin`: here there is none.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn pin(_cpu: u32) -> Result<(), String> {
    Err("only Linux pins a process to a processor".to_owned())
}

/// The processors that the calling thread may use, ascending; `None` where the system does not
/// tell.
#[must_use]
#[cfg(target_os = "linux")]
pub fn allowed_cpus() -> Option<Vec<u32>> {
    let mut words = 1_024 / WORD_BITS;
    while words <= MOST_CPUS / WORD_BITS {
        let mut mask: Vec<Word> = vec![0; words];
        // SAFETY: the call writes no more bytes than the mask has.
        let status = unsafe {
            libc::sched_getaffinity(0, size_of_val(mask.as_slice()), mask.as_mut_ptr().cast())
        };
        if status == 0 {
            return Some(cpus_in(&mask));
        }
        // A set that is too short for the kernel's is refused.
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINVAL) {
            return None;
        }
        words *= 2;
    }
    None
}

/// The processors that the calling thread may use, ascending; `None` where the system does not
/// tell.
#[must_use]
#[cfg(not(target_os = "linux"))]
pub fn allowed_cpus() -> Option<Vec<u32>> {
    None
}

/// `0-3, 8` of ascending numbers: a large machine has too many processors to name one by one.
#[cfg(target_os = "linux")]
fn in_ranges(cpus: &[u32]) -> String {
    let runs = cpus.chunk_by(|left, right| left.checked_add(1) == Some(*right));
    let texts: Vec<String> = runs
        .filter_map(|run| match run {
            [] => None,
            [only] => Some(only.to_string()),
            [first, .., last] => Some(format!("{first}-{last}")),
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// In a thread of its own, so that the thread of the tests stays free.
    fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| scope.spawn(work).join().unwrap())
    }

    #[test]
    fn a_pinned_thread_has_one_processor_and_can_move_to_another() {
        let allowed = allowed_cpus().unwrap();
        assert!(!allowed.is_empty());
        apart(|| {
            for cpu in &allowed {
                pin(*cpu).unwrap();
                assert_eq!(allowed_cpus().unwrap(), [*cpu]);
            }
        });
        assert_eq!(allowed_cpus().unwrap(), allowed);
    }

    #[test]
    fn a_processor_that_is_not_there_is_refused_with_those_that_are() {
        let allowed = allowed_cpus().unwrap();
        for cpu in [1_000, 1_024, 5_000, 1 << 20, u32::MAX] {
            if allowed.contains(&cpu) {
                continue;
            }
            let error = apart(|| pin(cpu)).unwrap_err();
            assert!(error.contains(&cpu.to_string()), "{error}");
            assert!(error.ends_with(&in_ranges(&allowed)), "{error}");
        }
    }

    #[test]
    fn sets_reach_beyond_a_thousand_processors() {
        for cpu in [0, 63, 64, 1_023, 1_024, 5_000] {
            assert_eq!(cpus_in(&mask_of(cpu)), [cpu]);
        }
        assert_eq!(cpus_in(&[0b101, 0, 1]), [0, 2, 2 * Word::BITS]);
    }

    #[test]
    fn neighbours_are_named_as_a_range() {
        assert_eq!(in_ranges(&[0, 1, 2, 5, 7, 8]), "0-2, 5, 7-8");
        assert_eq!(in_ranges(&[]), "");
    }
}
