//! Showing a holder what the chain says of a request, without the holder's having a chain.

use sealroot_chain::{Chain, ChainError};
use sealroot_protocol::{
    code::{Code, Coded},
    evidence::Evidence,
    request::{RequestError, SignedRequest},
    snapshot::{BlockRef, SnapshotQuery},
};

/// Evidence of what a wallet asks about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Header with seal, and proofs.
    pub evidence: Evidence,
    /// The block.
    pub block: BlockRef,
}

/// Why a request can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// Its signature recovers to no key.
    #[error(transparent)]
    Signature(#[from] RequestError),
    /// What it names isn't on chain, or the chain can't be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for ShowError {
    fn code(&self) -> Code {
        match self {
            Self::Signature(_) => Code::BadRequest,
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Signature(_) => None,
            Self::Chain(error) => error.advice(),
        }
    }
}

/// Collects it. It holds program, policies, the office's standing and key: nothing of the applicant.
pub async fn show_request(signed: &SignedRequest, chain: &impl Chain) -> Result<Shown, ShowError> {
    show_request_at(signed, chain.head().await?, chain).await
}

/// The same at an earlier block.
pub(crate) async fn show_request_at(
    signed: &SignedRequest,
    block: BlockRef,
    chain: &impl Chain,
) -> Result<Shown, ShowError> {
    let query = SnapshotQuery::of_request(signed, signed.signer()?);
    Ok(Shown { evidence: chain.collect_evidence(&query, block.number).await?, block })
}
