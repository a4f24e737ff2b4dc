//! Why one engine is faster: what the kernel counted for each, side by side, in a sentence. It says
//! what happened, and leaves it to the reader to call that a cause.

use crate::plan::{Cache, Process, Scope};
use crate::record::{ArmFigures, Cell, Measured};
use crate::units::bytes_text;

/// Faults below this number are first touches of a stack or a heap, not of a file or a buffer.
const FEW_FAULTS: f64 = 2.5;

/// A difference of so many faults is worth a sentence of its own.
const MANY_FAULTS: f64 = 16.0;

/// The sentence for a row; `None` where the system told nothing.
pub(super) fn why(cell: &Cell, measured: &Measured) -> Option<String> {
    // Weights are those of an iteration that opens and closes.
    if measured.engine.weight.is_none() || cell.scope == Scope::KeptOpen {
        return faults_alone(cell, measured);
    }
    let told = |name: &str, side: &ArmFigures| Some(format!("{name} {}", story(cell, name, side)?));
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

/// How the bytes came to one side: copied by calls, or mapped; and the faults of that.
fn story(cell: &Cell, engine: &str, side: &ArmFigures) -> Option<String> {
    let weight = side.weight?;
    let (transfer, memory) = (weight.transfer?, weight.memory?);
    let faults = side.counters?.minor_faults + side.counters?.major_faults;
    let copied = bytes_text(transfer.read_bytes);
    let faults_say = match faults {
        few if few < FEW_FAULTS => String::new(),
        many => format!(", {} page faults", faults_text(many)),
    };
    // Its map is gone before anybody can look; the bytes are in a buffer.
    let text = if engine == "mmap_copy" {
        let own = memory.anonymous_bytes.min(cell.fixture.bytes.0);
        format!("copied {} out of a map{faults_say}", bytes_text(own))
    } else if engine.starts_with("mmap") {
        let mapped = weight.mapped_bytes?.min(cell.fixture.bytes.0);
        match engine {
            // The kernel counts pages that it maps ahead as faults that nobody took.
            "mmap_populate" => format!("mapped {} at once", bytes_text(mapped)),
            _ => format!("mapped {}{faults_say}", bytes_text(mapped)),
        }
    } else if transfer.read_bytes == 0 {
        "read nothing".to_owned()
    } else if memory.anonymous_bytes >= transfer.read_bytes / 2 {
        match (faults < FEW_FAULTS, cell.process) {
            (true, Process::Steady) => format!("copied {copied} into a buffer still warm"),
            (true, Process::Fresh) => format!("copied {copied} into a new buffer"),
            (false, _) => format!("copied {copied}{faults_say} to zero the buffer"),
        }
    } else {
        format!("copied {copied} through a small buffer{faults_say}")
    };
    Some(match transfer.written_bytes {
        0 => text,
        written => format!("{text}, wrote {}", bytes_text(written)),
    })
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
                voluntary_switches: Some(0.0),
                involuntary_switches: Some(0.0),
            }),
            weight: Some(Weight {
                memory: Some(Resident {
                    anonymous_bytes: own,
                    file_bytes: mapped + 131_072, // the program's own pages
                }),
                mapped_bytes: Some(mapped),
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
                shares: None,
                rounds: 1,
                replicates: 1,
                block_length: 1,
            },
            floor: None,
            verdict: Some(Verdict::Same),
            engine,
            baseline,
            voided: 0,
            answer: String::new(),
            looks_at: None,
        };
        let cell = cell_of(cache, process);
        why(&cell, &measured).unwrap()
    }

    const READ: [u64; 3] = [2_000_000, 2_002_944, 0];
    const MMAP: [u64; 3] = [0, 0, 2_002_944];

    #[test]
    fn every_engine_has_its_own_story() {
        let cell = cell_of(Cache::Warm, Process::Steady);
        let told = |engine: &str, side: ArmFigures| story(&cell, engine, &side).unwrap();
        assert_eq!(
            told("pread", side(0.0, 50.0, [64_000, 0, 0])),
            "copied 64.0 kB through a small buffer"
        );
        assert_eq!(
            told("mmap_copy", side(31.0, 50.0, [0, 2_002_944, 0])),
            "copied 2.00 MB out of a map, 31 page faults"
        );
        assert_eq!(
            told("mmap_populate", side(31.0, 50.0, MMAP)),
            "mapped 2.00 MB at once"
        );
        assert_eq!(told("mmap", side(0.0, 50.0, [0, 0, 0])), "mapped 0 bytes");
        let mut written = side(0.0, 50.0, READ);
        if let Some(transfer) = written
            .weight
            .as_mut()
            .and_then(|weight| weight.transfer.as_mut())
        {
            transfer.written_bytes = 2_000_000;
        }
        assert_eq!(
            told("read", written),
            "copied 2.00 MB into a buffer still warm, wrote 2.00 MB"
        );
    }

    fn cell_of(cache: Cache, process: Process) -> Cell {
        Cell {
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
            query: None,
            engine_version: 1,
            baseline: "read".to_owned(),
            expected: None,
            outcome: Outcome::Skipped(String::new()),
        }
    }

    #[test]
    fn a_new_process_pays_for_its_buffer() {
        let (mmap, read) = (side(33.0, 50.0, MMAP), side(490.0, 50.0, READ));
        assert_eq!(
            sentence(Cache::Warm, Process::Fresh, mmap, read),
            "mmap mapped 2.00 MB, 33 page faults; read copied 2.00 MB, 490 page faults to zero the \
             buffer"
        );
    }

    #[test]
    fn a_loop_has_its_buffer_warm() {
        let (mmap, read) = (side(31.5, 50.0, MMAP), side(0.0, 50.0, READ));
        assert_eq!(
            sentence(Cache::Warm, Process::Steady, mmap, read),
            "mmap mapped 2.00 MB, 32 page faults; read copied 2.00 MB into a buffer still warm"
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
