//! Events: those of a contract, found by the node, and all of a range of blocks. Both are read from blocks that are recomputed.
//!
//! Non-guarantee: that the node kept none back of those that it finds. Whether what an event says still stands, a snapshot says.

use super::{NetworkChain, header::Checked};
use crate::{
    chain::{BlockEvents, EVENT_BLOCKS},
    error::ChainError,
};
use alloy_consensus::TxReceipt;
use alloy_primitives::{Address, B256, Bloom, BloomInput, Log};
use alloy_rpc_types_eth::{Filter, FilterSet};
use std::collections::BTreeSet;

/// What a header's filter says: it may err with yes, and never with no.
fn may_hold(bloom: &Bloom, contract: Address, topics: &[Option<B256>; 4]) -> bool {
    let mut all = std::iter::once(contract.as_slice()).chain(topics.iter().flatten().map(|topic| topic.as_slice()));
    all.all(|input| bloom.contains_input(BloomInput::Raw(input)))
}

/// Blocks of one question: what public nodes allow.
const RANGE: u64 = 10_000;

impl NetworkChain {
    pub(super) async fn events(&self, contract: Address, topics: [Option<B256>; 4]) -> Result<Vec<Log>, ChainError> {
        let mut found = Vec::new();
        for number in self.blocks_with(contract, topics).await? {
            let at = self.numbered(number).await?;
            let receipts = self.receipts_of(&at).await?;
            let logs = receipts.iter().flat_map(TxReceipt::logs);
            found.extend(logs.filter(|log| log.address == contract && crate::chain::has_topics(log, &topics)).cloned());
        }
        Ok(found)
    }

    /// Heights at which the node finds events of a contract.
    pub(super) async fn blocks_with(
        &self,
        contract: Address,
        topics: [Option<B256>; 4],
    ) -> Result<BTreeSet<u64>, ChainError> {
        let head = self.newest().await?.block.number;
        let mut blocks = BTreeSet::new();
        for first in (0..=head).step_by(RANGE as usize) {
            let last = head.min(first + RANGE - 1);
            let mut filter = Filter::new().address(contract).from_block(first).to_block(last);
            filter.topics = topics.map(|topic| topic.map_or_else(FilterSet::default, FilterSet::from));
            blocks.extend(self.node.logs(&filter).await?.into_iter().filter_map(|log| log.block_number));
        }
        Ok(blocks)
    }

    /// The same of a whole chain, from its headers: none is left out.
    pub(super) async fn every_event(
        &self,
        contract: Address,
        topics: [Option<B256>; 4],
    ) -> Result<Vec<Log>, ChainError> {
        let mut last = self.newest().await?.block.number;
        let mut found = Vec::new();
        // Backwards, so that each run ends where the one before begins.
        loop {
            let first = (last + 1).saturating_sub(EVENT_BLOCKS);
            for at in self.run(first, last).await?.iter().rev() {
                if !may_hold(&at.header.logs_bloom, contract, &topics) {
                    continue;
                }
                let receipts = self.receipts_of(at).await?;
                let logs: Vec<Log> = receipts.iter().flat_map(TxReceipt::logs).cloned().collect();
                let own = |log: &Log| log.address == contract && crate::chain::has_topics(log, &topics);
                found.extend(logs.into_iter().rev().filter(own));
            }
            if first == 0 {
                found.reverse();
                return Ok(found);
            }
            last = first - 1;
        }
    }

    pub(super) async fn all_events(&self, first: u64, last: u64) -> Result<Vec<BlockEvents>, ChainError> {
        let last = last.min(first.saturating_add(EVENT_BLOCKS - 1));
        let mut found = Vec::new();
        for at in self.run(first, last).await? {
            found.push(BlockEvents {
                block: at.block,
                parent: at.header.parent_hash,
                events: self.events_of(&at).await?,
            });
        }
        Ok(found)
    }

    async fn events_of(&self, at: &Checked) -> Result<Vec<(B256, Log)>, ChainError> {
        let contracts = self.contracts.in_order();
        // The filter is under the header's hash: where it has none of the contracts, no receipt has an event of theirs.
        let may = |address: &Address| at.header.logs_bloom.contains_input(BloomInput::Raw(address.as_slice()));
        if !contracts.iter().any(may) {
            return Ok(Vec::new());
        }
        let Some(transactions) = self.transactions_of(at).await? else {
            return Err(ChainError::NoSuchBlock(at.block.number, at.block.number));
        };
        let receipts = self.receipts_of(at).await?;
        let mut found = Vec::new();
        for (transaction, receipt) in transactions.iter().zip(receipts.iter()) {
            let logs = receipt.logs().iter().filter(|log| contracts.contains(&log.address));
            found.extend(logs.map(|log| (*transaction.tx_hash(), log.clone())));
        }
        Ok(found)
    }
}
