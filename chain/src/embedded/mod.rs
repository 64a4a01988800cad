//! The embedded host: the contracts' bytecode in revm, blocks and state in one SQLite file, sealed by a local key.
//!
//! Every transaction is signed by its sender, is for one of the contracts, and is executed before it is stored. Those that come at once share a block. What a contract
//! rejects leaves no trace. One process at a time has the file open; others reach it through [`serve`](crate::serve).
//!
//! Reading order: `directory` (create, open) → `trusted` (recompute what is stored) → `waiting` (who waits for a block) → `block` (execute, seal, store) → `view` (what
//! nodes show) → `clock`, `execute`, `state`, `header`, `store`, `sealer`.

mod block;
mod clock;
mod directory;
mod error;
pub(crate) mod execute;
mod header;
#[cfg(test)]
mod large;
mod past;
#[cfg(test)]
mod same_block;
mod sealer;
mod state;
mod store;
mod trie;
mod trusted;
#[cfg(feature = "serve")]
pub(crate) mod view;
mod waiting;

pub use clock::{BlockClock, MAX_JUMP_DAYS};
#[cfg(feature = "serve")]
pub(crate) use header::BLOCK_GAS_LIMIT as MAX_GAS;

use crate::{
    chain::{BlockEvents, Chain, EVENT_BLOCKS, Receipt, has_topics},
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Bytes, Log};
use block::Inner;
use clock::Setting;
use error::EmbeddedError;
use execute::Question;
use sealroot_protocol::{
    date::Date,
    evidence::Evidence,
    signature::{SecretSigningKey, Signer},
    snapshot::{BlockRef, Contracts, Revision, Snapshot, SnapshotQuery},
};
use state::Recorder;
use std::sync::Arc;
use tokio::sync::Mutex;
use waiting::Waiting;

/// What a new chain begins with.
#[derive(Debug, Clone)]
pub struct Genesis {
    /// EIP-155 chain id; choose one that no other chain of yours has.
    pub chain_id: u64,
    /// Unix time of block 0.
    pub time: u64,
    /// The officers, who enact: two people at least.
    pub officers: Vec<Address>,
    /// Seconds between proposal and confirmation of an act that gives power.
    pub delay: u64,
    /// Where block times come from.
    pub clock: BlockClock,
}

/// A chain in a directory. Clones share it.
#[derive(Clone)]
pub struct EmbeddedChain {
    chain_id: u64,
    contracts: Contracts,
    sealer: Option<SecretSigningKey>,
    sealer_address: Address,
    key_path: String,
    inner: Arc<Mutex<Inner>>,
    waiting: Arc<Waiting>,
}

impl EmbeddedChain {
    /// Whose seal the headers carry: what an auditor pins.
    pub fn sealer(&self) -> Address {
        self.sealer_address
    }

    /// Sets the clock; it never goes back behind the head. Kept across openings, under the sealer's signature.
    ///
    /// # Errors
    /// The machine's clock is not followed where it is further than [`MAX_JUMP_DAYS`] from the newest block: see [`confirm_clock`](Self::confirm_clock).
    pub async fn set_clock(&self, clock: BlockClock) -> Result<(), ChainError> {
        let mut inner = self.lock().await?;
        if let BlockClock::Standing(asked) = clock
            && asked < inner.head.time
        {
            return Err(EmbeddedError::Backwards { now: inner.head.time, asked }.into());
        }
        let setting = Setting::from(clock);
        setting.block_time(inner.head.time, clock::machine())?;
        self.keep_clock(&mut inner, setting).await
    }

    /// Follows the machine's clock however far it is after the newest block, on the word of a person who says which day (UTC) it is.
    pub async fn confirm_clock(&self, today: Date) -> Result<(), ChainError> {
        let mut inner = self.lock().await?;
        let setting = Setting::confirmed(today, clock::machine())?;
        setting.block_time(inner.head.time, clock::machine())?;
        self.keep_clock(&mut inner, setting).await
    }

    async fn keep_clock(&self, inner: &mut Inner, setting: Setting) -> Result<(), ChainError> {
        let sealer = self.sealer.as_ref().ok_or_else(|| EmbeddedError::NoSealer(self.key_path.clone()))?;
        let sealed = block::sealed_clock(setting, self.chain_id, inner.head.hash, sealer)?;
        inner.store.set_clock(&sealed).await?;
        inner.clock = setting;
        Ok(())
    }

    /// Waits until the files are closed, if this is the last of the chain's clones: then they can be copied.
    pub async fn close(self) -> Result<(), ChainError> {
        if let Some(inner) = Arc::into_inner(self.inner) {
            inner.into_inner().store.close().await?;
        }
        Ok(())
    }

    /// Header (RLP) of a block, with its seal.
    pub async fn header(&self, number: u64) -> Result<Bytes, ChainError> {
        let (_, block) = self.lock().await?.block(number).await?;
        Ok(block.header)
    }

    /// Raw transactions of a block, as they were signed.
    pub async fn transactions(&self, number: u64) -> Result<Vec<Bytes>, ChainError> {
        let (_, block) = self.lock().await?.block(number).await?;
        Ok(block.transactions.into_iter().map(|transaction| transaction.raw).collect())
    }
}

