//! Text fixtures with known answers: the same arguments give the same bytes on every machine.
//!
//! A [`TextSpec`] says what is wanted; [`generate`] puts the text and its [`Manifest`] into files,
//! [`write_text`] into any sink; [`verify`] checks a fixture against its manifest.
//!
//! Data moves one way: spec → blocks of text (`text`, with `plan`, `table` and `words`) → digest and sink, in `order`
//! → files (`store`) → `verify`.
//!
//! What whoever makes files needs is here too: [`Stop`] for work that is interrupted, temporaries that
//! do not stay ([`TemporaryFile`], [`sweep`]), files that are what they seem ([`open_regular`]).

mod arguments;
mod digest;
mod error;
mod manifest;
mod order;
mod plan;
mod regular;
mod size;
mod spec;
mod stop;
mod store;
mod table;
mod temporary;
mod text;
mod verify;
mod visible;
mod words;

pub use arguments::parse_arguments;
pub use digest::{Digest, digest_file, digest_file_until};
pub use error::Error;
pub use manifest::{GENERATOR, Manifest, Needle, Needles, Place, Replace, manifest_path};
pub use regular::{
    Links, destination, keeps_files, make_directory, open_regular, open_regular_with, read_regular,
    read_to_limit,
};
pub use size::ByteCount;
pub use spec::{Alphabet, LineEnding, TextSpec};
pub use stop::{Stop, Stopped, end_by, heeded_signals, outlive_the_size_limit};
pub use store::{Making, generate, write_text};
pub use temporary::{TemporaryDirectory, TemporaryFile, directory_of, sweep};
pub use verify::verify;
pub use visible::{is_hidden, visible};
