//! Blocks: executed, sealed and stored as one, and what the clones of a chain share while they are made.

use super::{
    EmbeddedChain,
    clock::{self, Setting},
    error::EmbeddedError,
    execute::{self, Environment},
    header::{BLOCK_GAS_LIMIT, Fields, SealedHeader},
    past::Past,
    state::{Changes, State},
    store::{Block, SealedClock, Store, StoredTransaction},
    trusted::{self, Identity, Loaded},
};
use crate::{
    chain::{BlockEvents, Receipt},
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_consensus::{Transaction as _, TxReceipt};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bloom, Bytes};
use alloy_trie::root::ordered_trie_root_encoded;
use sealroot_protocol::{signature::SecretSigningKey, snapshot::BlockRef};
use tokio::sync::MutexGuard;

/// Gas that a transaction of ours may use; gas is free.
pub(super) const GAS_LIMIT: u64 = 14_000_000;

/// What the chain's clones share.
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) state: State,
    pub(super) identity: Identity,
    pub(super) head: BlockRef,
    pub(super) clock: Setting,
    /// The state in memory may be ahead of the database: a block was interrupted.
    pub(super) stale: bool,
    past: Past,
}

/// A block that is being made.
pub(super) struct Draft<'a> {
    sealer: &'a SecretSigningKey,
    environment: Environment,
    gas_used: u64,
    bloom: Bloom,
    included: Vec<Included>,
    changes: Changes,
}

struct Included {
    transaction: StoredTransaction,
    gas_used: u64,
}

impl EmbeddedChain {
    pub(super) async fn lock(&self) -> Result<MutexGuard<'_, Inner>, ChainError> {
        let mut inner = self.inner.lock().await;
        if inner.stale {
            inner.reload().await?;
        }
        Ok(inner)
    }

    /// The block that comes next.
    pub(super) fn environment(&self, inner: &Inner) -> Environment {
        Environment {
            chain_id: self.chain_id,
            number: inner.head.number + 1,
            time: inner.next_time(),
            sealer: self.sealer_address,
        }
    }

    /// The next transaction of `from`. Gas is free.
    pub(super) fn next(&self, inner: &Inner, from: Address, to: Address, data: Bytes) -> Prepared {
        let nonce = inner.state.nonce(from);
        Prepared { from, chain_id: self.chain_id, nonce, gas_price: 0, gas_limit: GAS_LIMIT, to: Some(to), data }
    }

    /// Executes, seals and stores one block. The first transaction that fails undoes all.
    pub(super) async fn append(&self, inner: &mut Inner, signed: Vec<Signed>) -> Result<Receipt, ChainError> {
        let mut draft = self.draft(inner)?;
        for signed in &signed {
            draft.include(inner, signed)?;
        }
        let transaction = signed.last().map(Signed::hash).unwrap_or_default();
        let gas_used = draft.gas_used;
        Ok(Receipt { block: self.seal(inner, draft).await?, transaction, gas_used })
    }

    /// Begins the next block.
    pub(super) fn draft(&self, inner: &Inner) -> Result<Draft<'_>, ChainError> {
        let sealer = self.sealer.as_ref().ok_or_else(|| EmbeddedError::NoSealer(self.key_path.clone()))?;
        let time = inner.clock.block_time(inner.head.time, clock::machine())?;
        Ok(Draft {
            sealer,
            environment: Environment { time, ..self.environment(inner) },
            gas_used: 0,
            bloom: Bloom::ZERO,
            included: Vec::new(),
            changes: Changes::default(),
        })
    }

    /// Seals and stores a block; it is the head when this returns.
    pub(super) async fn seal(&self, inner: &mut Inner, draft: Draft<'_>) -> Result<BlockRef, ChainError> {
        let Draft { sealer, environment, gas_used, bloom, included, changes } = draft;
        let transactions: Vec<_> = included.into_iter().map(|included| included.transaction).collect();
        let raw: Vec<_> = transactions.iter().map(|transaction| &transaction.raw).collect();
        let receipts: Vec<_> = transactions.iter().map(|transaction| &transaction.receipt).collect();
        let fields = Fields {
            parent: inner.head.hash,
            sealer: self.sealer_address,
            state_root: inner.state.root(),
            transactions_root: ordered_trie_root_encoded(&raw),
            receipts_root: ordered_trie_root_encoded(&receipts),
            bloom,
            number: environment.number,
            gas_used,
            time: environment.time,
        };
        let block = sealed_block(self.chain_id, sealer, fields, transactions)?;
        let clock = sealed_clock(inner.clock, self.chain_id, block.hash, sealer)?;
        inner.stale = true;
        inner.store.append(&block, &changes, &clock, &[]).await?;
        inner.head = block.into();
        inner.state.add_hash(inner.head.number, inner.head.hash);
        inner.past.add(inner.head.number, changes);
        inner.stale = false;
        tracing::debug!(number = inner.head.number, gas_used, "block");
        Ok(inner.head)
    }
}

