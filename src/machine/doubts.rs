//! What makes a machine's numbers doubtful, and what to do about it: a sentence each.

use super::{Build, Machine};
use crate::plan::DEFAULT_SIZES;

/// In the order of the report: where the fixtures are, who else is at work, how steady the
/// processor is, how this program was built.
pub(super) fn doubts(machine: &Machine, build: &Build, own_file: bool) -> Vec<String> {
    let found = [
        filesystem(machine, own_file),
        little_memory(machine),
        load(machine),
        neighbours(machine),
        steal(machine),
        idle_pages(machine),
        governor(machine),
        battery(machine),
        allocator(machine),
        debug_build(build),
    ];
    found.into_iter().flatten().collect()
}

/// What is measured lies on it: the fixtures, or a file of the user's own, which no option moves.
fn filesystem(machine: &Machine, own_file: bool) -> Option<String> {
    let doubt = match machine.filesystem.as_deref()? {
        "tmpfs" | "ramfs" if own_file => {
            "the file is on tmpfs, which is memory: reading never waits for a device; \
             copy it to a disk and measure the copy (--file COPY)"
        }
        "overlay" if own_file => {
            "the file is on an overlay file system, a layer between every call and the file; \
             copy it to a mounted volume and measure the copy (--file COPY)"
        }
        "tmpfs" | "ramfs" => {
            "the fixtures are on tmpfs, which is memory: reading never waits for a device; \
             keep them on a disk (--fixtures DIR; CARGO_TARGET_DIR for cargo bench)"
        }
        "overlay" => {
            "the fixtures are on an overlay file system, a layer between every call and the file; \
             keep them on a mounted volume (--fixtures DIR; CARGO_TARGET_DIR for cargo bench)"
        }
        _ => return None,
    };
    Some(doubt.to_owned())
}

/// Pages that are in memory now stay there only while nobody needs the room.
fn little_memory(machine: &Machine) -> Option<String> {
    let available = machine.available_bytes?;
    let largest = DEFAULT_SIZES.iter().map(|size| size.0).max()?;
    let memory = machine.memory_limit_bytes.or(machine.memory_bytes);
    let share = memory.map_or(0, |memory| memory / 10);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let (limited, advice) = match machine.memory_limit_bytes {
        Some(limit) => (
            format!(" within the control group's {:.0} MiB", mib(limit)),
            "raise that limit",
        ),
        None => (String::new(), "close other programs"),
    };
    (available < share.max(4 * largest)).then(|| {
        format!(
            "little memory is free ({:.0} MiB{limited}), so files may leave it between iterations; \
             {advice}",
            mib(available)
        )
    })
}

fn load(machine: &Machine) -> Option<String> {
    let (load, cpus) = machine.load_start.zip(machine.cpus)?;
    (load > 0.5 * cpus as f64).then(|| {
        format!(
            "other work was running at the start (load {load:.2} on {cpus} processors); \
             measure again when it is done"
        )
    })
}

fn neighbours(machine: &Machine) -> Option<String> {
    let virtualization = machine.virtualization.as_deref()?;
    virtualization.starts_with("virtual machine").then(|| {
        "a virtual machine shares its host; measure on bare metal what is to hold elsewhere"
            .to_owned()
    })
}

fn steal(machine: &Machine) -> Option<String> {
    let steal = machine.steal_percent?;
    (steal > 1.0).then(|| {
        format!(
            "the hypervisor kept {steal:.1} % of the processor time for others; \
             measure again, or on a machine of your own"
        )
    })
}

fn idle_pages(machine: &Machine) -> Option<String> {
    (machine.idle_page_watchers? > 0).then(|| {
        "the kernel looks for idle pages (DAMON) and may evict them between iterations; \
         cells that lost pages are unverified"
            .to_owned()
    })
}

fn governor(machine: &Machine) -> Option<String> {
    let governor = machine.governor.as_deref()?;
    (governor != "performance").then(|| {
        format!(
            "the frequency governor is `{governor}`; set it to `performance` for steadier times"
        )
    })
}

fn battery(machine: &Machine) -> Option<String> {
    machine.on_battery?.then(|| {
        "the machine runs on battery, which may slow its processor down; plug it in".to_owned()
    })
}

/// Whether an allocator keeps memory decides whether a buffer is new.
fn allocator(machine: &Machine) -> Option<String> {
    let settings = machine.allocator_settings.as_deref()?;
    (settings != "none").then(|| {
        format!(
            "the environment changes the memory allocator ({settings}), and with it what a new buffer \
             costs; unset that, unless your program runs with it"
        )
    })
}

