//! Claims: what a wallet sends to the prover of one part, and nobody else reads.
//!
//! Guarantee: the holder's key signs all of it, the agency and the return addresses among it. The consent covers scope and request only: without this signature
//! one agency could pass a consent on to another, under a mailbox of its own.
//! Non-guarantees: that the key is enrolled, that the request's signer may ask, that its policies are enacted. The agency checks these next, against its vault and the chain.

use crate::{
    mailbox::{OwnKey, ReturnAddress},
    message::SeenBlock,
    version::Version,
};
use sealroot_handover::{ConsentFile, ConsentFileError};
use sealroot_protocol::{
    applicant::Applicant,
    canonical::{self, DocumentError, Kind, Suite},
    code::{Code, Coded},
    curve::PublicKey,
    field::{self, F},
    holder_signature::{HolderSignature, HolderSigner, NotSigned, Purpose},
    name::Name,
    policy::PolicyDigest,
    record::Subject,
    release::MAX_BUSINESS_KEY,
    request::{RequestError, SignedRequest},
    scope::Deployment,
};
use serde::{Deserialize, Serialize};

/// What the wallet asks of the prover. Its `Debug` shows nothing that opens the applicant: [`ConsentFile`] hides the case secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// The agency whose prover is asked.
    pub agency: Name,
    /// The policy version that it is to prove: one of the request's.
    pub policy: PolicyDigest,
    /// The request, as the office signed it.
    pub request: SignedRequest,
    /// Consent, holder key and case secret.
    pub consent: ConsentFile,
    /// Which record, in a schema that has many for a person and period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_key: Option<String>,
    /// Whose record: present exactly where the request is anonymous, because then nothing else tells two persons of one key apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Unix time in seconds of its last second; not after the request's.
    #[serde(with = "sealroot_protocol::decimal")]
    pub expiry: u64,
    /// The newest block that the wallet has seen.
    pub seen: SeenBlock,
    /// Where the part's copy, the receipt and progress go.
    pub reply_to: ReturnAddress,
    /// An envelope of the kind `return-address`, sealed to the office: passed on with the part, unopened. The same in all claims to one request.
    #[serde(with = "sealroot_handover::hex_bytes")]
    pub office: Vec<u8>,
}

/// A claim with the signature of the holder's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedClaim {
    /// The claim.
    pub claim: Claim,
    /// Of the key that consented.
    pub signature: HolderSignature,
}

/// What the office learns of the holder's wallet: addresses and a key that are fresh for this request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeReturn {
    /// Where the decision goes.
    pub reply_to: ReturnAddress,
    /// The key that signs contests of this decision: not the holder's key, nor derived from it in a way that others can follow.
    pub contest_key: PublicKey,
}

/// Why a claim is rejected.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It contradicts itself.
    #[error("the claim can't be used: {0}")]
    Rule(&'static str),
    /// It is for another agency.
    #[error("the claim is for the agency {found}, and this is {expected}")]
    OtherAgency {
        /// The reader.
        expected: Name,
        /// The agency that it names.
        found: Name,
    },
    /// Its request is of another chain or contract.
    #[error("the claim's request is of another deployment")]
    OtherDeployment,
    /// After its last second.
    #[error("the claim has expired")]
    Expired,
    /// The request has not the form of one.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The consent is to another request, or not by its key.
    #[error(transparent)]
    Consent(#[from] ConsentFileError),
    /// The signature is not by the key that consented.
    #[error(transparent)]
    Signature(#[from] NotSigned),
}

impl Coded for ClaimError {
    fn code(&self) -> Code {
        match self {
            Self::Document(_) | Self::Rule(_) => Code::BadClaim,
            Self::OtherAgency { .. } | Self::OtherDeployment => Code::ClaimOfAnother,
            Self::Expired => Code::ClaimExpired,
            Self::Request(error) => error.code(),
            Self::Consent(error) => error.code(),
            Self::Signature(error) => error.code(),
        }
    }
}

impl Claim {
    /// Signs it with the key that consented. `fresh` is 32 random bytes.
    pub fn sign(self, signer: &impl HolderSigner, fresh: [u8; 32]) -> Result<SignedClaim, ClaimError> {
        self.check_form()?;
        if signer.key() != self.consent.holder {
            return Err(NotSigned.into());
        }
        let signature = signer.sign(Purpose::Claim, self.message()?, fresh);
        Ok(SignedClaim { claim: self, signature })
    }

    /// `trunc248(digest("claim", self))`: what is signed.
    fn message(&self) -> Result<F, DocumentError> {
        Ok(field::truncate_248(&canonical::digest(Kind::Claim, self)?.0))
    }

    fn check_form(&self) -> Result<(), ClaimError> {
        let rule = |ok: bool, text| if ok { Ok(()) } else { Err(ClaimError::Rule(text)) };
        let request = &self.request.request;
        rule(request.policies.contains(&self.policy), "its policy is none of the request's")?;
        let anonymous = request.applicant == Applicant::ANONYMOUS;
        rule(anonymous == self.subject.is_some(), "it names a subject exactly where the request is anonymous")?;
        rule(
            anonymous == self.consent.case_secret.is_none(),
            "it has a case secret exactly where the request names an applicant",
        )?;
        let good = |key: &String| matches!(key.len(), 1..=MAX_BUSINESS_KEY) && key.trim() == key;
        rule(
            self.business_key.as_ref().is_none_or(good),
            "its business key is 1 to 200 bytes without white space around them",
        )?;
        rule(self.expiry <= request.expiry, "it expires after its request")?;
        rule((1..=MAX_OFFICE).contains(&self.office.len()), "its envelope to the office is missing, or too long")?;
        Ok(())
    }
}

/// The most that the envelope to the office has, bytes: one of the smallest size, with any header.
pub const MAX_OFFICE: usize = 2048;

impl SignedClaim {
    /// All that an agency checks before it looks into its vault or at the chain. `now` is Unix seconds.
    pub fn check(&self, agency: &Name, deployment: Deployment, now: u64) -> Result<(), ClaimError> {
        let claim = &self.claim;
        if claim.agency != *agency {
            return Err(ClaimError::OtherAgency { expected: agency.clone(), found: claim.agency.clone() });
        }
        let request = &claim.request.request;
        if request.deployment != deployment {
            return Err(ClaimError::OtherDeployment);
        }
        if now > claim.expiry {
            return Err(ClaimError::Expired);
        }
        claim.check_form()?;
        self.signature.verify(Purpose::Claim, &claim.consent.holder, claim.message()?)?;
        claim.request.signer()?;
        Ok(claim.consent.check(request)?)
    }
}

impl OfficeReturn {
    /// With a fresh mailbox and key, and a fresh contest key.
    pub fn new(own: &OwnKey, contest: &impl HolderSigner) -> Self {
        Self { reply_to: own.return_address(), contest_key: contest.key() }
    }
}
