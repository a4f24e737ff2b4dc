//! Where this process stands in the control groups of Linux, and which of them can hold a group with
//! a limit on memory.
//!
//! There are two generations of them, and both may be mounted: the one that has the `memory`
//! controller counts. In the first a group hands its controllers down always; in the second only
//! one without processes does.

use std::fs;
use std::path::{Component, Path, PathBuf};

const NO_CONTROLLER: &str = "no memory controller of cgroups is to be seen; use a system or a \
                             container that has one";

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
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Self::find(&read("/proc/self/cgroup"), &read("/proc/self/mountinfo"))
            .ok_or_else(|| NO_CONTROLLER.to_owned())
    }

    /// From `/proc/self/cgroup` and `/proc/self/mountinfo`.
    fn find(own: &str, mounts: &str) -> Option<Self> {
        let first = group_of(own, |_, names| {
            names.split(',').any(|name| name == "memory")
        });
        let unified = group_of(own, |number, names| number == "0" && names.is_empty());
        first
            .and_then(|group| Self::at(1, group, mounts))
            .or_else(|| Self::at(2, unified?, mounts))
    }

    /// A line of mounts: `35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`.
    fn at(version: u8, group: &str, mounts: &str) -> Option<Self> {
        let wanted = |source: &str| {
            let words: Vec<&str> = source.split(' ').collect();
            match (version, words.as_slice()) {
                (1, ["cgroup", _, options]) => options.split(',').any(|name| name == "memory"),
                (2, ["cgroup2", ..]) => true,
                _ => false,
            }
        };
        mounts.lines().find_map(|line| {
            let (place, source) = line.split_once(" - ")?;
            let mut place = place.split(' ').skip(3);
            let (root, point) = (place.next()?, Path::new(place.next()?));
            // A container may show a part of the tree only, while names are those of the whole.
            let below = Path::new(group).strip_prefix(root).ok()?;
            let in_sight = !below.components().any(|part| part == Component::ParentDir);
            (in_sight && wanted(source)).then(|| Self {
                version,
                top: point.to_owned(),
                own: point.join(below),
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
    use super::*;

    const BOTH: &str = "35 31 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
                        36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                        41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";

    fn own(mounts: &str, groups: &str) -> Option<(u8, PathBuf)> {
        Hierarchy::find(groups, mounts).map(|found| (found.version, found.own))
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
}
