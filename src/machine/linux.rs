//! Linux tells about itself in `/proc` and `/sys`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Machine;
use crate::sys;

mod mount;

pub(super) fn observe(machine: &mut Machine, fixtures: &Path) {
    machine.kernel = read("/proc/sys/kernel/osrelease");
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    machine.cpu_model = cpu_model(&cpuinfo);
    machine.cores = cores(Path::new("/sys/devices/system/cpu"));
    machine.caches = caches(Path::new("/sys/devices/system/cpu/cpu0/cache"));
    let dmi = |name: &str| read(format!("/sys/class/dmi/id/{name}"));
    machine.virtualization = virtualization(&cpuinfo, dmi("sys_vendor"), dmi("product_name"));
    machine.transparent_huge_pages =
        read("/sys/kernel/mm/transparent_hugepage/enabled").and_then(|text| chosen(&text));
    machine.idle_page_watchers = read("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds")
        .and_then(|count| count.parse().ok());
    machine.governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    machine.on_battery = on_battery(Path::new("/sys/class/power_supply"));
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    machine.memory_bytes = kib(&meminfo, "MemTotal");
    let available = sys::Available::now();
    machine.available_bytes = available.as_ref().map(|available| available.bytes);
    machine.memory_limit_bytes = available.and_then(|available| Some(available.limit?.bytes));
    machine.load_start = load();
    if let Some(mount) = mount::holding(&sys::mounts(), fixtures) {
        machine.read_ahead_kib = read_ahead_kib(&mount.device_number);
        machine.filesystem = Some(mount.filesystem);
        machine.mount_options = Some(mount.options);
        machine.device = mount.device;
    }
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned())
}