impl Draft<'_> {
    /// Executes a transaction behind the others, and returns the gas that it used; one that fails leaves no trace.
    pub(super) fn include(&mut self, inner: &mut Inner, signed: &Signed) -> Result<u64, ChainError> {
        let executed = execute::transaction(&inner.state, self.environment, signed)?;
        self.gas_used += executed.gas_used;
        let receipt = execute::receipt(signed.envelope().tx_type(), self.gas_used, executed.logs);
        self.bloom |= receipt.bloom();
        // From here on the state is ahead of the database.
        inner.stale = true;
        inner.state.apply(executed.changed, &mut self.changes);
        let transaction = StoredTransaction {
            hash: signed.hash(),
            raw: signed.raw().clone(),
            receipt: receipt.encoded_2718().into(),
        };
        self.included.push(Included { transaction, gas_used: executed.gas_used });
        Ok(executed.gas_used)
    }

    /// Whether the block has so much gas left.
    pub(super) fn has_room_for(&self, signed: &Signed) -> bool {
        self.gas_used.saturating_add(signed.envelope().gas_limit()) <= BLOCK_GAS_LIMIT
    }

    pub(super) fn is_empty(&self) -> bool {
        self.included.is_empty()
    }

    /// The gas that a transaction used which is in this block already.
    pub(super) fn gas_of(&self, hash: B256) -> Option<u64> {
        self.included.iter().find(|included| included.transaction.hash == hash).map(|included| included.gas_used)
    }
}

impl Inner {
    /// What the database says, recomputed.
    pub(super) async fn load(mut store: Store, identity: Identity) -> Result<Self, EmbeddedError> {
        let Loaded { state, head, clock } = trusted::load(&mut store, identity).await?;
        Ok(Self::new(store, identity, state, head, clock))
    }

    pub(super) fn new(store: Store, identity: Identity, state: State, head: BlockRef, clock: Setting) -> Self {
        Self { store, identity, state, head, clock, stale: false, past: Past::default() }
    }

    /// After an interrupted block: what the database says.
    async fn reload(&mut self) -> Result<(), ChainError> {
        let Loaded { state, head, clock } = trusted::load(&mut self.store, self.identity).await?;
        (self.state, self.head, self.clock, self.stale) = (state, head, clock, false);
        self.past.clear();
        Ok(())
    }

    /// A block with its header, recomputed: the file may have changed since it was opened.
    pub(super) async fn block(&mut self, number: u64) -> Result<(SealedHeader, Block), ChainError> {
        let known = self.known(number)?;
        Ok(trusted::block(&mut self.store, self.identity, number, known).await?)
    }

    /// A block with its events. Only the contracts run here, so that all events are theirs.
    pub(super) async fn events(&mut self, number: u64) -> Result<BlockEvents, ChainError> {
        let (sealed, block) = self.block(number).await?;
        let mut events = Vec::new();
        for transaction in &block.transactions {
            let damaged = || EmbeddedError::Damaged(format!("a receipt of block {number} has another form"));
            let receipt = execute::read_receipt(&transaction.receipt).ok_or_else(damaged)?;
            events.extend(receipt.logs().iter().map(|log| (transaction.hash, log.clone())));
        }
        Ok(BlockEvents { block: block.into(), parent: sealed.header.parent_hash, events })
    }

    /// A block's header, recomputed.
    pub(super) async fn header(&mut self, number: u64) -> Result<SealedHeader, ChainError> {
        let known = self.known(number)?;
        Ok(trusted::header(&mut self.store, self.identity, number, known).await?)
    }

    fn known(&self, number: u64) -> Result<B256, ChainError> {
        self.state.hash(number).ok_or(ChainError::NoSuchBlock(number, self.head.number))
    }

    /// The state after a block, a past one recomputed.
    pub(super) async fn state_after(&mut self, number: u64) -> Result<&State, ChainError> {
        if number == self.head.number {
            return Ok(&self.state);
        }
        let header = self.header(number).await?;
        let known = (self.head.number, &self.state);
        if !self.past.lead(known, number, header.header.state_root) {
            let state = trusted::state(&mut self.store, &header).await?;
            self.past.keep(number, state);
        }
        self.past.know(&self.state);
        self.past.last().ok_or(ChainError::NoSuchBlock(number, self.head.number))
    }

    /// The time that calls see now.
    pub(super) fn next_time(&self) -> u64 {
        self.clock.time(self.head.time, clock::machine())
    }
}

/// A block whose header the sealer has signed: what an auditor checks its origin by.
pub(super) fn sealed_block(
    chain_id: u64,
    sealer: &SecretSigningKey,
    fields: Fields,
    transactions: Vec<StoredTransaction>,
) -> Result<Block, ChainError> {
    let sealed = fields.seal(chain_id, sealer)?;
    Ok(Block {
        number: sealed.header.number,
        hash: sealed.hash,
        time: sealed.header.timestamp,
        header: sealed.rlp(),
        transactions,
    })
}

/// The clock's setting as it is stored with a head.
pub(super) fn sealed_clock(
    setting: Setting,
    chain_id: u64,
    head: B256,
    sealer: &SecretSigningKey,
) -> Result<SealedClock, ChainError> {
    Ok(SealedClock { text: setting.text(), seal: setting.seal(chain_id, head, sealer)? })
}
