//! Field elements: the scalar field of BN254, its one canonical encoding, and the newtypes over it.
//!
//! Guarantee: nothing is reduced silently. `p + 1` is rejected, never read as 1.

use ark_ff::PrimeField;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The scalar field of BN254, `p = 21888242871839275222246405745257275088548364400416034343698204186575808495617`.
pub type F = ark_bn254::Fr;

/// Why bytes or text are not a canonical field element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The value is at least the modulus.
    #[error("not a canonical field element: the value is not less than the BN254 scalar modulus")]
    NotReduced,
    /// The text is not `0x` followed by 64 lower-case hexadecimal digits.
    #[error("not a canonical field element: expected 0x and 64 lower-case hexadecimal digits")]
    Syntax,
}

/// The 32 big-endian bytes of `x`.
pub fn to_bytes(x: F) -> [u8; 32] {
    let mut out = [0; 32];
    for (chunk, limb) in out.as_chunks_mut().0.iter_mut().rev().zip(x.into_bigint().0) {
        *chunk = limb.to_be_bytes();
    }
    out
}

/// Reads 32 big-endian bytes; rejects values that are not less than the modulus.
pub fn from_bytes(bytes: &[u8; 32]) -> Result<F, FieldError> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = chunk.iter().fold(0, |acc, b| (acc << 8) | u64::from(*b));
    }
    F::from_bigint(ark_ff::BigInt(limbs)).ok_or(FieldError::NotReduced)
}

/// `0x` and 64 lower-case hexadecimal digits.
pub fn to_hex(x: F) -> String {
    format!("0x{}", hex::encode(to_bytes(x)))
}

/// Reads exactly what [`to_hex`] writes.
pub fn from_hex(text: &str) -> Result<F, FieldError> {
    from_bytes(&hex32(text).ok_or(FieldError::Syntax)?)
}

/// Reads `0x` and exactly 64 lower-case hexadecimal digits.
pub(crate) fn hex32(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("0x")?;
    if digits.len() != 64 || digits.bytes().any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut out = [0; 32];
    hex::decode_to_slice(digits, &mut out).ok()?;
    Some(out)
}

/// `trunc248`: the first 31 bytes of a 32-byte hash as a big-endian integer, which is always less than the modulus.
pub fn truncate_248(hash: &[u8; 32]) -> F {
    from_short_bytes(&hash[..31])
}

/// The big-endian integer of at most 31 bytes. Panics are impossible: longer input keeps its first 31 bytes.
pub(crate) fn from_short_bytes(bytes: &[u8]) -> F {
    let bytes = &bytes[..bytes.len().min(31)];
    let mut padded = [0; 32];
    padded[32 - bytes.len()..].copy_from_slice(bytes);
    // Less than 2^248, and so less than the modulus.
    from_bytes(&padded).unwrap_or_default()
}

/// The signed integer `x` as a field element: `x mod p`.
pub fn from_i128(x: i128) -> F {
    let magnitude = F::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}

/// The signed integer that `x` stands for, if its magnitude is below 2^126; text attributes have none.
pub fn to_i128(x: F) -> Option<i128> {
    let small = |y: F| {
        let [a, b, c, d] = y.into_bigint().0;
        (c == 0 && d == 0 && b >> 62 == 0).then(|| (i128::from(b) << 64) | i128::from(a))
    };
    small(x).or_else(|| small(-x).map(|y| -y))
}

/// Serde for a bare [`F`] in the canonical text form: `#[serde(with = "field::serde_hex")]`.
pub mod serde_hex {
    use super::*;

    /// Writes the canonical text form.
    pub fn serialize<S: Serializer>(x: &F, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&to_hex(*x))
    }

    /// Reads the canonical text form only.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<F, D::Error> {
        let text = String::deserialize(d)?;
        from_hex(&text).map_err(serde::de::Error::custom)
    }
}

/// Declares a newtype over [`F`] with the canonical text form for `Display`, `FromStr` and serde.
macro_rules! field_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $crate::field::F);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::field::to_hex(self.0))
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::field::FieldError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::field::from_hex(text).map(Self)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                $crate::field::serde_hex::serialize(&self.0, s)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                $crate::field::serde_hex::deserialize(d).map(Self)
            }
        }
    };
}
pub(crate) use field_newtype;

/// A 32-byte digest of a document or a chain hash; unlike a field element every value is valid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
impl std::str::FromStr for Digest {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex32(text).map(Self).ok_or(FieldError::Syntax)
    }
}
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// p, p + 1 and 2^256 − 1 are rejected; p − 1 round-trips.
    #[test]
    fn decoding_is_canonical() {
        let p_minus_1 = to_bytes(-F::from(1u8));
        assert_eq!(from_bytes(&p_minus_1).unwrap(), -F::from(1u8));
        let mut p = p_minus_1;
        p[31] += 1;
        assert_eq!(from_bytes(&p), Err(FieldError::NotReduced));
        p[31] += 1;
        assert_eq!(from_bytes(&p), Err(FieldError::NotReduced));
        assert_eq!(from_bytes(&[255; 32]), Err(FieldError::NotReduced));
    }

    #[test]
    fn text_form_is_unique() {
        let x = F::from(0xabcdu32);
        let text = to_hex(x);
        assert_eq!(from_hex(&text).unwrap(), x);
        for bad in [
            text.to_uppercase(),
            text.replace("0x", ""),
            text.replace("0x", "0x0"),
            text.replace("0x0", "0x"),
            text.replace("abcd", "ABCD"),
            text.replace("abcd", "abcg"),
            format!("{text} "),
        ] {
            assert_eq!(from_hex(&bad), Err(FieldError::Syntax), "{bad}");
        }
    }

    /// Byte by byte, as the specification says it, for every length.
    #[test]
    fn short_bytes_are_a_big_endian_integer() {
        let bytes: Vec<u8> = (0..40u8).map(|i| i.wrapping_mul(97) ^ 0xa5).collect();
        for count in 0..bytes.len() {
            for some in [&bytes[..count], &vec![0xff; count], &vec![0; count]] {
                let expected =
                    some.iter().take(31).fold(F::from(0u8), |sum, byte| sum * F::from(256u16) + F::from(*byte));
                assert_eq!(from_short_bytes(some), expected, "{count} bytes");
                let mut padded = [0; 32];
                padded[32 - count.min(31)..].copy_from_slice(&some[..count.min(31)]);
                assert_eq!(to_bytes(expected), padded, "{count} bytes");
            }
        }
    }

    #[test]
    fn signed_integers_round_trip() {
        for x in [0, 1, -1, i128::from(i64::MIN), i128::from(i64::MAX), (1 << 126) - 1, -(1 << 126) + 1] {
            assert_eq!(to_i128(from_i128(x)), Some(x));
        }
        assert_eq!(to_i128(from_i128(1 << 126)), None);
        assert_eq!(to_i128(truncate_248(&[255; 32])), None);
    }

    /// A digest may have any value, and has one spelling.
    #[test]
    fn a_digest_has_one_spelling() {
        let digest = Digest([0xab; 32]);
        let text = digest.to_string();
        assert_eq!(text.parse(), Ok(digest));
        assert_eq!(serde_json::from_str::<Digest>(&format!("\"{text}\"")).unwrap(), digest);
        for bad in [text.to_uppercase(), text.replace("ab", "AB"), text.replacen("ab", "", 1), format!("{text}00")] {
            assert_eq!(bad.parse::<Digest>(), Err(FieldError::Syntax), "{bad}");
            assert!(serde_json::from_str::<Digest>(&format!("\"{bad}\"")).is_err(), "{bad}");
        }
    }
}
