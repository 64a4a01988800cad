//! Sending a transaction, and waiting until it is in a block that is checked and has as many blocks behind it as the caller wants.
//!
//! Guarantees: sending is repeated with the same bytes, so that a transaction comes on chain at most once; it counts where its block's transactions and receipts lead to
//! the block's header. A transaction that a reorganisation took out of the chain is sent again.

use super::{NetworkChain, error::NodeError, header::Checked};
use crate::{
    chain::Receipt,
    embedded::execute::{Environment, Question},
    error::ChainError,
    transaction::Signed,
};
use alloy_consensus::{Transaction as _, TxReceipt};
use alloy_primitives::B256;
use std::time::{Duration, Instant};

/// Pauses between two looks.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long after it was sent a transaction that nobody knows is sent again.
const AGAIN: Duration = Duration::from_secs(15);
/// Blocks in which a transaction is looked for that the node says nothing of.
const LOOK_BACK: usize = 64;

impl NetworkChain {
    pub(super) async fn deliver(&self, signed: &Signed) -> Result<Receipt, ChainError> {
        let (begun, hash, since) = (Instant::now(), signed.hash(), self.newest().await?.block.number);
        let (mut place, mut told) = (None, None);
        let mut sent = None::<Instant>;
        let mut pause = SHORTEST_PAUSE;
        loop {
            if sent.is_none_or(|sent| sent.elapsed() >= AGAIN) {
                place = self.send_once(signed, since).await?;
                sent = Some(Instant::now());
            }
            if let Some((at, gas_used, succeeded)) = self.included(hash, place).await? {
                if !succeeded {
                    return Err(self.why_it_failed(signed, &at).await);
                }
                let follow = self.newest().await?.block.number.checked_sub(at.block.number);
                if let Some(follow) = follow.filter(|follow| *follow < self.options.confirmations)
                    && told.replace(follow) != Some(follow)
                {
                    (self.options.waiting)(follow, self.options.confirmations);
                }
                if follow.is_some_and(|follow| follow >= self.options.confirmations) {
                    // The chain may have been reorganised while it grew.
                    if self.numbered(at.block.number).await?.block.hash == at.block.hash {
                        return Ok(Receipt { block: at.block, transaction: hash, gas_used });
                    }
                    sent = None;
                }
            }
            if begun.elapsed() >= self.options.patience {
                return Err(NodeError::Waiting { hash, seconds: self.options.patience.as_secs() }.into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Hands it to the node. What the node says against it counts where the transaction is in no block since; returns which one it is in, where the node didn't say so.
    async fn send_once(&self, signed: &Signed, since: u64) -> Result<Option<u64>, ChainError> {
        let error = match self.node.send(signed.raw()).await {
            Ok(hash) if hash == signed.hash() => return Ok(None),
            Ok(_) => {
                let why = "it names another transaction than the one that was sent".into();
                NodeError::Unreadable { method: "eth_sendRawTransaction", why }
            }
            Err(error) => error,
        };
        if self.node.receipt(signed.hash()).await?.is_some() {
            return Ok(None);
        }
        let NodeError::Refused { message, code, .. } = &error else {
            // Whether it arrived isn't known: it is looked for, and sent again.
            return if matches!(error, NodeError::Unreachable { .. }) { Ok(None) } else { Err(error.into()) };
        };
        let text = message.to_ascii_lowercase();
        if text.contains("already known") || text.contains("already imported") || text.contains("known transaction") {
            return Ok(None);
        }
        // Another one of the key's waits with the node for this turn. Once it is in a block, the chain says that the turn has gone.
        if text.contains("replacement transaction") {
            return Ok(None);
        }
        let head = self.newest().await?;
        let mut known = super::state::Known::default();
        known.learn_account(&self.node, &head, signed.from()).await?;
        let expected = known.nonce(signed.from());
        // What counts is what the chain has of the key, not what the node says of it: else it could have one act signed again and again.
        if expected != signed.nonce() {
            if let Some(place) = self.look_for(signed.hash(), since, head.block.number).await? {
                return Ok(Some(place));
            }
            return Err(ChainError::OutOfTurn { expected, found: signed.nonce() });
        }
        // A contract's rejection is made here, over proven state.
        if let Some(to) = signed.envelope().to() {
            let environment = self.next(&head).await;
            let question = Question::call(signed.from(), to, signed.envelope().input().clone());
            if let Err(error @ ChainError::Rejected(_)) = self.ask(&head, environment, question).await {
                return Err(error);
            }
        }
        Err(NodeError::NotTaken { hash: signed.hash(), message: message.clone(), code: *code }.into())
    }

    /// The block that a transaction is in, of a few that came since.
    async fn look_for(&self, hash: B256, since: u64, until: u64) -> Result<Option<u64>, ChainError> {
        for number in (since..=until).rev().take(LOOK_BACK) {
            let at = self.numbered(number).await?;
            let transactions = self.transactions_of(&at).await?;
            if transactions.iter().flat_map(|all| all.iter()).any(|transaction| *transaction.tx_hash() == hash) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The block that a transaction is in, the gas that it used, and whether it succeeded: recomputed from the block.
    pub(super) async fn included(
        &self,
        hash: B256,
        place: Option<u64>,
    ) -> Result<Option<(Checked, u64, bool)>, ChainError> {
        let said = self.node.receipt(hash).await?.and_then(|receipt| receipt.block_number);
        let Some(number) = place.or(said) else {
            return Ok(None);
        };
        let at = match self.numbered(number).await {
            Err(ChainError::NoSuchBlock(..)) => return Ok(None),
            checked => checked?,
        };
        let Some(transactions) = self.transactions_of(&at).await? else { return Ok(None) };
        let Some(position) = transactions.iter().position(|transaction| *transaction.tx_hash() == hash) else {
            // The node's answers are of two moments: between them the block became another.
            return Ok(None);
        };
        let receipts = self.receipts_of(&at).await?;
        let total = |position: usize| receipts.get(position).map(TxReceipt::cumulative_gas_used);
        let before = position.checked_sub(1).and_then(total).unwrap_or_default();
        let gas_used = total(position).ok_or(NodeError::Body { what: "receipts", number })?.saturating_sub(before);
        let succeeded = receipts.get(position).is_some_and(TxReceipt::status);
        Ok(Some((at, gas_used, succeeded)))
    }

    /// Receipts don't say why: it is executed again after the block.
    async fn why_it_failed(&self, signed: &Signed, at: &Checked) -> ChainError {
        let failed = || ChainError::from(NodeError::Failed(signed.hash()));
        let Some(to) = signed.envelope().to() else { return failed() };
        let environment = Environment {
            chain_id: self.pins.chain_id,
            number: at.block.number,
            time: at.block.time,
            sealer: at.header.beneficiary,
        };
        let question = Question::call(signed.from(), to, signed.envelope().input().clone());
        match self.ask(at, environment, question).await {
            Err(error @ ChainError::Rejected(_)) => error,
            _ => failed(),
        }
    }
}
