//! The mounts that this process sees, from `/proc/self/mountinfo`.

use std::fs;
use std::path::PathBuf;

use super::proc_text;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// `254:0`, as `/sys/dev/block` names its device.
    pub device_number: String,
    /// Which directory of its file system it shows.
    pub root: PathBuf,
    /// Where it shows it.
    pub point: PathBuf,
    /// `rw,noatime`.
    pub options: String,
    /// `ext4`.
    pub filesystem: String,
    /// `/dev/vda`, or what else the file system calls its source.
    pub source: String,
    /// The options of the file system itself; for control groups the controllers.
    pub super_options: String,
}

/// All of them, in the order in which they were mounted; none where the system does not tell.
#[must_use]
pub fn mounts() -> Vec<Mount> {
    // Names need not be UTF-8.
    let text = fs::read("/proc/self/mountinfo").unwrap_or_default();
    parse(&text)
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue` in each line. How
/// many fields stand in front of the dash differs.
pub(super) fn parse(mountinfo: &[u8]) -> Vec<Mount> {
    let lines = mountinfo.split(|byte| *byte == b'\n');
    lines.filter_map(mount).collect()
}

fn mount(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let dash = 6 + fields.get(6..)?.iter().position(|field| *field == b"-")?;
    let path = |at: usize| fields.get(at).map(|field| proc_text::field(field));
    let text = |at| Some(path(at)?.to_string_lossy().into_owned());
    Some(Mount {
        device_number: text(2)?,
        root: path(3)?,
        point: path(4)?,
        options: text(5)?,
        filesystem: text(dash + 1)?,
        source: text(dash + 2)?,
        super_options: text(dash + 3)?,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_end_a_field_are_read_back() {
        let text = b"36 35 98:0 /a\\134x2db /mnt/my\\040disk rw,noatime master:1 shared:2 - ext3 \
                     /dev/my\\040root rw\n\
                     37 35 0:5 / /mnt/\xe9t\xe9 rw - tmpfs  rw,size=1k\n\
                     no mount\n";
        let mounts = parse(text);
        assert_eq!(mounts.len(), 2);
        assert_eq!(mounts[0].root.to_str(), Some("/a\\x2db"));
        assert_eq!(mounts[0].point.to_str(), Some("/mnt/my disk"));
        assert_eq!(mounts[0].source, "/dev/my root");
        assert_eq!(mounts[0].super_options, "rw");
        assert_eq!(mounts[1].point.as_os_str().len(), "/mnt/.t.".len());
        assert_eq!(mounts[1].filesystem, "tmpfs");
        assert_eq!(mounts[1].super_options, "rw,size=1k");
    }
}
