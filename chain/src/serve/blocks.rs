//! Blocks, transactions and receipts in the forms of the execution API.

use super::{Node, error::RpcError};
use crate::{
    chain::Chain,
    embedded::view::{At, BlockView, TransactionView},
};
use alloy_consensus::{BlockBody, Transaction as _, TxEnvelope, transaction::Recovered};
use alloy_primitives::{B256, U256};
use alloy_rlp::Encodable;
use alloy_rpc_types_eth::{
    Block, BlockId, BlockNumberOrTag, BlockTransactions, FeeHistory, Header, Log, Transaction, TransactionInfo,
    TransactionReceipt,
};
use sealroot_protocol::snapshot::BlockRef;
use std::sync::Arc;

/// Blocks that a fee history spans at most.
const MAX_HISTORY: u64 = 1024;

impl Node {
    pub(super) fn chain_id(&self) -> u64 {
        self.chain.chain_id()
    }

    pub(super) async fn head(&self) -> Result<BlockRef, RpcError> {
        Ok(self.chain.head().await?)
    }

    /// The height that a caller means; none if there is no such block. With one sealer a block is final at once; nothing is pending, because a transaction is answered with
    /// its block.
    pub(super) async fn height(&self, id: BlockId) -> Result<Option<u64>, RpcError> {
        let head = self.head().await?.number;
        Ok(match id {
            BlockId::Number(BlockNumberOrTag::Number(number)) => (number <= head).then_some(number),
            BlockId::Number(BlockNumberOrTag::Earliest) => Some(0),
            BlockId::Number(_) => Some(head),
            BlockId::Hash(hash) => self.chain.height_of(hash.block_hash).await?,
        })
    }

    /// The state that a caller means: without a word the newest.
    pub(super) async fn at(&self, id: Option<BlockId>) -> Result<At, RpcError> {
        let id = id.unwrap_or_else(BlockId::latest);
        if id.is_pending() {
            return Ok(At::Next);
        }
        let height = self.height(id).await?;
        height.map(At::Block).ok_or_else(|| RpcError::NoBlock(format!("no block {id}")))
    }

    pub(super) async fn block(&self, id: BlockId, full: bool) -> Result<Option<Block>, RpcError> {
        let Some(number) = self.height(id).await? else { return Ok(None) };
        let view = self.view(number).await?;
        let transactions = if full {
            BlockTransactions::Full((0..view.transactions.len()).filter_map(|at| transaction(&view, at)).collect())
        } else {
            BlockTransactions::Hashes(view.transactions.iter().map(|transaction| transaction.signed.hash()).collect())
        };
        let size = U256::from(size(&view));
        let header = Header { hash: view.hash, inner: view.header.clone(), total_difficulty: None, size: Some(size) };
        Ok(Some(Block { header, uncles: Vec::new(), transactions, withdrawals: None }))
    }

    /// The block that would come now, of which nothing is known yet but its number and time.
    pub(super) async fn pending(&self) -> Result<serde_json::Value, RpcError> {
        let head = self.head().await?;
        let (head_header, _) = self.chain.header_view(head.number).await?;
        let header = alloy_consensus::Header {
            parent_hash: head.hash,
            number: head.number + 1,
            timestamp: self.chain.now().await?,
            gas_used: 0,
            ..head_header
        };
        let block: Block = Block {
            header: Header { hash: B256::ZERO, inner: header, total_difficulty: None, size: None },
            uncles: Vec::new(),
            transactions: BlockTransactions::Hashes(Vec::new()),
            withdrawals: None,
        };
        let mut block = serde_json::to_value(block).map_err(|error| RpcError::Params(error.to_string()))?;
        for unknown in ["hash", "nonce", "logsBloom", "miner", "stateRoot", "extraData"] {
            block[unknown] = serde_json::Value::Null;
        }
        Ok(block)
    }

    pub(super) async fn transaction(&self, hash: B256) -> Result<Option<Transaction>, RpcError> {
        Ok(self.located(hash).await?.and_then(|(view, position)| transaction(&view, position)))
    }

    /// The block that a transaction is in, and its place there.
    async fn located(&self, hash: B256) -> Result<Option<(Arc<BlockView>, usize)>, RpcError> {
        let Some((number, position)) = self.chain.locate(hash).await? else { return Ok(None) };
        let view = self.view(number).await?;
        let is_there = view.transactions.get(position).is_some_and(|found| found.signed.hash() == hash);
        Ok(is_there.then_some((view, position)))
    }

