//! Where this process stands in the control groups of Linux, and which of them can hold a group with
//! a limit on memory.
//!
//! There are two generations of them, and both may be mounted: the one that has the `memory`
//! controller counts. In the first a group hands its controllers down always; in the second only
//! one without processes does.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::mountinfo::{Mount, mounts};

const NO_CONTROLLER: &str = "no memory controller of cgroups is to be seen; use a system or a \
                             container that has one";

/// The first generation writes the largest number of whole pages where there is no limit.
const UNLIMITED: u64 = 1 << 62;

/// A limit on the memory of this process's control group, or of one above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLimit {
    /// How many bytes the group may have, its pages of files included.
    pub bytes: u64,
    /// What of that is free, or would be without pages of files.
    pub room_bytes: u64,
    /// The file that sets it.
    pub file: PathBuf,
}

/// Where the `memory` controller is: the directories of this process's group and of the topmost one
/// in sight.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    version: u8,
    top: PathBuf,
    own: PathBuf,
}

impl Hierarchy {
    /// Of this process.
    ///
    /// # Errors
    /// Where there is no memory controller.
    pub(super) fn of_this_process() -> Result<Self, String> {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self::find(&groups, &mounts()).ok_or_else(|| NO_CONTROLLER.to_owned())
    }

    /// From `/proc/self/cgroup`, in which names stand as they are, and the mounts.
    fn find(own: &str, mounts: &[Mount]) -> Option<Self> {
        let first = group_of(own, |_, names| {
            names.split(',').any(|name| name == "memory")
        });
        let unified = group_of(own, |number, names| number == "0" && names.is_empty());
        first
            .and_then(|group| Self::at(1, group, mounts))
            .or_else(|| Self::at(2, unified?, mounts))
    }

    fn at(version: u8, group: &str, mounts: &[Mount]) -> Option<Self> {
        let wanted = |mount: &Mount| match version {
            1 => {
                let mut controllers = mount.super_options.split(',');
                mount.filesystem == "cgroup" && controllers.any(|name| name == "memory")
            }
            _ => mount.filesystem == "cgroup2",
        };
        mounts.iter().find_map(|mount| {
            // A container may show a part of the tree only, while names are those of the whole.
            let below = Path::new(group).strip_prefix(&mount.root).ok()?;
            let in_sight = !below.components().any(|part| part == Component::ParentDir);
            (in_sight && wanted(mount)).then(|| Self {
                version,
                top: mount.point.clone(),
                own: mount.point.join(below),
            })
        })
    }

    /// The group below which a limited one can be made.
    pub(super) fn parent(&self) -> Result<PathBuf, String> {
        if self.version == 1 {
            return Ok(self.own.clone());
        }
        if !lists_memory(&self.own.join("cgroup.controllers")) {
            return Err(NO_CONTROLLER.to_owned());
        }
        let control = self.own.join("cgroup.subtree_control");
        if lists_memory(&control) {
            return Ok(self.own.clone());
        }
        let Err(error) = fs::write(control, "+memory") else {
            return Ok(self.own.clone());
        };
        // A group that holds processes, as this one does, hands no controller down unless it is
        // the root; then a neighbour will do, where the group above hands memory down already.
        let above = self.own.parent().filter(|_| self.own != self.top);
        above
            .filter(|above| lists_memory(&above.join("cgroup.subtree_control")))
            .map(Path::to_owned)
            .ok_or_else(|| {
                format!(
                    "the cgroup of this process cannot hand its memory controller down ({}); \
                     run in a scope of its own (`systemd-run --user --scope`)",
                    error.kind()
                )
            })
    }

    /// The limit that leaves the least room, of this process's group and of all above it; `None` where
    /// none of them is limited.
    pub(super) fn tightest(&self) -> Option<GroupLimit> {
        let groups = self.own.ancestors();
        let in_sight = groups.take_while(|group| group.starts_with(&self.top));
        in_sight
            .filter_map(|group| self.limit_of(group))
            .min_by_key(|limit| limit.room_bytes)
    }

