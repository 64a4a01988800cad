//! What every host of the contracts can do: the embedded one, and any EVM network.

use crate::{
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_primitives::{Address, B256, Bytes, Log};
use sealroot_protocol::{
    evidence::Evidence,
    scope::Deployment,
    signature::Signer,
    snapshot::{BlockRef, Contracts, Snapshot, SnapshotQuery},
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

/// A block with every event of the contracts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockEvents {
    /// The block.
    pub block: BlockRef,
    /// Hash of the one before it.
    pub parent: B256,
    /// In their order, each with its transaction's hash.
    pub events: Vec<(B256, Log)>,
}

/// Blocks of one [`Chain::events_between`].
pub const EVENT_BLOCKS: u64 = 256;

/// A host of the contracts. Reads are at the head; time is Unix seconds.
pub trait Chain: Send + Sync {
    /// EIP-155 chain id.
    fn chain_id(&self) -> u64;

    /// Where the contracts are.
    fn contracts(&self) -> Contracts;

    /// The head block.
    fn head(&self) -> impl Future<Output = Result<BlockRef, ChainError>> + Send;

    /// A block from 0 to the head.
    fn block(&self, number: u64) -> impl Future<Output = Result<BlockRef, ChainError>> + Send;

    /// The time that a block would have now.
    fn now(&self) -> impl Future<Output = Result<u64, ChainError>> + Send;

    /// Executes without a trace.
    fn call(&self, from: Address, to: Address, data: Bytes) -> impl Future<Output = Result<Bytes, ChainError>> + Send;

    /// A transaction of `from`, the next in turn, for its signature.
    fn prepare(
        &self,
        from: Address,
        to: Address,
        data: Bytes,
    ) -> impl Future<Output = Result<Prepared, ChainError>> + Send;

    /// Sends a signed transaction and waits for the block. A transaction that a contract rejects leaves no trace.
    fn submit(&self, signed: Signed) -> impl Future<Output = Result<Receipt, ChainError>> + Send;

    /// Prepares, signs and submits.
    fn send(
        &self,
        signer: &dyn Signer,
        to: Address,
        data: Bytes,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let prepared = self.prepare(signer.address(), to, data).await?;
            self.submit(prepared.sign(signer)?).await
        }
    }

    /// Events of a contract with these topics (none: any), oldest first. They are history, as the host keeps it: whether what they say still stands, a
    /// snapshot says.
    fn logs(
        &self,
        contract: Address,
        topics: [Option<B256>; 4],
    ) -> impl Future<Output = Result<Vec<Log>, ChainError>> + Send;

    /// Whether [`logs`](Self::logs) leaves nothing out. Of a network without seals they are what its node finds.
    fn shows_every_event(&self) -> bool {
        true
    }

    /// Every event of the contracts in the blocks `first..=last`, at most [`EVENT_BLOCKS`], each block the parent of the next. Unlike [`logs`](Self::logs) none can be
    /// kept back: they are all that the blocks' receipts hold.
    fn events_between(
        &self,
        first: u64,
        last: u64,
    ) -> impl Future<Output = Result<Vec<BlockEvents>, ChainError>> + Send;

    /// The newest block that can't vanish any more: what is in later ones is provisional, because a reorganisation could take it back.
    fn finalized(&self) -> impl Future<Output = Result<BlockRef, ChainError>> + Send;

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

    /// Address and keccak256 of the code of each contract, in the order of their creation: what an auditor pins.
    fn code_hashes(&self) -> impl Future<Output = Result<[(Address, B256); 7], ChainError>> + Send;

    /// Chain and program contract.
    fn deployment(&self) -> Deployment {
        Deployment { chain_id: self.chain_id(), programs: self.contracts().programs }
    }
}

/// Whether an event has these topics (none: any).
pub(crate) fn has_topics(log: &Log, topics: &[Option<B256>; 4]) -> bool {
    let found = log.topics();
    topics.iter().enumerate().all(|(i, topic)| topic.is_none_or(|topic| found.get(i) == Some(&topic)))
}
