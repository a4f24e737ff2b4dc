//! Searching what arrives in chunks, so that no edge hides a match: written once for streams and
//! positional reads, and held against the oracle by property tests.

use std::io;

use memchr::memmem::{Finder, FinderRev};
use memchr::{memchr, memrchr};
use regex::bytes::Regex;

use crate::engine::{BLOCK_BYTES, Blocks, Chunks};

/// Finds a needle across chunk edges by carrying over the last bytes of each chunk.
pub(super) struct ChunkFinder {
    finder: Finder<'static>,
    carried: Vec<u8>,
}

impl ChunkFinder {
    pub(super) fn new(needle: &[u8]) -> Self {
        Self {
            finder: Finder::new(needle).into_owned(),
            carried: Vec::with_capacity(2 * needle.len()),
        }
    }

    /// In one piece.
    pub(super) fn in_slice(&self, bytes: &[u8]) -> Option<usize> {
        self.finder.find(bytes)
    }

    /// In pieces. The offset counts from the first of them.
    pub(super) fn in_chunks(&mut self, chunks: &mut impl Chunks) -> io::Result<Option<u64>> {
        let overlap = self.finder.needle().len().saturating_sub(1);
        let mut before = 0u64; // bytes in the chunks before this one
        self.carried.clear();
        loop {
            let chunk = chunks.next()?;
            if chunk.is_empty() {
                // An empty needle is found even in an empty file.
                return Ok((overlap == 0 && self.in_slice(&[]).is_some()).then_some(before));
            }
            let carried = self.carried.len();
            self.carried
                .extend_from_slice(&chunk[..overlap.min(chunk.len())]);
            if let Some(place) = self.finder.find(&self.carried) {
                return Ok(Some(before - carried as u64 + place as u64));
            }
            if let Some(place) = self.finder.find(chunk) {
                return Ok(Some(before + place as u64));
            }
            before += chunk.len() as u64;
            keep_last(&mut self.carried, chunk, overlap);
        }
    }
}

/// Leaves in `carried` the last `overlap` bytes of what has been seen. `carried` already ends with
/// the first bytes of `chunk`, all of them if the chunk is no longer than the overlap.
fn keep_last(carried: &mut Vec<u8>, chunk: &[u8], overlap: usize) {
    if chunk.len() >= overlap {
        carried.clear();
        carried.extend_from_slice(&chunk[chunk.len() - overlap..]);
    } else {
        let surplus = carried.len().saturating_sub(overlap);
        carried.drain(..surplus);
    }
}

/// Finds the last place of a needle.
pub(super) struct BlockFinderRev {
    finder: FinderRev<'static>,
}

impl BlockFinderRev {
    pub(super) fn new(needle: &[u8]) -> Self {
        Self {
            finder: FinderRev::new(needle).into_owned(),
        }
    }

    /// In one piece.
    pub(super) fn in_slice(&self, bytes: &[u8]) -> Option<usize> {
        self.finder.rfind(bytes)
    }

    /// Block by block from the end. Neighbouring blocks overlap by one byte less than the needle.
    pub(super) fn in_blocks(&self, blocks: &mut Blocks<'_>) -> io::Result<Option<u64>> {
        let overlap = self.finder.needle().len().saturating_sub(1) as u64;
        let block = (BLOCK_BYTES as u64).max(2 * overlap + 1);
        let mut end = blocks.length()?;
        loop {
            let start = end.saturating_sub(block);
            if let Some(place) = self.finder.rfind(blocks.range(start, end)?) {
                return Ok(Some(start + place as u64));
            }
            if start == 0 {
                return Ok(None);
            }
            end = start + overlap;
        }
    }
}

/// Counts the matches of a pattern whose matches lie within lines, by handing whole lines to it.
pub(super) struct LineCounter {
    pattern: Regex,
    carried: Vec<u8>,
}

impl LineCounter {
    pub(super) fn new(pattern: Regex) -> Self {
        Self {
            pattern,
            carried: Vec::new(),
        }
    }

    /// In one piece.
    pub(super) fn in_slice(&self, bytes: &[u8]) -> u64 {
        self.pattern.find_iter(bytes).count() as u64
    }

    /// In pieces: the lines that a chunk holds whole are searched where they lie; only the line
    /// that an edge cuts is put together first.
    pub(super) fn in_chunks(&mut self, chunks: &mut impl Chunks) -> io::Result<u64> {
        let mut count = 0;
        self.carried.clear();
        loop {
            let chunk = chunks.next()?;
            if chunk.is_empty() {
                break;
            }
            let (Some(first), Some(last)) = (memchr(b'\n', chunk), memrchr(b'\n', chunk)) else {
                self.carried.extend_from_slice(chunk);
                continue;
            };
            let mut whole_lines = 0;
            if !self.carried.is_empty() {
                self.carried.extend_from_slice(&chunk[..=first]);
                count += self.in_slice(&self.carried);
                self.carried.clear();
                whole_lines = first + 1;
            }
            count += self.in_slice(&chunk[whole_lines..=last]);
            self.carried.extend_from_slice(&chunk[last + 1..]);
        }
        if !self.carried.is_empty() {
            count += self.in_slice(&self.carried);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle;
    use super::*;
    use proptest::prelude::*;

    /// Hands out `bytes` in pieces of the given lengths, over and over.
    struct Pieces<'a> {
        bytes: &'a [u8],
        lengths: Vec<usize>,
        turn: usize,
    }

    impl Chunks for Pieces<'_> {
        fn next(&mut self) -> io::Result<&[u8]> {
            let length = self.lengths[self.turn % self.lengths.len()].min(self.bytes.len());
            self.turn += 1;
            let (piece, rest) = self.bytes.split_at(length);
            self.bytes = rest;
            Ok(piece)
        }
    }

    fn pieces(bytes: &[u8], lengths: Vec<usize>) -> Pieces<'_> {
        Pieces {
            bytes,
            lengths,
            turn: 0,
        }
    }

    /// Few letters, so that needles occur, and occur across edges and over one another.
    fn text(longest: usize) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(b"ab\n".to_vec()), 0..longest)
    }

    proptest! {
        #[test]
        fn chunked_find_is_find(
            content in text(60),
            needle in text(7),
            lengths in prop::collection::vec(1usize..9, 1..5),
        ) {
            let found = ChunkFinder::new(&needle)
                .in_chunks(&mut pieces(&content, lengths)).unwrap();
            prop_assert_eq!(found, oracle::find(&content, &needle).map(|place| place as u64));
        }

        #[test]
        fn chunked_line_count_is_the_count(
            content in text(60),
            lengths in prop::collection::vec(1usize..9, 1..5),
        ) {
            let pattern = Regex::new("a+b|ba").unwrap();
            let whole = pattern.find_iter(&content).count() as u64;
            let counted = LineCounter::new(pattern)
                .in_chunks(&mut pieces(&content, lengths)).unwrap();
            prop_assert_eq!(counted, whole);
        }
    }

    #[test]
    fn a_finder_can_be_used_again() {
        let mut finder = ChunkFinder::new(b"abc");
        for _ in 0..2 {
            let found = finder
                .in_chunks(&mut pieces(b"xxabxxabc", vec![4]))
                .unwrap();
            assert_eq!(found, Some(6));
        }
    }
}
