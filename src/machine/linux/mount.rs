//! The mount that holds a directory, from `/proc/self/mountinfo`. What tells whose machine it is
//! stays untold.

use std::path::Path;

use crate::sys;

/// What may be told of a mount.
pub(super) struct Mount {
    /// `254:0`, as `/sys/dev/block` names it.
    pub(super) device_number: String,
    pub(super) options: String,
    pub(super) filesystem: String,
    /// Where it is a plain local disk.
    pub(super) device: Option<String>,
}

/// The mount that holds `path`: the one with the longest mount point above it, and of several there the
/// last, which hides the others.
pub(super) fn holding(mounts: &[sys::Mount], path: &Path) -> Option<Mount> {
    let path = path.canonicalize().ok()?;
    let holding = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    let mount = holding.max_by_key(|mount| mount.point.as_os_str().len())?;
    Some(Mount {
        device_number: mount.device_number.clone(),
        options: without_paths(&mount.options),
        filesystem: mount.filesystem.clone(),
        device: plain_device(&mount.source),
    })
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
    fn the_mount_with_the_longest_point_wins_whatever_its_name() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let disk = home.join("my disk");
        let like_it = home.join("my disk 2");
        for directory in [&disk, &like_it] {
            std::fs::create_dir(directory).unwrap();
        }
        let mount = |point: &Path, filesystem: &str| sys::Mount {
            device_number: "254:0".to_owned(),
            root: "/".into(),
            point: point.to_owned(),
            options: "rw,lowerdir=/home/me".to_owned(),
            filesystem: filesystem.to_owned(),
            source: "/dev/vda".to_owned(),
            super_options: String::new(),
        };
        let mounts = [
            mount(Path::new("/"), "ext4"),
            mount(&disk, "vfat"),
            mount(&disk, "xfs"),
        ];
        let found = |path: &Path| holding(&mounts, path).unwrap().filesystem;
        assert_eq!(found(&disk), "xfs");
        assert_eq!(found(&like_it), "ext4");
        assert_eq!(holding(&mounts, &disk).unwrap().options, "rw");
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
