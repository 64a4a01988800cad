//! What every host can do, over a node.

use super::{NetworkChain, error::NodeError, header::Checked};
use crate::{
    chain::{BlockEvents, Chain, Receipt},
    embedded::execute::{Environment, Question},
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use sealroot_protocol::{
    evidence::Evidence,
    signature::Signer,
    snapshot::{BlockRef, Contracts, Snapshot, SnapshotQuery},
};
use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

/// What a call may use beyond what its rehearsal used, and at least: the state may change before its block.
const GAS_RESERVE: u64 = 4;
const GAS_AT_LEAST: u64 = 60_000;
/// Attempts where another transaction of the same key came first.
const TURNS: u32 = 20;

impl NetworkChain {
    /// The block that would come next: contracts ask for its time.
    pub(super) async fn next(&self, head: &Checked) -> Environment {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        let time = self.node.pending_time().await.unwrap_or(machine);
        Environment {
            chain_id: self.pins.chain_id,
            number: head.block.number.saturating_add(1),
            time: time.max(head.block.time.saturating_add(1)),
            sealer: head.header.beneficiary,
        }
    }

    /// The next transaction of an account; without a recipient it creates a contract.
    pub(super) async fn prepare_for(
        &self,
        from: Address,
        to: Option<Address>,
        data: Bytes,
    ) -> Result<Prepared, ChainError> {
        let head = self.newest().await?;
        let environment = self.next(&head).await;
        // Rehearsed over proven state: what a contract would reject is rejected here, before it costs anything.
        let question = Question { from, to, data: data.clone(), value: U256::ZERO, gas: Some(head.header.gas_limit) };
        let (_, used) = self.ask(&head, environment, question).await?;
        let mut known = super::state::Known::default();
        known.learn_account(&self.node, &head, from).await?;
        // By the chain, not by the node's word: what is signed for a later turn could be kept, and sent when nobody means it any more.
        let nonce = known.nonce(from);
        let base_fee = head.header.base_fee_per_gas.unwrap_or_default();
        // Where blocks ask for no fee, an account without a balance can send for nothing, and not otherwise.
        let is_free = base_fee == 0 && known.balance(from).is_zero();
        // Twice the base fee outlasts six full blocks.
        let price = if is_free { 0 } else { self.node.gas_price().await?.max(base_fee.saturating_mul(2)) };
        if price > self.options.max_gas_price {
            return Err(NodeError::TooDear { price, limit: self.options.max_gas_price }.into());
        }
        let gas_limit = (used + used / GAS_RESERVE).max(used + GAS_AT_LEAST).min(head.header.gas_limit);
        Ok(Prepared { from, chain_id: self.pins.chain_id, nonce, gas_price: price, gas_limit, to, data })
    }
}

impl Chain for NetworkChain {
    fn chain_id(&self) -> u64 {
        self.pins.chain_id
    }

    fn contracts(&self) -> Contracts {
        self.contracts
    }

    async fn head(&self) -> Result<BlockRef, ChainError> {
        Ok(self.newest().await?.block)
    }

    async fn block(&self, number: u64) -> Result<BlockRef, ChainError> {
        Ok(self.numbered(number).await?.block)
    }

    async fn now(&self) -> Result<u64, ChainError> {
        let head = self.newest().await?;
        Ok(self.next(&head).await.time)
    }

    async fn call(&self, from: Address, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        let head = self.newest().await?;
        let environment = self.next(&head).await;
        Ok(self.ask(&head, environment, Question::call(from, to, data)).await?.0)
    }

    async fn prepare(&self, from: Address, to: Address, data: Bytes) -> Result<Prepared, ChainError> {
        self.prepare_for(from, Some(to), data).await
    }

    async fn submit(&self, signed: Signed) -> Result<Receipt, ChainError> {
        self.deliver(&signed).await
    }

    async fn send(&self, signer: &dyn Signer, to: Address, data: Bytes) -> Result<Receipt, ChainError> {
        let _turn = super::turn::take(&self.options, self.pins.chain_id, signer.address()).await?;
        for _ in 1..TURNS {
            let prepared = self.prepare(signer.address(), to, data.clone()).await?;
            match self.submit(prepared.sign(signer)?).await {
                // Another machine with the same key was quicker. Nothing of this one is on chain.
                Err(ChainError::OutOfTurn { expected, found }) if expected > found => {}
                Err(ChainError::OutOfTurn { found, .. }) => return Err(NodeError::Turn(found).into()),
                done => return done,
            }
        }
        let prepared = self.prepare(signer.address(), to, data).await?;
        self.submit(prepared.sign(signer)?).await
    }

    async fn logs(&self, contract: Address, topics: [Option<B256>; 4]) -> Result<Vec<Log>, ChainError> {
        // A chain with a sealer is short enough to be read from its headers, so that the node can leave nothing out.
        if self.pins.sealers.is_empty() {
            self.events(contract, topics).await
        } else {
            self.every_event(contract, topics).await
        }
    }

    fn shows_every_event(&self) -> bool {
        !self.pins.sealers.is_empty()
    }

    async fn events_between(&self, first: u64, last: u64) -> Result<Vec<BlockEvents>, ChainError> {
        self.all_events(first, last).await
    }

    async fn finalized(&self) -> Result<BlockRef, ChainError> {
        // One sealer takes no block back.
        if !self.pins.sealers.is_empty() {
            return self.head().await;
        }
        // Which block is final only a node that follows the network's votes knows: this is its word. Where it has none, nothing is.
        let finalized = self.node.block("finalized").await.ok().flatten().map_or(0, |block| block.header.inner.number);
        self.block(finalized).await
    }

    async fn snapshot(&self, query: &SnapshotQuery) -> Result<Snapshot, ChainError> {
        let head = self.newest().await?;
        Ok(self.read(query, &head).await?.0)
    }

    async fn snapshot_at(&self, query: &SnapshotQuery, block: u64) -> Result<Snapshot, ChainError> {
        let at = self.numbered(block).await?;
        Ok(self.read(query, &at).await?.0)
    }

    async fn collect_evidence(&self, query: &SnapshotQuery, block: u64) -> Result<Evidence, ChainError> {
        let at = self.numbered(block).await?;
        let (snapshot, mut known, order) = self.read(query, &at).await?;
        if let Some(what) = snapshot.missing(query).into_iter().next() {
            return Err(ChainError::NothingToProve(what, block));
        }
        let mut by_contract: BTreeMap<Address, Vec<U256>> = BTreeMap::new();
        order.into_iter().for_each(|(contract, slot)| by_contract.entry(contract).or_default().push(slot));
        let mut accounts = Vec::new();
        for address in self.contracts.in_order() {
            let slots = by_contract.remove(&address).unwrap_or_default();
            let proof = self.account_proof(&mut known, &at, address, &slots).await?;
            accounts.push(proof.ok_or_else(|| ChainError::NothingToProve("an entry's slot".into(), block))?);
        }
        Ok(Evidence { header: at.rlp(), seal: Bytes::new(), checkpoint: Vec::new(), accounts, refusals: None })
    }

    async fn code_hashes(&self) -> Result<[(Address, B256); 7], ChainError> {
        let head = self.newest().await?;
        self.checked_codes(&head).await
    }
}
