//! Why one engine is faster: what the kernel counted for each, side by side, in a sentence. It says
//! what happened, and leaves it to the reader to call that a cause.

use crate::engine::{self, Shape};
use crate::plan::{Cache, Process, Scope};
use crate::record::{ArmFigures, Cell, Measured, Shares};
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
    let shared = shared_work(cell, measured).or_else(|| device(cell, measured));
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
    let transfer = weight.transfer?;
    let faults = side.counters?.minor_faults + side.counters?.major_faults;
    let copied = bytes_text(transfer.read_bytes);
    let faults_say = match faults {
        few if few < FEW_FAULTS => String::new(),
        many => format!(", {} page faults", faults_text(many)),
    };
    // What an engine does follows from what it is; memory comes in pages and says little of few bytes.
    let text = if engine == "mmap_copy" {
        // Its map is gone before anybody can look.
        let all = bytes_text(cell.fixture.bytes.0);
        format!("copied {all} out of a map{faults_say}")
    } else if engine.starts_with("mmap") {
        let mapped = match weight.mapped_bytes?.min(cell.fixture.bytes.0) {
            // Nothing of the map was touched, or an older mapmark did not find it.
            0 => "the file".to_owned(),
            bytes => bytes_text(bytes),
        };
        match engine {
            // The kernel counts pages that it maps ahead as faults that nobody took.
            "mmap_populate" => format!("mapped {mapped} at once"),
            _ => format!("mapped {mapped}{faults_say}"),
        }
    } else if transfer.read_bytes == 0 {
        "read nothing".to_owned()
    } else {
        let shape = engine::find(engine).map(|engine| engine.shape());
        match (shape, faults < FEW_FAULTS, cell.process) {
            (Some(Shape::Slice), true, Process::Steady) => {
                format!("copied {copied} into a buffer still warm")
            }
            (Some(Shape::Slice), true, Process::Fresh) => {
                format!("copied {copied} into a new buffer")
            }
            (Some(Shape::Slice), false, _) => {
                format!("copied {copied}{faults_say} to zero the buffer")
            }
            (Some(Shape::Stream | Shape::Blocks), ..) => {
                format!("copied {copied} through a small buffer{faults_say}")
            }
            (None, ..) => format!("copied {copied}{faults_say}"),
        }
    };
    Some(match transfer.written_bytes {
        0 => text,
        written => format!("{text}, wrote {}", bytes_text(written)),
    })
}

/// Where both sides spend nearly all their time in user mode, the work on the bytes is what takes it,
/// and how they came matters little.
fn shared_work(cell: &Cell, measured: &Measured) -> Option<String> {
    let user = |side: &ArmFigures| Shares::of(cell, measured, side)?.user;
    let least = user(&measured.engine)?.min(user(&measured.baseline)?);
    (least >= 0.75).then(|| {
        format!(
            "the work on the bytes takes {:.0} % of the time or more on both sides",
            100.0 * least
        )
    })
}

/// What part of the time of a cold iteration no processor worked for it.
fn device(cell: &Cell, measured: &Measured) -> Option<String> {
    if cell.cache != Cache::Cold {
        return None;
    }
    let waiting = |name: &str, side: &ArmFigures| {
        let waiting = Shares::of(cell, measured, side)?.waiting()?;
        Some((name.to_owned(), format!("{:.0} %", 100.0 * waiting)))
    };
    let sides = [
        waiting(&cell.engine, &measured.engine),
        waiting(&cell.baseline, &measured.baseline),
    ];
    let told = match sides {
        [Some((engine, own)), Some((baseline, other))] => {
            format!("{own} of {engine}'s time and {other} of {baseline}'s")
        }
        [Some((only, share)), None] | [None, Some((only, share))] => {
            format!("{share} of {only}'s time")
        }
        [None, None] => return None,
    };
    Some(format!("waiting for the device is {told}"))
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
                blocks_in: Some(8.0),
                user: Nanos(user),
                system: Nanos(10.0),
                ticks: Some(1e3),
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

    fn with(mut side: ArmFigures, spoil: fn(&mut Counters)) -> ArmFigures {
        side.counters.as_mut().map(spoil);
        side
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
        assert_eq!(
            told("mmap_copy", side(1.0, 50.0, [0, 0, 0])),
            "copied 2.00 MB out of a map",
            "pages that the heap had already are not new memory"
        );
        assert_eq!(told("mmap", side(0.0, 50.0, [0, 0, 0])), "mapped the file");
        let little = side(0.0, 50.0, [4_000, 0, 0]);
        assert_eq!(
            told("read", little),
            "copied 4.00 kB into a buffer still warm"
        );
        assert_eq!(
            told("buf_reader", little),
            "copied 4.00 kB through a small buffer"
        );
        assert_eq!(told("of_tomorrow", little), "copied 4.00 kB");
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
        let (mmap, read) = (side(32.0, 86.0, MMAP), side(0.0, 88.0, READ));
        let told = sentence(Cache::Warm, Process::Steady, mmap, read);
        assert!(
            told.ends_with("the work on the bytes takes 86 % of the time or more on both sides"),
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
    fn only_a_device_that_was_read_is_waited_for() {
        let (mmap, read) = (side(32.0, 10.0, MMAP), side(490.0, 40.0, READ));
        let told = |mmap, read| sentence(Cache::Cold, Process::Fresh, mmap, read);
        let holes = |side| with(side, |counters| counters.blocks_in = Some(0.0));
        let one = told(holes(mmap), read);
        assert!(
            one.ends_with("; waiting for the device is 50 % of read's time"),
            "{one}"
        );
        let older = |side| with(side, |counters| counters.blocks_in = None);
        for none in [holes, older] {
            let told = told(none(mmap), none(read));
            assert!(!told.contains("waiting"), "{told}");
        }
    }

    #[test]
    fn times_that_cannot_be_have_no_shares() {
        let (mmap, read) = (side(32.0, 86.0, MMAP), side(0.0, 88.0, READ));
        let told = |cache, process, mmap, read| sentence(cache, process, mmap, read);
        // Of 266 ns, 1312 in user mode.
        let beyond = |side| with(side, |counters| counters.user = Nanos(493.0));
        let cold = told(Cache::Cold, Process::Fresh, beyond(mmap), beyond(read));
        assert!(!cold.contains('%'), "{cold}");
        // A sum of 0 is a sample of nothing; old records hold many.
        let nothing = |side| {
            with(side, |counters| {
                (counters.user, counters.system, counters.ticks) = (Nanos(0.0), Nanos(0.0), None);
            })
        };
        let cold = told(Cache::Cold, Process::Fresh, nothing(mmap), nothing(read));
        assert!(!cold.contains('%'), "{cold}");
        let few = |side| with(side, |counters| counters.ticks = Some(20.0));
        let warm = told(Cache::Warm, Process::Steady, few(mmap), few(read));
        assert!(!warm.contains('%'), "{warm}");
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
