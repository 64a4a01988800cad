//! Signatures of Baby Jubjub keys over what crosses an organisation, and the port behind which a holder's key stands.
//!
//! Guarantee: each [`Purpose`] has a domain tag of its own, so that a signature for one is none for another, nor a consent, nor a release.
//! Non-guarantee: whose key it is. An agency knows which keys are enrolled; of a contest key an office knows only that it came with the claim.

use crate::{
    code::{Code, Coded},
    consent::{Challenge, low_128},
    curve::{Point, PublicKey, Scalar},
    field::F,
    poseidon,
    tag::Tag,
};
use serde::{Deserialize, Serialize};

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A claim, by the holder's key.
    Claim,
    /// A message to an organisation, by the holder's key.
    Message,
    /// A contest of a decision, by the key that was made for its request.
    Contest,
}

impl Purpose {
    /// Its domain tag.
    pub const fn tag(self) -> Tag {
        match self {
            Self::Claim => Tag::Claim,
            Self::Message => Tag::HolderMessage,
            Self::Contest => Tag::Contest,
        }
    }
}

/// `c = low 128 bits of Poseidon(tag, PK, A, message)`, `A = s·Base8 − c·PK`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolderSignature {
    /// 128-bit challenge.
    pub challenge: Challenge,
    /// Response.
    pub response: Scalar,
}

/// It is not this key's over this message, or was made for another purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not by the key that it names, or what it covers was changed since")]
pub struct NotSigned;

impl Coded for NotSigned {
    fn code(&self) -> Code {
        Code::HolderSignature
    }
}

impl HolderSignature {
    /// Checks it. `message` is `trunc248` of the digest of what is signed.
    pub fn verify(&self, purpose: Purpose, key: &PublicKey, message: F) -> Result<(), NotSigned> {
        let a = Point::base8() * &self.response - key.point().times_u128(self.challenge.0);
        if challenge(purpose, key, a, message) == self.challenge.0 { Ok(()) } else { Err(NotSigned) }
    }
}

/// The signature's challenge for the commitment `A = k·Base8`: low 128 bits of the hash.
pub fn challenge(purpose: Purpose, key: &PublicKey, a: Point, message: F) -> u128 {
    low_128(poseidon::hash(purpose.tag(), [key.x(), key.y(), a.x(), a.y(), message]))
}

/// What signs for a holder: the wallet's own key, or a contest key. The secret stays behind it.
pub trait HolderSigner {
    /// The key that it signs with.
    fn key(&self) -> PublicKey;

    /// Signs. `fresh` is 32 random bytes.
    fn sign(&self, purpose: Purpose, message: F, fresh: [u8; 32]) -> HolderSignature;
}
