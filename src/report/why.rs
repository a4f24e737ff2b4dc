//! Why one engine is faster: what the kernel counted for each, side by side, in a sentence. It says
//! what happened, and leaves it to the reader to call that a cause.

use crate::plan::{Cache, Process};
use crate::record::{ArmFigures, Cell, Measured};
use crate::units::bytes_text;

/// Faults below this number are first touches of a stack or a heap, not of a file or a buffer.
const FEW_FAULTS: f64 = 2.5;

/// A difference of so many faults is worth a sentence of its own.
const MANY_FAULTS: f64 = 16.0;

/// The sentence for a row; `None` where the system told nothing.
pub(super) fn why(cell: &Cell, measured: &Measured) -> Option<String> {
    if measured.engine.weight.is_none() {
        return faults_alone(cell, measured);
    }
    let told = |name: &str, side: &ArmFigures| Some(format!("{name} {}", story(cell, side)?));
    let engine = told(&cell.engine, &measured.engine)?;
    if cell.is_floor() {
        return Some(engine);
    }
    let baseline = told(&cell.baseline, &measured.baseline)?;
    let shared = shared_work(measured).or_else(|| device(cell, measured));
    let sides = format!("{engine}; {baseline}");
    Some(match shared {
        Some(shared) => format!("{sides}; {shared}"),
        None => sides,
    })
}

/// Where nobody looked at more than faults, and they differ by many.
fn faults_alone(cell: &Cell, measured: &Measured) -> Option<String> {
    let faults =
        |side: &ArmFigures| Some(side.counters?.minor_faults + side.counters?.major_faults);
    let (engine, baseline) = (faults(&measured.engine)?, faults(&measured.baseline)?);
    ((engine - baseline).abs() >= MANY_FAULTS).then(|| {
        let (engine, baseline) = (faults_text(engine), faults_text(baseline));
        format!(
            "{} took {engine} page faults, {} {baseline}",
            cell.engine, cell.baseline
        )
    })
}

/// How the bytes came to one side: copied, or looked at where they lie, and the faults of that.
fn story(cell: &Cell, side: &ArmFigures) -> Option<String> {
    let faults = side.counters?.minor_faults + side.counters?.major_faults;
    let few = faults < FEW_FAULTS;
    let weight = side.weight?;
    let copied = weight.transfer.map_or(0, |transfer| transfer.read_bytes);
    let (own, mapped) = weight
        .memory
        .map_or((0, 0), |memory| (memory.anonymous_bytes, memory.file_bytes));
    if copied == 0 && mapped == 0 {
        return Some("neither read nor touched the file".to_owned());
    }
    let in_new_buffer = own >= copied / 2 && copied > 0;
    let text = if mapped > copied {
        let text = format!("looked at {} in place", bytes_text(mapped));
        match (few, own >= mapped / 2) {
            (true, _) => text,
            (false, true) => format!(
                "copied {} out of the map, {} page faults to map it and to zero the buffer",
                bytes_text(mapped),
                faults_text(faults)
            ),
            (false, false) => format!("{text}, {} page faults to map it", faults_text(faults)),
        }
    } else {
        let text = format!("copied {}", bytes_text(copied));
        match (few, in_new_buffer, cell.process) {
            (true, true, Process::Steady) => format!("{text} into a buffer still warm"),
            (true, _, _) => format!("{text} through a small buffer"),
            (false, true, _) => format!(
                "{text}, {} page faults to zero the buffer",
                faults_text(faults)
            ),
            (false, false, _) => format!("{text}, {} page faults", faults_text(faults)),
        }
    };
    Some(text)
}

/// Where both sides spend nearly all their time in user mode, the work on the bytes is what takes it,
/// and how they came matters little.
fn shared_work(measured: &Measured) -> Option<String> {
    let user = |side: &ArmFigures| Some(side.counters?.user.0 / side.time.0);
    let least = user(&measured.engine)?.min(user(&measured.baseline)?);
    (least >= 0.75).then(|| {
        format!(
            "the work on the bytes takes {:.0} % of the time or more on both sides",
            100.0 * least.min(1.0)
        )
    })
}

/// What part of the time of a cold iteration no processor worked for it.
fn device(cell: &Cell, measured: &Measured) -> Option<String> {
    if cell.cache != Cache::Cold {
        return None;
    }
    let engine = waiting_percent(&measured.engine)?;
    let baseline = waiting_percent(&measured.baseline)?;
    Some(format!(
        "waiting for the device is {engine:.0} % of {}'s time and {baseline:.0} % of {}'s",
        cell.engine, cell.baseline
    ))
}

