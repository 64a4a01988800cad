//! Policy words: the flat vector of field elements that is folded into the verifying key, and their text form.

use super::shape::Shape;
use super::words_error::WordsError;
use crate::field::{self, F};
use num_bigint::BigUint;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Policy words in the order of [`Layout`](super::Layout). Nothing is known of them: see [`ValidWords`](super::ValidWords).
///
/// On the wire each is a decimal string, negative where −2^126 < x < 0 is meant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Words(pub(super) Vec<F>);

impl Words {
    /// Words for a shape; rejects any other number of them.
    pub fn new(shape: Shape, words: Vec<F>) -> Result<Self, WordsError> {
        let words = Self(words);
        words.check_length(shape)?;
        Ok(words)
    }

    /// All words, in order.
    pub fn as_slice(&self) -> &[F] {
        &self.0
    }

    pub(super) fn check_length(&self, shape: Shape) -> Result<(), WordsError> {
        let expected = shape.dimensions().word_count();
        let found = self.0.len();
        if found == expected { Ok(()) } else { Err(WordsError::Length { shape, expected, found }) }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} words)", self.0.len())
    }
}

/// A word in decimal, negative where −2^126 < x < 0 is meant.
fn to_decimal(x: F) -> String {
    match field::to_i128(x) {
        Some(small) => small.to_string(),
        None => BigUint::from_bytes_be(&field::to_bytes(x)).to_string(),
    }
}

/// Decimal digits of the modulus. Reading more would take time without end, and give no field element.
const MODULUS_DIGITS: usize = 77;

/// Digits of which any number is below 2^126: what is read without big integers, as nearly all words are.
const SMALL_DIGITS: usize = 37;

/// Reads exactly what [`to_decimal`] writes.
fn from_decimal(text: &str) -> Result<F, &'static str> {
    const WRONG: &str = "a policy word must be a canonical decimal integer";
    const LARGE: &str = "a policy word must be less than the field modulus";
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > MODULUS_DIGITS {
        return Err(LARGE);
    }
    if digits.len() <= SMALL_DIGITS {
        let canonical = match digits.as_bytes() {
            [b'0'] => text == "0",
            [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let small = text.parse().map_err(|_| WRONG)?;
        return if canonical { Ok(field::from_i128(small)) } else { Err(WRONG) };
    }
    let magnitude = digits.parse::<BigUint>().map_err(|_| WRONG)?.to_bytes_be();
    let mut bytes = [0; 32];
    let start = bytes.len().checked_sub(magnitude.len()).ok_or(LARGE)?;
    bytes[start..].copy_from_slice(&magnitude);
    let x = field::from_bytes(&bytes).map_err(|_| LARGE)?;
    let x = if text.starts_with('-') { -x } else { x };
    if to_decimal(x) == text { Ok(x) } else { Err(WRONG) }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().map(|x| to_decimal(*x)))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(d)?;
        if !Shape::ALL.iter().any(|shape| shape.dimensions().word_count() == texts.len()) {
            let found = texts.len();
            return Err(serde::de::Error::custom(format_args!("{found} policy words: no shape has that many")));
        }
        let words = texts.iter().map(|text| from_decimal(text).map_err(serde::de::Error::custom));
        words.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ark_ff::One;

    #[test]
    fn decimals_have_one_spelling() {
        let p_minus_1 = "21888242871839275222246405745257275088548364400416034343698204186575808495616";
        for text in [
            "0",
            "1",
            "-1",
            "9999999999999999999999999999999999999",
            "-9999999999999999999999999999999999999",
            "10000000000000000000000000000000000000",
            "85070591730234615865843651857942052863",
            "-85070591730234615865843651857942052863",
            "85070591730234615865843651857942052864",
            "10944121435919637611123202872628637544274182200208017171849102093287904247808",
        ] {
            assert_eq!(to_decimal(from_decimal(text).unwrap()), text);
        }
        for bad in [
            "",
            "-",
            "-0",
            "--1",
            "-01",
            "0000000000000000000000000000000000001",
            "00000000000000000000000000000000000001",
            "00",
            "01",
            "+1",
            " 1",
            "1 ",
            "1_0",
            "0x1",
            "1.0",
            "１",
            p_minus_1,
            "21888242871839275222246405745257275088548364400416034343698204186575808495617",
            "-85070591730234615865843651857942052864",
            "99999999999999999999999999999999999999999999999999999999999999999999999999999999999",
        ] {
            assert!(from_decimal(bad).is_err(), "{bad}");
        }
        assert_eq!(from_decimal("-1").unwrap(), -F::one());
    }

    /// A shape has one number of words; no other is read.
    #[test]
    fn words_are_as_many_as_a_shape_has() {
        let read = |count: usize| serde_json::from_value::<Words>(vec!["0"; count].into());
        for shape in Shape::ALL {
            let count = shape.dimensions().word_count();
            assert_eq!(read(count).unwrap().as_slice().len(), count);
            assert!(read(count - 1).is_err() && read(count + 1).is_err());
        }
        assert!(read(0).is_err());
    }
}
