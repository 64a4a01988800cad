//! Transactions that wait for the next block, so that many that come at once share a block, and one write to the disk.
//!
//! Guarantees: what was acknowledged is in a block on disk; one that a contract rejects leaves no trace and holds nobody up; one that is sent again gets the receipt that
//! it has; the queue is bounded. Order: as they came.

use super::{
    EmbeddedChain,
    block::{Draft, Inner},
    error::EmbeddedError,
    execute,
};
use crate::{chain::Receipt, error::ChainError, transaction::Signed};
use alloy_primitives::B256;
use sealroot_protocol::snapshot::BlockRef;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// Transactions that wait at most; a client that comes then is told so.
const MOST: usize = 4096;
/// Transactions of one block at most: nobody waits long for a block that others fill.
const MOST_A_BLOCK: usize = 500;

/// The queue.
#[derive(Default)]
pub(super) struct Waiting(Mutex<VecDeque<One>>);

struct One {
    signed: Signed,
    answer: oneshot::Sender<Result<Receipt, ChainError>>,
}

impl Waiting {
    fn queue(&self) -> MutexGuard<'_, VecDeque<One>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the queue. True if nobody stood in it: then nobody is on the way to it either.
    fn join(&self, one: One) -> Result<bool, EmbeddedError> {
        let mut queue = self.queue();
        if queue.len() >= MOST {
            return Err(EmbeddedError::Busy(MOST));
        }
        queue.push_back(one);
        Ok(queue.len() == 1)
    }
}

/// What became of one, once the block is stored.
enum Outcome {
    Included { gas_used: u64 },
    Known(Receipt),
    Failed(ChainError),
}

impl EmbeddedChain {
    /// Puts a transaction into the next block, together with all that wait by then.
    pub(super) async fn submit_with_others(&self, signed: Signed) -> Result<Receipt, ChainError> {
        let (sender, answer) = oneshot::channel();
        if self.waiting.join(One { signed, answer: sender })? {
            let chain = self.clone();
            // A task of its own: a block that others wait for isn't given up because one of them went away.
            tokio::spawn(chain.seal_waiting());
        }
        answer.await.unwrap_or_else(|_| Err(EmbeddedError::Interrupted("the task ended".into()).into()))
    }

    /// Makes blocks until nobody waits.
    async fn seal_waiting(self) {
        let mut chain = Some(self);
        while let Some(this) = chain.take() {
            let answers = this.seal_some().await;
            if !this.waiting.queue().is_empty() {
                chain = Some(this.clone());
            }
            // A client with an answer may close the chain: nothing of it is held here then.
            drop(this);
            for (one, result) in answers {
                // Nobody may be there to hear it any more.
                let _ = one.answer.send(result);
            }
        }
    }

    /// One block of those that wait.
    async fn seal_some(&self) -> Vec<(One, Result<Receipt, ChainError>)> {
        let mut inner = match self.lock().await {
            Ok(inner) => inner,
            Err(error) => {
                let all: Vec<One> = self.waiting.queue().drain(..).collect();
                return failed(all, &error);
            }
        };
        let mut draft = match self.draft(&inner) {
            Ok(draft) => draft,
            Err(error) => {
                drop(inner);
                let all: Vec<One> = self.waiting.queue().drain(..).collect();
                return failed(all, &error);
            }
        };
        let mut done = Vec::new();
        while done.len() < MOST_A_BLOCK {
            let next = {
                let mut queue = self.waiting.queue();
                let fits = queue.front().is_some_and(|one| draft.is_empty() || draft.has_room_for(&one.signed));
                fits.then(|| queue.pop_front())
            };
            let Some(one) = next.flatten() else { break };
            let outcome = include(&mut inner, &mut draft, &one.signed).await;
            done.push((one, outcome));
        }
        let block = if draft.is_empty() { Ok(inner.head) } else { self.seal(&mut inner, draft).await };
        drop(inner);
        match block {
            Ok(block) => done.into_iter().map(|(one, outcome)| answered(one, outcome, block)).collect(),
            Err(error) => failed(done.into_iter().map(|(one, _)| one).collect(), &error),
        }
    }
}

async fn include(inner: &mut Inner, draft: &mut Draft<'_>, signed: &Signed) -> Outcome {
    if let Some(gas_used) = draft.gas_of(signed.hash()) {
        return Outcome::Included { gas_used };
    }
    let (expected, found) = (inner.state.nonce(signed.from()), signed.nonce());
    if found < expected {
        match inner.receipt_of(signed.hash()).await {
            Ok(Some(receipt)) => return Outcome::Known(receipt),
            Ok(None) => {}
            Err(error) => return Outcome::Failed(error),
        }
    }
    if found != expected {
        return Outcome::Failed(ChainError::OutOfTurn { expected, found });
    }
    match draft.include(inner, signed) {
        Ok(gas_used) => Outcome::Included { gas_used },
        Err(error) => Outcome::Failed(error),
    }
}

impl Inner {
    /// Where a transaction is, if it is in a block; recomputed.
    pub(super) async fn receipt_of(&mut self, hash: B256) -> Result<Option<Receipt>, ChainError> {
        let Some((number, position)) = self.store.transaction(hash).await? else { return Ok(None) };
        let (_, block) = self.block(number).await?;
        let damaged = || EmbeddedError::Damaged(format!("block {number} lacks transaction {position}"));
        let gas = |position: usize| {
            let transaction = block.transactions.get(position)?;
            execute::read_receipt(&transaction.receipt).map(|receipt| receipt.cumulative_gas_used())
        };
        let position = usize::try_from(position).map_err(|_| damaged())?;
        if block.transactions.get(position).is_none_or(|transaction| transaction.hash != hash) {
            return Err(damaged().into());
        }
        let before = match position.checked_sub(1) {
            Some(before) => gas(before).ok_or_else(damaged)?,
            None => 0,
        };
        let gas_used = gas(position).ok_or_else(damaged)?.saturating_sub(before);
        Ok(Some(Receipt { block: block.into(), transaction: hash, gas_used }))
    }
}

fn answered(one: One, outcome: Outcome, block: BlockRef) -> (One, Result<Receipt, ChainError>) {
    let transaction = one.signed.hash();
    let result = match outcome {
        Outcome::Included { gas_used } => Ok(Receipt { block, transaction, gas_used }),
        Outcome::Known(receipt) => Ok(receipt),
        Outcome::Failed(error) => Err(error),
    };
    (one, result)
}

/// The same failure for all. Whether a block was stored before it, only the database knows.
fn failed(all: Vec<One>, error: &ChainError) -> Vec<(One, Result<Receipt, ChainError>)> {
    let same = || Err(EmbeddedError::Interrupted(error.to_string()).into());
    all.into_iter().map(|one| (one, same())).collect()
}
