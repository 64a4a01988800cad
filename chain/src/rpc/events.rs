//! Events of a contract: found by the node, and read from blocks that are recomputed.
//!
//! Non-guarantee: that none was kept back. Whether what an event says still stands, a snapshot says.

use super::NetworkChain;
use crate::error::ChainError;
use alloy_consensus::TxReceipt;
use alloy_primitives::{Address, B256, Log};
use alloy_rpc_types_eth::{Filter, FilterSet};
use std::collections::BTreeSet;

/// Blocks of one question: what public nodes allow.
const RANGE: u64 = 10_000;

impl NetworkChain {
    pub(super) async fn events(&self, contract: Address, topics: [Option<B256>; 4]) -> Result<Vec<Log>, ChainError> {
        let head = self.newest().await?.block.number;
        let mut blocks = BTreeSet::new();
        for first in (0..=head).step_by(RANGE as usize) {
            let last = head.min(first + RANGE - 1);
            let mut filter = Filter::new().address(contract).from_block(first).to_block(last);
            filter.topics = topics.map(|topic| topic.map_or_else(FilterSet::default, FilterSet::from));
            blocks.extend(self.node.logs(&filter).await?.into_iter().filter_map(|log| log.block_number));
        }
        let mut found = Vec::new();
        for number in blocks {
            let at = self.numbered(number).await?;
            let receipts = self.receipts_of(&at).await?;
            let logs = receipts.iter().flat_map(TxReceipt::logs);
            found.extend(logs.filter(|log| log.address == contract && crate::chain::has_topics(log, &topics)).cloned());
        }
        Ok(found)
    }
}
