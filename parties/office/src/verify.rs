//! Verifying a bundle against the chain.

use sealroot_chain::{Chain, ChainError};
use sealroot_protocol::{
    bundle::Bundle,
    code::{Code, Coded},
    snapshot::{Assurance, DecisionEntry, SnapshotQuery},
};
use sealroot_verifier::{Rejection, VerifiedBundle, universal_key::UniversalKeys, verify::query};

/// Why a bundle was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A check rejected it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for VerifyError {
    fn code(&self) -> Code {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Rejected(rejection) => rejection.advice(),
            Self::Chain(error) => error.advice(),
        }
    }
}

/// Verifies a bundle against the chain's head, as an approval that is entered this way ([`DecidedBy::usual`](sealroot_protocol::program::DecidedBy::usual) of its program
/// where nobody says another).
pub async fn verify(
    bundle: Bundle,
    chain: &impl Chain,
    keys: &UniversalKeys,
    assurance: Assurance,
) -> Result<VerifiedBundle, VerifyError> {
    let query = query(&bundle)?;
    // The time first: a block in between makes the state newer than the time, never older.
    let now = chain.now().await?;
    let mut snapshot = chain.snapshot(&query).await?;
    let now = now.max(snapshot.block.time);
    let request = bundle.request.request.digest();
    let hidden = |entry: &DecisionEntry| entry.request == request && entry.bundle.is_none() && entry.reduced.is_some();
    let Some(lowered) = snapshot.decision.clone().filter(hidden) else {
        return Ok(VerifiedBundle::verify(bundle, &snapshot, keys, now, assurance)?);
    };
    // Nothing but the block in which it was entered still shows with which amount.
    snapshot.decision = chain.snapshot_at(&query, lowered.block).await?.decision;
    Ok(VerifiedBundle::verify(bundle, &snapshot, keys, now, assurance)?.lowered(&lowered))
}

/// Verifies it as auditors will: by the block that dates it, whatever has expired or was withdrawn since.
pub(crate) async fn verify_at(
    bundle: Bundle,
    query: &SnapshotQuery,
    (block, time): (u64, u64),
    chain: &impl Chain,
    keys: &UniversalKeys,
    assurance: Assurance,
) -> Result<VerifiedBundle, VerifyError> {
    let snapshot = chain.snapshot_at(query, block).await?;
    Ok(VerifiedBundle::verify(bundle, &snapshot, keys, time, assurance)?)
}
