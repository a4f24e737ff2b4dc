//! Where to measure and with which build, as it is typed for every command that measures.

use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::fixture::Store;
use crate::measure::Interrupt;

/// What moves the fixtures.
pub(super) const ELSEWHERE: &str = "--fixtures DIR keeps fixtures and scratch copies elsewhere";

#[derive(Args)]
pub(super) struct PlaceArguments {
    /// Measure with a debug build all the same
    #[arg(long)]
    force: bool,
    /// Where fixtures and scratch copies are kept [default: target/mapmark/fixtures]
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

impl PlaceArguments {
    /// A debug build's times say nothing.
    pub(super) fn refuse_debug_build(&self) -> Result<()> {
        if cfg!(debug_assertions) {
            self.refuse_debug("this is a debug build")?;
        }
        Ok(())
    }

    /// The same of another program, `it_is` what.
    pub(super) fn refuse_debug(&self, it_is: &str) -> Result<()> {
        if self.force {
            return Ok(());
        }
        Err(Error::usage(format!(
            "{it_is}, whose times say nothing; build with --release, or add --force to measure all \
             the same"
        )))
    }

    /// The place of the fixtures; `interrupt` ends its work.
    pub(super) fn store(&self, interrupt: &Interrupt) -> Result<Store> {
        let store = Store::open(
            self.fixtures
                .clone()
                .unwrap_or_else(Store::default_directory),
        );
        let store = store.map_err(|error| error.with_advice(ELSEWHERE))?;
        Ok(store.stopped_by(interrupt.stop()))
    }
}
