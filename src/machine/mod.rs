//! What a measurement depends on besides the code: the machine, the system, the file system, the
//! build. What cannot be found out stays unknown; there are no defaults.

mod doubts;
mod fingerprint;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use other as system;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::sys;

pub use fingerprint::Fingerprint;

/// The machine and its system. No host name, user name or serial number is among it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Operating system, `linux`.
    pub os: Option<String>,
    /// Its kernel's release.
    pub kernel: Option<String>,
    /// Instruction set, `x86_64`.
    pub architecture: Option<String>,
    /// The processor's name for itself.
    pub cpu_model: Option<String>,
    /// Processors that this process may use.
    pub cpus: Option<u64>,
    /// Cores of the machine; fewer than its processors where a core runs several threads.
    pub cores: Option<u64>,
    /// The first processor's caches, `L1d 48K`.
    pub caches: Option<String>,
    /// `no hypervisor`, or what is known of it.
    pub virtualization: Option<String>,
    /// Bytes in a page.
    pub page_bytes: Option<u64>,
    /// The setting of transparent huge pages.
    pub transparent_huge_pages: Option<String>,
    /// Threads of the kernel that look for idle pages, which they may evict (DAMON).
    pub idle_page_watchers: Option<u64>,
    /// The frequency governor of the first processor.
    pub governor: Option<String>,
    /// Whether a battery feeds it.
    pub on_battery: Option<bool>,
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Bytes of memory available at the start, within the limit.
    pub available_bytes: Option<u64>,
    /// The limit on the memory of this process's control group, or of one above; `None` where there
    /// is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
    /// The file system of the fixtures.
    pub filesystem: Option<String>,
    /// How it is mounted.
    pub mount_options: Option<String>,
    /// The device it is on.
    pub device: Option<String>,
    /// How far the device reads ahead, in KiB.
    pub read_ahead_kib: Option<u64>,
    /// The memory allocator.
    pub allocator: Option<String>,
    /// What the environment told it, or put in its place; `none` where nothing.
    pub allocator_settings: Option<String>,
    /// One-minute load average at the start.
    pub load_start: Option<f64>,
    /// One-minute load average at the end.
    pub load_end: Option<f64>,
    /// Share of processor time that the hypervisor kept for others during the run, in percent.
    pub steal_percent: Option<f64>,
}

impl Machine {
    /// Looks at the machine; `fixtures` is the directory whose file system matters.
    #[must_use]
    pub fn observe(fixtures: &Path) -> Self {
        let mut machine = Self {
            os: Some(std::env::consts::OS.to_owned()),
            architecture: Some(std::env::consts::ARCH.to_owned()),
            cpus: std::thread::available_parallelism()
                .ok()
                .map(|cpus| cpus.get() as u64),
            page_bytes: cfg!(unix).then(|| sys::page_size() as u64),
            allocator: sys::allocator(),
            allocator_settings: Some(sys::allocator_settings()),
            ..Self::default()
        };
        system::observe(&mut machine, fixtures);
        machine
    }

    /// What makes numbers doubtful that `build` measured on this machine, each with what to do about
    /// it.
    #[must_use]
    pub fn doubts(&self, build: &Build) -> Vec<String> {
        doubts::doubts(self, build, false)
    }

    /// The same where a file of the user's own is measured.
    #[must_use]
    pub fn doubts_on_own_file(&self, build: &Build) -> Vec<String> {
        doubts::doubts(self, build, true)
    }

    /// What makes it the same machine tomorrow.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }

    /// The machine in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        let cpus = match self.cpus {
            Some(cpus) => format!("{cpus} processors"),
            None => "unknown processors".to_owned(),
        };
        let memory = self.memory_bytes.map_or_else(
            || "unknown memory".to_owned(),
            |bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
        );
        format!(
            "{} ({}), {cpus}, {memory}, {}, {} {}",
            known(&self.cpu_model),
            known(&self.virtualization),
            known(&self.filesystem),
            known(&self.os),
            known(&self.kernel),
        )
    }
}

/// Watches the load and the hypervisor from the start of a run to its end.
#[derive(Debug)]
pub struct Watch {
    start: Option<system::ProcessorTime>,
}

impl Watch {
    /// Begins.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: system::processor_time(),
        }
    }

    /// Notes in `machine` what has happened since.
    pub fn note(&self, machine: &mut Machine) {
        machine.load_end = system::load();
        machine.steal_percent = self
            .start
            .zip(system::processor_time())
            .and_then(|(start, end)| end.steal_percent_since(start));
    }
}

/// How this program was built.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    /// Version of mapmark.
    pub version: Option<String>,
    /// Revision of its source.
    pub revision: Option<String>,
    /// The compiler.
    pub compiler: Option<String>,
    /// The target it was built for.
    pub target: Option<String>,
    /// The target's features.
    pub target_features: Option<String>,
    /// `release` or `debug`.
    pub profile: Option<String>,
    /// Versions of the crates that do the work inside the clock.
    pub crates: Option<String>,
}

impl Build {
    /// Of this program.
    #[must_use]
    pub fn this() -> Self {
        let known = |value: &str| (!value.is_empty()).then(|| value.to_owned());
        Self {
            version: known(env!("CARGO_PKG_VERSION")),
            revision: known(env!("MAPMARK_BUILD_REVISION")),
            compiler: known(env!("MAPMARK_BUILD_RUSTC")),
            target: known(env!("MAPMARK_BUILD_TARGET")),
            target_features: known(env!("MAPMARK_BUILD_TARGET_FEATURES")),
            profile: known(env!("MAPMARK_BUILD_PROFILE")),
            crates: known(env!("MAPMARK_BUILD_CRATES")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_is_said_to_be_unknown() {
        assert!(
            Machine::default()
                .summary()
                .starts_with("unknown (unknown)")
        );
    }

    #[test]
    fn no_host_name_is_told() {
        let told = serde_json::to_string(&Machine::observe(Path::new("."))).unwrap();
        if let Ok(host) = std::fs::read_to_string("/proc/sys/kernel/hostname") {
            let host = format!("\"{}\"", host.trim());
            assert!(!told.contains(&host), "{told}");
        }
    }
}
