//! `mapmark worker`, hidden: one iteration in this process, asked for and answered in a line of JSON.

use std::io;

use clap::Args;

use crate::error::{Error, Result};
use crate::measure;

#[derive(Args)]
pub(super) struct Worker {}

impl Worker {
    pub(super) fn run(&self) -> Result<String> {
        let mut order = String::new();
        io::stdin()
            .read_line(&mut order)
            .map_err(|error| Error::usage(format!("cannot read the order: {error}")))?;
        Ok(format!("{}\n", measure::work(&order)))
    }
}
