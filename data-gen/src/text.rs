//! How one block of text is made. Blocks depend on the spec and their index only, so they can be
//! made in any order on any number of threads; `order` puts them in line.
//!
//! Changing anything here, in `plan`, `table` or `words` changes fixtures: then [`GENERATOR`](crate::GENERATOR) must
//! change too.

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{
    TextSpec,
    plan::{Due, Plan},
    table::{Slot, Table},
    words::{self, WORD_MAX},
};

/// Bytes of every block but the last, which has all that is left: up to twice as many.
const BLOCK: u64 = 256 * 1024;
/// A line has at least this many words between its first and its last.
const WORDS_MIN: usize = 8;
/// A random number of words below this, a power of two, comes on top.
const WORDS_SPREAD: usize = 8;
/// Words that are picked from one random number.
const PICKS: usize = (64 / Table::BITS) as usize;
const WORDS_MAX: usize = WORDS_MIN + WORDS_SPREAD - 1;
/// No line is longer: words have up to `WORD_MAX` bytes and up to 2 behind them, the first and the
/// last word 1, a planted word has 14 with its space, and a line ending 2. (Most have 50 to 105.)
const LINE_MAX: usize = WORDS_MAX * (WORD_MAX + 2) + 2 * (WORD_MAX + 1) + 14 + 2;
/// The last line of a block has at least this many bytes, so that it can be made to fit exactly:
/// one word and its space of up to 11 bytes, two fillers and their spaces of 9, the line ending.
const TAIL_MIN: usize = 24;
/// What a line may write to: itself, the least tail, and the rest of the last slot.
const LINE_ROOM: usize = LINE_MAX + TAIL_MIN + Slot::SIZE;
/// A needle whose line should begin this far from a block's end is sure to find its line: one
/// begins within `LINE_MAX` bytes, before the tail.
const NEEDLE_ROOM: u64 = (2 * LINE_MAX + TAIL_MIN) as u64;

/// Everything that the blocks of one fixture have in common.
pub(crate) struct Recipe {
    bytes: u64,
    seed: u64,
    /// The line ending, with something behind it where it is one byte long.
    eol: [u8; 2],
    eol_len: usize,
    table: Table,
    /// Where the needles' lines should begin: first, middle, last.
    targets: [u64; 3],
    needles: [Slot; 3],
    from: Slot,
}

/// One block's text and what is known about it. Made once and filled again and again.
pub(crate) struct Block {
    buffer: Vec<u8>,
    len: usize,
    pub(crate) counts: Counts,
}

/// What occurs in a block, or in all blocks so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) newlines: u64,
    pub(crate) matches: u64,
    pub(crate) occurrences: u64,
    /// Where the first, middle and last needle begin.
    pub(crate) offsets: [Option<u64>; 3],
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.newlines += other.newlines;
        self.matches += other.matches;
        self.occurrences += other.occurrences;
        for (mine, theirs) in self.offsets.iter_mut().zip(other.offsets) {
            *mine = mine.or(theirs);
        }
    }
}

impl Block {
    pub(crate) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            len: 0,
            counts: Counts::default(),
        }
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

impl Recipe {
    pub(crate) fn new(spec: &TextSpec) -> Self {
        let bytes = spec.bytes.0;
        let ending = spec.line_ending.as_bytes();
        Self {
            bytes,
            seed: spec.seed,
            eol: [ending[0], *ending.last().unwrap_or(&0)],
            eol_len: ending.len(),
            table: Table::new(spec.alphabet),
            targets: [
                if bytes < 4096 { bytes / 8 } else { 1100 },
                bytes / 2 - LINE_MAX as u64,
                bytes - NEEDLE_ROOM,
            ],
            needles: [words::FIRST, words::MIDDLE, words::LAST].map(Slot::word),
            from: Slot::word(words::FROM),
        }
    }

    pub(crate) fn blocks(&self) -> u64 {
        (self.bytes / BLOCK).max(1)
    }

