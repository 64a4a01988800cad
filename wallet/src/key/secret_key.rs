//! The holder's secret key, and all that is signed with it: a consent, a proof of possession, a release, a claim or message.
//!
//! Guarantees: the key is zeroised when dropped, never printed, and lives in no crate that a prover or an agency links. The nonce `k` of a signature depends on
//! the key and on everything that its challenge depends on, beside fresh randomness: a generator that repeats itself never gives two challenges under one `k`,
//! which would give the key away (s − s′ = (c − c′)·sk).
//! Non-guarantees: these functions sign what they are given; [`consent`](crate::consent()) and [`ReleaseOffer::sign`](crate::ReleaseOffer::sign) are what checks
//! first. Arithmetic runs in variable time.

use hmac::{Hmac, KeyInit, Mac};
use sealroot_protocol::{
    consent::{self, Challenge, Consent, Nullifier, RequestDigest},
    curve::{CurveError, Point, PublicKey, Scalar},
    field::{self, F},
    hash_to_curve,
    holder_signature::{self, HolderSignature, HolderSigner, Purpose},
    possession::{self, PossessionChallenge, ProofOfPossession, ReadingKey},
    record::Subject,
    release::{self, Release, ReleaseError, ReleaseSignature, SignedRelease},
    scope::Scope,
};
use sha2::Sha512;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A holder's secret key `sk`, 0 < sk < ℓ. Never leaves the wallet.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Scalar);

/// Bytes that are no secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretKeyError {
    /// Not less than ℓ.
    #[error("a secret key is less than the subgroup order")]
    NotReduced,
    /// Zero, whose public key is the identity.
    #[error("the secret key is zero")]
    Zero,
}

impl SecretKey {
    /// From 32 big-endian bytes less than ℓ and not zero.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SecretKeyError> {
        Self::not_zero(Scalar::from_bytes(bytes).map_err(|_| SecretKeyError::NotReduced)?)
    }

    /// From 64 uniform bytes, such as the output of a key-derivation function.
    pub fn from_uniform_bytes(bytes: &[u8; 64]) -> Result<Self, SecretKeyError> {
        Self::not_zero(Scalar::from_uniform_bytes(bytes))
    }

    fn not_zero(scalar: Scalar) -> Result<Self, SecretKeyError> {
        if scalar.is_zero() { Err(SecretKeyError::Zero) } else { Ok(Self(scalar)) }
    }

    /// 32 big-endian bytes; the caller zeroises them.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// `PK = sk·Base8`.
    pub fn public_key(&self) -> PublicKey {
        secret_multiple(Point::base8() * &self.0)
    }

    /// Consents to one request, and so fixes the nullifier. `fresh` is 32 random bytes.
    pub fn sign_consent(&self, scope: Scope, request: RequestDigest, fresh: [u8; 32]) -> Consent {
        let public = self.public_key();
        let base = hash_to_curve::nullifier_base(scope, &public);
        let n = base * &self.0;
        let (challenge, response) = self.prove(b"sealroot/1:consent-nonce", &[scope.0, request.0], fresh, |k| {
            consent::challenge(public.point(), n, Point::base8() * k, base * k, scope, request)
        });
        Consent { nullifier_point: secret_multiple(n), challenge, response }
    }

    /// What a consent over this scope spends for this person, where claims are counted by holder: how the holder finds an approval among other people's.
    pub fn nullifier(&self, scope: Scope, subject: Subject) -> Nullifier {
        let n = hash_to_curve::nullifier_base(scope, &self.public_key()) * &self.0;
        Nullifier::of_holder(&n, subject)
    }

    /// Answers an agency's challenge: this key's owner is here, and reads with `reading_key`. `fresh` is 32 random bytes.
    pub fn prove_possession(
        &self,
        what: &PossessionChallenge,
        reading_key: Option<&ReadingKey>,
        fresh: [u8; 32],
    ) -> ProofOfPossession {
        let key = self.public_key();
        let context = what.context(reading_key);
        let (challenge, response) = self.prove(b"sealroot/1:possession-nonce", &context, fresh, |k| {
            possession::challenge(&key, Point::base8() * k, what, reading_key)
        });
        ProofOfPossession { key, challenge, response }
    }

    /// Signs a release that names this key as its signer. `fresh` is 32 random bytes.
    pub fn sign_release(&self, release: Release, fresh: [u8; 32]) -> Result<SignedRelease, ReleaseError> {
        release.check_form()?;
        if self.public_key() != release.signer {
            return Err(ReleaseError::Signature);
        }
        let message = release.message()?;
        let (challenge, response) = self.prove(b"sealroot/1:release-nonce", &[message], fresh, |k| {
            release::challenge(&release.signer, Point::base8() * k, message)
        });
        Ok(SignedRelease { release, signature: ReleaseSignature { challenge, response } })
    }

    /// `c` of the commitments to `k`, and `s = k + c·sk`. `context` is all that `c` depends on beside the key.
    fn prove(
        &self,
        label: &[u8],
        context: &[F],
        fresh: [u8; 32],
        challenge: impl FnOnce(&Scalar) -> u128,
    ) -> (Challenge, Scalar) {
        let mut k = self.nonce(label, context, fresh);
        let c = challenge(&k);
        let response = k.plus_challenge_times(c, &self.0);
        k.zeroize();
        (Challenge(c), response)
    }

    /// `k`: HMAC-SHA-512 under the key over label, context and fresh randomness, reduced from 512 bits.
    fn nonce(&self, label: &[u8], context: &[F], fresh: [u8; 32]) -> Scalar {
        let secret = Zeroizing::new(self.to_bytes());
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_slice()).expect("any key length");
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
}

