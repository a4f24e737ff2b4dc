//! Linux tells about itself in `/proc` and `/sys`.

use std::fs;
use std::path::{Path, PathBuf};

use super::Machine;

pub(super) fn observe(machine: &mut Machine, fixtures: &Path) {
    machine.kernel = read("/proc/sys/kernel/osrelease");
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    machine.cpu_model = field(&cpuinfo, "model name").or_else(|| field(&cpuinfo, "Model"));
    machine.caches = caches(Path::new("/sys/devices/system/cpu/cpu0/cache"));
    machine.virtualization = virtualization(&cpuinfo);
    machine.transparent_huge_pages =
        read("/sys/kernel/mm/transparent_hugepage/enabled").and_then(|text| chosen(&text));
    machine.idle_page_watchers = read("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds")
        .and_then(|count| count.parse().ok());
    machine.governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    machine.memory_bytes = kib(&meminfo, "MemTotal");
    machine.available_bytes = kib(&meminfo, "MemAvailable");
    machine.load_start = load();
    if let Some(mount) = read("/proc/self/mountinfo").and_then(|text| mount_of(&text, fixtures)) {
        machine.read_ahead_kib = read_ahead_kib(&mount.device_number);
        machine.filesystem = Some(mount.filesystem);
        machine.mount_options = Some(mount.options);
        machine.device = plain_device(&mount.device);
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

fn virtualization(cpuinfo: &str) -> Option<String> {
    let flags = field(cpuinfo, "flags")?;
    if !flags.split(' ').any(|flag| flag == "hypervisor") {
        return Some("no hypervisor".to_owned());
    }
    let vendor = read("/sys/class/dmi/id/sys_vendor").filter(|vendor| !vendor.is_empty());
    Some(match vendor {
        Some(vendor) => format!("virtual machine, {vendor}"),
        None => "virtual machine".to_owned(),
    })
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

struct Mount {
    device_number: String,
    options: String,
    filesystem: String,
    device: String,
}

/// The mount that holds `path`: the one with the longest mount point above it.
fn mount_of(mountinfo: &str, path: &Path) -> Option<Mount> {
    let path = path.canonicalize().ok()?;
    mountinfo
        .lines()
        .filter_map(parse_mount)
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| point.as_os_str().len())
        .map(|(_, mount)| mount)
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn parse_mount(line: &str) -> Option<(PathBuf, Mount)> {
    let (place, source) = line.split_once(" - ")?;
    let place: Vec<&str> = place.split(' ').collect();
    let mut source = source.split(' ');
    let mount = Mount {
        device_number: (*place.get(2)?).to_owned(),
        options: without_paths(place.get(5)?),
        filesystem: source.next()?.to_owned(),
        device: source.next()?.to_owned(),
    };
    Some((PathBuf::from(place.get(4)?), mount))
}

/// Options that name directories tell of a machine's user, not of its speed.
fn without_paths(options: &str) -> String {
    let kept: Vec<&str> = options
        .split(',')
        .filter(|option| !option.contains('/'))
        .collect();
    kept.join(",")
}

/// A local disk's name. Names of servers, volumes and directories tell whose machine it is.
fn plain_device(source: &str) -> Option<String> {
    let name = source.strip_prefix("/dev/")?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| source.to_owned())
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

    #[test]
    fn the_mount_with_the_longest_point_wins() {
        let mountinfo = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
                         22 21 0:5 / /proc rw,lowerdir=/home/me - proc proc rw";
        let mount = mount_of(mountinfo, Path::new("/proc/self")).unwrap();
        assert_eq!(mount.filesystem, "proc");
        assert_eq!(mount.options, "rw");
        assert_eq!(
            mount_of(mountinfo, Path::new("/")).unwrap().filesystem,
            "ext4"
        );
    }

    #[test]
    fn a_device_that_tells_whose_it_is_stays_unknown() {
        assert_eq!(
            plain_device("/dev/nvme0n1p2").as_deref(),
            Some("/dev/nvme0n1p2")
        );
        assert_eq!(plain_device("server:/export/somebody"), None);
        assert_eq!(plain_device("/dev/mapper/luks-1234"), None);
    }

    #[test]
    fn steal_is_a_share_of_all_ticks() {
        let start = parse_processor_time("cpu  10 0 10 70 0 0 0 10 0 0").unwrap();
        let end = parse_processor_time("cpu  20 0 20 140 0 0 0 20 0 0").unwrap();
        assert_eq!(end.steal_percent_since(start), Some(10.0));
        assert!(parse_processor_time("cpu  1 2").is_none());
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
