//! Consent: the holder's signature over one request, which also fixes the nullifier (`docs/spec/statement.md`, consent).
//!
//! A proof that `log_Base8 PK = log_H N` (Chaum–Pedersen, made non-interactive with the request in the challenge). The prover sees the
//! consent but not `sk`, so it can neither make one, nor move one to another request or scope, nor choose another nullifier.

use crate::{
    code::{Code, Coded},
    curve::{CurveError, Point, PublicKey, Scalar, SecretKey},
    field::{self, F, field_newtype},
    hash_to_curve, poseidon,
    record::{Serial, Subject},
    scope::Scope,
    tag::Tag,
};
use ark_ff::PrimeField;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha512;
use zeroize::Zeroize;

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
    /// Whoever knows `serial` can compute it.
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
    /// Signs. `fresh` is 32 random bytes; the nonce also depends on key, scope and request, so that a broken generator
    /// doesn't reveal the key, and a fault can't reuse a nonce for two challenges.
    pub fn sign(key: &SecretKey, scope: Scope, request: RequestDigest, fresh: [u8; 32]) -> Self {
        let public = key.public_key();
        let base = hash_to_curve::nullifier_base(scope, &public);
        let n = base * key.scalar();
        let mut k = nonce(key, b"sealroot/1:consent-nonce", &[scope.0, request.0], fresh);
        let (a, b) = (Point::base8() * &k, base * &k);
        let challenge = challenge(public.point(), n, a, b, scope, request);
        let response = k.plus_challenge_times(challenge, key.scalar());
        k.zeroize();
        Self { nullifier_point: PublicKey::of_secret_multiple(n), challenge: Challenge(challenge), response }
    }

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

/// `k`: HMAC-SHA-512 under the key over label, context and fresh randomness, reduced from 512 bits.
pub(crate) fn nonce(key: &SecretKey, label: &[u8], context: &[F], fresh: [u8; 32]) -> Scalar {
    let mut secret = key.to_bytes();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha512>::new_from_slice(&secret).expect("any key length");
    secret.zeroize();
    mac.update(label);
    for x in context {
        mac.update(&field::to_bytes(*x));
    }
    mac.update(&fresh);
    let mut wide: [u8; 64] = mac.finalize().into_bytes().into();
    let scalar = Scalar::from_uniform_bytes(&wide);
    wide.zeroize();
    scalar
}

