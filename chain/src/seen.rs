//! The newest block that a party remembers, against a chain that was set back.
//!
//! An older copy of a chain's files is a chain: everything in it is sealed and linked. Only a party that saw a later block can tell. Guarantee: a chain that
//! lacks the remembered block, or has another one at its height, is refused. Non-guarantee: blocks that this party never saw.

use crate::{chain::Chain, error::ChainError};
use alloy_primitives::B256;
use sealroot_protocol::snapshot::BlockRef;
use serde::{Deserialize, Serialize};

/// A block that was seen: what a party keeps between two looks at a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenBlock {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
}

impl From<BlockRef> for SeenBlock {
    fn from(block: BlockRef) -> Self {
        Self { number: block.number, hash: block.hash }
    }
}

/// Compares the chain with what a party remembers, and returns what it should remember now: the head.
///
/// # Errors
/// [`ChainError::RolledBack`] if the chain doesn't lead through the remembered block.
pub async fn check_seen(chain: &impl Chain, remembered: Option<SeenBlock>) -> Result<SeenBlock, ChainError> {
    let head = chain.head().await?;
    if let Some(seen) = remembered {
        let found = if seen.number > head.number { None } else { Some(chain.block(seen.number).await?.hash) };
        if found != Some(seen.hash) {
            return Err(ChainError::RolledBack { seen, head: head.into() });
        }
    }
    Ok(head.into())
}
