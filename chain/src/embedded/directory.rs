//! A chain's directory: created once, opened with everything checked that the newest block says.

use super::{
    BlockClock, EmbeddedChain, Genesis,
    block::{GAS_LIMIT, Inner, seal},
    error::EmbeddedError,
    header::Header,
    sealer::{self, shown},
    state::{Changes, State},
    store::Store,
};
use crate::{contracts, error::ChainError, transaction::Prepared};
use alloy_primitives::{Address, B256, Bloom};
use sealroot_protocol::date::plausible_time;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;

impl EmbeddedChain {
    /// Creates a chain in `directory`, with the contracts in block 1. Fails if there is one already.
    pub async fn create(directory: &Path, genesis: &Genesis) -> Result<Self, ChainError> {
        plausible_time(genesis.time).map_err(EmbeddedError::from)?;
        if let BlockClock::Standing(time) = genesis.clock {
            plausible_time(time).map_err(EmbeddedError::from)?;
        }
        // JSON holds no other number exactly, and 0 is what a program that doesn't know its chain says.
        if !(1..1 << 53).contains(&genesis.chain_id) {
            return Err(EmbeddedError::ChainId(genesis.chain_id).into());
        }
        check_officers(&genesis.officers)?;
        std::fs::create_dir_all(directory).map_err(|source| sealer::file(directory, source))?;
        let (database, key_path) = paths(directory);
        if database.exists() {
            let mut store = Store::open(&database, false).await?;
            let height = store.height().await?;
            // Closed before the files go: a connection that closes later removes the write-ahead log of its name, and that is the new one then.
            store.close().await?;
            if height.is_some_and(|height| height >= 1) {
                return Err(EmbeddedError::Exists(shown(directory)).into());
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
            key_path: shown(&key_path),
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
            return Err(EmbeddedError::Missing(shown(directory)).into());
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
            let what = format!("{} is another chain's sealer key", shown(&key_path));
            return Err(EmbeddedError::Damaged(what).into());
        }
        Ok(Self {
            chain_id,
            contracts: contracts::deployment(deployer, &[], 0).0,
            sealer,
            sealer_address: deployer,
            key_path: shown(&key_path),
            inner: Arc::new(Mutex::new(inner)),
        })
    }
}

/// As the contract will, before anything is made: a chain whose contracts aren't there is none.
fn check_officers(officers: &[Address]) -> Result<(), EmbeddedError> {
    let twice =
        officers.iter().enumerate().find(|(i, officer)| officers.iter().take(*i).any(|other| other == *officer));
    match twice {
        Some((_, officer)) => Err(EmbeddedError::SameOfficer(*officer)),
        None if officers.len() < 2 => Err(EmbeddedError::TooFewOfficers(officers.len())),
        None => Ok(()),
    }
}

fn paths(directory: &Path) -> (PathBuf, PathBuf) {
    (directory.join("chain.sqlite"), directory.join("sealer.key"))
}

pub(super) fn clock_text(clock: BlockClock) -> String {
    match clock {
        BlockClock::System => "system".into(),
        BlockClock::Standing(time) => time.to_string(),
    }
}

fn clock_from(text: &str) -> Option<BlockClock> {
    if text == "system" { Some(BlockClock::System) } else { text.parse().ok().map(BlockClock::Standing) }
}
