//! Enrolment over a post: the answer to a challenge, and the code that registrar and person compare.
//!
//! Guarantee: the code covers the agency's key, the wallet's keys and the challenge. Somebody who puts another key in the place of one has to meet the same eight
//! characters, at the cost of an argon2id for each try and within the life of a challenge.
//! Non-guarantee: that anybody compares. An agency enrols only after a registrar has.

use crate::{mailbox::ReturnAddress, version::Version};
use argon2::{Algorithm, Argon2, Params};
use sealroot_handover::{EnrolmentAnswer, RecipientKey};
use sealroot_protocol::{
    canonical::Suite,
    field::{self, F},
    possession::{NotPossessed, PossessionChallenge, ReadingKey},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The wallet's answer, as it is sealed to the agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentMessage {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// The challenge's nonce, by which the agency finds it.
    #[serde(with = "sealroot_protocol::field::serde_hex")]
    pub nonce: F,
    /// The answer.
    pub answer: EnrolmentAnswer,
    /// Where the agency says what became of it.
    pub reply_to: ReturnAddress,
}

impl EnrolmentMessage {
    /// Checks the proof of possession against the challenge.
    pub fn check(&self, challenge: &PossessionChallenge) -> Result<(), NotPossessed> {
        if self.nonce != challenge.nonce {
            return Err(NotPossessed);
        }
        self.answer.possession.verify(challenge, Some(&ReadingKey(self.answer.reading_key.0)))
    }
}

/// Eight characters of Crockford's base32, shown as two groups of four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentCode([u8; 8]);

/// Crockford's base32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// argon2id (RFC 9106): 19 MiB, two passes, one lane. A try costs tens of milliseconds, and 2^40 of them are some thousand years of one core.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

impl EnrolmentCode {
    /// The code of one enrolment: `agency_key` is the key that the answer is sealed to. Both sides compute it from what each of them has; no code is sent.
    pub fn of(agency_key: &RecipientKey, challenge: &PossessionChallenge, answer: &EnrolmentAnswer) -> Option<Self> {
        let key = answer.possession.key;
        let keys = Sha256::new()
            .chain_update(b"sealroot/1:enrolment-keys")
            .chain_update(agency_key.0)
            .chain_update(field::to_bytes(key.x()))
            .chain_update(field::to_bytes(key.y()))
            .chain_update(answer.reading_key.0)
            .finalize();
        let salt = Sha256::new()
            .chain_update(b"sealroot/1:enrolment-challenge")
            .chain_update(challenge.agency.to_bytes32())
            .chain_update(field::to_bytes(challenge.subject.0))
            .chain_update(field::to_bytes(challenge.nonce))
            .finalize();
        let mut hash = [0; 5];
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(hash.len())).ok()?;
        let argon = Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params);
        argon.hash_password_into(&keys, &salt, &mut hash).ok()?;
        let bits = hash.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let mut code = [0; 8];
        for (i, character) in code.iter_mut().enumerate() {
            *character = ALPHABET[(bits >> (35 - 5 * i)) as usize & 31];
        }
        Some(Self(code))
    }

    /// Whether a text is this code, as people type it: in any case, with spaces or hyphens, `O` for 0, `I` and `L` for 1.
    pub fn is(&self, text: &str) -> bool {
        let typed = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
        typed.eq(self.0.iter().map(|byte| char::from(*byte)))
    }
}
impl fmt::Display for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            write!(f, "{}{}", if i == 4 { "-" } else { "" }, char::from(*byte))?;
        }
        Ok(())
    }
}
