//! Identifiers: what a person, a household or a record is known by, in one spelling.
//!
//! Guarantee: of two texts that differ only in what a clerk can't see, one is refused or both are one identifier: one normal form (NFC, UAX #15), no invisible or
//! directional characters, no compatibility look-alikes (full-width digits), no letters of scripts that don't belong together (UTS #39, level "highly restrictive"),
//! no white space but single spaces inside. Otherwise one person could be two, and be paid twice.
//! Non-guarantee: that an id written whole in another script (Cyrillic `АВ-1` for `AB-1`) is noticed by itself: a vault compares skeletons
//! ([`Identifier::skeleton`]). Nor that `x` and `X` are one, or that a mistyped digit is noticed: what an agency's ids look like, its schema says ([`crate::id_form`]).

use crate::{
    code::{Code, Coded},
    printable::is_deceptive,
};
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::{GeneralSecurityProfile as _, RestrictionLevel, RestrictionLevelDetection as _, skeleton};

/// Longest identifier, in characters (Unicode scalar values).
pub const MOST_CHARACTERS: usize = 128;

/// A text that identifies somebody or something, in NFC. `Debug` doesn't show it: it is personal data.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

/// Why a text identifies nobody. It never repeats the text, since messages end up in logs; at most one character, as `U+` and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIdentifier {
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// More than [`MOST_CHARACTERS`].
    #[error("is longer than {MOST_CHARACTERS} characters")]
    TooLong,
    /// White space before or behind it.
    #[error("has white space around it")]
    SpaceAround,
    /// Two spaces in a row, a tabulator, a line break, a space of another width.
    #[error("has white space in it that is not one single space")]
    SpaceInside,
    /// A character that can't be seen, or that reorders others.
    #[error("has an invisible or directional character in it (U+{:04X})", *.0 as u32)]
    Invisible(char),
    /// A digit of another script or width.
    #[error("has a digit in it that is not one of 0 to 9 (U+{:04X})", *.0 as u32)]
    Digit(char),
    /// A character that stands for another one: full-width, ligature, superscript.
    #[error("has a look-alike of another character in it (U+{:04X})", *.0 as u32)]
    LookAlike(char),
    /// Neither a letter nor a digit, nor punctuation that keyboards have.
    #[error("has a character in it that no identifier has (U+{:04X})", *.0 as u32)]
    Character(char),
    /// Letters of scripts that look like each other's, Latin and Cyrillic for example.
    #[error("mixes letters of different scripts that can look alike")]
    MixedScripts,
}

impl Coded for NotAnIdentifier {
    fn code(&self) -> Code {
        Code::BadNationalId
    }
}

impl Identifier {
    /// Reads a text. Nothing is trimmed or guessed: what isn't the one spelling, up to NFC, is refused.
    pub fn new(text: &str) -> Result<Self, NotAnIdentifier> {
        if text.is_empty() {
            return Err(NotAnIdentifier::Empty);
        }
        if text.trim() != text {
            return Err(NotAnIdentifier::SpaceAround);
        }
        let normal: String = text.nfc().take(MOST_CHARACTERS + 1).collect();
        if normal.chars().count() > MOST_CHARACTERS {
            return Err(NotAnIdentifier::TooLong);
        }
        normal.chars().try_for_each(check)?;
        strokes(&normal)?;
        if normal.contains("  ") {
            return Err(NotAnIdentifier::SpaceInside);
        }
        let letters: String = normal.chars().filter(|c| !c.is_ascii() || c.is_ascii_alphabetic()).collect();
        if !letters.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive) {
            return Err(NotAnIdentifier::MixedScripts);
        }
        Ok(Self(normal))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it looks like (UTS #39, `skeleton`): two identifiers with one skeleton can't be told apart by eye. `O1` and `0l` have one, too, so that two identifiers
    /// in ASCII are to be told apart by their agency; that one of them isn't ASCII is nobody's intent.
    pub fn skeleton(&self) -> String {
        skeleton(&self.0).collect()
    }

    /// Whether all of it is what a keyboard for English writes.
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifier(…)")
    }
}

/// One character of a text in NFC.
fn check(c: char) -> Result<(), NotAnIdentifier> {
    match c {
        ' ' => Ok(()),
        // Joiners and variation selectors, too: in a name they are writing, in an identifier they are a second spelling.
        _ if is_deceptive(c) && !c.is_whitespace() => Err(NotAnIdentifier::Invisible(c)),
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => Err(NotAnIdentifier::Invisible(c)),
        _ if c.is_whitespace() => Err(NotAnIdentifier::SpaceInside),
        _ if c.is_ascii() => Ok(()),
        // Punctuation of UTS #39's profile that looks like what keyboards write as `-`, `'` and `.`.
        '\u{b7}' | '\u{2bb}' | '\u{2bc}' | '\u{2010}' | '\u{2019}' => Err(NotAnIdentifier::LookAlike(c)),
        _ if c.is_numeric() => Err(NotAnIdentifier::Digit(c)),
        _ if !std::iter::once(c).nfkc().eq(std::iter::once(c).nfc()) => Err(NotAnIdentifier::LookAlike(c)),
        _ if !c.identifier_allowed() => Err(NotAnIdentifier::Character(c)),
        _ => Ok(()),
    }
}

