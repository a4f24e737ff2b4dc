//! `mapmark worker`, hidden: one job in this process, asked for and answered in a line of JSON.

use std::io;

use clap::Args;

use crate::error::{Error, Result};
use crate::machine::Build;
use crate::measure;

#[derive(Args)]
pub(super) struct Worker {}

impl Worker {
    pub(super) fn run(&self) -> Result<()> {
        // Else it is called by the number of the open file that it was started from.
        #[cfg(target_os = "linux")]
        let _ = rustix::thread::set_name(c"mapmark");
        measure::work(&mut io::stdin().lock(), &mut io::stdout(), &Build::this())
            .map_err(|error| Error::usage(format!("cannot talk to whoever asks: {error}")))
    }
}
