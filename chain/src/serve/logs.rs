//! Events: searched block by block, so that nobody waits for a long search but the one who asked.

use super::{MAX_LOGS, MAX_RANGE, Node, blocks, error::RpcError};
use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, Filter, FilterBlockOption, Log};

impl Node {
    /// Events that a filter names, oldest first. The headers' Bloom filters say where to look; they are under the headers' hashes.
    pub(super) async fn logs(&self, filter: Filter) -> Result<Vec<Log>, RpcError> {
        let (first, last) = self.range(&filter).await?;
        let mut found = Vec::new();
        for number in first..=last {
            let (header, _) = self.chain.header_view(number).await?;
            if !filter.matches_bloom(header.logs_bloom) {
                continue;
            }
            let view = self.chain.view(number).await?;
            found.extend(blocks::logs(&view).filter(|log| filter.matches(&log.inner)));
            if found.len() > MAX_LOGS {
                return Err(RpcError::Limit(format!("more than {MAX_LOGS} events: ask for fewer blocks at a time")));
            }
        }
        Ok(found)
    }

    async fn range(&self, filter: &Filter) -> Result<(u64, u64), RpcError> {
        let (first, last) = match filter.block_option {
            FilterBlockOption::AtBlockHash(hash) => {
                let number = self.height(BlockId::hash(hash)).await?;
                let number = number.ok_or_else(|| RpcError::NoBlock(format!("no block {hash}")))?;
                return Ok((number, number));
            }
            FilterBlockOption::Range { from_block, to_block } => (from_block, to_block),
        };
        let head = self.head().await?.number;
        let height = |tag: Option<BlockNumberOrTag>| match tag {
            Some(BlockNumberOrTag::Number(number)) => number,
            Some(BlockNumberOrTag::Earliest) => 0,
            _ => head,
        };
        let (first, last) = (height(first), height(last));
        if first > last {
            return Err(RpcError::Params(format!("the range ends with block {last}, before it begins with {first}")));
        }
        // What is beyond the head is not there yet.
        let last = last.min(head);
        if last.saturating_sub(first) >= MAX_RANGE {
            return Err(RpcError::Limit(format!("at most {MAX_RANGE} blocks at a time")));
        }
        Ok((first, last))
    }
}
