//! Blocks: executed, sealed and stored as one, and what the clones of a chain share while they are made.

use super::{
    EmbeddedChain,
    clock::{self, Setting},
    error::EmbeddedError,
    execute::{self, Environment},
    header::Header,
    state::{Changes, State},
    store::{Block, SealedClock, Store},
    trusted::{self, Identity, Loaded},
};
use crate::{
    chain::Receipt,
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_primitives::{Address, B256, Bloom, Bytes};
use alloy_trie::root::ordered_trie_root_encoded;
use sealroot_protocol::{
    evidence::seal_hash,
    signature::{SecretSigningKey, Signer},
    snapshot::BlockRef,
};
use tokio::sync::MutexGuard;

/// Gas that a transaction may use; gas is free.
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
}

impl EmbeddedChain {
    pub(super) async fn lock(&self) -> Result<MutexGuard<'_, Inner>, ChainError> {
        let mut inner = self.inner.lock().await;
        if inner.stale {
            inner.reload().await?;
        }
        Ok(inner)
    }

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
        let sealer = self.sealer.as_ref().ok_or_else(|| EmbeddedError::NoSealer(self.key_path.clone()))?;
        let time = inner.clock.block_time(inner.head.time, clock::machine())?;
        let environment = Environment { time, ..self.environment(inner) };
        let mut changes = Changes::default();
        let (mut gas_used, mut bloom, mut receipts) = (0, Bloom::ZERO, Vec::new());
        for (position, signed) in signed.iter().enumerate() {
            // Nothing has changed yet if the only, or first, transaction is rejected.
            let executed = execute::transaction(&inner.state, environment, signed)?;
            if position == 0 {
                inner.stale = true;
            }
            gas_used += executed.gas_used;
            bloom |= alloy_primitives::logs_bloom(&executed.logs);
            receipts.push(execute::receipt(gas_used, &executed.logs));
            inner.state.apply(executed.changed, &mut changes);
        }
        let raw: Vec<_> = signed.iter().map(|signed| signed.raw().clone()).collect();
        let header = Header {
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
        let transaction = signed.last().map(Signed::hash).unwrap_or_default();
        let transactions =
            signed.iter().zip(receipts).map(|(s, receipt)| (s.hash(), s.raw().clone(), receipt)).collect();
        let block = seal(self.chain_id, sealer, &header, transactions)?;
        let clock = sealed_clock(inner.clock, self.chain_id, block.hash, sealer)?;
        inner.store.append(&block, &changes, &clock, &[]).await?;
        inner.head = block.into();
        inner.state.add_hash(inner.head.number, inner.head.hash);
        inner.stale = false;
        tracing::debug!(number = inner.head.number, gas_used, "block");
        Ok(Receipt { block: inner.head, transaction, gas_used })
    }
}

impl Inner {
    /// What the database says, recomputed.
    pub(super) async fn load(mut store: Store, identity: Identity) -> Result<Self, EmbeddedError> {
        let Loaded { state, head, clock } = trusted::load(&mut store, identity).await?;
        Ok(Self { store, identity, state, head, clock, stale: false })
    }

    /// After an interrupted block: what the database says.
    async fn reload(&mut self) -> Result<(), ChainError> {
        let Loaded { state, head, clock } = trusted::load(&mut self.store, self.identity).await?;
        (self.state, self.head, self.clock, self.stale) = (state, head, clock, false);
        Ok(())
    }

    /// A block with its header, recomputed: the file may have changed since it was opened.
    pub(super) async fn block(&mut self, number: u64) -> Result<(Header, Block), ChainError> {
        let known = self.state.hash(number).ok_or(ChainError::NoSuchBlock(number, self.head.number))?;
        Ok(trusted::block(&mut self.store, self.identity, number, known).await?)
    }

    /// The state after a past block, recomputed.
    pub(super) async fn state_after(&mut self, header: &Header) -> Result<State, ChainError> {
        Ok(trusted::state(&mut self.store, header).await?)
    }

    /// The time that calls see now.
    pub(super) fn next_time(&self) -> u64 {
        self.clock.time(self.head.time, clock::machine())
    }
}

/// Seals a header: what an auditor checks a block's origin by.
pub(super) fn seal(
    chain_id: u64,
    sealer: &SecretSigningKey,
    header: &Header,
    transactions: Vec<(B256, Bytes, Bytes)>,
) -> Result<Block, ChainError> {
    let hash = header.hash();
    let signature = sealer.sign(&seal_hash(chain_id, hash))?;
    Ok(Block {
        number: header.number,
        hash,
        time: header.time,
        header: header.rlp(),
        seal: signature.to_bytes().to_vec().into(),
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
