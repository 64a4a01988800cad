//! Names: stable ids of programs, policies, agencies and requesters.

use crate::code::{Code, Coded};
use crate::field::{self, F};
use crate::printable::quoted;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// 1 to 31 characters of `a–z 0–9 -`, beginning with a letter. Readable on chain as a left-aligned `bytes32`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

/// The text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a name: use 1 to 31 characters of a-z, 0-9 and '-', beginning with a letter", quoted(.0))]
pub struct NotAName(pub String);

impl Coded for NotAName {
    fn code(&self) -> Code {
        Code::BadName
    }
}

impl Name {
    /// Its bytes as a big-endian integer; injective, because a name has no zero byte and at most 31 bytes.
    pub fn to_field(&self) -> F {
        field::from_short_bytes(self.0.as_bytes())
    }

    /// Left-aligned, zero-padded: Solidity's `bytes32("name")`.
    pub fn to_bytes32(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out[..self.0.len()].copy_from_slice(self.0.as_bytes());
        out
    }

    /// Reads exactly what [`Name::to_bytes32`] writes.
    pub fn from_bytes32(bytes: &[u8; 32]) -> Result<Self, NotAName> {
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(32);
        let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
        if bytes[end..].iter().any(|b| *b != 0) {
            return Err(NotAName(text));
        }
        text.parse()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NotAName;
    fn from_str(text: &str) -> Result<Self, NotAName> {
        let good = matches!(text.len(), 1..=31)
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if good { Ok(Self(text.to_owned())) } else { Err(NotAName(text.to_owned())) }
    }
}
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.0)
    }
}
impl Serialize for Name {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_names_are_names() {
        for good in ["a", "heating-allowance", "tax2", &"a".repeat(31)] {
            let name: Name = good.parse().unwrap();
            assert_eq!(Name::from_bytes32(&name.to_bytes32()).unwrap(), name);
        }
        for bad in ["", "2tax", "Tax", "tax office", "tax_office", "é", &"a".repeat(32)] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
        let mut hidden_tail = "tax".parse::<Name>().unwrap().to_bytes32();
        hidden_tail[10] = b'x';
        assert!(Name::from_bytes32(&hidden_tail).is_err());
    }
}
