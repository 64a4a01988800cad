//! Why a bundle is rejected: one variant per check, arranged by the party that can mend it, each with a code that never changes.

use crate::policy_key::{DeriveError, ProofRejected};
use crate::proof::ProofError;
use sealroot_protocol::canonical::DocumentError;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::Shape;
use sealroot_protocol::moment::Moment;
use sealroot_protocol::name::Name;
use sealroot_protocol::policy::PolicyDigest;
use sealroot_protocol::policy_check::PolicyFault;
use sealroot_protocol::program::ProgramError;
use sealroot_protocol::request::RequestError;
use sealroot_protocol::snapshot::Assurance;
use std::fmt;

/// A public input that request and program determine, and a prover may not choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeterminedInput {
    /// What the holder consented to.
    Request,
    /// Program and period.
    Scope,
    /// The reference day.
    AsOf,
    /// Of whom the request is.
    Applicant,
    /// One root per source.
    Roots,
}

impl fmt::Display for DeterminedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Scope => "scope",
            Self::AsOf => "as-of",
            Self::Applicant => "applicant",
            Self::Roots => "roots",
        })
    }
}

/// A check rejected the bundle. Parts and policies are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    // For the party that put the bundle together.
    /// The bundle has no canonical form.
    #[error("the bundle can't be read: {0}")]
    Unreadable(#[from] DocumentError),
    /// The stated decision doesn't follow from the parts.
    #[error("the stated decision does not follow from the parts: the bundle was changed or put together wrongly")]
    DecisionMismatch,
    /// The program document is of another program than the request.
    #[error("the request is under program {request}, the bundle holds program {bundle}")]
    OtherProgram {
        /// In the request.
        request: Name,
        /// In the bundle.
        bundle: Name,
    },
    /// The policy documents are not the versions that the request lists.
    #[error("the bundle's policies are not the versions that the request lists, in its order")]
    PoliciesMismatch,
    /// A policy's words, text, schemas, lists or names are not what a compiler makes.
    #[error("policy {policy}: {fault}")]
    Policy {
        /// The policy.
        policy: Name,
        /// What is wrong.
        fault: PolicyFault,
    },
    /// Not exactly one part per policy, in the request's order.
    #[error("the bundle needs exactly one part per policy, in the request's order")]
    PartsMismatch,

    // The requester.
    /// The request's form or signature is wrong.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The request is for another chain or program contract.
    #[error("the request is for another chain or program contract than the one that is looked at or trusted")]
    OtherDeployment,
    /// The requester may not ask under this program at this time.
    #[error("{requester} is not a requester of program {program} at this time")]
    RequesterNotAuthorised {
        /// The office that asks.
        requester: Name,
        /// Under which program.
        program: Name,
    },
    /// The signing key isn't one of the requester's.
    #[error("the request is not signed by a key of {0}")]
    RequesterKeyUnknown(Name),
    /// The signing key was not yet added, retired before the request, or revoked.
    #[error("the key of {0} that signed the request does not count at this time: it was retired before, or revoked")]
    RequesterKeyNotValid(Name),
    /// Before the request's first second.
    #[error("the request is not valid yet")]
    RequestNotYetValid,
    /// After its last.
    #[error("the request has expired: ask the requester for a new one")]
    RequestExpired,
    /// The period isn't one of the program's.
    #[error("{} to {} is not a period of the program", .0.start, .0.end)]
    PeriodNotOnGrid(Period),
    /// The request lists other policies than the program's, or in another order.
    #[error("the request's policies are not the program's, in its order")]
    NotTheProgramsPolicies,
    /// The request names an applicant under an anonymous program, or none under one that needs it.
    #[error("the request must name an applicant unless the program is anonymous")]
    Anonymity,
    /// The request corrects an approval that isn't the recorded one.
    #[error("the request corrects {0}, which is not the approval recorded under this nullifier")]
    CorrectsUnknown(RequestDigest),
    /// The program's approvals aren't entered so.
    #[error("{}", match other {
        Assurance::ByOffice => format!("the decisions of program {program} are made by proof: an office's word is not taken for one"),
        Assurance::ByProof => format!("the decisions of program {program} are made by an office: the contract takes no proofs"),
    })]
    NotDecidedSo {
        /// The program.
        program: Name,
        /// The way that it doesn't allow.
        other: Assurance,
    },
    /// An office's word takes no proof's place.
    #[error(
        "the contract verified the proofs of the approval that this one corrects; an office's word doesn't replace it"
    )]
    AssuranceLowered,
    /// Another office's word, which only that office or a proof replaces.
    #[error("the approval that it corrects is the word of {0}, which decides under the program still")]
    AnotherOfficesApproval(Name),
    /// The approval that it corrects is of another period, and can't be corrected any more.
    #[error("the approval that it corrects is of another period, and could be corrected until {0}")]
    CorrectionTooLate(Date),
    /// The requester recorded something else with this bundle's digest.
    #[error("the requester recorded {0} with this bundle's digest")]
    RecordMismatch(&'static str),

    // The holder's claim.
    /// Before the claim window.
    #[error("this period can be claimed from {0}")]
    ClaimTooEarly(Date),
    /// After the claim window; of a correction, after the days that follow it.
    #[error("this period could be claimed until {0}")]
    ClaimTooLate(Date),
    /// The reference day hasn't come.
    #[error("the reference day is {0}, which hasn't come yet")]
    AsOfInFuture(Date),
    /// Another request was approved under this nullifier.
    #[error("there is an approval for this holder and period already, by request {0}")]
    NullifierSpent(RequestDigest),
    /// Another bundle was recorded for this request: the first is final.
    #[error("this request was decided by another bundle, {0}; the first is final")]
    DecidedOtherwise(Digest),

    // Enactment.
    /// No such program on chain, or another document.
    #[error("program {0} with this text is not enacted")]
    ProgramNotEnacted(Name),
    /// Closed.
    #[error("program {0} is closed")]
    ProgramClosed(Name),
    /// The document's rules aren't what the chain holds for it, or are impossible.
    #[error("program {program}: its document and its entry on chain disagree on {what}")]
    ProgramEntry {
        /// The program.
        program: Name,
        /// On what.
        what: &'static str,
    },
    /// The document contradicts itself.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// No such policy version on chain.
    #[error("policy {policy} ({digest}) is not enacted")]
    PolicyNotEnacted {
        /// The policy.
        policy: Name,
        /// Of its manifest.
        digest: PolicyDigest,
    },
    /// Not in force on the period's first day.
    #[error("policy {policy} is not in force on {day}")]
    PolicyNotInForce {
        /// The policy.
        policy: Name,
        /// The period's first day.
        day: Date,
    },
    /// Withdrawn.
    #[error("policy {0} is withdrawn")]
    PolicyWithdrawn(Name),
    /// The manifest isn't what the chain holds for it.
    #[error("policy {policy}: its manifest and its entry on chain disagree on {what}")]
    PolicyEntry {
        /// The policy.
        policy: Name,
        /// On what.
        what: &'static str,
    },
    /// The paid output isn't in the program's currency.
    #[error("policy {0}: on chain, the output that the program pays is not in the program's currency")]
    OtherCurrency(Name),
    /// Record nullifiers don't compose.
    #[error("policy {0} uses record nullifiers, and such a policy can only be a program's only one")]
    DoesNotCompose(Name),
    /// The policy key can't be derived.
    #[error("policy {policy}: {error}")]
    PolicyKey {
        /// The policy.
        policy: Name,
        /// Why.
        error: DeriveError,
    },

    // The prover of a part.
    /// A public input isn't what the request, program or other parts make it.
    #[error("part {part}: its {input} is not the one that request and program give")]
    PartInput {
        /// Which part.
        part: usize,
        /// Which input.
        input: DeterminedInput,
    },
    /// The parts are of different people.
    #[error("part {part} has another nullifier than part 0: the parts are not of one person")]
    PartNullifier {
        /// Which part.
        part: usize,
    },
    /// The part names another universal key than its policy.
    #[error("part {part} was proved under universal key {found}, its policy is enacted under another")]
    PartKey {
        /// Which part.
        part: usize,
        /// What it names.
        found: Digest,
    },
    /// A program that is decided by proof has no place for what isn't paid: everybody reads what the contract verifies.
    #[error("part {part} reveals an output that isn't paid, and the program is decided by proof")]
    OutputNotPaid {
        /// Which part.
        part: usize,
    },
    /// The proof's bytes are not points of the right groups.
    #[error("part {part}: {error}")]
    ProofMalformed {
        /// Which part.
        part: usize,
        /// What is wrong.
        error: ProofError,
    },
    /// The proof doesn't hold.
    #[error("part {part}: {error}")]
    ProofInvalid {
        /// Which part.
        part: usize,
        /// What is wrong.
        error: ProofRejected,
    },

    // The agency.
    /// The agency never anchored this root.
    #[error("part {part}: {agency} has not anchored the root that the part was proved under")]
    RootUnknown {
        /// Which part.
        part: usize,
        /// Whose root it must be.
        agency: Name,
    },
    /// The root was replaced, and its grace is over.
    #[error("part {part}: the root of {agency} was replaced and its grace is over: prove the part again")]
    RootSuperseded {
        /// Which part.
        part: usize,
        /// Whose root it is.
        agency: Name,
    },
    /// The root, its agency or the key that anchored it was withdrawn.
    #[error("part {part}: the root of {agency} was withdrawn")]
    RootWithdrawn {
        /// Which part.
        part: usize,
        /// Whose root it is.
        agency: Name,
    },

    /// The root was confirmed before the day that the program demands.
    #[error(
        "part {part}: the program demands facts that {agency} has confirmed since {since}: prove the part under a newer root"
    )]
    RootNotFresh {
        /// Which part.
        part: usize,
        /// Whose root it is.
        agency: Name,
        /// The first day that will do.
        since: Date,
    },

    // The verifier.
    /// No universal key of this shape.
    #[error("no universal key for the {0} shape: add it to the trust file or configuration")]
    NoUniversalKey(Shape),
    /// The policy is enacted under another universal key.
    #[error("policy {policy} is enacted under universal key {needed}; this verifier has only others for its shape")]
    OtherUniversalKey {
        /// The policy.
        policy: Name,
        /// What its manifest names.
        needed: Digest,
    },
    /// A date beyond the calendar: the clock or the chain's time is wrong.
    #[error("the clock or the chain says that it is {}, a time that dates can't be derived from", Moment::from_unix(*.0))]
    Time(u64),
}

