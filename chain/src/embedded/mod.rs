//! The embedded host: the contracts' bytecode in revm, blocks and state in one SQLite file, sealed by a local key.
//!
//! Every transaction is signed by its sender, is executed before it is recorded, and has a block of its own. What a contract
//! rejects leaves no trace. One process at a time has the file open.

mod error;
mod execute;
mod header;
#[cfg(test)]
mod same_block;
mod sealer;
mod state;
mod store;

use crate::{
    chain::{Chain, Receipt},
    contracts,
    error::ChainError,
    transaction::{Prepared, Signed},
};
use alloy_primitives::{Address, B256, Bloom, Bytes, keccak256};
use alloy_trie::root::ordered_trie_root_encoded;
use error::EmbeddedError;
use execute::Environment;
use header::Header;
use sealroot_protocol::{
    evidence::{Evidence, seal_hash},
    signature::{EthereumSignature, SecretSigningKey, Signer},
    snapshot::{BlockRef, Contracts, Snapshot, SnapshotQuery},
};
use state::{Changes, Recorder, State};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use store::{Block, Store};
use tokio::sync::{Mutex, MutexGuard};

/// Gas that a transaction may use; gas is free.
const GAS_LIMIT: u64 = 14_000_000;

/// Where block times come from. Never backwards, and every block at least a second after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockClock {
    /// The machine's clock.
    System,
    /// Stands at a Unix time until it is set again; so that a story can enact a policy before its period begins.
    Standing(u64),
}

/// What a new chain begins with.
#[derive(Debug, Clone)]
pub struct Genesis {
    /// EIP-155 chain id; choose one that no other chain of yours has.
    pub chain_id: u64,
    /// Unix time of block 0.
    pub time: u64,
    /// Who enacts: two people at least.
    pub officers: Vec<Address>,
    /// Seconds between proposal and confirmation of an act that gives power.
    pub delay: u64,
    /// Where block times come from.
    pub clock: BlockClock,
}

/// A chain in a directory. Clones share it.
#[derive(Clone)]
pub struct EmbeddedChain {
    chain_id: u64,
    contracts: Contracts,
    sealer: Option<SecretSigningKey>,
    sealer_address: Address,
    key_path: String,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    store: Store,
    state: State,
    head: BlockRef,
    clock: BlockClock,
    /// The state in memory may be ahead of the database: a block was interrupted.
    stale: bool,
}

impl EmbeddedChain {
    /// Creates a chain in `directory`, with the contracts in block 1. Fails if there is one already.
    pub async fn create(directory: &Path, genesis: &Genesis) -> Result<Self, ChainError> {
        std::fs::create_dir_all(directory).map_err(|source| sealer::file(directory, source))?;
        let (database, key_path) = paths(directory);
        if database.exists() {
            let mut store = Store::open(&database, false).await?;
            let height = store.height().await?;
            // Closed before the files go: a connection that closes later removes the write-ahead log of its name, and that is the new one then.
            store.close().await?;
            if height.is_some_and(|height| height >= 1) {
                return Err(EmbeddedError::Exists(directory.display().to_string()).into());
            }
            // A creation was interrupted before it was acknowledged: begin again.
            for suffix in ["", "-wal", "-shm"] {
                let path = PathBuf::from(format!("{}{suffix}", database.display()));
                if path.exists() {
                    std::fs::remove_file(&path).map_err(|source| sealer::file(&path, source))?;
                }
            }
        }
        let sealer = match sealer::load(&key_path)? {
            Some(key) => key,
            None => sealer::create(&key_path)?,
        };
        let mut store = Store::open(&database, true).await?;
        let deployer = sealer.address();
        let (contracts, creations) = contracts::deployment(deployer, &genesis.officers, genesis.delay);
        let state = State::default();
        let first = Header {
            parent: B256::ZERO,
            sealer: deployer,
            state_root: state.root(),
            transactions_root: alloy_trie::EMPTY_ROOT_HASH,
            receipts_root: alloy_trie::EMPTY_ROOT_HASH,
            bloom: Bloom::ZERO,
            number: 0,
            gas_used: 0,
            time: genesis.time,
        };
        let block = seal(genesis.chain_id, &sealer, &first, Vec::new())?;
        let meta = [
            ("format", "1".to_owned()),
            ("chain-id", genesis.chain_id.to_string()),
            ("deployer", format!("{deployer:?}")),
            ("clock", clock_text(genesis.clock)),
        ];
        store.append(&block, &Changes::default(), &meta).await?;
        let mut inner = Inner { store, state, head: block.into(), clock: genesis.clock, stale: false };
        inner.state.add_hash(0, inner.head.hash);
        let mut signed = Vec::new();
        for (nonce, data) in (0..).zip(creations) {
            let creation = Prepared {
                from: deployer,
                chain_id: genesis.chain_id,
                nonce,
                gas_price: 0,
                gas_limit: GAS_LIMIT,
                to: None,
                data,
            };
            signed.push(creation.sign(&sealer)?);
        }
        let chain = Self {
            chain_id: genesis.chain_id,
            contracts,
            sealer_address: deployer,
            sealer: Some(sealer),
            key_path: key_path.display().to_string(),
            inner: Arc::new(Mutex::new(inner)),
        };
        chain.append(&mut *chain.inner.lock().await, signed).await?;
        Ok(chain)
    }

