//! What is to be measured, as it is typed.

use clap::Args;

use crate::error::Result;
use crate::plan::{Profile, Selection};

#[derive(Args)]
pub(super) struct SelectionArguments {
    /// Workloads, separated by commas
    #[arg(long, value_name = "W,…", value_delimiter = ',')]
    workload: Vec<String>,
    /// Engines, separated by commas
    #[arg(long, value_name = "E,…", value_delimiter = ',')]
    engine: Vec<String>,
    /// The engine that the others are compared with
    #[arg(long, value_name = "E")]
    baseline: Option<String>,
    /// Sizes of the text fixtures: 2MB is 2,000,000 bytes, 2MiB is 2,097,152
    #[arg(long, value_name = "S,…", value_delimiter = ',')]
    size: Vec<String>,
}

impl SelectionArguments {
    /// The selection that they narrow from the default one.
    pub(super) fn selection(&self) -> Result<Selection> {
        let mut selection = Selection::of(Profile::Default);
        if !self.engine.is_empty() {
            selection.set_engines(&self.engine)?;
        }
        if let Some(baseline) = &self.baseline {
            selection.set_baseline(baseline)?;
        }
        if !self.workload.is_empty() {
            selection.set_workloads(&self.workload)?;
        }
        if !self.size.is_empty() {
            selection.set_sizes(&self.size)?;
        }
        Ok(selection)
    }
}
