//! The request: whether anybody should answer it, and whether this holder consented to exactly this one.

use sealroot_chain::{Chain, ChainError};
use sealroot_handover::{ConsentFile, ConsentFileError};
use sealroot_parties_ports::{Documents, HostError};
use sealroot_protocol::{
    code::{Code, Coded},
    machine::{ValidWords, WordsError},
    name::Name,
    policy::PolicyDocument,
    program::Program,
    request::{RequestError, SignedRequest},
    snapshot::SnapshotQuery,
};
use sealroot_verifier::{Rejection, universal_key::UniversalKeys, verify_request};

/// What is to be proved.
#[derive(Debug, Clone)]
pub struct ProveInput {
    /// The office's request.
    pub request: SignedRequest,
    /// The holder's consent to it.
    pub consent: ConsentFile,
    /// Which of the request's policies.
    pub policy: Name,
}

/// A request that a verifier would accept now, with the holder's consent and the policy that is to be proved.
pub struct CheckedRequest {
    pub(crate) signed: SignedRequest,
    pub(crate) consent: ConsentFile,
    pub(crate) program: Program,
    pub(crate) document: PolicyDocument,
    pub(crate) words: ValidWords,
    /// The policy's place in the request.
    pub(crate) place: usize,
}

/// Why a prover doesn't answer a request.
#[derive(Debug, thiserror::Error)]
pub enum CheckRequestError {
    /// The consent isn't one to this request.
    #[error(transparent)]
    Consent(#[from] ConsentFileError),
    /// Its documents can't be had.
    #[error(transparent)]
    Documents(#[from] HostError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The signature recovers to no key.
    #[error(transparent)]
    Signature(RequestError),
    /// A verifier would reject it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The request names no such policy.
    #[error("the request doesn't name policy {0}")]
    UnknownPolicy(Name),
    /// The policy's words are invalid.
    #[error(transparent)]
    Words(#[from] WordsError),
}

impl Coded for CheckRequestError {
    fn code(&self) -> Code {
        match self {
            Self::Consent(error) => error.code(),
            Self::Documents(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Signature(_) => Code::BadRequest,
            Self::Rejected(rejection) => rejection.code(),
            Self::UnknownPolicy(_) => Code::UnknownPolicy,
            Self::Words(_) => Code::InvalidWords,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.advice(),
            Self::Chain(error) => error.advice(),
            _ => None,
        }
    }
}

/// Checks consent and request. Enacted policies and authorised offices only: otherwise an office could search for an income with a series of thresholds.
pub async fn check_request(
    input: ProveInput,
    chain: &impl Chain,
    documents: &impl Documents,
    keys: &UniversalKeys,
) -> Result<CheckedRequest, CheckRequestError> {
    let ProveInput { request: signed, consent, policy } = input;
    consent.check(&signed.request)?;
    let program = documents.program(&signed.request.program).await?;
    let policies = documents.policies(&signed.request.policies).await?;
    let signer = signed.signer().map_err(CheckRequestError::Signature)?;
    let now = chain.now().await?;
    let snapshot = chain.snapshot(&SnapshotQuery::of_request(&signed, signer)).await?;
    verify_request(&signed, &program, &policies, &snapshot, keys, now.max(snapshot.block.time))?;
    let mut named = policies.into_iter().enumerate();
    let found = named.find(|(_, document)| document.policy.id == policy);
    let (place, document) = found.ok_or(CheckRequestError::UnknownPolicy(policy))?;
    let words = ValidWords::check(document.policy.shape, document.policy.words.clone())?;
    Ok(CheckedRequest { signed, consent, program, document, words, place })
}

impl CheckedRequest {
    /// The policy that is to be proved.
    pub fn document(&self) -> &PolicyDocument {
        &self.document
    }
}
