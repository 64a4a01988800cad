//! Text that somebody else wrote and people read: letters, contests.
//!
//! Guarantee: nothing in it moves, hides or reorders what a screen shows, and it is plain text: a page shows it as such, never as markup.

use sealroot_protocol::printable::is_deceptive;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// 1 to `MAX` bytes of UTF-8, with a character that isn't white space; lines end with U+000A.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PlainText<const MAX: usize>(String);

/// A letter to the holder.
pub type Letter = PlainText<16_384>;
/// What a holder contests, and why.
pub type Objection = PlainText<4000>;

/// The text is empty, too long, or has characters that deceive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text has 1 to {0} bytes, something to read, and no characters that move, hide or reorder others")]
pub struct NotPlain(usize);

impl<const MAX: usize> PlainText<MAX> {
    /// Checks a text.
    pub fn new(text: impl Into<String>) -> Result<Self, NotPlain> {
        let text = text.into();
        let plain = !text.chars().any(|c| c != '\n' && is_deceptive(c));
        let readable = text.chars().any(|c| !c.is_whitespace());
        if plain && readable && text.len() <= MAX { Ok(Self(text)) } else { Err(NotPlain(MAX)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl<'de, const MAX: usize> Deserialize<'de> for PlainText<MAX> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(d)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_for_reading() {
        type Short = PlainText<8>;
        for good in ["a", "a\nb", "很好", "12345678"] {
            assert!(Short::new(good).is_ok(), "{good}");
        }
        for bad in ["", " \n ", "123456789", "a\rb", "a\u{202e}b", "a\0", "\u{1b}[2J"] {
            assert!(Short::new(bad).is_err(), "{bad:?}");
            assert!(serde_json::from_value::<Short>(bad.into()).is_err(), "{bad:?}");
        }
    }
}