/// The part of a side's time in which no processor worked for it, in percent.
pub(super) fn waiting_percent(side: &ArmFigures) -> Option<f64> {
    let counters = side.counters?;
    let worked = (counters.user.0 + counters.system.0) / side.time.0;
    Some(100.0 * (1.0 - worked).clamp(0.0, 1.0))
}

/// Faults are whole numbers; a mean of many iterations need not be.
pub(super) fn faults_text(mean: f64) -> String {
    let tenths = format!("{mean:.1}");
    match tenths.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None if mean >= 10.0 => format!("{mean:.0}"),
        None => tenths,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Weight;
    use crate::plan::Scope;
    use crate::record::{Counters, FixtureId, Outcome};
    use crate::stats::{Estimate, Verdict};
    use crate::sys::{Resident, Transfer};
    use crate::units::{ByteCount, Nanos};
    use crate::workload::Role;

    fn side(faults: f64, user: f64, [copied, own, mapped]: [u64; 3]) -> ArmFigures {
        ArmFigures {
            batch_iterations: 1,
            time: Nanos(100.0),
            counters: Some(Counters {
                minor_faults: faults,
                major_faults: 0.0,
                user: Nanos(user),
                system: Nanos(10.0),
                voluntary_switches: 0.0,
                involuntary_switches: 0.0,
            }),
            weight: Some(Weight {
                memory: Some(Resident {
                    anonymous_bytes: own,
                    file_bytes: mapped,
                }),
                transfer: Some(Transfer {
                    read_bytes: copied,
                    read_calls: 2,
                    ..Transfer::default()
                }),
            }),
        }
    }

    fn sentence(
        cache: Cache,
        process: Process,
        engine: ArmFigures,
        baseline: ArmFigures,
    ) -> String {
        let measured = Measured {
            estimate: Estimate {
                point: 1.0,
                interval: None,
                this_run: None,
                rounds: 1,
                replicates: 1,
                block_length: 1,
            },
            floor: None,
            verdict: Verdict::Same,
            engine,
            baseline,
            voided: 0,
            answer: String::new(),
            looks_at: None,
        };
        let cell = Cell {
            workload: "whole_file".to_owned(),
            workload_version: 1,
            role: Role::Ranked,
            fixture: FixtureId {
                name: "text-2MB".to_owned(),
                bytes: ByteCount(2_000_000),
                digest: None,
            },
            cache,
            process,
            scope: Scope::PerCall,
            engine: "mmap".to_owned(),
            engine_version: 1,
            baseline: "read".to_owned(),
            outcome: Outcome::Measured(Box::new(measured.clone())),
        };
        why(&cell, &measured).unwrap()
    }

    const READ: [u64; 3] = [2_000_000, 2_002_944, 0];
    const MMAP: [u64; 3] = [0, 0, 2_068_480];

    #[test]
    fn a_new_process_pays_for_its_buffer() {
        let (mmap, read) = (side(33.0, 50.0, MMAP), side(490.0, 50.0, READ));
        assert_eq!(
            sentence(Cache::Warm, Process::Fresh, mmap, read),
            "mmap looked at 2.07 MB in place, 33 page faults to map it; read copied 2.00 MB, 490 \
             page faults to zero the buffer"
        );
    }

    #[test]
    fn a_loop_has_its_buffer_warm() {
        let (mmap, read) = (side(31.5, 50.0, MMAP), side(0.0, 50.0, READ));
        assert_eq!(
            sentence(Cache::Warm, Process::Steady, mmap, read),
            "mmap looked at 2.07 MB in place, 32 page faults to map it; read copied 2.00 MB into a \
             buffer still warm"
        );
    }

    #[test]
    fn work_that_both_have_to_do_is_named() {
        let (mmap, read) = (side(32.0, 96.0, MMAP), side(0.0, 98.0, READ));
        let told = sentence(Cache::Warm, Process::Steady, mmap, read);
        assert!(
            told.ends_with("the work on the bytes takes 96 % of the time or more on both sides"),
            "{told}"
        );
    }

    #[test]
    fn the_device_has_its_share() {
        let (mmap, read) = (side(32.0, 10.0, MMAP), side(490.0, 40.0, READ));
        let told = sentence(Cache::Cold, Process::Fresh, mmap, read);
        assert!(
            told.ends_with("waiting for the device is 80 % of mmap's time and 50 % of read's"),
            "{told}"
        );
    }

    #[test]
    fn without_weights_faults_are_all_there_is() {
        let bare = |faults| ArmFigures {
            weight: None,
            ..side(faults, 50.0, READ)
        };
        let told = sentence(Cache::Warm, Process::Steady, bare(33.0), bare(0.0));
        assert_eq!(told, "mmap took 33 page faults, read 0");
    }
}
