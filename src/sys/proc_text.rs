//! How the kernel writes names in the texts of `/proc`: what would end a field or a line stands there as
//! a backslash and three octal digits.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A field of `mountinfo`, in which spaces, tabs, line feeds, `#` and backslashes are written so.
pub(super) fn field(written: &[u8]) -> PathBuf {
    let mut name = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((byte, after)) = rest.split_first() {
        let code = match (byte, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                Some((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'))
            }
            _ => None,
        };
        name.push(code.unwrap_or(*byte));
        rest = match code {
            Some(_) => &after[3..],
            None => after,
        };
    }
    PathBuf::from(os_string(name))
}

/// How `maps` and `smaps` name a file: only its line feeds are written so. A backslash stands for
/// itself, so that a name cannot be read back from there; it is written and compared.
pub(super) fn in_maps(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    lines.join(&b"\\012"[..])
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

/// Elsewhere there is no `/proc`.
#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn octal_digits_stand_for_a_byte() {
        let told = |written: &str| field(written.as_bytes()).into_os_string();
        assert_eq!(
            told("/mnt/my\\040disk\\011\\012\\134x"),
            *"/mnt/my disk\t\n\\x"
        );
        assert_eq!(told("/system.slice/a\\134x2db"), *"/system.slice/a\\x2db");
        assert_eq!(told("\\134040"), *"\\040", "once, and not again");
        for plain in ["/", "\\", "\\04", "\\0", "\\089", "\\400", "a\\"] {
            assert_eq!(told(plain), *plain);
        }
        assert_eq!(field(b"/\\377"), field(b"/\xff"));
    }
}
