//! The command `mapmark`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mapmark::cli::main()
}
