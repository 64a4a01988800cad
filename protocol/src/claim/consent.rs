//! Consent: the holder's signature over one request, which also fixes the nullifier (`docs/spec/statement.md`, consent).
//!
//! A proof that `log_Base8 PK = log_H N` (Chaum–Pedersen, made non-interactive with the request in the challenge). The prover sees the
//! consent but not `sk`, so it can neither make one, nor move one to another request or scope, nor choose another nullifier.

use crate::{
    code::{Code, Coded},
    curve::{Point, PublicKey, Scalar},
    field::{F, field_newtype},
    hash_to_curve, poseidon,
    record::{Serial, Subject},
    scope::Scope,
    tag::Tag,
};
use ark_ff::PrimeField;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

field_newtype! {
    /// `trunc248` of the request's EIP-712 hash: what a consent signs and a proof carries.
    RequestDigest
}

field_newtype! {
    /// Spent by an approval; a second one under the same program and period has the same nullifier.
    Nullifier
}

impl Nullifier {
    /// Holder mode: `Poseidon(tag, 8·N, subject)`. The 8 clears a small-order point added to N.
    pub fn of_holder(n: &Point, subject: Subject) -> Self {
        let cleared = n.times_cofactor();
        Self(poseidon::hash(Tag::HolderNullifier, [cleared.x(), cleared.y(), subject.0]))
    }

    /// Record mode: `context` is the scope (once a period) or the program (once ever).
    /// Anybody who knows `serial` can compute it.
    pub fn of_record(serial: Serial, context: F) -> Self {
        Self(poseidon::hash(Tag::RecordNullifier, [serial.0, context]))
    }
}

/// `N = sk·H` with the proof (c, s) of equal discrete logarithms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// `N`, in the subgroup of order ℓ and not the identity.
    pub nullifier_point: PublicKey,
    /// The challenge `c`, 128 bits.
    pub challenge: Challenge,
    /// The response `s = k + c·sk mod ℓ`.
    pub response: Scalar,
}

impl Consent {
    /// Checks it for a key, scope and request, as the statement does.
    pub fn verify(&self, key: &PublicKey, scope: Scope, request: RequestDigest) -> Result<(), ConsentError> {
        let base = hash_to_curve::nullifier_base(scope, key);
        let n = self.nullifier_point.point();
        let a = Point::base8() * &self.response - key.point().times_u128(self.challenge.0);
        let b = base * &self.response - n.times_u128(self.challenge.0);
        if challenge(key.point(), n, a, b, scope, request) == self.challenge.0 { Ok(()) } else { Err(ConsentError) }
    }
}

/// The consent is not this key's over this scope and request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the consent does not belong to this key, scope and request")]
pub struct ConsentError;

impl Coded for ConsentError {
    fn code(&self) -> Code {
        Code::ConsentMismatch
    }
}

/// 128 bits; on the wire `0x` and 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge(pub u128);

impl Serialize for Challenge {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{:032x}", self.0))
    }
}
impl<'de> Deserialize<'de> for Challenge {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let value = text.strip_prefix("0x").and_then(|t| u128::from_str_radix(t, 16).ok());
        value
            .filter(|v| format!("0x{v:032x}") == text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("a challenge is 0x and 32 lower-case hexadecimal digits"))
    }
}

/// The consent challenge: low 128 bits of the hash.
pub fn challenge(key: Point, n: Point, a: Point, b: Point, scope: Scope, request: RequestDigest) -> u128 {
    low_128(poseidon::hash(
        Tag::Challenge,
        [key.x(), key.y(), n.x(), n.y(), a.x(), a.y(), b.x(), b.y(), scope.0, request.0],
    ))
}

/// The low 128 bits of the canonical representative.
pub(crate) fn low_128(x: F) -> u128 {
    let [low, high, ..] = x.into_bigint().0;
    (u128::from(high) << 64) | u128::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A challenge of fewer bits could be met by trying.
    #[test]
    fn a_challenge_has_all_of_its_128_bits() {
        let above = F::from(u128::MAX) + F::from(1u8);
        for low in [0, 1, 1 << 63, 1 << 64, 1 << 127, u128::MAX, u128::MAX ^ 1] {
            assert_eq!(low_128(F::from(low)), low);
            assert_eq!(low_128(F::from(low) + above), low, "what lies above is left out");
        }
    }

    #[test]
    fn a_challenge_has_one_spelling() {
        let read = |text: &str| serde_json::from_value::<Challenge>(text.into()).ok();
        let text = format!("0x{:032x}", 0xabcd);
        assert_eq!(read(&text), Some(Challenge(0xabcd)));
        let others =
            [text.replace("abcd", "ABCD"), text.replace("0x0", "0x"), text.replace("0x", "0x0"), text[2..].into()];
        for other in others {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
