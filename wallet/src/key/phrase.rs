//! The recovery phrase: 24 English words (BIP-39, 256 bits of entropy and 8 of checksum) that restore the seed.
//!
//! The seed *is* the entropy; BIP-39's PBKDF2 step is not used, because HKDF of 256 uniform bits needs no stretching, and a forgotten
//! 25th word would lock people out of their own benefits.

use crate::seed::Seed;
use bip39::{Language, Mnemonic};
use sealroot_protocol::code::{Code, Coded};
use zeroize::Zeroizing;

/// Words of a phrase.
pub const WORDS: usize = 24;

/// Why a phrase doesn't restore a wallet. None of the words is repeated in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// More or fewer than 24.
    #[error("a recovery phrase has 24 words, and {0} were given; check for words that are missing or doubled")]
    Count(usize),
    /// A word that is not in the list; counted from 1.
    #[error("word {0} is not in the BIP-39 English list; check its spelling against your sheet")]
    UnknownWord(usize),
    /// Some words are numbered, and the numbers aren't 1 to 24, each once.
    #[error("the words are numbered, but not from 1 to 24 with each number once; number all of them or none")]
    Numbers,
    /// The words are all in the list, but one is wrong or two are swapped.
    #[error("the checksum fails: a word is wrong or two are swapped; compare with your sheet word by word")]
    Checksum,
}

impl Coded for PhraseError {
    fn code(&self) -> Code {
        Code::BadPhrase
    }
}

impl Seed {
    /// The recovery phrase, its words separated by spaces; zeroised when dropped. Show it once, on paper.
    pub fn phrase(&self) -> Zeroizing<String> {
        #[expect(clippy::expect_used, reason = "BIP-39 takes exactly 128 to 256 bits in steps of 32")]
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.expose()).expect("256 bits");
        // Room for every word, so that growth leaves no copies behind: the longest English word has 8 letters.
        let mut text = Zeroizing::new(String::with_capacity(WORDS * 9));
        for (i, word) in mnemonic.words().enumerate() {
            if i > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }

    /// Reads a recovery phrase as people type it or copy it from their sheet: in any case, over several lines, with commas, and numbered. Numbered words may
    /// stand in any order, as in columns.
    pub fn from_phrase(text: &str) -> Result<Self, PhraseError> {
        let mut words: Vec<_> = numbered(text).collect();
        if words.len() != WORDS {
            return Err(PhraseError::Count(words.len()));
        }
        if words.iter().any(|(number, _)| number.is_some()) {
            words.sort_by_key(|(number, _)| *number);
            if (1..).zip(&words).any(|(place, (number, _))| *number != Some(place)) {
                return Err(PhraseError::Numbers);
            }
        }
        let count = words.len();
        let mut normal = Zeroizing::new(String::with_capacity(text.len() + WORDS));
        for (i, (_, word)) in words.iter().enumerate() {
            if i > 0 {
                normal.push(' ');
            }
            normal.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &normal).map_err(|e| match e {
            bip39::Error::UnknownWord(index) => PhraseError::UnknownWord(index + 1),
            _ => PhraseError::Checksum,
        })?;
        let (entropy, length) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        let seed = entropy[..length].try_into().map_err(|_| PhraseError::Count(count))?;
        Ok(Self::from_bytes(seed))
    }
}

/// How many words a text has, however they are numbered and separated.
pub fn words(text: &str) -> usize {
    numbered(text).count()
}

