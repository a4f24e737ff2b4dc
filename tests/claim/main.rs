//! `mapmark claim` as it is typed, on the built binary: with a real Python, with Pythons that
//! misbehave, and with none.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/ended.rs"]
mod ended;

mod desk;
#[cfg(unix)]
mod faults;
mod plain;
