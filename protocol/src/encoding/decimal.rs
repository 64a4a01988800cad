//! `u64` as a decimal string: JSON numbers lose integers above 2^53 in many readers.

use crate::printable::quoted;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes the decimal digits.
pub fn serialize<S: Serializer>(x: &u64, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(x)
}

/// Reads decimal digits without sign, space or leading zeros.
pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    let text = String::deserialize(d)?;
    text.parse::<u64>().ok().filter(|x| x.to_string() == text).ok_or_else(|| {
        serde::de::Error::custom(format!("{} is not a whole number in decimal digits less than 2^64", quoted(text)))
    })
}
