//! Blocks: executed, sealed and stored as one, and what the clones of a chain share while they are made.

use super::{
    BlockClock, EmbeddedChain,
    error::EmbeddedError,
    execute::{self, Environment},
    header::Header,
    state::{Changes, State},
    store::{Block, Store},
};
use crate::{
    chain::Receipt,
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_primitives::{Address, B256, Bloom, Bytes, keccak256};
use alloy_trie::root::ordered_trie_root_encoded;
use sealroot_protocol::{
    date::plausible_time,
    evidence::seal_hash,
    signature::{EthereumSignature, SecretSigningKey, Signer},
    snapshot::BlockRef,
};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::MutexGuard;

/// Gas that a transaction may use; gas is free.
pub(super) const GAS_LIMIT: u64 = 14_000_000;

/// What the chain's clones share.
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) state: State,
    pub(super) head: BlockRef,
    pub(super) clock: BlockClock,
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
        let environment = self.environment(inner);
        plausible_time(environment.time).map_err(EmbeddedError::from)?;
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
        inner.store.append(&block, &changes, &[]).await?;
        inner.head = block.into();
        inner.state.add_hash(inner.head.number, inner.head.hash);
        inner.stale = false;
        tracing::debug!(number = inner.head.number, gas_used, "block");
        Ok(Receipt { block: inner.head, transaction, gas_used })
    }
}

impl Inner {
    pub(super) async fn load(
        mut store: Store,
        height: u64,
        chain_id: u64,
        sealer: Address,
        clock: BlockClock,
    ) -> Result<Self, EmbeddedError> {
        let damaged = |what: &str| EmbeddedError::Damaged(format!("block {height}: {what}"));
        let block = store.block(height).await?.ok_or_else(|| damaged("it is missing"))?;
        let state = store.state(height).await?;
        if keccak256(&block.header) != block.hash {
            return Err(damaged("its hash is wrong"));
        }
        // The state root is the fourth field, after three fixed-size ones behind a 3-byte list header.
        let offset = 3 + 33 + 33 + 21 + 1;
        if block.header.get(offset..offset + 32) != Some(state.root().as_slice()) {
            return Err(damaged("its state is not what its header says"));
        }
        let signer = <[u8; 65]>::try_from(block.seal.as_ref()).ok().and_then(|bytes| {
            EthereumSignature::from_bytes(&bytes).ok()?.signer(&seal_hash(chain_id, block.hash)).ok()
        });
        if signer != Some(sealer) {
            return Err(damaged("its seal is wrong"));
        }
        Ok(Self { store, state, head: block.into(), clock, stale: false })
    }

    /// After an interrupted block: what the database says.
    pub(super) async fn reload(&mut self) -> Result<(), ChainError> {
        let height = self.store.height().await?.unwrap_or_default();
        let block = self.store.block(height).await?.ok_or(ChainError::NoSuchBlock(height, height))?;
        self.state = self.store.state(height).await?;
        self.head = block.into();
        self.stale = false;
        Ok(())
    }

    pub(super) fn next_time(&self) -> u64 {
        let clock = match self.clock {
            BlockClock::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs()),
            BlockClock::Standing(time) => time,
        };
        clock.max(self.head.time + 1)
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