    /// Opens the chain in `directory`; for reading only if the sealer's key isn't there. The head's state root, hash and seal
    /// are recomputed.
    pub async fn open(directory: &Path) -> Result<Self, ChainError> {
        let (database, key_path) = paths(directory);
        if !database.exists() {
            return Err(EmbeddedError::Missing(directory.display().to_string()).into());
        }
        let mut store = Store::open(&database, false).await?;
        let missing = |what: &str| EmbeddedError::Damaged(format!("{what} is missing"));
        let height = store.height().await?.filter(|height| *height >= 1);
        let height = height.ok_or(EmbeddedError::Unfinished)?;
        let parsed = |text: Option<String>, what: &str| text.ok_or_else(|| missing(what));
        let chain_id =
            parsed(store.meta("chain-id").await?, "the chain id")?.parse().map_err(|_| missing("the chain id"))?;
        let deployer: Address =
            parsed(store.meta("deployer").await?, "the deployer")?.parse().map_err(|_| missing("the deployer"))?;
        let clock =
            clock_from(&parsed(store.meta("clock").await?, "the clock")?).ok_or_else(|| missing("the clock"))?;
        let inner = Inner::load(store, height, chain_id, deployer, clock).await?;
        let sealer = sealer::load(&key_path)?;
        if sealer.as_ref().is_some_and(|key| key.address() != deployer) {
            let what = format!("{} is another chain's sealer key", key_path.display());
            return Err(EmbeddedError::Damaged(what).into());
        }
        Ok(Self {
            chain_id,
            contracts: contracts::deployment(deployer, &[], 0).0,
            sealer,
            sealer_address: deployer,
            key_path: key_path.display().to_string(),
            inner: Arc::new(Mutex::new(inner)),
        })
    }

    /// Whose seal the headers carry: what an auditor pins.
    pub fn sealer(&self) -> Address {
        self.sealer_address
    }

    /// Address and keccak256 of the code of each contract, in the order of their creation: what an auditor pins.
    pub async fn code_hashes(&self) -> Result<[(Address, B256); 7], ChainError> {
        let inner = self.lock().await?;
        let mut pins = self.contracts.in_order().map(|address| (address, B256::ZERO));
        for (address, hash) in &mut pins {
            let missing = || EmbeddedError::Damaged(format!("contract {address} is missing"));
            *hash = inner.state.code_hash(*address).ok_or_else(missing)?;
        }
        Ok(pins)
    }

    /// Sets the clock; it never goes back behind the head. Kept across openings.
    pub async fn set_clock(&self, clock: BlockClock) -> Result<(), ChainError> {
        let mut inner = self.lock().await?;
        if let BlockClock::Standing(asked) = clock
            && asked < inner.head.time
        {
            return Err(EmbeddedError::Backwards { now: inner.head.time, asked }.into());
        }
        inner.store.set_meta("clock", &clock_text(clock)).await?;
        inner.clock = clock;
        Ok(())
    }

    /// Header (RLP) and seal of a block.
    pub async fn header(&self, number: u64) -> Result<(Bytes, Bytes), ChainError> {
        let mut inner = self.lock().await?;
        let head = inner.head.number;
        let block = inner.store.block(number).await?.ok_or(ChainError::NoSuchBlock(number, head))?;
        Ok((block.header, block.seal))
    }

    /// Raw transactions of a block, as they were signed.
    pub async fn transactions(&self, number: u64) -> Result<Vec<Bytes>, ChainError> {
        let mut inner = self.lock().await?;
        let head = inner.head.number;
        let block = inner.store.block(number).await?.ok_or(ChainError::NoSuchBlock(number, head))?;
        Ok(block.transactions.into_iter().map(|(_, raw, _)| raw).collect())
    }

    async fn lock(&self) -> Result<MutexGuard<'_, Inner>, ChainError> {
        let mut inner = self.inner.lock().await;
        if inner.stale {
            inner.reload().await?;
        }
        Ok(inner)
    }

    fn environment(&self, inner: &Inner) -> Environment {
        Environment {
            chain_id: self.chain_id,
            number: inner.head.number + 1,
            time: inner.next_time(),
            sealer: self.sealer_address,
        }
    }

    /// The next transaction of `from`. Gas is free.
    fn next(&self, inner: &Inner, from: Address, to: Address, data: Bytes) -> Prepared {
        let nonce = inner.state.nonce(from);
        Prepared { from, chain_id: self.chain_id, nonce, gas_price: 0, gas_limit: GAS_LIMIT, to: Some(to), data }
    }

    /// Executes, seals and stores one block. The first transaction that fails undoes all.
    async fn append(&self, inner: &mut Inner, signed: Vec<Signed>) -> Result<Receipt, ChainError> {
        let sealer = self.sealer.as_ref().ok_or_else(|| EmbeddedError::NoSealer(self.key_path.clone()))?;
        let environment = self.environment(inner);
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
    async fn load(
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
    async fn reload(&mut self) -> Result<(), ChainError> {
        let height = self.store.height().await?.unwrap_or_default();
        let block = self.store.block(height).await?.ok_or(ChainError::NoSuchBlock(height, height))?;
        self.state = self.store.state(height).await?;
        self.head = block.into();
        self.stale = false;
        Ok(())
    }

    fn next_time(&self) -> u64 {
        let clock = match self.clock {
            BlockClock::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs()),
            BlockClock::Standing(time) => time,
        };
        clock.max(self.head.time + 1)
    }
}

