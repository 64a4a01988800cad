//! A chain's directory: created once, opened with everything checked that the newest block says.

use super::{
    EmbeddedChain, Genesis,
    block::{GAS_LIMIT, Inner, sealed_block, sealed_clock},
    clock::{self, Setting},
    error::EmbeddedError,
    header::Fields,
    sealer::{self, shown},
    state::{Changes, State},
    store::Store,
    trusted::Identity,
    waiting::Waiting,
};
use crate::{contracts, error::ChainError, transaction::Prepared};
use alloy_primitives::{Address, B256, Bloom};
use sealroot_protocol::{date::plausible_time, printable::printable};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;

/// Row of `meta` with the form of the directory.
const FORMAT: (&str, &str) = ("format", "3");
const CHAIN_ID: &str = "chain-id";
const DEPLOYER: &str = "deployer";

impl EmbeddedChain {
    /// Creates a chain in `directory`, with the contracts in block 1. Fails if there is one already.
    pub async fn create(directory: &Path, genesis: &Genesis) -> Result<Self, ChainError> {
        plausible_time(genesis.time).map_err(EmbeddedError::from)?;
        // Block 1 comes right after block 0, under the same bounds as every other.
        Setting::from(genesis.clock).block_time(genesis.time, clock::machine())?;
        // JSON holds no other number exactly, and 0 is what a program that doesn't know its chain says.
        if !(1..1 << 53).contains(&genesis.chain_id) {
            return Err(EmbeddedError::ChainId(genesis.chain_id).into());
        }
        check_officers(&genesis.officers)?;
        let (database, key_path) = paths(directory);
        make_directory(directory)?;
        if exists(&database)? {
            let mut store = Store::open(&database, false).await?;
            let height = if store.is_empty().await? { None } else { store.height().await? };
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
        let mut state = State::default();
        let first = Fields {
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
        let block = sealed_block(genesis.chain_id, &sealer, first, Vec::new())?;
        let meta = [
            (FORMAT.0, FORMAT.1.to_owned()),
            (CHAIN_ID, genesis.chain_id.to_string()),
            (DEPLOYER, deployer.to_string().to_lowercase()),
        ];
        let clock = Setting::from(genesis.clock);
        let sealed = sealed_clock(clock, genesis.chain_id, block.hash, &sealer)?;
        store.append(&block, &Changes::default(), &sealed, &meta).await?;
        let identity = Identity { chain_id: genesis.chain_id, sealer: deployer };
        let mut inner = Inner::new(store, identity, state, block.into(), clock);
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
            waiting: Arc::new(Waiting::default()),
        };
        chain.append(&mut *chain.inner.lock().await, signed).await?;
        Ok(chain)
    }

    /// Opens the chain in `directory`; for reading only if the sealer's key isn't there.
    ///
    /// Tables, headers, the head's seal and state, and the contracts' code are recomputed. That takes time with the chain's length, and finds every change that
    /// the next block or a proof would rest on. What a past block holds is recomputed when it is read.
    pub async fn open(directory: &Path) -> Result<Self, ChainError> {
        let (database, key_path) = paths(directory);
        if !exists(&database)? {
            return Err(EmbeddedError::Missing(shown(directory)).into());
        }
        let mut store = Store::open(&database, false).await?;
        if store.is_empty().await? {
            return Err(EmbeddedError::Unfinished.into());
        }
        store.check().await?;
        let identity = identity(store.meta().await?.0)?;
        let inner = Inner::load(store, identity).await?;
        let sealer = sealer::load(&key_path)?;
        if sealer.as_ref().is_some_and(|key| key.address() != identity.sealer) {
            let what = format!("{} is another chain's sealer key", shown(&key_path));
            return Err(EmbeddedError::Damaged(what).into());
        }
        Ok(Self {
            chain_id: identity.chain_id,
            contracts: contracts::deployment(identity.sealer, &[], 0).0,
            sealer,
            sealer_address: identity.sealer,
            key_path: shown(&key_path),
            inner: Arc::new(Mutex::new(inner)),
            waiting: Arc::new(Waiting::default()),
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

/// Which chain the rows of `meta` say it is. The seal of the head shows whether that is true.
fn identity(mut meta: BTreeMap<String, String>) -> Result<Identity, EmbeddedError> {
    let mut take = |key: &str| meta.remove(key).ok_or_else(|| EmbeddedError::Damaged(format!("{key} is missing")));
    let format = take(FORMAT.0)?;
    if format != FORMAT.1 {
        return Err(EmbeddedError::OtherFormat { found: printable(&format), expected: FORMAT.1 });
    }
    let unreadable = |key: &str| EmbeddedError::Damaged(format!("{key} is not one"));
    let (chain_id, deployer) = (take(CHAIN_ID)?, take(DEPLOYER)?);
    let identity = Identity {
        chain_id: chain_id.parse().map_err(|_| unreadable(CHAIN_ID))?,
        sealer: deployer.parse().map_err(|_| unreadable(DEPLOYER))?,
    };
    match meta.keys().next() {
        Some(key) => Err(EmbeddedError::Damaged(format!("meta has an unknown row {}", printable(key)))),
        None => Ok(identity),
    }
}

fn paths(directory: &Path) -> (PathBuf, PathBuf) {
    (directory.join("chain.sqlite"), directory.join("sealer.key"))
}

/// Whether the database is there. A link in its place could have it made, or its neighbours removed, where it leads.
fn exists(database: &Path) -> Result<bool, EmbeddedError> {
    match std::fs::symlink_metadata(database) {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => {
            let what =
                std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file, or is a link to one");
            Err(sealer::file(database, what))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(sealer::file(database, source)),
    }
}

/// Makes the directory for its owner alone, because the sealer's key lies in it. One that is there keeps its mode.
fn make_directory(directory: &Path) -> Result<(), EmbeddedError> {
    sealroot_files::make_directory(directory, sealroot_files::Access::Owner)
        .map_err(|source| sealer::file(directory, source))
}
