//! Randomness that a seed repeats.

/// A generator of 64-bit words (SplitMix64): small, quick, and good enough to choose by.
#[derive(Debug, Clone)]
pub struct Dice(u64);

/// Probabilities are counted in parts of this.
pub const WHOLE: u32 = 1 << 16;

impl Dice {
    /// The same seed rolls the same.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next word.
    pub const fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Less than `bound`, which is not 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.word() % bound
    }

    /// An index into something of this length, which is not 0.
    #[allow(clippy::cast_possible_truncation, reason = "smaller than a length")]
    pub const fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// From `low` to `high`, both included.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in `parts` of [`WHOLE`] cases.
    #[allow(clippy::cast_possible_truncation, reason = "smaller than WHOLE")]
    pub const fn chance(&mut self, parts: u32) -> bool {
        parts > 0 && (self.word() >> 16) as u32 % WHOLE < parts
    }

    /// True in so many of a hundred cases.
    pub const fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