/// The value behind `name : ` in a file of such lines.
fn field(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

fn kib(meminfo: &str, name: &str) -> Option<u64> {
    let value = field(meminfo, name)?;
    let kib: u64 = value.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The word in brackets: `always [madvise] never`.
fn chosen(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// Entries of a directory, none where it cannot be read.
fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

/// Processors of one core name the same siblings.
fn cores(directory: &Path) -> Option<u64> {
    let siblings = |cpu: PathBuf| read(cpu.join("topology/thread_siblings_list"));
    let cores: BTreeSet<String> = entries(directory).filter_map(siblings).collect();
    (!cores.is_empty()).then_some(cores.len() as u64)
}

/// Whether a battery of the machine is being emptied. Where no supply is listed, nothing is known.
fn on_battery(directory: &Path) -> Option<bool> {
    let mut known = None;
    for supply in entries(directory) {
        // A mouse or a keyboard has its own.
        if read(supply.join("scope")).as_deref() == Some("Device") {
            continue;
        }
        let emptied = match read(supply.join("type")).as_deref() {
            Some("Battery") => read(supply.join("status")).as_deref() == Some("Discharging"),
            Some("Mains") => false,
            _ => continue,
        };
        known = Some(known.unwrap_or(false) || emptied);
    }
    known
}

/// `L1d 48K, L1i 64K, L2 2048K, L3 491520K`.
fn caches(directory: &Path) -> Option<String> {
    let mut found = Vec::new();
    for index in 0..8 {
        let cache = directory.join(format!("index{index}"));
        let Some(level) = read(cache.join("level")) else {
            break;
        };
        let kind = match read(cache.join("type"))?.as_str() {
            "Data" => "d",
            "Instruction" => "i",
            _ => "",
        };
        found.push(format!("L{level}{kind} {}", read(cache.join("size"))?));
    }
    (!found.is_empty()).then(|| found.join(", "))
}

/// The processor's name. ARM's have numbers in its place.
fn cpu_model(cpuinfo: &str) -> Option<String> {
    let named = field(cpuinfo, "model name").or_else(|| field(cpuinfo, "Model"));
    named.or_else(|| {
        let implementer = field(cpuinfo, "CPU implementer")?;
        let part = field(cpuinfo, "CPU part")?;
        Some(format!("CPU implementer {implementer}, part {part}"))
    })
}

/// Whether it is virtual: by its flags; where a processor lists none, as ARM's do not, by who sells the machine.
fn virtualization(
    cpuinfo: &str,
    vendor: Option<String>,
    product: Option<String>,
) -> Option<String> {
    let vendor = vendor.filter(|vendor| !vendor.is_empty());
    let is_virtual = match field(cpuinfo, "flags") {
        Some(flags) => flags.split(' ').any(|flag| flag == "hypervisor"),
        None => sold_as_virtual(vendor.as_deref()?, &product.unwrap_or_default())?,
    };
    Some(match vendor {
        _ if !is_virtual => "no hypervisor".to_owned(),
        Some(vendor) => format!("virtual machine, {vendor}"),
        None => "virtual machine".to_owned(),
    })
}

/// Whether a vendor's machine is virtual; `None` where that does not follow.
fn sold_as_virtual(vendor: &str, product: &str) -> Option<bool> {
    let is_of = |name: &str| vendor.contains(name);
    if is_of("Amazon") {
        return Some(!product.contains(".metal"));
    }
    // Microsoft sells laptops too.
    let hyper_v = is_of("Microsoft") && product.contains("Virtual Machine");
    (hyper_v || is_of("QEMU") || is_of("Google")).then_some(true)
}

/// The one-minute load average.
pub(super) fn load() -> Option<f64> {
    read("/proc/loadavg")?.split(' ').next()?.parse().ok()
}

/// Ticks of processor time since the system started.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcessorTime {
    total: u64,
    steal: u64,
}

impl ProcessorTime {
    pub(super) fn steal_percent_since(self, earlier: Self) -> Option<f64> {
        let total = self.total.checked_sub(earlier.total)?;
        let steal = self.steal.checked_sub(earlier.steal)?;
        (total > 0).then(|| 100.0 * steal as f64 / total as f64)
    }
}

pub(super) fn processor_time() -> Option<ProcessorTime> {
    parse_processor_time(&read("/proc/stat")?)
}

/// The first line of `/proc/stat`: user nice system idle iowait irq softirq steal; what follows is
/// counted in user and nice already.
fn parse_processor_time(stat: &str) -> Option<ProcessorTime> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .map_while(|word| word.parse().ok())
        .collect();
    Some(ProcessorTime {
        total: ticks.iter().sum(),
        steal: *ticks.get(7)?,
    })
}

fn read_ahead_kib(device_number: &str) -> Option<u64> {
    let device = PathBuf::from("/sys/dev/block").join(device_number);
    // A partition has no queue of its own; its disk is the directory above.
    ["queue/read_ahead_kb", "../queue/read_ahead_kb"]
        .iter()
        .find_map(|name| read(device.join(name)))?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with files of these paths and contents.
    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    #[test]
    fn threads_of_one_core_are_one_core() {
        let cpus = tree(&[
            ("cpu0/topology/thread_siblings_list", "0,2\n"),
            ("cpu1/topology/thread_siblings_list", "1,3\n"),
            ("cpu2/topology/thread_siblings_list", "0,2\n"),
            ("cpu3/topology/thread_siblings_list", "1,3\n"),
            ("cpufreq/boost", "1\n"),
        ]);
        assert_eq!(cores(cpus.path()), Some(2));
        assert_eq!(cores(Path::new("/no/such/directory")), None);
    }

    #[test]
    fn a_battery_that_is_emptied_feeds_the_machine() {
        let battery = |status| {
            let supplies = tree(&[
                ("AC/type", "Mains\n"),
                ("BAT0/type", "Battery\n"),
                ("BAT0/status", status),
            ]);
            on_battery(supplies.path())
        };
        assert_eq!(battery("Discharging\n"), Some(true));
        assert_eq!(battery("Charging\n"), Some(false));
        let mouse = tree(&[
            ("hid/type", "Battery\n"),
            ("hid/scope", "Device\n"),
            ("hid/status", "Discharging\n"),
        ]);
        assert_eq!(on_battery(mouse.path()), None);
        assert_eq!(on_battery(tree(&[]).path()), None);
    }

    #[test]
    fn steal_is_a_share_of_all_ticks() {
        let start = parse_processor_time("cpu  10 0 10 70 0 0 0 10 0 0").unwrap();
        let end = parse_processor_time("cpu  20 0 20 140 0 0 0 20 0 0").unwrap();
        assert_eq!(end.steal_percent_since(start), Some(10.0));
        assert!(parse_processor_time("cpu  1 2").is_none());
    }

    #[test]
    fn a_processor_of_arm_is_named_by_its_numbers_and_told_virtual_by_its_vendor() {
        let arm = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd crc32\n\
                   CPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n";
        let named = cpu_model(arm);
        assert_eq!(named.as_deref(), Some("CPU implementer 0x41, part 0xd0c"));
        let told = |vendor: &str, product: &str| {
            virtualization(arm, Some(vendor.to_owned()), Some(product.to_owned()))
        };
        assert_eq!(
            told("QEMU", "KVM Virtual Machine").as_deref(),
            Some("virtual machine, QEMU")
        );
        assert_eq!(
            told("Amazon EC2", "c7g.large").as_deref(),
            Some("virtual machine, Amazon EC2")
        );
        assert_eq!(
            told("Amazon EC2", "c7g.metal").as_deref(),
            Some("no hypervisor")
        );
        let microsoft = "Microsoft Corporation";
        assert!(told(microsoft, "Virtual Machine").is_some());
        assert!(told("Google", "Google Compute Engine").is_some());
        assert_eq!(told(microsoft, "Surface Pro"), None);
        assert_eq!(told("Lenovo", "ThinkPad"), None);
        assert_eq!(virtualization(arm, None, None), None);
    }

    #[test]
    fn flags_tell_a_virtual_machine_whoever_sells_it() {
        let told =
            |flags: &str| virtualization(&format!("model name : X\nflags\t: {flags}"), None, None);
        assert_eq!(told("fpu hypervisor").as_deref(), Some("virtual machine"));
        assert_eq!(told("fpu sse2").as_deref(), Some("no hypervisor"));
    }

    #[test]
    fn fields_and_choices_are_found() {
        assert_eq!(
            field("a: 1\nmodel name\t: X", "model name").as_deref(),
            Some("X")
        );
        assert_eq!(kib("MemTotal:  4 kB", "MemTotal"), Some(4096));
        assert_eq!(chosen("always [madvise] never").as_deref(), Some("madvise"));
    }
}