impl HolderSigner for SecretKey {
    fn key(&self) -> PublicKey {
        self.public_key()
    }

    fn sign(&self, purpose: Purpose, message: F, fresh: [u8; 32]) -> HolderSignature {
        let key = self.public_key();
        let context = [purpose.tag().value(), message];
        let (challenge, response) = self.prove(b"sealroot/1:message-nonce", &context, fresh, |k| {
            holder_signature::challenge(purpose, &key, Point::base8() * k, message)
        });
        HolderSignature { challenge, response }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A non-zero multiple of a generator of the subgroup by a secret: what [`PublicKey::new`] checks holds by construction.
fn secret_multiple(point: Point) -> PublicKey {
    PublicKey::new(point).unwrap_or_else(|_: CurveError| unreachable!("a generator of the subgroup and 0 < sk < ℓ"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_are_reduced_and_not_zero() {
        assert_eq!(SecretKey::from_bytes(&[0; 32]).err(), Some(SecretKeyError::Zero));
        assert_eq!(SecretKey::from_bytes(&[0xff; 32]).err(), Some(SecretKeyError::NotReduced));
        let mut one = [0; 32];
        one[31] = 1;
        let key = SecretKey::from_bytes(&one).unwrap();
        assert_eq!((key.public_key().point(), key.to_bytes()), (Point::base8(), one));
        assert_eq!(format!("{key:?}"), "SecretKey(…)");
    }

    /// The nonce depends on the request even if the generator repeats itself: two responses must not reveal the key.
    #[test]
    fn repeated_randomness_does_not_repeat_the_nonce() {
        let key = |i: u8| SecretKey::from_uniform_bytes(&[i; 64]).unwrap();
        let context = |request: u64| [F::from(11u64), F::from(request)];
        let nonce = key(1).nonce(b"x", &context(22), [0; 32]);
        assert_ne!(nonce, key(1).nonce(b"x", &context(23), [0; 32]));
        assert_ne!(nonce, key(1).nonce(b"y", &context(22), [0; 32]));
        assert_ne!(nonce, key(2).nonce(b"x", &context(22), [0; 32]));
    }
}
