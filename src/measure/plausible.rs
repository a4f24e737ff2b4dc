//! Times that a worker told of, held against the clock of its parent: a worker may be another program, and
//! what it says is believed only as far as it can be.

use std::sync::OnceLock;
use std::time::Duration;

use super::clock::{ClockFacts, Monotonic};
use super::lineup::Failure;

/// Holds what batches are said to have taken, in nanoseconds, against the `time` that the worker had in all.
///
/// # Errors
/// Where they took longer together, or one of them less than it takes to read the clock before and after it.
pub(super) fn plausible(
    batches: impl IntoIterator<Item = u64>,
    time: Duration,
) -> Result<(), Failure> {
    let least = shortest();
    let mut all = Duration::ZERO;
    for elapsed_ns in batches {
        if elapsed_ns < least {
            return Err(Failure::nobodys(format!(
                "the worker told of a batch of {elapsed_ns} ns, and reading the clock alone takes {least} ns"
            )));
        }
        all = all.saturating_add(Duration::from_nanos(elapsed_ns));
    }
    if all > time {
        return Err(Failure::nobodys(format!(
            "the worker told of {:.3} s in batches, and was there for {:.3} s",
            all.as_secs_f64(),
            time.as_secs_f64()
        )));
    }
    Ok(())
}

/// The least that a batch can take, in nanoseconds: half of the shortest step between two readings of the
/// clock here, as a worker may have met a faster moment of the processor.
fn shortest() -> u64 {
    static SHORTEST: OnceLock<u64> = OnceLock::new();
    *SHORTEST.get_or_init(|| {
        let facts = ClockFacts::of(&Monotonic::start());
        (facts.resolution_ns.unwrap_or(0) / 2).max(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_believed_between_a_reading_of_the_clock_and_all_there_was() {
        let second = Duration::from_secs(1);
        let told = |batches: &[u64]| {
            let failure = plausible(batches.iter().copied(), second).err();
            failure.map_or_else(String::new, |failure| failure.trouble.reason().to_owned())
        };
        assert_eq!(told(&[500_000_000, 500_000_000]), "");
        assert_eq!(told(&[]), "");
        assert!(told(&[500_000_000, 500_000_001]).contains("was there for 1.000 s"));
        assert!(told(&[u64::MAX, u64::MAX]).contains("was there for"));
        assert!(told(&[50_000, 0]).contains("a batch of 0 ns"));
        assert_eq!(told(&[shortest()]), "");
        assert!(
            shortest() < 50_000,
            "no batch that is timed well is refused"
        );
    }
}
