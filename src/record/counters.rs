//! What the kernel charged for one side of a cell, and which shares of its time follow from that.
//!
//! Linux knows exactly how long a thread has run. How much of that was user and how much was system
//! time it only samples, at every tick of its clock, over the whole life of the thread. So the sum is
//! believed always, and the split only where many ticks fell into the batches.

use super::{ArmFigures, Cell, Measured};
use crate::measure::Batch;
use crate::plan::Process;
use crate::stats::{Sample, StatsError};
use crate::sys::{self, Usage};
use crate::units::Nanos;

/// A share of `p` that `n` ticks sampled has a standard error of `sqrt(p (1 - p) / n)`: at most 5 %.
const ENOUGH_TICKS: f64 = 100.0;

/// The longest tick of a kernel (`CONFIG_HZ=100`), for records that do not tell theirs.
const LONGEST_TICK_NS: f64 = 1e7;

/// What the kernel charged for one iteration: means over all batches, and of processor time the
/// median batch, as the time is, so that the one never exceeds the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counters {
    /// Page faults served without the device.
    pub minor_faults: f64,
    /// Page faults that waited for the device.
    pub major_faults: f64,
    /// Blocks of 512 bytes that were fetched from a device; `None` in records that do not tell.
    pub blocks_in: Option<f64>,
    /// Processor time in user mode.
    pub user: Nanos,
    /// Processor time in the kernel.
    pub system: Nanos,
    /// How many ticks of the kernel fell into the batches: as many samples told `user` from `system`.
    /// `None` where the sum of both is sampled too (older records, systems without such a clock).
    pub ticks: Option<f64>,
    /// Times the thread gave up the processor to wait; `None` in cells whose figures are from rounds.csv alone.
    pub voluntary_switches: Option<f64>,
    /// Times the processor was taken from it; `None` as above.
    pub involuntary_switches: Option<f64>,
}

impl Counters {
    /// Of one side's batches; `None` where the system told nothing of one of them.
    pub(super) fn of(batches: &[&Batch]) -> Result<Option<Self>, StatsError> {
        let usages: Option<Vec<Usage>> = batches.iter().map(|batch| batch.usage).collect();
        let Some(usages) = usages else {
            return Ok(None);
        };
        let iterations = sum(batches.iter().map(|batch| batch.iterations)).max(1) as f64;
        let total = |counter: fn(&Usage) -> u64| sum(usages.iter().map(counter)) as f64;
        let mean = |counter| total(counter) / iterations;
        let (user, system) = (total(|usage| usage.user_ns), total(|usage| usage.system_ns));
        let exact = usages.iter().all(|usage| usage.exact);
        let worked = if exact {
            let of_one = |(batch, usage): (&&Batch, &Usage)| {
                usage.processor_ns() as f64 / batch.iterations.max(1) as f64
            };
            Sample::new(batches.iter().zip(&usages).map(of_one).collect())?.median()
        } else {
            (user + system) / iterations
        };
        let in_user = if user > 0.0 {
            user / (user + system)
        } else {
            0.0
        };
        Ok(Some(Self {
            minor_faults: mean(|usage| usage.minor_faults),
            major_faults: mean(|usage| usage.major_faults),
            blocks_in: Some(mean(|usage| usage.blocks_in)),
            user: Nanos(worked * in_user),
            system: Nanos(worked * (1.0 - in_user)),
            ticks: exact.then(|| (user + system) / sys::accounting_tick_ns() as f64),
            voluntary_switches: Some(mean(|usage| usage.voluntary_switches)),
            involuntary_switches: Some(mean(|usage| usage.involuntary_switches)),
        }))
    }

    /// Processor time, in nanoseconds.
    fn worked(&self) -> f64 {
        self.user.0 + self.system.0
    }

    /// Whether the device was read, as far as the record tells.
    fn fetched(&self) -> bool {
        self.blocks_in.unwrap_or(self.major_faults) > 0.0
    }
}