impl Chain for EmbeddedChain {
    fn chain_id(&self) -> u64 {
        self.chain_id
    }

    fn contracts(&self) -> Contracts {
        self.contracts
    }

    async fn head(&self) -> Result<BlockRef, ChainError> {
        Ok(self.lock().await?.head)
    }

    async fn now(&self) -> Result<u64, ChainError> {
        Ok(self.lock().await?.next_time())
    }

    async fn call(&self, from: Address, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        let inner = self.lock().await?;
        execute::call(&inner.state, self.environment(&inner), from, to, data)
    }

    async fn prepare(&self, from: Address, to: Address, data: Bytes) -> Result<Prepared, ChainError> {
        Ok(self.next(&*self.lock().await?, from, to, data))
    }

    async fn submit(&self, signed: Signed) -> Result<Receipt, ChainError> {
        let mut inner = self.lock().await?;
        let transaction = signed.transaction();
        let (expected, found) = (inner.state.nonce(transaction.from), transaction.nonce);
        if expected != found {
            return Err(ChainError::OutOfTurn { expected, found });
        }
        self.append(&mut inner, vec![signed]).await
    }

    // Locked from the number to the block: two transactions that are sent at once with one key both come on chain.
    async fn send(&self, signer: &dyn Signer, to: Address, data: Bytes) -> Result<Receipt, ChainError> {
        let mut inner = self.lock().await?;
        let prepared = self.next(&inner, signer.address(), to, data);
        self.append(&mut inner, vec![prepared.sign(signer)?]).await
    }

    async fn snapshot(&self, query: &SnapshotQuery) -> Result<Snapshot, ChainError> {
        let inner = self.lock().await?;
        let mut reader = Recorder { state: &inner.state, read: Vec::new() };
        Ok(Snapshot::read(query, self.chain_id, &self.contracts, inner.head, &mut reader)?)
    }

    async fn snapshot_at(&self, query: &SnapshotQuery, number: u64) -> Result<Snapshot, ChainError> {
        let mut inner = self.lock().await?;
        let head = inner.head.number;
        let block = inner.store.block(number).await?.ok_or(ChainError::NoSuchBlock(number, head))?;
        let state = inner.store.state(number).await?;
        let mut reader = Recorder { state: &state, read: Vec::new() };
        Ok(Snapshot::read(query, self.chain_id, &self.contracts, block.into(), &mut reader)?)
    }

    async fn collect_evidence(&self, query: &SnapshotQuery, number: u64) -> Result<Evidence, ChainError> {
        let mut inner = self.lock().await?;
        let head = inner.head.number;
        let block = inner.store.block(number).await?.ok_or(ChainError::NoSuchBlock(number, head))?;
        let past = if number == head { None } else { Some(inner.store.state(number).await?) };
        let state = past.as_ref().unwrap_or(&inner.state);
        let mut reader = Recorder { state, read: Vec::new() };
        let (header, seal) = (block.header.clone(), block.seal.clone());
        let snapshot = Snapshot::read(query, self.chain_id, &self.contracts, block.into(), &mut reader)?;
        if let Some(what) = snapshot.missing(query).into_iter().next() {
            return Err(ChainError::NothingToProve(what, number));
        }
        let mut accounts = Vec::new();
        for address in self.contracts.in_order() {
            let slots: Vec<_> =
                reader.read.iter().filter(|(contract, _)| *contract == address).map(|(_, slot)| *slot).collect();
            let proof = state.prove(address, &slots);
            accounts.push(proof.ok_or_else(|| ChainError::NothingToProve("an entry's slot".into(), number))?);
        }
        Ok(Evidence { header, seal, accounts, refusals: None })
    }
}

fn seal(
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

fn paths(directory: &Path) -> (PathBuf, PathBuf) {
    (directory.join("chain.sqlite"), directory.join("sealer.key"))
}

fn clock_text(clock: BlockClock) -> String {
    match clock {
        BlockClock::System => "system".into(),
        BlockClock::Standing(time) => time.to_string(),
    }
}

fn clock_from(text: &str) -> Option<BlockClock> {
    if text == "system" { Some(BlockClock::System) } else { text.parse().ok().map(BlockClock::Standing) }
}
