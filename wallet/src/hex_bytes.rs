//! Bytes in files: `0x` and lower-case hexadecimal digits, so that the same bytes have one text.

use serde::{Deserialize, Serialize};

/// A fixed number of bytes as `0x` and lower-case hexadecimal digits.
pub(crate) struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(self.0)))
    }
}
impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = HexBytes::deserialize(d)?.0;
        let wrong =
            || serde::de::Error::custom(format_args!("expected 0x and {} lower-case hexadecimal digits", 2 * N));
        bytes.try_into().map(Self).map_err(|_| wrong())
    }
}

/// Bytes as `0x` and lower-case hexadecimal digits.
pub(crate) struct HexBytes(pub Vec<u8>);

impl Serialize for HexBytes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(&self.0)))
    }
}
impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = text.strip_prefix("0x").filter(|_| lower).and_then(|digits| hex::decode(digits).ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("expected 0x and lower-case hexadecimal digits"))
    }
}
