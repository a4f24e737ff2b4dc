//! A command that ended, and what it said.

use std::process::Output;

pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Fails unless the command ended with `status`.
    pub(crate) fn with_status(self, status: i32) -> Self {
        let told = format!("{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.status, status, "{told}");
        self
    }
}
