//! Everything for which a wallet refuses a request, by whose fault it is.

use crate::disclosure::PolicyFault;
use alloy_primitives::Address;
use sealroot_protocol::{
    canonical::DocumentError,
    date::{Date, NotADate, Period},
    name::Name,
    policy::PolicyDigest,
    program::ProgramError,
    request::RequestError,
    scope::Deployment,
};

/// Why a request is not consented to. Times are Unix seconds.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    // The requester's fault.
    /// Lifetime, purpose, number of policies or signature.
    #[error("the request is not well-formed: {0}; ask the office for a new one")]
    Form(#[from] RequestError),
    /// The purpose has characters that could change what the screen shows.
    #[error(
        "the request's purpose contains control characters, which could hide what it says; ask the office for a new request"
    )]
    Purpose,
    /// Signed by a key that isn't the requester's.
    #[error("the request names {requester} but is signed by {signer}, which is not its key; don't trust it")]
    Signer {
        /// Who is said to ask.
        requester: Name,
        /// Who signed.
        signer: Address,
    },
    /// The key was retired before the request, or revoked.
    #[error("the request is signed by a key that {requester} has retired or revoked; ask the office for a new one")]
    Key {
        /// Who asks.
        requester: Name,
    },
    /// The requester may not, or not any more, ask under this program.
    #[error("{requester} may not ask under the program {program}")]
    Requester {
        /// Who asks.
        requester: Name,
        /// Under which program.
        program: Name,
    },
    /// Another number, order or choice of policies than the program's.
    #[error("the request doesn't name exactly the policies of the program {0}, in its order")]
    Policies(Name),
    /// Not a period of the grid.
    #[error("{} to {} is not a period of the program", .0.start, .0.end)]
    Grid(Period),
    /// Too early.
    #[error("the request is valid only from Unix time {0} on; try again then, or check this device's clock")]
    NotYetValid(u64),
    /// Too late.
    #[error("the request expired at Unix time {0}; ask the office for a new one, or check this device's clock")]
    Expired(u64),
    /// Outside the days on which the period may be claimed.
    #[error("this period can be claimed from {opens} to {closes} only")]
    ClaimWindow {
        /// First day.
        opens: Date,
        /// Last day.
        closes: Date,
    },
    /// The facts are judged on a day that hasn't come.
    #[error("the facts are judged on {0}, which hasn't come yet")]
    AsOfInFuture(Date),
    /// The program is anonymous, and the request names an applicant.
    #[error("the program is anonymous, and yet the request names an applicant; don't consent")]
    NamedWhereAnonymous,
    /// The program names applicants, and the request is anonymous.
    #[error("the program asks for a named applicant, and the request names none; ask the office for a new one")]
    AnonymousWhereNamed,
    /// The request doesn't commit to this holder, or the case secret is another one.
    #[error(
        "the request is not about you, or the case secret is not the one that the office gave you; compare it with your letter"
    )]
    Applicant,

    // The documents' fault: they are not what stands on chain.
    /// Another program than the request's.
    #[error("the program document is {found}, and the request is about {expected}; get the right document")]
    OtherProgram {
        /// The request's.
        expected: Name,
        /// The document's.
        found: Name,
    },
    /// The document contradicts itself.
    #[error("the program document can't be used: {0}")]
    Program(#[from] ProgramError),
    /// Not the enacted document.
    #[error("the program document is not the one that was enacted; get it again")]
    ProgramDiffers,
    /// Another number of documents than the request names.
    #[error("{found} policy documents were given where the request names {expected}")]
    DocumentCount {
        /// The request's.
        expected: usize,
        /// Given.
        found: usize,
    },
    /// Not the document that the request names.
    #[error("a policy document is not the version {0} that the request names; get it again")]
    PolicyDiffers(PolicyDigest),
    /// The document contradicts itself.
    #[error("the policy {policy} can't be used: {fault}")]
    Policy {
        /// Which.
        policy: Name,
        /// Why.
        fault: PolicyFault,
    },
    /// Programs and policies disagree about naming the applicant.
    #[error("the policy {0} and its program disagree on whether the applicant is named")]
    ApplicantRule(Name),
    /// No canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A day outside the calendar.
    #[error(transparent)]
    Date(#[from] NotADate),

    // What the chain says.
    /// Not enacted, or no longer open.
    #[error("the program {0} is not enacted on this chain, or was closed")]
    ProgramNotEnacted(Name),
    /// Never enacted.
    #[error("the policy version {0} was never enacted; an office may only ask under enacted policies")]
    PolicyNotEnacted(PolicyDigest),
    /// Withdrawn.
    #[error("the policy version {0} was withdrawn")]
    PolicyWithdrawn(PolicyDigest),
    /// Another version is in force on the period's first day.
    #[error("the policy version {policy} is not in force on {day}, the first day of the period")]
    PolicyNotInForce {
        /// Which.
        policy: PolicyDigest,
        /// The first day.
        day: Date,
    },
    /// The snapshot is of another chain or contract than the request.
    #[error(
        "what is known of the chain belongs to another deployment than the request; read the chain that the request names"
    )]
    OtherChain(Deployment),

    // The holder's choice.
    /// Not one that the wallet pins.
    #[error("the request belongs to chain {}, contract {}, which this wallet doesn't know; pin it only if your office confirms it", .0.chain_id, .0.programs)]
    OtherDeployment(Deployment),
    /// Identity and case secret are needed.
    #[error("the request names an applicant; give the case secret from your letter and your identity number")]
    CaseSecretMissing,
}

impl Refusal {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Form(RequestError::Lifetime) => "request-lifetime",
            Self::Form(RequestError::Signature(_)) => "request-signature",
            Self::Form(_) => "request-form",
            Self::Purpose => "request-purpose",
            Self::Signer { .. } => "request-signer",
            Self::Key { .. } => "requester-key",
            Self::Requester { .. } => "requester-not-authorised",
            Self::Policies(_) => "request-policies",
            Self::Grid(_) => "period-not-on-grid",
            Self::NotYetValid(_) => "request-not-yet-valid",
            Self::Expired(_) => "request-expired",
            Self::ClaimWindow { .. } => "claim-window",
            Self::AsOfInFuture(_) => "as-of-in-future",
            Self::NamedWhereAnonymous | Self::AnonymousWhereNamed => "applicant-anonymity",
            Self::Applicant => "applicant-mismatch",
            Self::OtherProgram { .. } => "other-program",
            Self::Program(_) => "program-form",
            Self::ProgramDiffers => "program-differs",
            Self::DocumentCount { .. } => "policy-documents",
            Self::PolicyDiffers(_) => "policy-differs",
            Self::Policy { .. } => "policy-form",
            Self::ApplicantRule(_) => "applicant-rule",
            Self::Document(_) => "document-form",
            Self::Date(_) => "date",
            Self::ProgramNotEnacted(_) => "program-not-enacted",
            Self::PolicyNotEnacted(_) => "policy-not-enacted",
            Self::PolicyWithdrawn(_) => "policy-withdrawn",
            Self::PolicyNotInForce { .. } => "policy-not-in-force",
            Self::OtherChain(_) => "other-chain",
            Self::OtherDeployment(_) => "other-deployment",
            Self::CaseSecretMissing => "case-secret-missing",
        }
    }
}