impl PublicKey {
    /// A non-zero multiple of a generator of the subgroup by a secret: what [`PublicKey::new`] checks holds by construction.
    fn of_secret_multiple(point: Point) -> Self {
        Self::new(point).unwrap_or_else(|_: CurveError| unreachable!("H generates the subgroup and 0 < sk < ℓ"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(i: u64) -> SecretKey {
        SecretKey::from_uniform_bytes(&[i as u8 + 1; 64]).unwrap()
    }

    const SCOPE: Scope = Scope(ark_ff::MontFp!("11"));
    const REQUEST: RequestDigest = RequestDigest(ark_ff::MontFp!("22"));

    /// The eight points of order dividing 8, as multiples of ℓ times a point outside the subgroup.
    fn torsion_points() -> Vec<Point> {
        let outside = Point::new(
            ark_ff::MontFp!("995203441582195749578291179787384436505546430278305826713579947235728471134"),
            ark_ff::MontFp!("5472060717959818805561601436314318772137091100104008585924551046643952123905"),
        )
        .unwrap();
        let order_minus_1 = Scalar::from_bytes(&{
            let mut bytes = [0; 32];
            let order = <ark_ed_on_bn254::Fr as PrimeField>::MODULUS;
            bytes.copy_from_slice(&ark_ff::BigInteger::to_bytes_be(&order));
            bytes[31] -= 1;
            bytes
        })
        .unwrap();
        let generator = outside * &order_minus_1 + outside;
        let points: Vec<_> = std::iter::successors(Some(Point::IDENTITY), |p| Some(*p + generator)).take(8).collect();
        assert!(
            points.iter().enumerate().all(|(i, p)| points[..i].iter().all(|q| q != p)),
            "the generator has order 8"
        );
        points
    }

    #[test]
    fn consent_holds_for_its_key_scope_and_request_only() {
        let consent = Consent::sign(&key(1), SCOPE, REQUEST, [7; 32]);
        let public = key(1).public_key();
        assert_eq!(consent.verify(&public, SCOPE, REQUEST), Ok(()));
        assert_eq!(consent.verify(&key(2).public_key(), SCOPE, REQUEST), Err(ConsentError));
        assert_eq!(consent.verify(&public, Scope(F::from(12u8)), REQUEST), Err(ConsentError));
        assert_eq!(consent.verify(&public, SCOPE, RequestDigest(F::from(23u8))), Err(ConsentError));
        let flipped = Consent { challenge: Challenge(consent.challenge.0 ^ 1), ..consent.clone() };
        assert_eq!(flipped.verify(&public, SCOPE, REQUEST), Err(ConsentError));
    }

    /// Same key and scope: same N and nullifier for every request and randomness; another scope or subject: another.
    #[test]
    fn one_nullifier_per_scope() {
        let first = Consent::sign(&key(1), SCOPE, REQUEST, [7; 32]);
        let second = Consent::sign(&key(1), SCOPE, RequestDigest(F::from(23u8)), [8; 32]);
        assert_eq!(first.nullifier_point, second.nullifier_point);
        let other_scope = Consent::sign(&key(1), Scope(F::from(12u8)), REQUEST, [7; 32]);
        assert_ne!(first.nullifier_point, other_scope.nullifier_point);
        let n = first.nullifier_point.point();
        assert_ne!(Nullifier::of_holder(&n, Subject(F::from(1u8))), Nullifier::of_holder(&n, Subject(F::from(2u8))));
    }

    /// A small-order point added to N changes neither the cleared point nor the nullifier, and a consent on the wire can't carry it.
    #[test]
    fn torsion_gives_no_second_nullifier() {
        let consent = Consent::sign(&key(1), SCOPE, REQUEST, [7; 32]);
        let n = consent.nullifier_point.point();
        let subject = Subject(F::from(5u8));
        for torsion in torsion_points().into_iter().skip(1) {
            assert_eq!(Nullifier::of_holder(&(n + torsion), subject), Nullifier::of_holder(&n, subject));
            let mut json = serde_json::to_value(&consent).unwrap();
            json["nullifier_point"] = serde_json::to_value(n + torsion).unwrap();
            assert!(serde_json::from_value::<Consent>(json).is_err());
        }
    }

    /// The nonce depends on the request even if the generator repeats itself: two responses must not reveal the key.
    #[test]
    fn repeated_randomness_does_not_repeat_the_nonce() {
        let (a, b) = (
            nonce(&key(1), b"x", &[SCOPE.0, REQUEST.0], [0; 32]),
            nonce(&key(1), b"x", &[SCOPE.0, F::from(23u8)], [0; 32]),
        );
        assert_ne!(a, b);
        assert_ne!(a, nonce(&key(2), b"x", &[SCOPE.0, REQUEST.0], [0; 32]));
    }

    #[test]
    fn wire_form_is_canonical() {
        let consent = Consent::sign(&key(1), SCOPE, REQUEST, [7; 32]);
        let json = serde_json::to_value(&consent).unwrap();
        assert_eq!(serde_json::from_value::<Consent>(json.clone()).unwrap(), consent);
        let order = <ark_ed_on_bn254::Fr as PrimeField>::MODULUS;
        let order_hex = format!("0x{}", hex::encode(ark_ff::BigInteger::to_bytes_be(&order)));
        for (field, bad) in [
            ("response", order_hex.as_str()),
            ("challenge", "0x1"),
            ("challenge", "0X00000000000000000000000000000001"),
        ] {
            let mut changed = json.clone();
            changed[field] = bad.into();
            assert!(serde_json::from_value::<Consent>(changed).is_err(), "{field} {bad}");
        }
        let mut extra = json;
        extra["note"] = "x".into();
        assert!(serde_json::from_value::<Consent>(extra).is_err());
    }
}
