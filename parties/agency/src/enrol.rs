//! Enrolling a wallet's key: a challenge for the wallet, then its answer. The key is the person's own, or a representative's.
//!
//! Guarantee: no key is enrolled, and nobody is registered as a representative, without a reason that the access log keeps. The clerk has checked who stands there; the log says so.

use sealroot_handover::{Access, EnrolmentAnswer};
use sealroot_protocol::{
    code::{Code, Coded},
    date::Date,
    possession::{PossessionChallenge, Role},
};
use sealroot_vault::{Vault, VaultError, enrol::Enrolled, store::Store};

/// The person for whose records a wallet is asked for a proof of possession.
pub struct ChallengeInput {
    /// National id of the person whose records the key will count for. A clerk has checked it.
    pub national_id: String,
    /// The person's own key, or a representative's.
    pub role: Role,
}

/// A wallet's answer, as a clerk takes it.
pub struct AnswerInput {
    /// The challenge that was handed out.
    pub challenge: PossessionChallenge,
    /// What the wallet made of it.
    pub answer: EnrolmentAnswer,
    /// Last day on which a representative may release records; none: until the agency removes them.
    pub until: Option<Date>,
    /// The clerk that takes it, as the access log names the clerk.
    pub who: String,
    /// Why, for the access log: how the person was identified, or the document that gives a representative the right.
    pub why: Option<String>,
}

/// What an answer led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// The person's own key counts.
    Holder(Enrolled),
    /// A representative may release the person's records.
    Representative {
        /// The last day; none: until the agency removes them.
        until: Option<Date>,
    },
}

/// Why nobody was enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Nobody is enrolled without a reason.
    #[error("a key is enrolled for a reason that the access log keeps, and the person can read: none was given")]
    NoReason,
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Coded for EnrolError {
    fn code(&self) -> Code {
        match self {
            Self::NoReason => Code::NoWhy,
            Self::Vault(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::NoReason => Some(
                "say how the person was identified, or name the document that gives a representative the right (--why)"
                    .into(),
            ),
            Self::Vault(error) => error.advice(),
        }
    }
}

/// Makes a challenge for a wallet, valid once and for one day.
pub async fn challenge<S: Store>(input: &ChallengeInput, vault: &Vault<S>) -> Result<PossessionChallenge, VaultError> {
    let subject = vault.subject(&input.national_id)?;
    match input.role {
        Role::Holder => vault.enrolment_challenge(subject).await,
        Role::Representative => vault.representation_challenge(subject).await,
    }
}

/// Takes a wallet's answer. The entry in the access log comes before anything changes.
pub async fn accept<S: Store>(input: AnswerInput, vault: &Vault<S>) -> Result<Enrolment, EnrolError> {
    let AnswerInput { challenge, answer, until, who, why } = input;
    let access = Access { who, why: why.filter(|why| !why.trim().is_empty()).ok_or(EnrolError::NoReason)? };
    let reading_key = Some(answer.reading_key);
    match challenge.role {
        Role::Representative => {
            vault.add_representative(&challenge, &answer.possession, reading_key, until, &access).await?;
            Ok(Enrolment::Representative { until })
        }
        Role::Holder => {
            let enrolled = vault.enrol(&challenge, &answer.possession, reading_key, &access).await?;
            Ok(Enrolment::Holder(enrolled))
        }
    }
}
