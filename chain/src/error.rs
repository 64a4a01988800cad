//! Why something on a chain didn't happen: a contract's check, the caller, or the host's own trouble.

use crate::{rejection::Rejection, seen::SeenBlock};
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
    field::FieldError,
    reduction::ReductionError,
    signature::SignerError,
    snapshot::SnapshotError,
};

/// Why something didn't happen, whatever host runs the contracts.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A contract's check failed. Nothing was done.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A refusal was to be entered as an approval.
    #[error("the bundle is a refusal; only approvals are entered one by one")]
    NotAnApproval,
    /// What everybody reads would reveal an output that isn't paid.
    #[error("part {part} reveals an output that the program doesn't pay, so the contract can't verify it")]
    OutputNotPaid {
        /// Which part, counted from 0.
        part: usize,
    },
    /// A document has no canonical form, so it has no digest.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// What was to be reduced is no reduction, or its signature is nobody's.
    #[error(transparent)]
    Reduction(#[from] ReductionError),
    /// The call failed without an error of a contract: out of gas, or no contract at the address.
    #[error("the call failed: {0}")]
    Halted(String),
    /// The state is not what these contracts write.
    #[error(transparent)]
    Unreadable(#[from] SnapshotError),
    /// Evidence was asked for what isn't there.
    #[error("{0} is not on chain at block {1}: only what is there can be proven")]
    NothingToProve(String, u64),
    /// No such block.
    #[error("block {0} doesn't exist; the chain's head is {1}")]
    NoSuchBlock(u64, u64),
    /// The chain is an older copy, or one that was grown again from there.
    #[error(
        "the chain was set back: block {} {} was seen on it before, and its newest block is {} {} without that one behind it",
        seen.number, seen.hash, head.number, head.hash
    )]
    RolledBack {
        /// The block that was seen.
        seen: SeenBlock,
        /// The chain's head.
        head: SeenBlock,
    },
    /// Another transaction of the same key came first, or is still to come.
    #[error("the transaction has number {found} of its key; {expected} is next")]
    OutOfTurn {
        /// The next number.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// There is no signature.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What only this host has: its files and database, or its connection.
    #[error("{0}")]
    Host(Box<dyn Coded + Send + Sync>),
}

impl ChainError {
    /// A host's own trouble.
    pub fn host(error: impl Coded + Send + Sync + 'static) -> Self {
        Self::Host(Box::new(error))
    }
}

impl From<FieldError> for ChainError {
    fn from(error: FieldError) -> Self {
        Self::Unreadable(error.into())
    }
}

impl Coded for ChainError {
    fn code(&self) -> Code {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::NotAnApproval => Code::NotAnApproval,
            Self::OutputNotPaid { .. } => Code::OutputNotPaid,
            Self::Document(_) => Code::BadDocument,
            Self::Reduction(error) => error.code(),
            Self::Halted(_) => Code::CallFailed,
            Self::Unreadable(_) => Code::ChainUnreadable,
            Self::NothingToProve(..) => Code::NothingToProve,
            Self::NoSuchBlock(..) => Code::NoSuchBlock,
            Self::RolledBack { .. } => Code::ChainRolledBack,
            Self::OutOfTurn { .. } => Code::TransactionOutOfTurn,
            Self::Signer(error) => error.code(),
            Self::Host(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Rejected(rejection) => rejection.advice(),
            Self::Host(error) => error.advice(),
            Self::Halted(_) => Some("it needs more gas than it was given, or calls what isn't there: look at what is sent, and at the addresses of the contracts".into()),
            _ => None,
        }
    }
}