impl Chain for EmbeddedChain {
    fn chain_id(&self) -> u64 {
        self.chain_id
    }

    fn contracts(&self) -> Contracts {
        self.contracts
    }

    async fn head(&self) -> Result<BlockRef, ChainError> {
        Ok(self.lock().await?.head)
    }

    async fn block(&self, number: u64) -> Result<BlockRef, ChainError> {
        let (_, block) = self.lock().await?.block(number).await?;
        Ok(block.into())
    }

    async fn now(&self) -> Result<u64, ChainError> {
        Ok(self.lock().await?.next_time())
    }

    async fn call(&self, from: Address, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        let inner = self.lock().await?;
        let (output, _) = execute::ask(&inner.state, self.environment(&inner), Question::call(from, to, data))?;
        Ok(output)
    }

    async fn prepare(&self, from: Address, to: Address, data: Bytes) -> Result<Prepared, ChainError> {
        Ok(self.next(&*self.lock().await?, from, to, data))
    }

    async fn submit(&self, signed: Signed) -> Result<Receipt, ChainError> {
        // Gas is free: without this, a stranger that reaches the chain could fill the disk.
        let to = signed.envelope().to();
        if !to.is_some_and(|to| self.contracts.in_order().contains(&to)) {
            return Err(EmbeddedError::OtherRecipient(to).into());
        }
        self.submit_with_others(signed).await
    }

    // Locked from the number to the block: two transactions that are sent at once with one key both come on chain.
    async fn send(&self, signer: &dyn Signer, to: Address, data: Bytes) -> Result<Receipt, ChainError> {
        let mut inner = self.lock().await?;
        let prepared = self.next(&inner, signer.address(), to, data);
        self.append(&mut inner, vec![prepared.sign(signer)?]).await
    }

    async fn logs(&self, contract: Address, topics: [Option<B256>; 4]) -> Result<Vec<Log>, ChainError> {
        let mut inner = self.lock().await?;
        let mut found = Vec::new();
        for number in inner.store.blocks_with(topics.iter().flatten().next_back()).await? {
            let logs = inner.events(number).await?.events.into_iter().map(|(_, log)| log);
            found.extend(logs.filter(|log| log.address == contract && has_topics(log, &topics)));
        }
        Ok(found)
    }

    async fn events_between(&self, first: u64, last: u64) -> Result<Vec<BlockEvents>, ChainError> {
        let mut inner = self.lock().await?;
        let mut found = Vec::new();
        for number in first..=last.min(first.saturating_add(EVENT_BLOCKS - 1)) {
            found.push(inner.events(number).await?);
        }
        Ok(found)
    }

    /// One sealer takes no block back.
    async fn finalized(&self) -> Result<BlockRef, ChainError> {
        self.head().await
    }

    async fn snapshot(&self, query: &SnapshotQuery) -> Result<Snapshot, ChainError> {
        let inner = self.lock().await?;
        let mut reader = Recorder { state: &inner.state, read: Vec::new() };
        Ok(Snapshot::read(query, self.chain_id, &self.contracts, Revision::Second, inner.head, &mut reader)?)
    }

    async fn snapshot_at(&self, query: &SnapshotQuery, number: u64) -> Result<Snapshot, ChainError> {
        let mut inner = self.lock().await?;
        let (_, block) = inner.block(number).await?;
        let mut reader = Recorder { state: inner.state_after(number).await?, read: Vec::new() };
        Ok(Snapshot::read(query, self.chain_id, &self.contracts, Revision::Second, block.into(), &mut reader)?)
    }

    async fn collect_evidence(&self, query: &SnapshotQuery, number: u64) -> Result<Evidence, ChainError> {
        let mut inner = self.lock().await?;
        let (_, block) = inner.block(number).await?;
        let state = inner.state_after(number).await?;
        let mut reader = Recorder { state, read: Vec::new() };
        let header = block.header.clone();
        let snapshot =
            Snapshot::read(query, self.chain_id, &self.contracts, Revision::Second, block.into(), &mut reader)?;
        if let Some(what) = snapshot.missing(query).into_iter().next() {
            return Err(ChainError::NothingToProve(what, number));
        }
        let mut accounts = Vec::new();
        for address in self.contracts.in_order() {
            let slots: Vec<_> =
                reader.read.iter().filter(|(contract, _)| *contract == address).map(|(_, slot)| *slot).collect();
            let proof = state.prove(address, &slots);
            accounts.push(proof.ok_or_else(|| ChainError::NothingToProve("an entry's slot".into(), number))?);
        }
        Ok(Evidence { header, seal: Bytes::new(), checkpoint: Vec::new(), accounts, refusals: None })
    }

    async fn code_hashes(&self) -> Result<[(Address, B256); 7], ChainError> {
        let inner = self.lock().await?;
        let mut pins = self.contracts.in_order().map(|address| (address, B256::ZERO));
        for (address, hash) in &mut pins {
            let missing = || EmbeddedError::Damaged(format!("contract {address} is missing"));
            *hash = inner.state.code_hash(*address).ok_or_else(missing)?;
        }
        Ok(pins)
    }
}
