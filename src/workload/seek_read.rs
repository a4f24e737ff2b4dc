//! `seek_read`: 64 bytes at each of 1,000 places drawn from the fixture's seed.

use std::io;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::{Answer, Audience, Expected, Task, Work, Workload};
use crate::engine::{Blocks, Stream};
use crate::error::Result;
use crate::fixture::Questions;
use crate::units::ByteCount;

const READS: usize = 1_000;
const READ_BYTES: usize = 64;

pub(super) struct SeekRead;

impl Workload for SeekRead {
    fn name(&self) -> &'static str {
        "seek_read"
    }

    fn about(&self) -> &'static str {
        "read 64 bytes at each of 1,000 random places"
    }

    fn audience(&self) -> Audience {
        Audience::FirstLook
    }

    fn query(&self, questions: &Questions) -> String {
        format!("offsets drawn from seed {}", questions.seed)
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let length = read_length(content.len() as u64);
        let mut sum = 0;
        for offset in draw_offsets(content.len() as u64, questions.seed) {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let words = content[start..start + length].chunks(8);
            sum = words.map(word).fold(sum, u64::wrapping_add);
        }
        Ok(Expected::answer(Answer::Sum(sum), Some(READS * length)))
    }

    fn work(&self, bytes: ByteCount, questions: &Questions) -> Result<Work> {
        Ok(Work::Read(Box::new(Reads {
            offsets: draw_offsets(bytes.0, questions.seed),
            length: read_length(bytes.0),
        })))
    }
}

/// A file shorter than one read is read whole, 1,000 times.
fn read_length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(READ_BYTES).min(READ_BYTES)
}

/// Where the reads begin in a file of so many bytes, by the high half of a product: no bias worth
/// the name at file sizes.
fn draw_offsets(bytes: u64, seed: u64) -> Vec<u64> {
    let mut draw = Xoshiro256PlusPlus::seed_from_u64(seed);
    let places = u128::from(bytes - read_length(bytes) as u64) + 1;
    let scaled = |random: u64| ((u128::from(random) * places) >> 64) as u64;
    (0..READS).map(|_| scaled(draw.next_u64())).collect()
}

/// Up to eight bytes as a little-endian number.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

struct Reads {
    offsets: Vec<u64>,
    length: usize,
}

impl Reads {
    fn sum_of(&self, mut read: impl FnMut(&mut [u8], u64) -> io::Result<()>) -> io::Result<Answer> {
        let mut buffer = [0; READ_BYTES];
        let buffer = &mut buffer[..self.length];
        let mut sum = 0;
        for offset in self.offsets.iter() {
            read(buffer, *offset)?;
            sum = add_words(sum, buffer);
        }
        Ok(Answer::Sum(sum))
    }
}

fn add_words(sum: u64, bytes: &[u8]) -> u64 {
    bytes.chunks(8).map(word).fold(sum, u64::wrapping_add)
}

impl Task for Reads {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        let mut sum = 0;
        for offset in self.offsets.iter() {
            let start = usize::try_from(*offset).unwrap_or(usize::MAX);
            // A file that was cut meanwhile gives a wrong answer, not a panic.
            let Some(read) = bytes.get(start..).and_then(|rest| rest.get(..self.length)) else {
                return Answer::Absent;
            };
            sum = add_words(sum, read);
        }
        Answer::Sum(sum)
    }

    fn on_stream(&mut self, stream: &mut Stream) -> io::Result<Answer> {
        self.sum_of(|buffer, offset| stream.read_exact_at(buffer, offset))
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        self.sum_of(|buffer, offset| blocks.read_exact_at(buffer, offset))
    }
}
