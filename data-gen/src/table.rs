//! What lines are put together from: texts of a fixed size in memory, drawn by Zipf's law.

use crate::{
    Alphabet,
    words::{HEX, vocabulary},
};

/// A word and what follows it, at the front of 16 bytes; the last byte is the length of both.
///
/// A fixed size makes copying a word one load and one store whatever its length.
#[derive(Clone, Copy)]
pub(crate) struct Slot([u8; Slot::SIZE]);

impl Slot {
    pub(crate) const SIZE: usize = 16;

    fn new(word: &str, after: &str) -> Self {
        let mut bytes = [0; Self::SIZE];
        let mut len = 0;
        for (place, byte) in bytes[..Self::SIZE - 1]
            .iter_mut()
            .zip(word.bytes().chain(after.bytes()))
        {
            *place = byte;
            len += 1;
        }
        bytes[Self::SIZE - 1] = len;
        Self(bytes)
    }

    /// One word and a space.
    pub(crate) fn word(word: &str) -> Self {
        Self::new(word, " ")
    }

    /// A token that the pattern matches, its digits taken from `bits`, and a space.
    pub(crate) fn token(bits: u64) -> Self {
        let mut slot = Self::word("00000000");
        for (i, digit) in slot.0[..8].iter_mut().enumerate() {
            *digit = HEX[(bits >> (4 * i)) as usize & 15];
        }
        slot
    }

    /// Copies the slot to `out[at..]` and returns where the next one goes. [`Slot::SIZE`] bytes from
    /// `at` are overwritten.
    #[inline(always)]
    pub(crate) fn put(&self, out: &mut [u8], at: usize) -> usize {
        out[at..at + Self::SIZE].copy_from_slice(&self.0);
        at + usize::from(self.0[Self::SIZE - 1])
    }
}

/// The words of a line.
pub(crate) struct Table {
    words: Box<[Slot; WORDS]>,
    openers: Box<[Slot; ENDS]>,
    closers: Box<[Slot; ENDS]>,
}

const WORDS: usize = 1 << Table::BITS;
/// Words that a line may begin with, and as many that it may end with.
const ENDS: usize = 256;
/// Slots of the first word: as many as leave one for the last word of the larger vocabulary. The
/// smaller one fills the slots that are left with its last words.
const TOP: usize = 516;
/// The first ranks are words like "the" and "of", which no comma or full stop follows.
const FUNCTION_WORDS: usize = 60;

impl Table {
    /// Bits that pick a word; five picks come out of one 64-bit random number.
    pub(crate) const BITS: u32 = 12;

    pub(crate) fn new(alphabet: Alphabet) -> Self {
        let words = vocabulary(alphabet);
        let ranked = zipf(&words);
        let mut table = Self {
            words: Box::new([Slot::word("a"); WORDS]),
            openers: Box::new([Slot::word("A"); ENDS]),
            closers: Box::new([Slot::word("."); ENDS]),
        };
        for (i, (slot, (rank, word))) in table.words.iter_mut().zip(&ranked).enumerate() {
            let comma = *rank >= FUNCTION_WORDS && i % 6 == 0;
            *slot = Slot::new(word, if comma { ", " } else { " " });
        }
        for (slot, (_, word)) in table
            .openers
            .iter_mut()
            .zip(ranked.iter().step_by(WORDS / ENDS))
        {
            *slot = Slot::word(word);
            slot.0[0].make_ascii_uppercase();
        }
        let closing = ranked.iter().filter(|(rank, _)| *rank >= FUNCTION_WORDS);
        for (i, (slot, (_, word))) in table.closers.iter_mut().zip(closing.step_by(6)).enumerate() {
            *slot = Slot::new(word, if i % 16 == 0 { "?" } else { "." });
        }
        table
    }

    /// The word that the lowest [`Table::BITS`] bits pick.
    #[inline(always)]
    pub(crate) fn word(&self, bits: u64) -> &Slot {
        &self.words[bits as usize % WORDS]
    }

    /// The capitalised word that the lowest 8 bits pick.
    #[inline(always)]
    pub(crate) fn opener(&self, bits: u64) -> &Slot {
        &self.openers[bits as usize % ENDS]
    }

    /// The word with a full stop that the lowest 8 bits pick.
    #[inline(always)]
    pub(crate) fn closer(&self, bits: u64) -> &Slot {
        &self.closers[bits as usize % ENDS]
    }
}

/// `WORDS` words with their ranks: a word of rank r about 1 / r as often as the first.
fn zipf(words: &[String]) -> Vec<(usize, &str)> {
    let ranked = || words.iter().map(String::as_str).enumerate();
    ranked()
        .flat_map(|(rank, word)| std::iter::repeat_n((rank, word), (TOP / (rank + 1)).max(1)))
        .chain(ranked().rev())
        .take(WORDS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_slot_and_no_slot_is_left_over() {
        for alphabet in [Alphabet::Ascii, Alphabet::Utf8] {
            let (table, words) = (Table::new(alphabet), vocabulary(alphabet));
            let has_slot = |word: &String| {
                let with = |after| Slot::new(word, after).0;
                table
                    .words
                    .iter()
                    .any(|slot| [with(" "), with(", ")].contains(&slot.0))
            };
            assert!(words.iter().all(has_slot));
            assert_eq!(zipf(&words).len(), WORDS);
            assert!(table.closers.iter().all(|slot| slot.0[0] != b'.'));
        }
    }

    #[test]
    fn tokens_are_eight_digits_and_a_space() {
        let mut out = [0; Slot::SIZE];
        assert_eq!(Slot::token(0xfedc_ba98).put(&mut out, 0), 9);
        assert_eq!(&out[..9], b"89abcdef ");
    }
}