/// What a worker told may be anything; its sum is then the largest number there is.
fn sum(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, u64::saturating_add)
}

/// Where the time of one side went, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// A processor worked for it.
    pub worked: f64,
    /// It did so in user mode; `None` where too few ticks tell.
    pub user: Option<f64>,
    /// Whether blocks were fetched from a device, so that the rest was spent waiting for it.
    pub fetched: bool,
}

impl Shares {
    /// Of one side of a measured cell; `None` where the record does not tell, or tells what cannot be.
    #[must_use]
    pub fn of(cell: &Cell, measured: &Measured, side: &ArmFigures) -> Option<Self> {
        let counters = side.counters?;
        let worked = counters.worked() / side.time.0;
        if !(worked > 0.0 && worked <= 1.0) {
            return None;
        }
        let rounds = measured.estimate.rounds as f64;
        let batch_ns = counters.worked() * side.batch_iterations as f64;
        let ticks = counters
            .ticks
            .unwrap_or(rounds * batch_ns / LONGEST_TICK_NS);
        if counters.ticks.is_none() && ticks < ENOUGH_TICKS {
            return None;
        }
        // The ticks of a process that lives for one batch also tell of its start.
        let of_its_work = match cell.process {
            Process::Steady => ticks,
            Process::Fresh => ticks / rounds.max(1.0),
        };
        let user = (of_its_work >= ENOUGH_TICKS).then_some(counters.user.0 / side.time.0);
        Some(Self {
            worked,
            user,
            fetched: counters.fetched(),
        })
    }

    /// The part spent waiting for the device; `None` where nothing was fetched from one.
    #[must_use]
    pub fn waiting(&self) -> Option<f64> {
        self.fetched.then_some(1.0 - self.worked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(iterations: u64, elapsed_ns: u64, [user_ns, system_ns]: [u64; 2]) -> Batch {
        Batch {
            iterations,
            elapsed_ns,
            usage: Some(Usage {
                user_ns,
                system_ns,
                exact: true,
                ..Usage::default()
            }),
        }
    }

    fn sampled(mut batch: Batch) -> Batch {
        if let Some(usage) = &mut batch.usage {
            usage.exact = false;
        }
        batch
    }

    fn of(batches: &[Batch]) -> Counters {
        let batches: Vec<&Batch> = batches.iter().collect();
        Counters::of(&batches).unwrap().unwrap()
    }

    #[test]
    fn processor_time_is_that_of_the_median_batch_as_the_time_is() {
        // The mean of what was worked, 1400, is beyond the median time, 200.
        let batches = [
            batch(1, 200, [150, 30]),
            batch(2, 380, [200, 100]),
            batch(1, 4_000, [3_000, 990]),
        ];
        let counters = of(&batches);
        assert_eq!(counters.worked().round(), 180.0);
        let in_user = counters.user.0 / counters.worked();
        assert!((in_user - 3_350.0 / 4_470.0).abs() < 1e-9);
        let ticks = 4_470.0 / sys::accounting_tick_ns() as f64;
        assert_eq!(counters.ticks, Some(ticks));
    }

    #[test]
    fn samples_are_averaged_and_nothing_is_counted_twice() {
        // Two batches between ticks, and one with a tick of a whole millisecond in it.
        let none = sampled(batch(1, 300, [0, 0]));
        let tick = sampled(batch(1, 300, [1_000_000, 0]));
        let counters = of(&[none, tick, none]);
        assert_eq!(counters.ticks, None);
        assert_eq!(counters.user.0.round(), 333_333.0);
        let unknown = Batch {
            usage: None,
            ..none
        };
        assert_eq!(Counters::of(&[&none, &unknown]), Ok(None));
        let endless = batch(1, 300, [u64::MAX, u64::MAX]);
        assert!(of(&[endless, endless]).worked().is_finite());
        assert_eq!(of(&[batch(1, 300, [0, 0])]).worked(), 0.0);
    }
}