/// Letters of East Asian scripts that are one stroke or one ring, and that UTS #39 counts as nobody's look-alikes: beside a letter or digit of ASCII they pass for
/// `-`, `1`, `/`, `\\`, `.` or `0`, and such a keyboard writes them by a slip.
const STROKES: [char; 10] = [
    '\u{30fc}', '\u{4e00}', '\u{3127}', '\u{4e28}', '\u{4e3f}', '\u{30ce}', '\u{4e36}', '\u{30fd}', '\u{30fb}',
    '\u{3007}',
];

fn strokes(normal: &str) -> Result<(), NotAnIdentifier> {
    let characters: Vec<char> = normal.chars().collect();
    let ascii = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_alphanumeric);
    let stroke =
        |(at, c): (usize, &char)| STROKES.contains(c) && (ascii(at.checked_sub(1)) || ascii(at.checked_add(1)));
    match characters.iter().enumerate().find(|found| stroke(*found)) {
        Some((_, c)) => Err(NotAnIdentifier::LookAlike(*c)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_person_has_one_spelling() {
        for (one, other) in
            [("Zo\u{eb}-7", "Zoe\u{308}-7"), ("\u{212b}1", "A\u{30a}1"), ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}")]
        {
            assert_ne!(one, other);
            assert_eq!(Identifier::new(one).unwrap(), Identifier::new(other).unwrap());
        }
        for good in [
            "19840311-0042",
            "ID-1",
            "11010519491231002X",
            "京A12345",
            "DE 12 345",
            "محمد",
            "Иван-3",
            "INV/2025.01#7",
            "第一号",
            "ノート",
        ] {
            assert_eq!(Identifier::new(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn an_id_in_another_script_has_the_skeleton_of_what_it_looks_like() {
        let skeleton = |text: &str| Identifier::new(text).unwrap().skeleton();
        for (one, other) in
            [("AB-1", "\u{410}\u{412}-1"), ("OP", "\u{41e}\u{420}"), ("AE-7", "\u{391}\u{395}-7"), ("O1", "0l")]
        {
            assert_eq!(skeleton(one), skeleton(other), "{other}");
        }
        assert_ne!(skeleton("AB-1"), skeleton("\u{410}\u{411}-1"));
        assert_ne!(skeleton("Zo\u{eb}-7"), skeleton("Zoe-7"));
    }

    #[test]
    fn what_looks_like_an_id_and_is_another_one_is_refused() {
        use NotAnIdentifier as E;
        for (text, reason) in [
            ("", E::Empty),
            (" 1", E::SpaceAround),
            ("1\u{a0}", E::SpaceAround),
            ("1\n", E::SpaceAround),
            ("1  2", E::SpaceInside),
            ("1\u{2009}2", E::SpaceInside),
            ("1\u{3000}2", E::SpaceInside),
            ("1\t2", E::SpaceInside),
            ("1\0", E::Invisible('\0')),
            ("1\u{200b}2", E::Invisible('\u{200b}')),
            ("1\u{ad}2", E::Invisible('\u{ad}')),
            ("a\u{200d}b", E::Invisible('\u{200d}')),
            ("1\u{202e}2", E::Invisible('\u{202e}')),
            ("1\u{feff}2", E::Invisible('\u{feff}')),
            ("\u{feff}12", E::Invisible('\u{feff}')),
            ("\u{ff11}2", E::Digit('\u{ff11}')),
            ("\u{661}2", E::Digit('\u{661}')),
            ("\u{b2}", E::Digit('\u{b2}')),
            ("\u{ff21}1", E::LookAlike('\u{ff21}')),
            ("\u{fb01}", E::LookAlike('\u{fb01}')),
            ("1\u{2011}2", E::LookAlike('\u{2011}')),
            ("1\u{2010}2", E::LookAlike('\u{2010}')),
            ("1\u{2019}2", E::LookAlike('\u{2019}')),
            ("1\u{b7}2", E::LookAlike('\u{b7}')),
            ("0311\u{30fc}0042", E::LookAlike('\u{30fc}')),
            ("0311\u{4e00}0042", E::LookAlike('\u{4e00}')),
            ("\u{4e28}9840311", E::LookAlike('\u{4e28}')),
            ("INV\u{30ce}7", E::LookAlike('\u{30ce}')),
            ("12345\u{4e28}", E::LookAlike('\u{4e28}')),
            ("1\u{2212}2", E::Character('\u{2212}')),
            ("1\u{2013}2", E::Character('\u{2013}')),
            ("ID\u{410}1", E::MixedScripts),
            ("\u{39f}O", E::MixedScripts),
        ] {
            assert_eq!(Identifier::new(text), Err(reason), "{text:?}");
        }
        assert!(Identifier::new(&"9".repeat(MOST_CHARACTERS)).is_ok());
        assert_eq!(Identifier::new(&"9".repeat(MOST_CHARACTERS + 1)), Err(E::TooLong));
        assert_eq!(format!("{:?}", Identifier::new("42").unwrap()), "Identifier(…)");
    }
}
