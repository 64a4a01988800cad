//! Enrolment: an agency binds the wallet's key to a person. The wallet shows who asks, and proves that it knows the key.
//!
//! The answer also carries the reading key, to which the agency seals its access-log entries. The proof doesn't cover it: whoever can
//! change the answer on its way could put his own there, so hand the answer over where the agency checks who you are.

use crate::{
    key_file::{Hex, Wallet},
    summary::Language,
};
use sealroot_protocol::{
    canonical::{self, DocumentError, Suite},
    name::Name,
    possession::{self, PossessionChallenge, ProofOfPossession},
};
use serde::{Deserialize, Serialize};

/// An agency's challenge, as read; show it before answering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentOffer(PossessionChallenge);

/// The answer, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentAnswer {
    /// The suite.
    pub suite: Suite,
    /// The public key, and that it is this wallet's.
    pub possession: ProofOfPossession,
    /// X25519 public key to which the agency seals what only the holder may read.
    #[serde(with = "reading_key")]
    pub reading_key: [u8; 32],
}

/// Why a challenge is not answered.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// It is another agency's.
    #[error(
        "the challenge is of the agency {found}, and you expected {expected}; ask the agency for its own challenge"
    )]
    OtherAgency {
        /// Whom the holder deals with.
        expected: Name,
        /// Whose challenge it is.
        found: Name,
    },
    /// Not a challenge.
    #[error("the enrolment challenge can't be read: {0}")]
    Document(#[from] DocumentError),
}

impl EnrolmentOffer {
    /// Takes a challenge that the holder expects from `agency`: a challenge of another one would enrol the key there.
    pub fn new(challenge: PossessionChallenge, agency: &Name) -> Result<Self, EnrolmentError> {
        if challenge.agency == *agency {
            Ok(Self(challenge))
        } else {
            Err(EnrolmentError::OtherAgency { expected: agency.clone(), found: challenge.agency })
        }
    }

    /// Who asks.
    pub fn agency(&self) -> &Name {
        &self.0.agency
    }

    /// What answering means, in plain words.
    pub fn describe(&self, language: Language) -> String {
        crate::phrases::enrolment(language, &self.0.agency)
    }

    /// Answers. `fresh` is 32 random bytes.
    pub fn answer(&self, wallet: &Wallet, fresh: [u8; 32]) -> EnrolmentAnswer {
        let reading_key = wallet.reading_key().public();
        let bound = possession::ReadingKey(reading_key);
        EnrolmentAnswer {
            suite: Suite,
            possession: ProofOfPossession::sign(&wallet.secret_key(), &self.0, Some(&bound), fresh),
            reading_key,
        }
    }
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

mod reading_key {
    use super::*;

    pub fn serialize<S: serde::Serializer>(key: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        Hex(*key).serialize(s)
    }
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        Hex::<32>::deserialize(d).map(|key| key.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::seed::Seed;
    use sealroot_protocol::{field::F, record::Subject};

    fn challenge() -> PossessionChallenge {
        PossessionChallenge {
            agency: "tax-office".parse().unwrap(),
            subject: Subject(F::from(1u8)),
            nonce: F::from(2u8),
        }
    }

    #[test]
    fn answers_the_expected_agency_only() {
        let wallet = Wallet::new(Seed::from_bytes(&[3; 32]));
        let other = "registry".parse().unwrap();
        assert!(matches!(EnrolmentOffer::new(challenge(), &other), Err(EnrolmentError::OtherAgency { .. })));
        let offer = EnrolmentOffer::new(challenge(), &"tax-office".parse().unwrap()).unwrap();
        assert!(offer.describe(Language::En).contains("tax-office"));
        let answer = offer.answer(&wallet, [4; 32]);
        assert_eq!(answer.possession.key, wallet.public_key());
        let bound = possession::ReadingKey(answer.reading_key);
        assert_eq!(answer.possession.verify(&challenge(), Some(&bound)), Ok(()));
        assert!(
            answer.possession.verify(&challenge(), Some(&possession::ReadingKey([9; 32]))).is_err(),
            "a stranger's reading key"
        );
        let elsewhere = PossessionChallenge { agency: other, ..challenge() };
        assert!(answer.possession.verify(&elsewhere, Some(&bound)).is_err());
        let bytes = answer.to_bytes().unwrap();
        assert_eq!(EnrolmentAnswer::from_bytes(&bytes).unwrap(), answer);
        let upper = String::from_utf8(bytes).unwrap().replace("\"reading_key\":\"0x", "\"reading_key\":\"0X");
        assert!(EnrolmentAnswer::from_bytes(upper.as_bytes()).is_err());
    }
}