    /// The limit of one group and what it leaves. Pages of files give way, so they leave room.
    fn limit_of(&self, group: &Path) -> Option<GroupLimit> {
        let number = |name: &str| -> Option<u64> {
            fs::read_to_string(group.join(name))
                .ok()?
                .trim()
                .parse()
                .ok()
        };
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let counted = |name: &str| {
            let mut lines = stat.lines();
            let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|count| count.parse::<u64>().ok())
        };
        // Beyond `high` a group is not killed, but held up until it gives pages back.
        let (limits, used, pages): (&[&str], _, _) = match self.version {
            1 => (
                &["memory.limit_in_bytes"],
                "memory.usage_in_bytes",
                ["total_active_file", "total_inactive_file"],
            ),
            _ => (
                &["memory.max", "memory.high"],
                "memory.current",
                ["active_file", "inactive_file"],
            ),
        };
        let set = limits.iter().filter_map(|name| Some((number(name)?, name)));
        let (own, name) = set.min()?;
        // The first generation tells what groups above allow, those out of sight among them.
        let bytes = own.min(counted("hierarchical_memory_limit").unwrap_or(own));
        if bytes >= UNLIMITED {
            return None;
        }
        let pages = pages.iter().filter_map(|name| counted(name)).sum();
        let used = number(used).unwrap_or(0).saturating_sub(pages);
        Some(GroupLimit {
            bytes,
            room_bytes: bytes.saturating_sub(used),
            file: group.join(name),
        })
    }

    /// Sets the limits, that of memory first: the one with swap may not be below it.
    pub(super) fn limit(&self, group: &Path, bytes: u64) -> Result<(), String> {
        let set = |name: &str, value: u64| {
            fs::write(group.join(name), value.to_string()).map_err(|error| {
                format!(
                    "the limit `{name}` cannot be set to {value} ({})",
                    error.kind()
                )
            })
        };
        let (limit, swap) = match self.version {
            1 => (
                "memory.limit_in_bytes",
                ("memory.memsw.limit_in_bytes", bytes),
            ),
            _ => ("memory.max", ("memory.swap.max", 0)),
        };
        set(limit, bytes)?;
        // Without the account of swap there may be none, or swapping can at least be put off.
        if group.join(swap.0).exists() {
            set(swap.0, swap.1)
        } else if group.join("memory.swappiness").exists() {
            set("memory.swappiness", 0)
        } else {
            Ok(())
        }
    }
}

/// The path in the line of `/proc/self/cgroup` (`4:memory:/group`) that is `wanted`.
fn group_of(own: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<&str> {
    own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (number, names, group) = (parts.next()?, parts.next()?, parts.next()?);
        wanted(number, names).then_some(group)
    })
}

fn lists_memory(file: &Path) -> bool {
    let names = fs::read_to_string(file).unwrap_or_default();
    names.split_whitespace().any(|name| name == "memory")
}

#[cfg(test)]
mod tests {
    use super::super::mountinfo;
    use super::*;

    const BOTH: &str = "35 31 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
                        36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                        41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";

    fn own(mounts: &str, groups: &str) -> Option<(u8, PathBuf)> {
        let mounts = mountinfo::parse(mounts.as_bytes());
        Hierarchy::find(groups, &mounts).map(|found| (found.version, found.own))
    }

    #[test]
    fn the_generation_with_the_controller_is_found() {
        assert_eq!(
            own(BOTH, "5:cpu:/\n4:memory:/a/b\n0::/"),
            Some((1, "/sys/fs/cgroup/memory/a/b".into()))
        );
        assert_eq!(
            own(BOTH, "0::/user.slice/x.scope"),
            Some((2, "/sys/fs/cgroup/unified/user.slice/x.scope".into()))
        );
        assert_eq!(own("", "4:memory:/"), None);
        assert_eq!(own(BOTH, ""), None);
    }

    #[test]
    fn a_container_that_sees_a_part_of_the_tree_finds_its_own() {
        let part = "36 31 0:33 /docker/1a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";
        assert_eq!(
            own(part, "4:memory:/docker/1a/x"),
            Some((1, "/sys/fs/cgroup/memory/x".into()))
        );
        assert_eq!(own(part, "4:memory:/docker/2b"), None);
        assert_eq!(own(part, "4:memory:/docker/1abc"), None);
        let spaced = "36 31 0:33 /a\\040b\\134x2d /mnt/all\\040groups ro - cgroup cgroup rw,memory";
        assert_eq!(
            own(spaced, "4:memory:/a b\\x2d/c"),
            Some((1, "/mnt/all groups/c".into()))
        );
        assert_eq!(own(BOTH, "0::/../outside"), None);
    }

