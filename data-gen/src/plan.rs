//! Where in a block words are planted. Needles have fixed places in the text; the word to replace and
//! the tokens that the pattern matches come at random distances.

use rand::{Rng, rngs::Xoshiro256PlusPlus};

/// One word to be replaced every so many bytes, on average.
const FROM_EVERY: u64 = 2_900;
/// One token that the pattern matches every so many bytes, on average.
const TOKEN_EVERY: u64 = 1_000;
const NEVER: u64 = u64::MAX;

/// What is still to be planted in one block, and from which of its offsets on.
pub(crate) struct Plan {
    needles: [u64; 3],
    from: u64,
    token: u64,
    /// The least of them all: the only number that most lines look at.
    next: u64,
}

/// What a line is to have planted.
pub(crate) enum Due {
    /// The needle of this index: first, middle or last.
    Needle(usize),
    /// The word to be replaced.
    From,
    /// A token that the pattern matches.
    Token,
}

impl Plan {
    /// A plan with these needles, `None` for those of other blocks.
    pub(crate) fn new(
        needles: [Option<u64>; 3],
        first: bool,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Self {
        let (from, token) = (below(FROM_EVERY, rng), below(TOKEN_EVERY, rng));
        let mut plan = Self {
            needles: needles.map(|offset| offset.unwrap_or(NEVER)),
            // The least fixture, too, has something to match and to replace.
            from: if first { 1 } else { from },
            token: if first { 0 } else { token },
            next: 0,
        };
        plan.update();
        plan
    }

    /// Whether a line that begins at `begin` has something to plant.
    #[inline(always)]
    pub(crate) fn is_due(&self, begin: u64) -> bool {
        begin >= self.next
    }

    /// What the line at `begin` has to plant, where something is due.
    pub(crate) fn take(&mut self, begin: u64, rng: &mut Xoshiro256PlusPlus) -> Due {
        let due = if let Some(i) = self.needles.iter().position(|&needle| needle <= begin) {
            self.needles[i] = NEVER;
            Due::Needle(i)
        } else if self.from <= begin {
            self.from = begin + FROM_EVERY / 2 + below(FROM_EVERY, rng);
            Due::From
        } else {
            self.token = begin + TOKEN_EVERY / 2 + below(TOKEN_EVERY, rng);
            Due::Token
        };
        self.update();
        due
    }

    fn update(&mut self) {
        let needle = self.needles.into_iter().min().unwrap_or(NEVER);
        self.next = needle.min(self.from).min(self.token);
    }
}

/// A random number below `end`, by multiplication: the same everywhere, unlike a library's choice.
fn below(end: u64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    ((rng.next_u64() >> 32) * end) >> 32
}
