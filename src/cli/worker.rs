//! `mapmark worker`, hidden: one iteration in this process, asked for and answered in a line of JSON.

use std::io::{self, BufRead};

use clap::Args;

use crate::error::{Error, Result};
use crate::measure;

#[derive(Args)]
pub(super) struct Worker {}

impl Worker {
    pub(super) fn run(&self) -> Result<String> {
        let mut order = Vec::new();
        io::stdin()
            .lock()
            .read_until(b'\n', &mut order)
            .map_err(|error| Error::usage(format!("cannot read the order: {error}")))?;
        Ok(format!("{}\n", measure::work(&order)))
    }
}
