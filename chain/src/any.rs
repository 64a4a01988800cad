//! Either host, chosen at run time: a directory, or a node's address.

use crate::{
    chain::{BlockEvents, Chain, Receipt},
    embedded::EmbeddedChain,
    error::ChainError,
    rpc::NetworkChain,
    transaction::{Prepared, Signed},
};
use alloy_primitives::{Address, B256, Bytes, Log};
use sealroot_protocol::{
    evidence::Evidence,
    signature::Signer,
    snapshot::{BlockRef, Contracts, Snapshot, SnapshotQuery},
};

/// A chain, wherever it is. Clones share it.
#[derive(Clone)]
pub enum AnyChain {
    /// In a directory that this process holds.
    Embedded(EmbeddedChain),
    /// Behind a node.
    Network(NetworkChain),
}

/// The same question to whichever it is.
macro_rules! ask {
    ($this:ident.$method:ident($($argument:expr),*)) => {
        match $this {
            Self::Embedded(chain) => chain.$method($($argument),*).await,
            Self::Network(chain) => chain.$method($($argument),*).await,
        }
    };
}

impl Chain for AnyChain {
    fn chain_id(&self) -> u64 {
        match self {
            Self::Embedded(chain) => chain.chain_id(),
            Self::Network(chain) => chain.chain_id(),
        }
    }

    fn contracts(&self) -> Contracts {
        match self {
            Self::Embedded(chain) => chain.contracts(),
            Self::Network(chain) => chain.contracts(),
        }
    }

    async fn head(&self) -> Result<BlockRef, ChainError> {
        ask!(self.head())
    }

    async fn block(&self, number: u64) -> Result<BlockRef, ChainError> {
        ask!(self.block(number))
    }

    async fn now(&self) -> Result<u64, ChainError> {
        ask!(self.now())
    }

    async fn call(&self, from: Address, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        ask!(self.call(from, to, data))
    }

    async fn prepare(&self, from: Address, to: Address, data: Bytes) -> Result<Prepared, ChainError> {
        ask!(self.prepare(from, to, data))
    }

    async fn submit(&self, signed: Signed) -> Result<Receipt, ChainError> {
        ask!(self.submit(signed))
    }

    async fn send(&self, signer: &dyn Signer, to: Address, data: Bytes) -> Result<Receipt, ChainError> {
        ask!(self.send(signer, to, data))
    }

    async fn logs(&self, contract: Address, topics: [Option<B256>; 4]) -> Result<Vec<Log>, ChainError> {
        ask!(self.logs(contract, topics))
    }

    fn shows_every_event(&self) -> bool {
        match self {
            Self::Embedded(chain) => chain.shows_every_event(),
            Self::Network(chain) => chain.shows_every_event(),
        }
    }

    async fn events_between(&self, first: u64, last: u64) -> Result<Vec<BlockEvents>, ChainError> {
        ask!(self.events_between(first, last))
    }

    async fn finalized(&self) -> Result<BlockRef, ChainError> {
        ask!(self.finalized())
    }

    async fn snapshot(&self, query: &SnapshotQuery) -> Result<Snapshot, ChainError> {
        ask!(self.snapshot(query))
    }

    async fn snapshot_at(&self, query: &SnapshotQuery, block: u64) -> Result<Snapshot, ChainError> {
        ask!(self.snapshot_at(query, block))
    }

    async fn collect_evidence(&self, query: &SnapshotQuery, block: u64) -> Result<Evidence, ChainError> {
        ask!(self.collect_evidence(query, block))
    }

    async fn code_hashes(&self) -> Result<[(Address, B256); 7], ChainError> {
        ask!(self.code_hashes())
    }
}
