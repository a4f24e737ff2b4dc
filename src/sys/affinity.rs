//! On which processors this thread may run. One that does not move keeps its caches, and two
//! measurements that are pinned apart do not take turns on one processor.

/// Pins the calling thread to one processor. Threads and processes that it makes afterwards are
/// pinned as well; threads that run already stay free.
///
/// # Errors
/// Where the system pins nothing, or does not let this thread run on `cpu`; the message names the
/// processors that it may use.
#[cfg(target_os = "linux")]
pub fn pin(cpu: u32) -> Result<(), String> {
    use rustix::thread::{CpuSet, sched_setaffinity};

    let refused = || {
        let allowed = allowed_cpus().unwrap_or_default();
        format!(
            "processor {cpu} cannot be used here; choose one of {}",
            in_ranges(&allowed)
        )
    };
    let index = cpu as usize;
    if index >= CpuSet::MAX_CPU {
        return Err(refused());
    }
    let mut set = CpuSet::new();
    set.set(index);
    // Only the kernel knows: a thread pinned elsewhere may still move here.
    sched_setaffinity(None, &set).map_err(|error| match error {
        rustix::io::Errno::INVAL => refused(),
        error => format!("cannot pin to processor {cpu}: {error}"),
    })
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
    use rustix::thread::{CpuSet, sched_getaffinity};

    let set = sched_getaffinity(None).ok()?;
    let indexes = (0..CpuSet::MAX_CPU).filter(|index| set.is_set(*index));
    indexes.map(|index| u32::try_from(index).ok()).collect()
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
        for cpu in [1_000, 1_024, u32::MAX] {
            if allowed.contains(&cpu) {
                continue;
            }
            let error = apart(|| pin(cpu)).unwrap_err();
            assert!(error.contains(&cpu.to_string()), "{error}");
            assert!(error.ends_with(&in_ranges(&allowed)), "{error}");
        }
    }

    #[test]
    fn neighbours_are_named_as_a_range() {
        assert_eq!(in_ranges(&[0, 1, 2, 5, 7, 8]), "0-2, 5, 7-8");
        assert_eq!(in_ranges(&[]), "");
    }
}
