//! Which memory allocator serves this process.
//!
//! # Safety
//!
//! `gnu_get_libc_version` returns a pointer to a constant, NUL-terminated text.
#![allow(unsafe_code)]

/// `glibc 2.36`; `None` where it is not known.
#[must_use]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn allocator() -> Option<String> {
    // SAFETY: the call takes nothing and returns a constant.
    let version = unsafe { libc::gnu_get_libc_version() };
    // SAFETY: the constant ends with a NUL and lives as long as the process.
    let version = unsafe { std::ffi::CStr::from_ptr(version) };
    Some(format!("glibc {}", version.to_str().ok()?))
}

/// `glibc 2.36`; `None` where it is not known.
#[must_use]
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn allocator() -> Option<String> {
    None
}
