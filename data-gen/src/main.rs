//! `data-gen`: makes and checks fixtures. Exit status: 0 done, 1 the system refused (a full disk, a
//! missing permission), 2 bad usage or bad input, a damaged fixture included. A signal that asks it to end
//! ends it as usual, when what it was making is gone.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use data_gen::{
    Alphabet, ByteCount, Error, LineEnding, Links, Making, Manifest, Stop, TextSpec,
    parse_arguments, visible,
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
        /// Where the text goes; a fixture that is there is replaced
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// Replace a file that is not a fixture, too
        #[arg(long)]
        force: bool,
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
    data_gen::outlive_the_size_limit();
    let command = parse_arguments::<Cli>().command;
    let stop = match &command {
        // Where signals cannot be handled they end it at once, and the next one sweeps.
        Command::Text { .. } => Stop::on_signals().unwrap_or_default(),
        Command::Verify { .. } => Stop::default(),
    };
    match run(command, &stop) {
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
            let advice = match error.is_in_the_way() {
                true => ", or add --force to replace it",
                false => "",
            };
            let told = format!("{error}{advice}");
            let _ = writeln!(io::stderr(), "data-gen: {}", visible(&told));
            if error.is_interrupt() {
                stop.end_as_asked();
            }
            ExitCode::from(if error.is_bad_input() { 2 } else { 1 })
        }
    }
}

fn run(command: Command, stop: &Stop) -> Result<String, Error> {
    match command {
        Command::Text {
            size,
            seed,
            output,
            force,
            line_ending,
            alphabet,
        } => {
            let spec = TextSpec {
                bytes: size,
                seed,
                line_ending,
                alphabet,
            };
            let manifest = data_gen::generate(
                &spec,
                &output,
                &Making {
                    stop: stop.clone(),
                    replace_any: force,
                    links: Links::Followed,
                },
            )?;
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