fn debug_build(build: &Build) -> Option<String> {
    (build.profile.as_deref() == Some("debug"))
        .then(|| "this is a debug build; measure with a release build".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine of which nothing is doubtful.
    fn sound() -> Machine {
        Machine {
            filesystem: Some("ext4".into()),
            memory_bytes: Some(8 << 30),
            available_bytes: Some(4 << 30),
            load_start: Some(0.1),
            cpus: Some(2),
            virtualization: Some("no hypervisor".into()),
            steal_percent: Some(0.0),
            idle_page_watchers: Some(0),
            governor: Some("performance".into()),
            on_battery: Some(false),
            allocator_settings: Some("none".into()),
            ..Machine::default()
        }
    }

    fn doubts_of(machine: &Machine) -> Vec<String> {
        machine.doubts(&Build::default())
    }

    #[test]
    fn no_option_moves_a_file_of_ones_own() {
        for name in ["tmpfs", "ramfs", "overlay"] {
            let mut machine = sound();
            machine.filesystem = Some(name.into());
            let [doubt] = &machine.doubts_on_own_file(&Build::default())[..] else {
                panic!("{name}");
            };
            assert!(doubt.contains("measure the copy (--file COPY)"), "{doubt}");
            assert!(!doubt.contains("fixtures"), "{doubt}");
            assert!(doubts_of(&machine)[0].contains("--fixtures DIR"));
        }
    }

    #[test]
    fn what_is_sound_or_unknown_is_not_doubted() {
        assert_eq!(doubts_of(&sound()), Vec::<String>::new());
        assert_eq!(doubts_of(&Machine::default()), Vec::<String>::new());
    }

    #[test]
    fn each_doubt_is_said_alone_and_with_advice() {
        type Spoil = fn(&mut Machine);
        let cases: [(Spoil, &str); 13] = [
            (|machine| machine.filesystem = Some("tmpfs".into()), "tmpfs"),
            (
                |machine| machine.filesystem = Some("overlay".into()),
                "overlay",
            ),
            (
                |machine| machine.available_bytes = Some(600 << 20),
                "600 MiB",
            ),
            (
                |machine| {
                    machine.memory_bytes = Some(100 << 20);
                    machine.available_bytes = Some(40 << 20);
                },
                "40 MiB",
            ),
            (
                |machine| {
                    machine.memory_limit_bytes = Some(256 << 20);
                    machine.available_bytes = Some(40 << 20);
                },
                "40 MiB within the control group's 256 MiB",
            ),
            (|machine| machine.load_start = Some(3.0), "load 3.00"),
            (
                |machine| machine.virtualization = Some("virtual machine".into()),
                "bare metal",
            ),
            (
                |machine| machine.virtualization = Some("virtual machine, QEMU".into()),
                "bare metal",
            ),
            (|machine| machine.steal_percent = Some(4.0), "4.0 %"),
            (|machine| machine.idle_page_watchers = Some(1), "DAMON"),
            (
                |machine| machine.governor = Some("powersave".into()),
                "powersave",
            ),
            (|machine| machine.on_battery = Some(true), "battery"),
            (
                |machine| machine.allocator_settings = Some("MALLOC_ARENA_MAX=1".into()),
                "MALLOC_ARENA_MAX=1",
            ),
        ];
        for (spoil, word) in cases {
            let mut machine = sound();
            spoil(&mut machine);
            let doubts = doubts_of(&machine);
            assert_eq!(doubts.len(), 1, "{word}: {doubts:?}");
            assert!(doubts[0].contains(word), "{word} is missing in {doubts:?}");
            assert!(doubts[0].contains("; "), "no advice in {doubts:?}");
        }
    }

    #[test]
    fn the_build_that_measured_is_doubted_and_not_the_one_that_reports() {
        let build = |profile: &str| Build {
            profile: Some(profile.to_owned()),
            ..Build::default()
        };
        assert!(sound().doubts(&build("debug"))[0].contains("debug build"));
        assert_eq!(sound().doubts(&build("release")), Vec::<String>::new());
    }

    #[test]
    fn the_doubt_of_every_virtual_machine_fits_a_line() {
        let machine = Machine {
            virtualization: Some("virtual machine".into()),
            ..Machine::default()
        };
        assert!(neighbours(&machine).unwrap().len() <= 98);
    }
}
