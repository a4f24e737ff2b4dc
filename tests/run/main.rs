//! `mapmark run` as it is typed, on the built binary: what it writes, what it refuses, and what it
//! survives.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/ended.rs"]
mod ended;

#[cfg(unix)]
mod against;
mod bench;
mod conditions;
mod endings;
mod faults;
mod files;
mod keeping;
mod plain;
#[cfg(target_os = "linux")]
mod program;
mod sweeps;
