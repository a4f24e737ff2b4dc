//! mapmark settles "mmap or read?" on any machine, with ratios that can be believed: paired
//! measurement, proof of equal work, verified cache state, and a noise floor in every run.
//!
//! Data moves one way, and the modules stand in that order; each uses earlier ones only:
//!
//! ```text
//! fixture -> engine x workload -> rounds -> statistics -> record -> report
//! ```

pub mod text;

pub mod units;

pub mod error;

pub mod fixture;

pub mod sys;

pub mod engine;

pub mod workload;

pub mod plan;

pub mod measure;

pub mod stats;

pub mod machine;

pub mod record;

pub mod compare;

pub mod history;

pub mod run;

pub mod claim;

pub mod selfcheck;

pub mod report;

pub mod cli;