    pub(super) async fn transaction_at(&self, id: BlockId, index: usize) -> Result<Option<Transaction>, RpcError> {
        let Some(number) = self.height(id).await? else { return Ok(None) };
        Ok(transaction(&*self.view(number).await?, index))
    }

    pub(super) async fn receipt(&self, hash: B256) -> Result<Option<TransactionReceipt>, RpcError> {
        Ok(self.located(hash).await?.and_then(|(view, position)| receipts(&view).into_iter().nth(position)))
    }

    pub(super) async fn receipts(&self, id: BlockId) -> Result<Option<Vec<TransactionReceipt>>, RpcError> {
        let Some(number) = self.height(id).await? else { return Ok(None) };
        Ok(Some(receipts(&*self.view(number).await?)))
    }

    /// Gas is free, in every block.
    pub(super) async fn fee_history(
        &self,
        blocks: u64,
        newest: BlockNumberOrTag,
        percentiles: usize,
    ) -> Result<FeeHistory, RpcError> {
        let newest =
            self.height(newest.into()).await?.ok_or_else(|| RpcError::NoBlock(format!("no block {newest}")))?;
        let blocks = blocks.min(MAX_HISTORY).min(newest + 1);
        if percentiles > 100 {
            return Err(RpcError::Limit("at most 100 percentiles".into()));
        }
        let oldest_block = newest + 1 - blocks;
        let mut gas_used_ratio = Vec::new();
        for number in oldest_block..=newest {
            if blocks > 0 {
                let (header, _) = self.chain.header_view(number).await?;
                gas_used_ratio.push(header.gas_used as f64 / header.gas_limit as f64);
            }
        }
        let count = gas_used_ratio.len();
        Ok(FeeHistory {
            base_fee_per_gas: vec![0; count + 1],
            gas_used_ratio,
            oldest_block,
            reward: (percentiles > 0).then(|| vec![vec![0; percentiles]; count]),
            ..FeeHistory::default()
        })
    }
}

/// Events of a block with their places.
pub(super) fn logs(view: &BlockView) -> impl Iterator<Item = Log> + '_ {
    let of = |(index, transaction): (usize, &'_ TransactionView)| {
        let hash = transaction.signed.hash();
        transaction.receipt.logs().iter().map(move |log| (index, hash, log.clone())).collect::<Vec<_>>()
    };
    let all = view.transactions.iter().enumerate().flat_map(of).enumerate();
    all.map(|(log_index, (index, hash, inner))| Log {
        inner,
        block_hash: Some(view.hash),
        block_number: Some(view.header.number),
        block_timestamp: Some(view.header.timestamp),
        transaction_hash: Some(hash),
        transaction_index: Some(index as u64),
        log_index: Some(log_index as u64),
        removed: false,
    })
}

fn transaction(view: &BlockView, position: usize) -> Option<Transaction> {
    let TransactionView { signed, .. } = view.transactions.get(position)?;
    let info = TransactionInfo {
        hash: Some(signed.hash()),
        index: Some(position as u64),
        block_hash: Some(view.hash),
        block_number: Some(view.header.number),
        base_fee: Some(0),
        block_timestamp: Some(view.header.timestamp),
    };
    // The sender was recovered when the transaction was read.
    let recovered = Recovered::new_unchecked(signed.envelope().clone(), signed.from());
    Some(Transaction::from_transaction(recovered, info))
}

fn receipts(view: &BlockView) -> Vec<TransactionReceipt> {
    let mut logs = logs(view);
    let mut all = Vec::with_capacity(view.transactions.len());
    for (index, TransactionView { signed, receipt, gas_used }) in view.transactions.iter().enumerate() {
        let to = signed.envelope().to();
        // As many as there are: each with the place that it has in the block.
        let inner = receipt.clone().map_logs(|log| logs.next().unwrap_or_else(|| Log { inner: log, ..Log::default() }));
        all.push(TransactionReceipt {
            inner,
            transaction_hash: signed.hash(),
            transaction_index: Some(index as u64),
            block_hash: Some(view.hash),
            block_number: Some(view.header.number),
            gas_used: *gas_used,
            effective_gas_price: 0,
            blob_gas_used: None,
            blob_gas_price: None,
            from: signed.from(),
            to,
            contract_address: to.is_none().then(|| signed.from().create(signed.nonce())),
        });
    }
    all
}

/// Bytes of the whole block as nodes pass it on.
fn size(view: &BlockView) -> usize {
    let transactions: Vec<TxEnvelope> = view.transactions.iter().map(|t| t.signed.envelope().clone()).collect();
    let body = BlockBody { transactions, ommers: Vec::new(), withdrawals: None };
    alloy_consensus::Block { header: view.header.clone(), body }.length()
}
