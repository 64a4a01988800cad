//! Words by which people compare: ten of the list of BIP-39, from a digest.
//!
//! Guarantee: 110 bits. Somebody who is to make a second trust card with the same words has to try 2^110.
//! Non-guarantee: that a card is true. That depends on the organisation that the words come from.

use bip39::Language;
use sealroot_protocol::field::Digest;
use std::fmt;

/// How many.
pub const WORDS: usize = 10;

/// Ten words in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words([&'static str; WORDS]);

impl Words {
    /// The words of a digest: its first 110 bits, 11 for each word, most significant first, as indices into BIP-39's English list.
    pub fn of(digest: &Digest) -> Self {
        let list = Language::English.word_list();
        let bit = |i: usize| usize::from(digest.0[i / 8] >> (7 - i % 8) & 1);
        let word = |word: usize| list[(0..11).fold(0, |index, i| index << 1 | bit(word * 11 + i))];
        Self(std::array::from_fn(word))
    }

    /// The words.
    pub fn as_slice(&self) -> &[&'static str] {
        &self.0
    }
}
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first words of Trezor's BIP-39 vectors (python-mnemonic, vectors.json) of 256 bits: entropy of zeros, of 7f, of 80 and of ff.
    #[test]
    fn words_are_those_of_bip_39() {
        let expected = [
            (0x00, "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon"),
            (0x7f, "legal winner thank year wave sausage worth useful legal winner"),
            (0x80, "letter advice cage absurd amount doctor acoustic avoid letter advice"),
            (0xff, "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo"),
        ];
        for (byte, words) in expected {
            assert_eq!(Words::of(&Digest([byte; 32])).to_string(), words);
        }
    }
}