/// The words of a text, each with the number before it: "1. abandon", "1) abandon", "1 abandon", "1.abandon".
fn numbered(text: &str) -> impl Iterator<Item = (Option<u32>, &str)> {
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，' | '；' | '\u{feff}');
    let mut number = None;
    text.split(separator).filter_map(move |piece| {
        let piece = piece.trim_start_matches('(');
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &piece[..piece.len() - rest.len()];
        if !digits.is_empty() {
            number = digits.parse().ok();
        }
        let word = rest.trim_matches(['.', ')', ':', '(']);
        if word.is_empty() { None } else { Some((number.take(), word)) }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Every 24-word English vector of Trezor's python-mnemonic, vectors.json: entropy and words.
    const TREZOR: [(&str, &str); 8] = [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
        ),
        (
            "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title",
        ),
        (
            "8080808080808080808080808080808080808080808080808080808080808080",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless",
        ),
        (
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote",
        ),
        (
            "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
            "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
        ),
        (
            "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
            "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation flash devote level hobby quick inner drive ghost inside",
        ),
        (
            "066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad",
            "all hour make first leader extend hole alien behind guard gospel lava path output census museum junior mass reopen famous sing advance salt reform",
        ),
        (
            "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
            "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold",
        ),
    ];

    #[test]
    fn trezor_vectors() {
        for (entropy, words) in TREZOR {
            let seed = Seed::from_bytes(&hex::decode(entropy).unwrap().try_into().unwrap());
            assert_eq!(seed.phrase().as_str(), words);
            assert!(Seed::from_phrase(words).unwrap() == seed);
        }
    }

    /// A restored wallet has the same keys.
    #[test]
    fn restoring_gives_the_same_keys() {
        let seed = Seed::random();
        let typed = format!("  {}\n", seed.phrase().to_uppercase().replace(' ', "\n\t"));
        let restored = Seed::from_phrase(&typed).unwrap();
        assert_eq!(restored.holder_key().public_key(), seed.holder_key().public_key());
        assert_eq!(restored.reading_key().public(), seed.reading_key().public());
        assert_eq!(*restored.history_key(), *seed.history_key());
    }

    /// As a sheet of paper has them: numbered, in lines, in two columns.
    #[test]
    fn a_phrase_is_read_as_it_was_written_down() {
        let words: Vec<&str> = TREZOR[4].1.split(' ').collect();
        let seed = Seed::from_phrase(TREZOR[4].1).unwrap();
        let numbered = |form: fn(usize, &str) -> String| -> Vec<String> {
            words.iter().enumerate().map(|(i, word)| form(i + 1, word)).collect()
        };
        let lines = numbered(|n, word| format!("{n}. {word}"));
        let columns: Vec<String> = (0..12).map(|i| format!("{}\t{}", lines[i], lines[i + 12])).collect();
        for text in [
            lines.join("\r\n"),
            columns.join("\n"),
            format!("\u{feff}{}", numbered(|n, word| format!("{n}){}", word.to_uppercase())).join("\n\n")),
            numbered(|n, word| format!("{n} {word}")).join(", "),
            numbered(|n, word| format!("({n}) {word}.")).join(" "),
            words.join(","),
            words.join("、"),
            words.join(" ,\u{a0}"),
        ] {
            assert_eq!(super::words(&text), WORDS, "{text}");
            assert!(Seed::from_phrase(&text).unwrap() == seed, "{text}");
        }
        let twice = lines.join("\n").replace("24. ", "23. ");
        assert_eq!(Seed::from_phrase(&twice).unwrap_err(), PhraseError::Numbers);
        let partly = lines.join("\n").replace("24. ", "");
        assert_eq!(Seed::from_phrase(&partly).unwrap_err(), PhraseError::Numbers);
        let shifted = lines.join("\n").replace("\n2. ", "\n25. ");
        assert_eq!(Seed::from_phrase(&shifted).unwrap_err(), PhraseError::Numbers);
    }

    #[test]
    fn wrong_words_are_refused() {
        let words = TREZOR[4].1;
        assert_eq!(Seed::from_phrase("").unwrap_err(), PhraseError::Count(0));
        assert_eq!(Seed::from_phrase(words.rsplit_once(' ').unwrap().0).unwrap_err(), PhraseError::Count(23));
        // A valid 12-word mnemonic (Trezor's first vector) is not a backup of this wallet.
        let twelve = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        assert_eq!(Seed::from_phrase(twelve).unwrap_err(), PhraseError::Count(12));
        assert_eq!(Seed::from_phrase(&words.replace("dutch", "duch")).unwrap_err(), PhraseError::UnknownWord(4));
        assert_eq!(Seed::from_phrase(&words.replace("dutch cause", "cause dutch")).unwrap_err(), PhraseError::Checksum);
        assert_eq!(Seed::from_phrase(&words.replace("length", "lens")).unwrap_err(), PhraseError::Checksum);
    }
}
