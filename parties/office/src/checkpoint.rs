//! Checkpoints: an organisation signs which block of a network it knows, and an office shows a request at a block that several signed.
//!
//! Guarantee: what is signed is a block that this organisation's own host gave, with as many blocks behind it as it asks for. Non-guarantee: that its host tells the truth: on a network without
//! seals, that is what organisations with nodes of their own are asked for.

use crate::show::{ShowError, Shown, show_request_at};
use alloy_primitives::{Address, B256};
use sealroot_chain::{Chain, ChainError};
use sealroot_protocol::{
    checkpoint::SignedCheckpoint,
    code::{Code, Coded},
    request::SignedRequest,
    signature::{EthereumSignature, SignatureError, Signer, SignerError},
    snapshot::BlockRef,
};
use std::collections::BTreeMap;

/// Heights at which checkpoints are signed unless an organisation says otherwise: those that this number divides, so that organisations which don't talk to each other sign the same.
pub const EVERY: u64 = 32;

/// Why there is no checkpoint, or why those at hand say nothing.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// There is no signature.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A checkpoint that nobody signed.
    #[error("a checkpoint's signature is nobody's")]
    Signature(#[from] SignatureError),
    /// Of this height, the chain has another block.
    #[error("a checkpoint names chain {chain_id} and block {number} {hash}, which is not this chain's")]
    OtherBlock {
        /// The checkpoint's chain.
        chain_id: u64,
        /// Its height.
        number: u64,
        /// Its hash.
        hash: B256,
    },
    /// They say something about different blocks.
    #[error("the checkpoints are of different blocks: {0} and {1}")]
    Different(u64, u64),
    /// No block has a height that is signed.
    #[error("no block that {every} divides has {confirmations} blocks behind it yet: the newest is {head}")]
    TooYoung {
        /// Heights that are signed.
        every: u64,
        /// Blocks that must follow.
        confirmations: u64,
        /// The newest block.
        head: u64,
    },
    /// What was to be shown can't be.
    #[error(transparent)]
    Show(#[from] ShowError),
}

impl Coded for CheckpointError {
    fn code(&self) -> Code {
        match self {
            Self::Chain(error) => error.code(),
            Self::Signer(error) => error.code(),
            Self::Signature(_) => Code::SignatureMalformed,
            Self::OtherBlock { .. } => Code::OtherChain,
            Self::Different(..) => Code::CheckpointsDiffer,
            Self::TooYoung { .. } => Code::NoSuchBlock,
            Self::Show(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Chain(error) => error.advice(),
            Self::Show(error) => error.advice(),
            Self::OtherBlock { .. } => {
                Some("get newer checkpoints; if they say the same, ask their signers which chain they follow".into())
            }
            Self::TooYoung { .. } => Some("wait for more blocks, or sign more often with --every".into()),
            _ => None,
        }
    }
}

/// Signs the newest block whose height `every` divides and which has so many blocks behind it.
pub async fn sign_checkpoint(
    chain: &impl Chain,
    every: u64,
    confirmations: u64,
    signer: &dyn Signer,
) -> Result<SignedCheckpoint, CheckpointError> {
    let head = chain.head().await?.number;
    let newest = head.saturating_sub(confirmations);
    let number = newest - newest % every.max(1);
    if number == 0 {
        return Err(CheckpointError::TooYoung { every, confirmations, head });
    }
    let BlockRef { hash, .. } = chain.block(number).await?;
    Ok(SignedCheckpoint::sign(chain.chain_id(), number, hash, signer)?)
}

/// Evidence of a request at the block that these organisations signed, with their signatures. Whether they are organisations that a wallet knows, and enough, the wallet checks.
pub async fn show_request_signed(
    signed: &SignedRequest,
    checkpoints: &[SignedCheckpoint],
    chain: &impl Chain,
) -> Result<Shown, CheckpointError> {
    let Some(first) = checkpoints.first() else { return Ok(crate::show_request(signed, chain).await?) };
    if let Some(other) = checkpoints.iter().find(|other| other.number != first.number) {
        return Err(CheckpointError::Different(first.number, other.number));
    }
    let block = chain.block(first.number).await?;
    let mut signatures: BTreeMap<Address, EthereumSignature> = BTreeMap::new();
    for SignedCheckpoint { chain_id, number, hash, .. } in checkpoints {
        if *chain_id != chain.chain_id() || *hash != block.hash {
            return Err(CheckpointError::OtherBlock { chain_id: *chain_id, number: *number, hash: *hash });
        }
    }
    for checkpoint in checkpoints {
        signatures.insert(checkpoint.signer()?, checkpoint.signature);
    }
    let mut shown = show_request_at(signed, block, chain).await?;
    shown.evidence.checkpoint = signatures.into_values().collect();
    Ok(shown)
}
