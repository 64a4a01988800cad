//! The answer to an enrolment challenge: from a holder to the agency that binds the holder's key to a person.
//!
//! Guarantee: the proof covers the reading key, so that nobody on the way can put another in its place. Non-guarantee: that it answers this agency's
//! challenge; [`ProofOfPossession::verify`] says so.

use crate::transfer::RecipientKey;
use sealroot_protocol::{
    canonical::{self, DocumentError, Suite},
    possession::ProofOfPossession,
};
use serde::{Deserialize, Serialize};

/// The answer, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentAnswer {
    /// The suite.
    pub suite: Suite,
    /// The public key, and that it is this wallet's.
    pub possession: ProofOfPossession,
    /// X25519 public key to which the agency seals what only the holder may read.
    pub reading_key: RecipientKey,
}

impl EnrolmentAnswer {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DocumentError> {
        canonical::to_bytes(self)
    }

    /// Reads canonical bytes only.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DocumentError> {
        canonical::from_bytes(bytes)
    }
}
