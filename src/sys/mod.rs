//! The system below: memory maps, cache state, resource usage, limits. The only unsafe code of the
//! crate.
//!
//! # Safety
//!
//! A memory map is a `&[u8]` over bytes that somebody else could change. Rust's rules hold only
//! while nobody does, so every constructor here takes a value that stands for that promise:
//!
//! - [`ReadMap`] borrows a [`Fixture`](crate::fixture::Fixture): a read-only file, digest checked,
//!   in a directory that mapmark owns and locks while it makes files there. A worker makes one from what
//!   its parent tells it; nothing outside the crate can, and no process but a worker does.
//! - [`WriteMap`] borrows a [`Scratch`](crate::fixture::Scratch) mutably: a private copy in a
//!   fresh directory, of which this process is the only user.
//!
//! The residual risk, accepted here once: another program of the same user may write to or cut
//! off those files all the same. A truncated mapping raises `SIGBUS` when touched; changed bytes
//! give a wrong answer, which the check of answers turns into a failed cell.

mod affinity;
mod allocator;
mod bus_error;
mod cache;
mod cgroup;
mod mapping;
mod memory;
mod memory_limit;
mod mountinfo;
mod notes;
mod orphan;
mod output;
mod proc_text;
mod program;
mod terminal;
mod usage;

pub use affinity::{allowed_cpus, pin};
pub use allocator::{allocator, allocator_settings};
pub use bus_error::bus_error;
pub use cache::{Residency, evict, hole_bytes, residency};
pub use cgroup::GroupLimit;
pub use mapping::{Advice, ReadMap, WriteMap, page_size};
pub use memory::{Available, Resident, Transfer, TransferReading, mapped_of};
pub use memory_limit::MemoryLimit;
pub use mountinfo::{Mount, mounts};
pub use notes::{Notes, note};
pub use orphan::{call_this_mapmark, end_with_parent, end_with_this_process, is_heard};
pub use output::hold_output;
pub use program::Program;
pub use terminal::terminal_columns;
pub use usage::{Usage, accounting_tick_ns};
