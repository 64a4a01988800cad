//! Proof of possession: at enrolment a wallet shows that it knows `sk` for its `PK`, so that nobody enrols another's key.
//!
//! A Schnorr proof bound to agency, subject, a nonce that the agency issued, the role, and the wallet's reading key; it can't be replayed at another
//! agency, for another person or in another role, and nobody on the way can put his own reading key in place of the wallet's.

use crate::{
    code::{Code, Coded},
    consent::{Challenge, low_128, nonce},
    curve::{Point, PublicKey, Scalar, SecretKey},
    field::F,
    name::Name,
    poseidon,
    record::Subject,
    tag::Tag,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

/// What the agency asks the wallet to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PossessionChallenge {
    /// The agency that enrols.
    pub agency: Name,
    /// The pseudonymous person id.
    pub subject: Subject,
    /// Issued by the agency, used once.
    #[serde(with = "crate::field::serde_hex")]
    pub nonce: F,
    /// What the key will be used for; left out for the person's own key.
    #[serde(default, skip_serializing_if = "Role::is_holder")]
    pub role: Role,
}

/// Whose key is enrolled. Each role has a domain tag of its own: an answer in one is none in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The person's own: it stands in his leaves, consents, and releases his records.
    #[default]
    Holder,
    /// Somebody who releases the person's records in his place: a guardian, say. It stands in no leaf and consents to nothing.
    Representative,
}

impl Role {
    fn is_holder(&self) -> bool {
        *self == Self::Holder
    }

    fn tag(self) -> Tag {
        match self {
            Self::Holder => Tag::Possession,
            Self::Representative => Tag::Representation,
        }
    }
}

/// X25519 public key that access-log entries about the holder are sealed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingKey(pub [u8; 32]);

/// `trunc248(SHA-256(key))`, 0 for none.
fn value(key: Option<&ReadingKey>) -> F {
    key.map_or(F::from(0u8), |key| crate::field::truncate_248(&Sha256::digest(key.0).into()))
}

/// The wallet's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofOfPossession {
    /// The key.
    pub key: PublicKey,
    /// 128-bit challenge.
    pub challenge: Challenge,
    /// Response.
    pub response: Scalar,
}

/// The answer is not by the holder of this key, or not for this agency, subject and nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof of possession does not fit this key, agency, subject and nonce; ask for a new enrolment challenge")]
pub struct NotPossessed;

impl Coded for NotPossessed {
    fn code(&self) -> Code {
        Code::BadEnrolment
    }
}

impl ProofOfPossession {
    /// Signs; `fresh` is 32 random bytes.
    pub fn sign(
        key: &SecretKey,
        what: &PossessionChallenge,
        reading_key: Option<&ReadingKey>,
        fresh: [u8; 32],
    ) -> Self {
        let public = key.public_key();
        // Everything that the challenge depends on: with the same `fresh`, two challenges under one k would give the key away.
        let context = [what.role.tag().value(), what.agency.to_field(), what.subject.0, what.nonce, value(reading_key)];
        let mut k = nonce(key, b"sealroot/1:possession-nonce", &context, fresh);
        let c = challenge(&public, Point::base8() * &k, what, reading_key);
        let response = k.plus_challenge_times(c, key.scalar());
        k.zeroize();
        Self { key: public, challenge: Challenge(c), response }
    }

    /// Checks it.
    pub fn verify(&self, what: &PossessionChallenge, reading_key: Option<&ReadingKey>) -> Result<(), NotPossessed> {
        let a = Point::base8() * &self.response - self.key.point().times_u128(self.challenge.0);
        if challenge(&self.key, a, what, reading_key) == self.challenge.0 { Ok(()) } else { Err(NotPossessed) }
    }
}

fn challenge(key: &PublicKey, a: Point, what: &PossessionChallenge, reading_key: Option<&ReadingKey>) -> u128 {
    let reading_key = value(reading_key);
    low_128(poseidon::hash(
        what.role.tag(),
        [key.x(), key.y(), a.x(), a.y(), what.agency.to_field(), what.subject.0, what.nonce, reading_key],
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `A = k·Base8` of a proof.
    fn commitment(proof: &ProofOfPossession) -> Point {
        Point::base8() * &proof.response - proof.key.point().times_u128(proof.challenge.0)
    }

    /// One k in two proofs with different challenges would give the key: s − s′ = (c − c′)·sk.
    #[test]
    fn repeated_randomness_does_not_repeat_the_nonce_in_another_proof() {
        let key = SecretKey::from_uniform_bytes(&[1; 64]).unwrap();
        let what = PossessionChallenge {
            agency: "tax-office".parse().unwrap(),
            subject: Subject(F::from(1u8)),
            nonce: F::from(2u8),
            role: Role::Holder,
        };
        let reading = ReadingKey([5; 32]);
        let first = commitment(&ProofOfPossession::sign(&key, &what, Some(&reading), [3; 32]));
        for other in [
            PossessionChallenge { role: Role::Representative, ..what.clone() },
            PossessionChallenge { agency: "registry".parse().unwrap(), ..what.clone() },
            PossessionChallenge { subject: Subject(F::from(9u8)), ..what.clone() },
            PossessionChallenge { nonce: F::from(9u8), ..what.clone() },
        ] {
            assert_ne!(commitment(&ProofOfPossession::sign(&key, &other, Some(&reading), [3; 32])), first, "{other:?}");
        }
        assert_ne!(commitment(&ProofOfPossession::sign(&key, &what, None, [3; 32])), first, "another reading key");
        assert_eq!(commitment(&ProofOfPossession::sign(&key, &what, Some(&reading), [3; 32])), first, "the same proof");
    }

    #[test]
    fn bound_to_key_agency_subject_nonce_role_and_reading_key() {
        let key = SecretKey::from_uniform_bytes(&[1; 64]).unwrap();
        let what = PossessionChallenge {
            agency: "tax-office".parse().unwrap(),
            subject: Subject(F::from(1u8)),
            nonce: F::from(2u8),
            role: Role::Holder,
        };
        let reading = ReadingKey([5; 32]);
        let proof = ProofOfPossession::sign(&key, &what, Some(&reading), [3; 32]);
        assert_eq!(proof.verify(&what, Some(&reading)), Ok(()));
        assert_eq!(proof.verify(&what, Some(&ReadingKey([6; 32]))), Err(NotPossessed));
        assert_eq!(proof.verify(&what, None), Err(NotPossessed));
        for other in [
            PossessionChallenge { agency: "registry".parse().unwrap(), ..what.clone() },
            PossessionChallenge { subject: Subject(F::from(9u8)), ..what.clone() },
            PossessionChallenge { nonce: F::from(9u8), ..what.clone() },
            PossessionChallenge { role: Role::Representative, ..what.clone() },
        ] {
            assert_eq!(proof.verify(&other, Some(&reading)), Err(NotPossessed));
        }
        let stolen = ProofOfPossession { key: SecretKey::from_uniform_bytes(&[2; 64]).unwrap().public_key(), ..proof };
        assert_eq!(stolen.verify(&what, Some(&reading)), Err(NotPossessed));
    }
}
