//! The workflows keep their promise: whatever a job does is a line that works on a laptop. Here they work.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod desk;
// Where there is no desk, fewer of its words are asked for.
#[cfg_attr(not(unix), allow(dead_code))]
mod document;
#[cfg(unix)]
mod lines;
mod rules;