    /// Replaces what `block` holds by the block of this index.
    pub(crate) fn fill(&self, index: u64, block: &mut Block) {
        let start = index * BLOCK;
        let len = if index + 1 == self.blocks() {
            self.bytes - start
        } else {
            BLOCK
        };
        let needles = self.targets.map(|target| {
            let offset = target.checked_sub(start).filter(|offset| *offset < len)?;
            Some(offset.min(len - NEEDLE_ROOM))
        });
        let seed = xxh3_64_with_seed(&index.to_le_bytes(), self.seed);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut writer = Writer {
            recipe: self,
            start,
            plan: Plan::new(needles, index == 0, &mut rng),
            counts: Counts::default(),
            rng,
        };
        // Less than 2 * BLOCK, so the cast is exact everywhere.
        block.len = len as usize;
        block.buffer.resize(block.len + Slot::SIZE, 0);
        let mut at = 0;
        // There is room for another line as long as there is room for the tail behind it.
        while let Some(room) = block.buffer[at..].first_chunk_mut::<LINE_ROOM>() {
            at += writer.line(at, room);
        }
        // In two lines where one would be long.
        if block.len - at >= 120 {
            let half = (block.len - at) / 2;
            at += writer.tail(&mut block.buffer[at..], half);
        }
        writer.tail(&mut block.buffer[at..], block.len - at);
        block.counts = writer.counts;
    }
}

struct Writer<'a> {
    recipe: &'a Recipe,
    /// Offset of the block in the text.
    start: u64,
    plan: Plan,
    counts: Counts,
    rng: Xoshiro256PlusPlus,
}

impl Writer<'_> {
    /// One line, at most one planted word behind its first. It begins at `begin` of the block and
    /// at the front of `room`, an array so that the compiler can see that every word fits. Returns
    /// the line's length.
    fn line(&mut self, begin: usize, room: &mut [u8; LINE_ROOM]) -> usize {
        let table = &self.recipe.table;
        let ends = self.rng.next_u64();
        let words = WORDS_MIN + (ends >> 32) as usize % WORDS_SPREAD;
        let mut at = table.opener(ends).put(room, 0);
        if self.plan.is_due(begin as u64) {
            at = self.planted(begin as u64, at as u64).put(room, at);
        }
        // Words too many are written and overwritten: a loop that ended early would end
        // unpredictably, which costs a processor more than all the words.
        for group in 0..WORDS_MAX.div_ceil(PICKS) {
            let mut bits = self.rng.next_u64();
            for i in 0..PICKS {
                let next = table.word(bits).put(room, at);
                at += (next - at) * usize::from(group * PICKS + i < words);
                bits >>= Table::BITS;
            }
        }
        at = table.closer(ends >> 8).put(room, at);
        self.finish(room, at)
    }

    /// What is planted `at` bytes into the line that begins at `begin`; it is counted here.
    #[cold]
    fn planted(&mut self, begin: u64, at: u64) -> Slot {
        match self.plan.take(begin, &mut self.rng) {
            Due::Needle(i) => {
                self.counts.offsets[i] = Some(self.start + begin + at);
                self.recipe.needles[i]
            }
            Due::From => {
                self.counts.occurrences += 1;
                self.recipe.from
            }
            Due::Token => {
                self.counts.matches += 1;
                Slot::token(self.rng.next_u64())
            }
        }
    }

    /// A line of exactly `len` bytes with its line ending: the last two words are chosen to fit.
    fn tail(&mut self, room: &mut [u8], len: usize) -> usize {
        // One byte for the full stop, in place of the last word's space.
        let end = len - self.recipe.eol_len;
        let mut at = self.recipe.table.opener(self.rng.next_u64()).put(room, 0);
        // Two fillers of 2 to 13 letters and their spaces fit 9 to 26 bytes.
        while end - at > 26 {
            at = self.recipe.table.word(self.rng.next_u64()).put(room, at);
        }
        // Not two of one length, as a length has one filler only.
        at = Slot::word(words::filler((end - at) / 2 - 2)).put(room, at);
        at = Slot::word(words::filler(end - at - 1)).put(room, at);
        room[at - 1] = b'.';
        self.finish(room, at)
    }

    /// Puts the line ending at `at`; returns the line's length.
    #[inline(always)]
    fn finish(&mut self, room: &mut [u8], at: usize) -> usize {
        room[at..at + 2].copy_from_slice(&self.recipe.eol);
        self.counts.newlines += 1;
        at + self.recipe.eol_len
    }
}
