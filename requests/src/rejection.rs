//! Everything for which a wallet rejects a request, by whose fault it is. The codes are the verifier's where both check the same.

use crate::disclosure::Unshowable;
use alloy_primitives::Address;
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
    date::{Date, NotADate, Period},
    id_form::IdFormError,
    moment::Moment,
    name::Name,
    policy::PolicyDigest,
    program::ProgramError,
    request::RequestError,
    scope::Deployment,
};

/// Why a request is not consented to.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
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
        /// The office that is said to ask.
        requester: Name,
        /// The address that signed.
        signer: Address,
    },
    /// The key was retired before the request, or revoked.
    #[error("the request is signed by a key that {requester} has retired or revoked; ask the office for a new one")]
    Key {
        /// The office that asks.
        requester: Name,
    },
    /// The requester may not, or not any more, ask under this program.
    #[error("{requester} may not ask under the program {program}")]
    Requester {
        /// The office that asks.
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
    #[error("the request is valid only from {0} on; try again then, or check this device's clock")]
    NotYetValid(Moment),
    /// Too late.
    #[error("the request expired at {0}; ask the office for a new one, or check this device's clock")]
    Expired(Moment),
    /// Before the first day on which the period may be claimed.
    #[error("this period can be claimed from {0} on")]
    ClaimTooEarly(Date),
    /// After the last.
    #[error("this period could be claimed until {0}; ask the office about its manual path")]
    ClaimTooLate(Date),
    /// The reference day hasn't come.
    #[error("the reference day is {0}, which hasn't come yet")]
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
    /// The contract holds other rules than the document, and the contract's are what is enforced.
    #[error("the chain holds other rules for the program {0} than its document; tell the office")]
    ProgramEntry(Name),
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
        fault: Unshowable,
    },
    /// Its nullifier is the record's, so its part can't be joined to others.
    #[error("the policy {0} counts claims by record, and can't be one of several in a program")]
    DoesNotCompose(Name),
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
    /// Not enacted.
    #[error("the program {0} is not enacted on this chain")]
    ProgramNotEnacted(Name),
    /// No longer open.
    #[error("the program {0} was closed")]
    ProgramClosed(Name),
    /// Never enacted.
    #[error("the policy version {0} was never enacted; an office may only ask under enacted policies")]
    PolicyNotEnacted(PolicyDigest),
    /// The chain names another id or other agencies for it.
    #[error("the chain holds another policy or other agencies for the version {0} than its document")]
    PolicyEntry(PolicyDigest),
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
    /// What the holder gave as national id is none.
    #[error("the identity number that you gave {0}")]
    Identity(#[source] IdFormError),
    /// Identity and case secret are needed.
    #[error("the request names an applicant; give the case secret from your letter and your identity number")]
    CaseSecretMissing,
}

impl Coded for Rejection {
    fn code(&self) -> Code {
        match self {
            Self::Form(error) => error.code(),
            Self::Purpose => Code::RequestPurpose,
            Self::Signer { .. } => Code::RequesterKeyUnknown,
            Self::Key { .. } => Code::RequesterKeyNotValid,
            Self::Requester { .. } => Code::RequesterNotAuthorised,
            Self::Policies(_) => Code::PoliciesNotOfProgram,
            Self::Grid(_) => Code::PeriodNotOnGrid,
            Self::NotYetValid(_) => Code::RequestNotYetValid,
            Self::Expired(_) => Code::RequestExpired,
            Self::ClaimTooEarly(_) => Code::ClaimTooEarly,
            Self::ClaimTooLate(_) => Code::ClaimTooLate,
            Self::AsOfInFuture(_) => Code::AsOfInFuture,
            Self::NamedWhereAnonymous | Self::AnonymousWhereNamed => Code::ApplicantRequired,
            Self::Applicant => Code::ApplicantMismatch,
            Self::OtherProgram { .. } => Code::ProgramMismatch,
            Self::Program(_) => Code::ProgramInvalid,
            Self::ProgramDiffers | Self::ProgramNotEnacted(_) => Code::ProgramNotEnacted,
            Self::ProgramEntry(_) => Code::ProgramEntryMismatch,
            Self::ProgramClosed(_) => Code::ProgramClosed,
            Self::DocumentCount { .. } | Self::PolicyDiffers(_) => Code::PoliciesMismatch,
            Self::Policy { fault, .. } => fault.code(),
            Self::DoesNotCompose(_) => Code::PolicyDoesNotCompose,
            Self::ApplicantRule(_) => Code::PolicyApplicantRule,
            Self::Document(_) => Code::DocumentUnreadable,
            Self::Date(_) => Code::TimeOutOfRange,
            Self::PolicyNotEnacted(_) => Code::PolicyNotEnacted,
            Self::PolicyEntry(_) => Code::PolicyEntryMismatch,
            Self::PolicyWithdrawn(_) => Code::PolicyWithdrawn,
            Self::PolicyNotInForce { .. } => Code::PolicyNotInForce,
            Self::OtherChain(_) => Code::WrongDeployment,
            Self::OtherDeployment(_) => Code::DeploymentNotPinned,
            Self::Identity(error) => error.code(),
            Self::CaseSecretMissing => Code::CaseSecretMissing,
        }
    }
}

impl Rejection {
    /// Whether a requester that may ask, with a key of its own, asked for what no law lets it ask. What comes before its key is checked anybody
    /// could have written in its name, and what a late reader or a mistyped name causes is nobody's fault.
    pub fn is_the_requesters(&self) -> bool {
        matches!(
            self,
            Self::Policies(_)
                | Self::ClaimTooEarly(_)
                | Self::AsOfInFuture(_)
                | Self::NamedWhereAnonymous
                | Self::AnonymousWhereNamed
                | Self::ApplicantRule(_)
                | Self::DoesNotCompose(_)
                | Self::PolicyNotEnacted(_)
                | Self::PolicyWithdrawn(_)
                | Self::PolicyEntry(_)
                | Self::PolicyNotInForce { .. }
        )
    }
}
