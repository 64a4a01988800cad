//! Bytes in documents: `0x` and lower-case hexadecimal digits, so that the same bytes have one text.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Writes the text.
pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&format!("0x{}", hex::encode(bytes)))
}

/// Reads exactly what [`serialize`] writes.
pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(d)?;
    let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
    let bytes = text.strip_prefix("0x").filter(|_| lower).and_then(|digits| hex::decode(digits).ok());
    bytes.ok_or_else(|| D::Error::custom("expected 0x and lower-case hexadecimal digits"))
}
