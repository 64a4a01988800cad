//! What every host of the contracts can do: the embedded one, and any EVM network.

use crate::refusal::Refusal;
use alloy_primitives::{Address, B256, Bytes};
use sealroot_protocol::{
    evidence::Evidence,
    scope::Deployment,
    signature::{SecretSigningKey, SignatureError},
    snapshot::{BlockRef, Contracts, Snapshot, SnapshotError, SnapshotQuery},
};
use std::future::Future;

/// What a transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The block that holds it.
    pub block: BlockRef,
    /// Its hash.
    pub transaction: B256,
    /// What it cost.
    pub gas_used: u64,
}

/// Why something didn't happen.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A contract refused. Nothing was recorded.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A refused bundle was to be recorded as an approval.
    #[error("the bundle is a refusal; only approvals are recorded one by one, refusals are dated in batches")]
    NotAnApproval,
    /// The call failed without a reason: out of gas, or no contract at the address.
    #[error("the call failed: {0}. Check the addresses of the contracts")]
    Halted(String),
    /// The state is not what these contracts write.
    #[error(transparent)]
    Unreadable(#[from] SnapshotError),
    /// Evidence was asked for what isn't there.
    #[error(
        "{0} is not on chain at block {1}: only what is there can be proven. Record it first, or ask at a later block"
    )]
    NothingToProve(String, u64),
    /// No such block.
    #[error("block {0} doesn't exist; the chain's head is {1}")]
    NoSuchBlock(u64, u64),
    /// Blocks can only be added by the owner of the sealer key.
    #[error("this chain is open for reading only: {0} is missing beside it; restore the file to add blocks")]
    NoSealer(String),
    /// Time can't go back.
    #[error("the chain's time can't go backwards: it is {now}, {asked} was asked for")]
    Backwards {
        /// The time that the next block would have.
        now: u64,
        /// What was asked for.
        asked: u64,
    },
    /// The configuration can't be used.
    #[error("the chain can't be created: {0}")]
    Configuration(String),
    /// The database.
    #[error("the chain's database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The chain's files.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// What is stored contradicts itself.
    #[error("the chain's database is damaged: {0}. Restore it from a backup")]
    Damaged(String),
    /// Another process has it open.
    #[error("another process has this chain open; wait until it ends")]
    InUse,
    /// A key can't sign.
    #[error(transparent)]
    Key(#[from] SignatureError),
}

/// A host of the contracts. Reads are at the head; time is Unix seconds.
pub trait Chain: Send + Sync {
    /// EIP-155 chain id.
    fn chain_id(&self) -> u64;

    /// Where the contracts are.
    fn contracts(&self) -> Contracts;

    /// The head block.
    fn head(&self) -> impl Future<Output = Result<BlockRef, ChainError>> + Send;

    /// The time that a block would have now.
    fn now(&self) -> impl Future<Output = Result<u64, ChainError>> + Send;

    /// Executes without recording.
    fn call(&self, from: Address, to: Address, data: Bytes) -> impl Future<Output = Result<Bytes, ChainError>> + Send;

    /// Signs, sends and waits for the block. A transaction that a contract refuses is not recorded.
    fn send(
        &self,
        key: &SecretSigningKey,
        to: Address,
        data: Bytes,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send;

    /// The entries at the head.
    fn snapshot(&self, query: &SnapshotQuery) -> impl Future<Output = Result<Snapshot, ChainError>> + Send;

    /// The entries as they were at a block.
    fn snapshot_at(
        &self,
        query: &SnapshotQuery,
        block: u64,
    ) -> impl Future<Output = Result<Snapshot, ChainError>> + Send;

    /// Header and proofs of the entries at a block; fails if one isn't there.
    fn collect_evidence(
        &self,
        query: &SnapshotQuery,
        block: u64,
    ) -> impl Future<Output = Result<Evidence, ChainError>> + Send;

    /// Chain and program contract.
    fn deployment(&self) -> Deployment {
        Deployment { chain_id: self.chain_id(), programs: self.contracts().programs }
    }
}
