//! `data-gen`: makes and checks fixtures. Exit status: 0 done, 1 the system refused (a full disk, a
//! missing permission), 2 bad usage or bad input, a damaged fixture included.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use data_gen::{
    Alphabet, ByteCount, Error, LineEnding, Manifest, TextSpec, parse_arguments, visible,
};

/// Makes text fixtures with known answers: the same arguments give the same bytes on every machine
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a text, and FILE.manifest.json beside it that says what is in it
    Text {
        /// Exact length: 14.4MB is 14,400,000 bytes, 2MiB is 2,097,152; at least 1KiB
        #[arg(long)]
        size: ByteCount,
        /// Picks one text of many
        #[arg(long)]
        seed: u64,
        /// Where the text goes; replaced if it is there
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// What ends each line
        #[arg(long, value_enum, default_value_t = LineEnding::Lf)]
        line_ending: LineEnding,
        /// Whether characters of 2, 3 and 4 bytes occur
        #[arg(long, value_enum, default_value_t = Alphabet::Ascii)]
        alphabet: Alphabet,
    },
    /// Check a text against its manifest
    Verify {
        /// The text
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(parse_arguments::<Cli>().command) {
        Ok(report) => {
            match writeln!(io::stdout(), "{}", visible(&report)) {
                // Who closed our output does not want to know.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    let _ = writeln!(
                        io::stderr(),
                        "data-gen: cannot write to standard output: {error}"
                    );
                    ExitCode::from(1)
                }
                _ => ExitCode::SUCCESS,
            }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "data-gen: {}", visible(&error.to_string()));
            ExitCode::from(if error.is_bad_input() { 2 } else { 1 })
        }
    }
}

fn run(command: Command) -> Result<String, Error> {
    match command {
        Command::Text {
            size,
            seed,
            output,
            line_ending,
            alphabet,
        } => {
            let spec = TextSpec {
                bytes: size,
                seed,
                line_ending,
                alphabet,
            };
            let manifest = data_gen::generate(&spec, &output)?;
            Ok(format!("{} made: {}", output.display(), summary(&manifest)))
        }
        Command::Verify { file } => {
            let manifest = data_gen::verify(&file)?;
            Ok(format!(
                "{} is whole: {}",
                file.display(),
                summary(&manifest)
            ))
        }
    }
}

fn summary(manifest: &Manifest) -> String {
    format!(
        "{}, {} lines, {}",
        manifest.bytes, manifest.newlines, manifest.digest
    )
}
