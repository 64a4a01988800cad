//! What a node shows of the chain to foreign tools, each value recomputed before it is shown.

use super::{
    EmbeddedChain,
    block::{GAS_LIMIT, Inner},
    clock::{self, BlockClock},
    error::EmbeddedError,
    execute::{self, Environment, Question},
    state::State,
};
use crate::{error::ChainError, transaction::Signed};
use alloy_consensus::{Header, ReceiptEnvelope};
use alloy_primitives::{Address, B256, Bytes, U256};
use sealroot_protocol::{evidence::AccountProof, snapshot::BlockRef};

/// A block with its transactions and what they did.
#[derive(Debug, Clone)]
pub(crate) struct BlockView {
    pub header: Header,
    pub hash: B256,
    pub transactions: Vec<TransactionView>,
}

/// A transaction in a block.
#[derive(Debug, Clone)]
pub(crate) struct TransactionView {
    pub signed: Signed,
    pub receipt: ReceiptEnvelope,
    pub gas_used: u64,
}

/// Which state, and in which block something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// After this block, as if it were a part of it.
    Block(u64),
    /// After the head, as a part of the block that would come now.
    Next,
}

/// An account without its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountView {
    pub nonce: u64,
    pub balance: U256,
    pub code: Bytes,
}

impl EmbeddedChain {
    /// A block with all that is in it.
    pub(crate) async fn view(&self, number: u64) -> Result<BlockView, ChainError> {
        let (sealed, block) = self.lock().await?.block(number).await?;
        let damaged = || EmbeddedError::Damaged(format!("a transaction of block {number} has another form"));
        let mut before = 0;
        let mut transactions = Vec::new();
        for stored in block.transactions {
            let signed = Signed::decode(stored.raw).map_err(|_| damaged())?;
            let receipt = execute::read_receipt(&stored.receipt).ok_or_else(damaged)?;
            let total = receipt.cumulative_gas_used();
            transactions.push(TransactionView { signed, receipt, gas_used: total.saturating_sub(before) });
            before = total;
        }
        Ok(BlockView { header: sealed.header, hash: sealed.hash, transactions })
    }

    /// A block's header.
    pub(crate) async fn header_view(&self, number: u64) -> Result<(Header, B256), ChainError> {
        let sealed = self.lock().await?.header(number).await?;
        Ok((sealed.header, sealed.hash))
    }

    /// The height of a block of this chain.
    pub(crate) async fn height_of(&self, hash: B256) -> Result<Option<u64>, ChainError> {
        let mut inner = self.lock().await?;
        let height = inner.store.height_of(hash).await?;
        Ok(height.filter(|height| inner.state.hash(*height) == Some(hash)))
    }

    /// Where the file says that a transaction is: the block's height, and its place there. Whether it is there, the [`view`](Self::view) shows.
    pub(crate) async fn locate(&self, transaction: B256) -> Result<Option<(u64, usize)>, ChainError> {
        let found = self.lock().await?.store.transaction(transaction).await?;
        Ok(found.and_then(|(number, position)| Some((number, usize::try_from(position).ok()?))))
    }

    /// The hash of this chain's block of a height.
    pub(crate) async fn hash_of(&self, number: u64) -> Result<Option<B256>, ChainError> {
        Ok(self.lock().await?.state.hash(number))
    }

    /// Executes a question without a trace: its output and the gas that it used.
    pub(crate) async fn ask(
        &self,
        at: At,
        from: Address,
        to: Option<Address>,
        data: Bytes,
        value: U256,
        gas: Option<u64>,
    ) -> Result<(Bytes, u64), ChainError> {
        let mut inner = self.lock().await?;
        let (state, environment) = self.state(&mut inner, at).await?;
        // No transaction uses more, and everybody waits for this one.
        let gas = Some(gas.unwrap_or(GAS_LIMIT).min(GAS_LIMIT));
        execute::ask(state, environment, Question { from, to, data, value, gas })
    }

    /// An account; one that isn't there is empty.
    pub(crate) async fn account(&self, at: At, address: Address) -> Result<AccountView, ChainError> {
        let mut inner = self.lock().await?;
        let (state, _) = self.state(&mut inner, at).await?;
        Ok(AccountView { nonce: state.nonce(address), balance: state.balance(address), code: state.code(address) })
    }

    /// A word of storage.
    pub(crate) async fn slot(&self, at: At, address: Address, slot: U256) -> Result<U256, ChainError> {
        let mut inner = self.lock().await?;
        Ok(self.state(&mut inner, at).await?.0.slot(address, slot))
    }

    /// EIP-1186 proofs of slots, of absent ones as well. None in place of the account where it isn't there: then the nodes show that.
    pub(crate) async fn prove(
        &self,
        number: u64,
        address: Address,
        slots: &[U256],
    ) -> Result<Result<AccountProof, Vec<Bytes>>, ChainError> {
        let mut inner = self.lock().await?;
        let state = inner.state_after(number).await?;
        Ok(state.prove_all(address, slots).ok_or_else(|| state.path(address)))
    }

    /// Seals an empty block if the head is older than so many seconds by the machine's clock, so that a reader can tell a quiet chain from one that it is kept from.
    /// Never where the clock stands: time is then somebody's to set.
    pub(crate) async fn beat(&self, seconds: u64) -> Result<Option<BlockRef>, ChainError> {
        let mut inner = self.lock().await?;
        let is_due = clock::machine() >= inner.head.time.saturating_add(seconds);
        if inner.clock.clock != BlockClock::System || !is_due {
            return Ok(None);
        }
        let draft = self.draft(&inner)?;
        self.seal(&mut inner, draft).await.map(Some)
    }

    async fn state<'i>(&self, inner: &'i mut Inner, at: At) -> Result<(&'i State, Environment), ChainError> {
        let environment = match at {
            At::Next => self.environment(inner),
            At::Block(number) => {
                let time = inner.header(number).await?.header.timestamp;
                Environment { number, time, ..self.environment(inner) }
            }
        };
        let number = if let At::Block(number) = at { number } else { inner.head.number };
        Ok((inner.state_after(number).await?, environment))
    }
}
