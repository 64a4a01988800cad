//! What a wallet asks a post to show of the chain.
//!
//! Guarantee: it names program, office, policies, the address that signed, and whose cards; the request's digest, applicant and purpose are no part of it, so that the
//! post doesn't learn which request a wallet holds. One question has one text.
//! Non-guarantee: what is shown. `sealroot_holder::evidence::shown` judges it by the wallet's trust card and clock.

use crate::{
    correspondent::{Organisation, Role},
    version::Version,
};
use alloy_primitives::Address;
use sealroot_protocol::{
    canonical::{self, DocumentError, Suite},
    code::{Code, Coded},
    name::Name,
    policy::PolicyDigest,
    request::{RequestError, SignedRequest},
    scope::Deployment,
    snapshot::SnapshotQuery,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most that a question has, bytes.
pub const MAX_QUESTION: usize = 8192;
/// The most cards that one question asks for: the office's, and those of the agencies of eight policies with three sources each.
pub const MAX_CARDS: usize = 25;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRequest {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The program.
    pub program: Name,
    /// The office that asks.
    pub requester: Name,
    /// The address that signed its request.
    pub signer: Address,
    /// 1 to 8 policy versions, ascending.
    pub policies: BTreeSet<PolicyDigest>,
    /// Organisations whose cards are wanted, ascending: agencies before offices, then by name.
    pub cards: BTreeSet<Organisation>,
}

/// Why a question isn't answered.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceRequestError {
    /// Longer than [`MAX_QUESTION`].
    #[error("the question is longer than 8 KiB")]
    TooLarge,
    /// Not canonical JSON of this form.
    #[error("the question can't be read: {0}")]
    Document(#[from] DocumentError),
    /// More than there can be.
    #[error("a question names 1 to 8 policy versions and at most 25 cards")]
    Count,
    /// The request has not the form of one.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Coded for EvidenceRequestError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge | Self::Document(_) | Self::Count => Code::BadDocument,
            Self::Request(error) => error.code(),
        }
    }
}

impl EvidenceRequest {
    /// What a wallet asks about a request, with the cards of its office and of these agencies.
    pub fn of(signed: &SignedRequest, agencies: impl IntoIterator<Item = Name>) -> Result<Self, EvidenceRequestError> {
        let signer = signed.signer()?;
        let request = &signed.request;
        let mut cards: BTreeSet<_> =
            agencies.into_iter().map(|name| Organisation { role: Role::Agency, name }).collect();
        cards.insert(Organisation { role: Role::Office, name: request.requester.clone() });
        let question = Self {
            suite: Suite,
            version: Version,
            deployment: request.deployment,
            program: request.program.clone(),
            requester: request.requester.clone(),
            signer,
            policies: request.policies.iter().copied().collect(),
            cards,
        };
        question.check()?;
        Ok(question)
    }

    /// What is read of the chain: the same for the post, which collects, and for the wallet, which checks.
    pub fn query(&self) -> SnapshotQuery {
        SnapshotQuery {
            program: Some(self.program.clone()),
            requester: Some(self.requester.clone()),
            signer: Some(self.signer),
            cards: self.cards.iter().map(|owner| (owner.role.registry(), owner.name.clone())).collect(),
            ..SnapshotQuery::of_policies(self.policies.iter().copied())
        }
    }

    /// The question's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EvidenceRequestError> {
        self.check()?;
        Ok(canonical::to_bytes(self)?)
    }

    /// Reads canonical bytes only.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EvidenceRequestError> {
        if bytes.len() > MAX_QUESTION {
            return Err(EvidenceRequestError::TooLarge);
        }
        let question: Self = canonical::from_bytes(bytes)?;
        question.check()?;
        Ok(question)
    }

    fn check(&self) -> Result<(), EvidenceRequestError> {
        let fits = matches!(self.policies.len(), 1..=8) && self.cards.len() <= MAX_CARDS;
        if fits { Ok(()) } else { Err(EvidenceRequestError::Count) }
    }
}
