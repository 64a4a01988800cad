//! What a block holds beside its header: transactions and receipts, recomputed to the header's roots.
//!
//! Many who wait for a transaction of one block ask for the same: those of the newest blocks are fetched and recomputed once, and kept under the header's hash.

use super::{NetworkChain, error::NodeError, header::Checked};
use crate::error::ChainError;
use alloy_consensus::{ReceiptEnvelope, TxEnvelope, proofs::calculate_transaction_root};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{B256, Log};
use alloy_trie::root::ordered_trie_root_encoded;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;

/// Blocks whose bodies are kept.
const MOST: usize = 16;

/// Bodies by their headers' hashes, the newest first.
#[derive(Default)]
pub(super) struct Bodies(Mutex<VecDeque<(B256, Arc<Body>)>>);

#[derive(Default)]
struct Body {
    transactions: OnceCell<Arc<[TxEnvelope]>>,
    receipts: OnceCell<Arc<[ReceiptEnvelope<Log>]>>,
}

impl Bodies {
    fn of(&self, block: B256) -> Arc<Body> {
        let mut bodies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, body)) = bodies.iter().find(|(known, _)| *known == block) {
            return body.clone();
        }
        bodies.truncate(MOST - 1);
        bodies.push_front((block, Arc::default()));
        bodies[0].1.clone()
    }
}

impl NetworkChain {
    /// A block's transactions, which lead to its header; none if the node has the block no more.
    pub(super) async fn transactions_of(&self, at: &Checked) -> Result<Option<Arc<[TxEnvelope]>>, ChainError> {
        let body = self.bodies.of(at.block.hash);
        match body.transactions.get_or_try_init(|| self.fetch_transactions(at)).await {
            Ok(transactions) => Ok(Some(transactions.clone())),
            Err(ChainError::NoSuchBlock(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A block's receipts, which lead to its header.
    pub(super) async fn receipts_of(&self, at: &Checked) -> Result<Arc<[ReceiptEnvelope<Log>]>, ChainError> {
        let body = self.bodies.of(at.block.hash);
        body.receipts.get_or_try_init(|| self.fetch_receipts(at)).await.cloned()
    }

    async fn fetch_transactions(&self, at: &Checked) -> Result<Arc<[TxEnvelope]>, ChainError> {
        let number = at.block.number;
        let block = self.node.whole_block(number).await?.ok_or(ChainError::NoSuchBlock(number, number))?;
        let shown = block.transactions.into_transactions().map(|shown| hashed(&shown.inner.into_inner()));
        let Some(transactions) = shown.collect::<Option<Vec<_>>>() else {
            return Err(NodeError::Body { what: "transactions", number }.into());
        };
        if calculate_transaction_root(&transactions) == at.header.transactions_root {
            Ok(transactions.into())
        } else {
            Err(NodeError::Body { what: "transactions", number }.into())
        }
    }

    async fn fetch_receipts(&self, at: &Checked) -> Result<Arc<[ReceiptEnvelope<Log>]>, ChainError> {
        let number = at.block.number;
        let receipts = self.node.receipts(number).await?.ok_or(ChainError::NoSuchBlock(number, number))?;
        let receipts: Vec<ReceiptEnvelope<Log>> =
            receipts.into_iter().map(|receipt| receipt.inner.map_logs(|log| log.inner)).collect();
        let encoded: Vec<Vec<u8>> = receipts.iter().map(Encodable2718::encoded_2718).collect();
        if ordered_trie_root_encoded(&encoded) == at.header.receipts_root {
            Ok(receipts.into())
        } else {
            Err(NodeError::Body { what: "receipts", number }.into())
        }
    }
}

/// The transaction with its own hash. What a node calls one is the node's word: it could show another one under the hash of a transaction that it kept.
fn hashed(shown: &TxEnvelope) -> Option<TxEnvelope> {
    TxEnvelope::decode_2718_exact(&shown.encoded_2718()).ok()
}
