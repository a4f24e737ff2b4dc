//! The command line, parsed; what is wrong with it is told in words that a terminal only shows.

use clap::Parser;

use crate::visible;

/// The arguments of this process as `T`. Where they are wrong, or ask for help, this prints so and ends the process.
#[must_use]
pub fn parse_arguments<T: Parser>() -> T {
    T::try_parse().unwrap_or_else(|error| {
        // clap repeats what was typed as it is. The same arguments, made visible, are wrong in the same way.
        let shown = std::env::args_os();
        let shown = shown.map(|word| visible(&word.to_string_lossy()).into_owned());
        match T::try_parse_from(shown) {
            Err(error) => error.exit(),
            // What was wrong was not UTF-8, which clap says without repeating it.
            Ok(_) => error.exit(),
        }
    })
}