    /// A made-up second generation: `top`, and this process's group in it.
    fn unified(top_hands_down: &str, own_hands_down: &str) -> (tempfile::TempDir, Hierarchy) {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path().to_owned();
        let own = top.join("own");
        fs::create_dir(&own).unwrap();
        fs::write(own.join("cgroup.controllers"), "cpu memory").unwrap();
        fs::write(top.join("cgroup.subtree_control"), top_hands_down).unwrap();
        if own_hands_down.is_empty() {
            // What cannot be written stands for the refusal of the kernel.
            fs::create_dir(own.join("cgroup.subtree_control")).unwrap();
        } else {
            fs::write(own.join("cgroup.subtree_control"), own_hands_down).unwrap();
        }
        let version = 2;
        (directory, Hierarchy { version, top, own })
    }

    #[test]
    fn a_group_that_hands_memory_down_is_the_parent_or_else_the_one_above() {
        let (_kept, hierarchy) = unified("memory", "cpu memory");
        assert_eq!(hierarchy.parent(), Ok(hierarchy.own.clone()));
        let (_kept, hierarchy) = unified("cpu memory", "");
        assert_eq!(hierarchy.parent(), Ok(hierarchy.top.clone()));
        let (_kept, hierarchy) = unified("cpu", "");
        let reason = hierarchy.parent().unwrap_err();
        assert!(reason.contains("cannot hand"), "{reason}");
        fs::write(hierarchy.own.join("cgroup.controllers"), "cpu").unwrap();
        assert_eq!(hierarchy.parent(), Err(NO_CONTROLLER.to_owned()));
    }

    #[test]
    fn every_limit_of_the_generation_is_set() {
        let group = tempfile::tempdir().unwrap();
        let set = |version, optional: &str| {
            fs::write(group.path().join(optional), "").unwrap();
            let (top, own) = (PathBuf::new(), PathBuf::new());
            let hierarchy = Hierarchy { version, top, own };
            hierarchy.limit(group.path(), 4096).unwrap();
            fs::read_to_string(group.path().join(optional)).unwrap()
        };
        assert_eq!(set(1, "memory.swappiness"), "0");
        assert_eq!(set(1, "memory.memsw.limit_in_bytes"), "4096");
        assert_eq!(set(2, "memory.swap.max"), "0");
        let limit = fs::read_to_string(group.path().join("memory.max")).unwrap();
        assert_eq!(limit, "4096");
    }

    /// A made-up tree of three groups with these files, of which the process is in the lowest.
    fn tree(version: u8, files: &[(&str, &str)]) -> (tempfile::TempDir, Hierarchy) {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path().join("top");
        let own = top.join("middle/own");
        fs::create_dir_all(&own).unwrap();
        for (path, content) in files {
            fs::write(directory.path().join(path), content).unwrap();
        }
        (directory, Hierarchy { version, top, own })
    }

    #[test]
    fn the_limit_that_leaves_least_counts_wherever_it_is_set() {
        let (kept, hierarchy) = tree(
            2,
            &[
                ("memory.max", "1\n"),
                ("top/memory.max", "1000000\n"),
                ("top/memory.current", "900000\n"),
                (
                    "top/memory.stat",
                    "anon 5\nfile 8\nactive_file 100000\ninactive_file 50000\n",
                ),
                ("top/middle/memory.max", "800000\n"),
                ("top/middle/memory.high", "700000\n"),
                ("top/middle/memory.current", "1\n"),
                ("top/middle/own/memory.max", "max\n"),
            ],
        );
        let limit = hierarchy.tightest().unwrap();
        assert_eq!((limit.bytes, limit.room_bytes), (1_000_000, 250_000));
        assert_eq!(limit.file, kept.path().join("top/memory.max"));
        fs::write(kept.path().join("top/memory.current"), "200000").unwrap();
        let limit = hierarchy.tightest().unwrap();
        assert_eq!((limit.bytes, limit.room_bytes), (700_000, 699_999));
        assert!(limit.file.ends_with("middle/memory.high"), "{limit:?}");
    }

    #[test]
    fn a_limit_of_the_first_generation_may_be_out_of_sight() {
        let files = [
            (
                "top/middle/own/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("top/middle/own/memory.usage_in_bytes", "300\n"),
            (
                "top/middle/own/memory.stat",
                "active_file 1\nhierarchical_memory_limit 268435456\ntotal_active_file 60\n\
                 total_inactive_file 40\n",
            ),
        ];
        let (kept, hierarchy) = tree(1, &files);
        let limit = hierarchy.tightest().unwrap();
        assert_eq!(
            (limit.bytes, limit.room_bytes),
            (256 << 20, (256 << 20) - 200)
        );
        fs::remove_file(kept.path().join(files[2].0)).unwrap();
        assert_eq!(hierarchy.tightest(), None);
    }
}