impl Coded for Rejection {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable(_) => Code::BundleUnreadable,
            Self::DecisionMismatch => Code::DecisionMismatch,
            Self::OtherProgram { .. } => Code::ProgramMismatch,
            Self::PoliciesMismatch => Code::PoliciesMismatch,
            Self::Policy { fault, .. } => fault.code(),
            Self::PartsMismatch => Code::PartsMismatch,
            Self::Request(error) => error.code(),
            Self::OtherDeployment => Code::WrongDeployment,
            Self::RequesterNotAuthorised { .. } => Code::RequesterNotAuthorised,
            Self::RequesterKeyUnknown(_) => Code::RequesterKeyUnknown,
            Self::RequesterKeyNotValid(_) => Code::RequesterKeyNotValid,
            Self::RequestNotYetValid => Code::RequestNotYetValid,
            Self::RequestExpired => Code::RequestExpired,
            Self::PeriodNotOnGrid(_) => Code::PeriodNotOnGrid,
            Self::NotTheProgramsPolicies => Code::PoliciesNotOfProgram,
            Self::Anonymity => Code::ApplicantRequired,
            Self::CorrectsUnknown(_) => Code::CorrectsUnknown,
            Self::NotDecidedSo { other: Assurance::ByOffice, .. } => Code::NotDecidedByOffice,
            Self::NotDecidedSo { other: Assurance::ByProof, .. } => Code::NotDecidedByProof,
            Self::AssuranceLowered => Code::AssuranceLowered,
            Self::AnotherOfficesApproval(_) => Code::AnotherOfficesApproval,
            Self::CorrectionTooLate(_) => Code::CorrectionTooLate,
            Self::RecordMismatch(_) => Code::RecordMismatch,
            Self::ClaimTooEarly(_) => Code::ClaimTooEarly,
            Self::ClaimTooLate(_) => Code::ClaimTooLate,
            Self::AsOfInFuture(_) => Code::AsOfInFuture,
            Self::NullifierSpent(_) => Code::NullifierSpent,
            Self::DecidedOtherwise(_) => Code::DecidedOtherwise,
            Self::ProgramNotEnacted(_) => Code::ProgramNotEnacted,
            Self::ProgramClosed(_) => Code::ProgramClosed,
            Self::ProgramEntry { .. } => Code::ProgramEntryMismatch,
            Self::Program(_) => Code::ProgramInvalid,
            Self::PolicyNotEnacted { .. } => Code::PolicyNotEnacted,
            Self::PolicyNotInForce { .. } => Code::PolicyNotInForce,
            Self::PolicyWithdrawn(_) => Code::PolicyWithdrawn,
            Self::PolicyEntry { .. } => Code::PolicyEntryMismatch,
            Self::OtherCurrency(_) => Code::OtherCurrency,
            Self::DoesNotCompose(_) => Code::PolicyDoesNotCompose,
            Self::PolicyKey { .. } => Code::PolicyKeyUnderivable,
            Self::PartInput { input, .. } => match input {
                DeterminedInput::Request => Code::PartRequestMismatch,
                DeterminedInput::Scope => Code::PartScopeMismatch,
                DeterminedInput::AsOf => Code::PartAsOfMismatch,
                DeterminedInput::Applicant => Code::PartApplicantMismatch,
                DeterminedInput::Roots => Code::PartInputMismatch,
            },
            Self::PartNullifier { .. } => Code::PartNullifierMismatch,
            Self::PartKey { .. } => Code::PartUniversalKeyMismatch,
            Self::OutputNotPaid { .. } => Code::OutputNotPaid,
            Self::ProofMalformed { .. } => Code::ProofMalformed,
            Self::ProofInvalid { .. } => Code::ProofInvalid,
            Self::RootUnknown { .. } => Code::RootUnknown,
            Self::RootSuperseded { .. } => Code::RootSuperseded,
            Self::RootWithdrawn { .. } => Code::RootWithdrawn,
            Self::RootNotFresh { .. } => Code::RootNotFresh,
            Self::NoUniversalKey(_) => Code::UniversalKeyMissing,
            Self::OtherUniversalKey { .. } => Code::UniversalKeyMismatch,
            Self::Time(_) => Code::TimeOutOfRange,
        }
    }
}
