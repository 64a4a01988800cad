//! Why an audit rejects a bundle.

use super::withdrawn::describe;
use crate::evidence::EvidenceError;
use crate::rejection::Rejection;
use crate::trust::WithdrawnEntry;
use alloy_primitives::B256;
use sealroot_policy::{COMPILER, Diagnostics};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::name::Name;
use sealroot_protocol::refusals::RefusalPathError;

/// Why an audit rejects a bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditRejection {
    /// The bundle carries no evidence.
    #[error("the bundle has no evidence: audit the bundle that `decide` returned")]
    NoEvidence,
    /// The evidence is rejected.
    #[error("evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// The path of a dated refusal leads nowhere.
    #[error("evidence: {0}")]
    Path(#[from] RefusalPathError),
    /// An approval has an entry of its own.
    #[error("the bundle is an approval, and its evidence places it in a batch of refusals")]
    ApprovalInBatch,
    /// The batch's entry under the office that asked names another one: it isn't what the contracts write. A batch that another
    /// office recorded is another entry, and rejected as [`EvidenceError::OtherEntry`].
    #[error(
        "{asked} asked, but the entry of the batch that holds the refusal names {recorded}: it dates nothing of {asked}'s"
    )]
    OtherRequestersBatch {
        /// The address that signed the request.
        asked: Name,
        /// The signer that the entry names.
        recorded: Name,
    },
    /// The reduction that the bundle holds isn't this approval's, or isn't what the chain holds.
    #[error("the reduction in the bundle is not of {0}: it was changed, or belongs to another approval")]
    Reduction(&'static str),
    /// Verification rejected it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A policy's text doesn't compile.
    #[error("policy {policy}: its text doesn't compile: {diagnostics}")]
    Compile {
        /// The policy.
        policy: Name,
        /// What the compiler says.
        diagnostics: Diagnostics,
    },
    /// Another compiler made the manifest.
    #[error(
        "policy {policy}: compiler {compiler} made its manifest, and this program has none after compiler {COMPILER}: audit with a release that has it"
    )]
    OtherCompiler {
        /// The policy.
        policy: Name,
        /// What its manifest names.
        compiler: u32,
    },
    /// A policy's text compiles to something else.
    #[error(
        "policy {0}: its text compiles to another policy than the enacted one: what was proved is not what the text says"
    )]
    OtherPolicy(Name),
    /// Something it rests on had been withdrawn when the decision was made.
    #[error("what the decision rests on was withdrawn before it, at height {at}: {}", describe(what))]
    WithdrawnBefore {
        /// What.
        what: WithdrawnEntry,
        /// From which height on.
        at: u64,
    },
    /// Another bundle of the same audit says otherwise, and the chain is not on this one's side.
    #[error(
        "bundle {} of this audit says otherwise, with as much or more of the chain on its side: one approval for each nullifier, and no refusal after the approval",
        other + 1
    )]
    Contradicted {
        /// Its place among the bundles, from 0.
        other: usize,
    },
    /// The sealer sealed two histories, and this audit met both.
    #[error(
        "block {height} is {hash} by this bundle's evidence, and {other_hash} by that of bundle {}: the sealer sealed two histories, and neither is believed. This shows only where both are met",
        other + 1
    )]
    Equivocation {
        /// The height.
        height: u64,
        /// Its block by this bundle.
        hash: B256,
        /// Place of the other bundle, from 0.
        other: usize,
        /// Its block by the other.
        other_hash: B256,
    },
    /// Something it rests on was withdrawn, and nothing says that the decision is older.
    #[error("what the decision rests on was withdrawn at height {at}, and the decision is undated: {}", describe(what))]
    WithdrawnUndated {
        /// What.
        what: WithdrawnEntry,
        /// From which height on.
        at: u64,
    },
}

impl Coded for AuditRejection {
    fn code(&self) -> Code {
        match self {
            Self::NoEvidence => Code::EvidenceMissing,
            Self::Evidence(error) => error.code(),
            Self::Path(error) => error.code(),
            Self::ApprovalInBatch => Code::ApprovalInBatch,
            Self::OtherRequestersBatch { .. } => Code::BatchOfAnotherRequester,
            Self::Reduction(_) => Code::ReductionMismatch,
            Self::Rejected(rejection) => rejection.code(),
            Self::Compile { .. } => Code::PolicyDoesNotCompile,
            Self::OtherCompiler { .. } => Code::PolicyOtherCompiler,
            Self::OtherPolicy(_) => Code::PolicyTextMismatch,
            Self::WithdrawnBefore { .. } => Code::WithdrawnBefore,
            Self::WithdrawnUndated { .. } => Code::WithdrawnUndated,
            Self::Contradicted { .. } => Code::Contradicted,
            Self::Equivocation { .. } => Code::Equivocation,
        }
    }
}
