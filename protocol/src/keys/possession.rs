//! Proof of possession: at enrolment a wallet shows that it knows `sk` for its `PK`, so that nobody enrols another's key.
//!
//! A Schnorr proof bound to agency, subject, a nonce that the agency issued, the role, and the wallet's reading key; it can't be replayed at another
//! agency, for another person or in another role, and nobody on the way can put another reading key in place of the wallet's.

use crate::{
    code::{Code, Coded},
    consent::{Challenge, low_128},
    curve::{Point, PublicKey, Scalar},
    field::F,
    name::Name,
    poseidon,
    record::Subject,
    tag::Tag,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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
    /// The person's own: it stands in that person's leaves, consents, and releases the records.
    #[default]
    Holder,
    /// Of somebody who releases records in the person's place: a guardian, say. It stands in no leaf and consents to nothing.
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
    /// Checks it.
    pub fn verify(&self, what: &PossessionChallenge, reading_key: Option<&ReadingKey>) -> Result<(), NotPossessed> {
        let a = Point::base8() * &self.response - self.key.point().times_u128(self.challenge.0);
        if challenge(&self.key, a, what, reading_key) == self.challenge.0 { Ok(()) } else { Err(NotPossessed) }
    }
}

impl PossessionChallenge {
    /// All that a proof is bound to beside the key: the role's tag, agency, subject, nonce and reading key.
    pub fn context(&self, reading_key: Option<&ReadingKey>) -> [F; 5] {
        [self.role.tag().value(), self.agency.to_field(), self.subject.0, self.nonce, value(reading_key)]
    }
}

/// The proof's challenge for the commitment `A = k·Base8`: low 128 bits of the hash.
pub fn challenge(key: &PublicKey, a: Point, what: &PossessionChallenge, reading_key: Option<&ReadingKey>) -> u128 {
    let [_tag, agency, subject, nonce, reading_key] = what.context(reading_key);
    low_128(poseidon::hash(what.role.tag(), [key.x(), key.y(), a.x(), a.y(), agency, subject, nonce, reading_key]))
}
