//! The mount that holds a directory, from `/proc/self/mountinfo`. What tells whose machine it is
//! stays untold.

use std::path::{Path, PathBuf};

/// What is known of a mount.
pub(super) struct Mount {
    /// `254:0`, as `/sys/dev/block` names it.
    pub(super) device_number: String,
    pub(super) options: String,
    pub(super) filesystem: String,
    /// Where it is a plain local disk.
    pub(super) device: Option<String>,
}

/// The mount that holds `path`: the one with the longest mount point above it.
pub(super) fn holding(mountinfo: &str, path: &Path) -> Option<Mount> {
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
        device: plain_device(source.next()?),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_with_the_longest_point_wins() {
        let mountinfo = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
                         22 21 0:5 / /proc rw,lowerdir=/home/me - proc proc rw";
        let mount = holding(mountinfo, Path::new("/proc/self")).unwrap();
        assert_eq!(mount.filesystem, "proc");
        assert_eq!(mount.options, "rw");
        assert_eq!(
            holding(mountinfo, Path::new("/")).unwrap().filesystem,
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
}
