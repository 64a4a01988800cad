//! The state: accounts and storage in memory, with the tries that prove them.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, KECCAK_EMPTY, Nibbles, TrieAccount, proof::ProofRetainer};
use revm::{
    DatabaseRef,
    bytecode::Bytecode,
    primitives::{StorageKey, StorageValue},
    state::{AccountInfo, EvmState},
};
use sealroot_protocol::{
    evidence::{AccountProof, StorageProof},
    snapshot::{SnapshotError, StorageReader},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
};

/// An account with its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub nonce: u64,
    pub balance: U256,
    pub code_hash: B256,
    pub storage: HashMap<U256, U256>,
    /// The same by hashed slot: the order of the trie.
    hashed: BTreeMap<B256, U256>,
    storage_root: B256,
}

/// All accounts after some block.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    accounts: BTreeMap<Address, Account>,
    codes: HashMap<B256, Bytecode>,
    hashes: BTreeMap<u64, B256>,
    /// Accounts whose storage root is older than their storage.
    changed: BTreeSet<Address>,
}

/// What a block changed: rows to store.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub accounts: Vec<(Address, u64, U256, B256)>,
    pub storage: Vec<(Address, U256, U256)>,
    pub codes: Vec<(B256, Bytes)>,
}

impl State {
    pub(super) fn nonce(&self, address: Address) -> u64 {
        self.accounts.get(&address).map_or(0, |account| account.nonce)
    }

    pub(super) fn balance(&self, address: Address) -> U256 {
        self.accounts.get(&address).map_or(U256::ZERO, |account| account.balance)
    }

    /// The code at an address; empty where there is none.
    pub(super) fn code(&self, address: Address) -> Bytes {
        let code = self.accounts.get(&address).and_then(|account| self.codes.get(&account.code_hash));
        code.map(Bytecode::original_bytes).unwrap_or_default()
    }

    /// A word of storage; 0 where there is none.
    pub(super) fn slot(&self, address: Address, slot: U256) -> U256 {
        self.accounts.get(&address).and_then(|account| account.storage.get(&slot)).copied().unwrap_or_default()
    }

    pub(crate) fn code_hash(&self, address: Address) -> Option<B256> {
        self.accounts.get(&address).map(|account| account.code_hash)
    }

    pub(super) fn add_hash(&mut self, number: u64, hash: B256) {
        self.hashes.insert(number, hash);
    }

    /// The hash of a block from 0 to the head.
    pub(super) fn hash(&self, number: u64) -> Option<B256> {
        self.hashes.get(&number).copied()
    }

    /// Takes code under its own hash; false, and nothing taken, if it is another's.
    pub(super) fn add_code(&mut self, hash: B256, code: Bytes) -> bool {
        let right = keccak256(&code) == hash;
        if right {
            self.codes.insert(hash, Bytecode::new_legacy(code));
        }
        right
    }

    /// Whether there is the code that an account names.
    pub(super) fn has_code(&self, hash: B256) -> bool {
        hash == KECCAK_EMPTY || self.codes.contains_key(&hash)
    }

    pub(super) fn set_account(&mut self, address: Address, nonce: u64, balance: U256, code_hash: B256) {
        let account = self.accounts.entry(address).or_insert_with(|| Account {
            nonce,
            balance,
            code_hash,
            storage: HashMap::new(),
            hashed: BTreeMap::new(),
            storage_root: EMPTY_ROOT_HASH,
        });
        (account.nonce, account.balance, account.code_hash) = (nonce, balance, code_hash);
    }

    /// Sets a slot of an existing account; false if there is none.
    pub(super) fn set_slot(&mut self, address: Address, slot: U256, value: U256) -> bool {
        let Some(account) = self.accounts.get_mut(&address) else { return false };
        let hashed = keccak256(slot.to_be_bytes::<32>());
        if value.is_zero() {
            account.storage.remove(&slot);
            account.hashed.remove(&hashed);
        } else {
            account.storage.insert(slot, value);
            account.hashed.insert(hashed, value);
        }
        self.changed.insert(address);
        true
    }

    /// Takes over what the EVM changed. Empty touched accounts (the coinbase, at price 0) don't come into being (EIP-161).
    pub(super) fn apply(&mut self, changed: EvmState, changes: &mut Changes) {
        let mut changed: Vec<_> = changed.into_iter().filter(|(_, account)| account.is_touched()).collect();
        changed.sort_unstable_by_key(|(address, _)| *address);
        for (address, account) in changed {
            if account.is_empty() {
                continue;
            }
            let info = &account.info;
            if let Some(code) =
                info.code.as_ref().filter(|code| !code.is_empty() && !self.codes.contains_key(&info.code_hash))
            {
                changes.codes.push((info.code_hash, code.original_bytes()));
                self.codes.insert(info.code_hash, code.clone());
            }
            self.set_account(address, info.nonce, info.balance, info.code_hash);
            changes.accounts.push((address, info.nonce, info.balance, info.code_hash));
            let mut slots: Vec<_> = account.storage.iter().filter(|(_, slot)| slot.is_changed()).collect();
            slots.sort_unstable_by_key(|(key, _)| **key);
            for (key, slot) in &slots {
                self.set_slot(address, **key, slot.present_value);
                changes.storage.push((address, **key, slot.present_value));
            }
        }
    }

    /// The state root, once a block: storage roots of accounts that it changed are computed again.
    pub(super) fn root(&mut self) -> B256 {
        for address in std::mem::take(&mut self.changed) {
            if let Some(account) = self.accounts.get_mut(&address) {
                account.storage_root = storage_trie(&account.hashed, Vec::new()).root();
            }
        }
        self.trie(Vec::new()).root()
    }

    /// EIP-1186 proofs of `slots`, in their order, of one account, under the newest [`root`](Self::root). None if the account or one of the slots isn't there.
    pub(super) fn prove(&self, address: Address, slots: &[U256]) -> Option<AccountProof> {
        let proof = self.prove_all(address, slots)?;
        proof.storage.iter().all(|entry| !entry.value.is_zero()).then_some(proof)
    }

    /// The same, where a slot that isn't there has the value 0 and a proof that leads to nothing. None if the account isn't there.
    pub(super) fn prove_all(&self, address: Address, slots: &[U256]) -> Option<AccountProof> {
        let account = self.accounts.get(&address)?;
        let target = Nibbles::unpack(keccak256(address));
        let mut trie = self.trie(vec![target]);
        trie.root();
        let nodes = trie.take_proof_nodes();
        let keys: Vec<_> = slots.iter().map(|slot| Nibbles::unpack(keccak256(slot.to_be_bytes::<32>()))).collect();
        let mut storage_trie = storage_trie(&account.hashed, keys.clone());
        storage_trie.root();
        let storage_nodes = storage_trie.take_proof_nodes();
        let storage = slots.iter().zip(&keys).map(|(slot, key)| StorageProof {
            slot: B256::from(*slot),
            value: account.storage.get(slot).copied().unwrap_or_default(),
            proof: storage_nodes.matching_nodes_sorted(key).into_iter().map(|(_, node)| node).collect(),
        });
        Some(AccountProof {
            address,
            nonce: account.nonce,
            balance: account.balance,
            storage_root: account.storage_root,
            code_hash: account.code_hash,
            proof: nodes.matching_nodes_sorted(&target).into_iter().map(|(_, node)| node).collect(),
            storage: storage.collect(),
        })
    }

    /// The nodes that show that there is no such account.
    pub(super) fn absence(&self, address: Address) -> Vec<Bytes> {
        let target = Nibbles::unpack(keccak256(address));
        let mut trie = self.trie(vec![target]);
        trie.root();
        trie.take_proof_nodes().matching_nodes_sorted(&target).into_iter().map(|(_, node)| node).collect()
    }

    fn trie(&self, targets: Vec<Nibbles>) -> HashBuilder {
        let leaves: BTreeMap<B256, Vec<u8>> = self
            .accounts
            .iter()
            .map(|(address, account)| {
                let leaf = TrieAccount {
                    nonce: account.nonce,
                    balance: account.balance,
                    storage_root: account.storage_root,
                    code_hash: account.code_hash,
                };
                (keccak256(address), alloy_rlp::encode(leaf))
            })
            .collect();
        build(leaves.iter().map(|(key, value)| (key, value.as_slice())), targets)
    }
}

fn storage_trie(hashed: &BTreeMap<B256, U256>, targets: Vec<Nibbles>) -> HashBuilder {
    let leaves: Vec<_> = hashed.iter().map(|(key, value)| (key, alloy_rlp::encode(value))).collect();
    build(leaves.iter().map(|(key, value)| (*key, value.as_slice())), targets)
}

fn build<'a>(leaves: impl Iterator<Item = (&'a B256, &'a [u8])>, targets: Vec<Nibbles>) -> HashBuilder {
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets));
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    builder
}

impl DatabaseRef for State {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).map(|account| {
            let code =
                (account.code_hash != KECCAK_EMPTY).then(|| self.codes.get(&account.code_hash).cloned()).flatten();
            AccountInfo {
                balance: account.balance,
                nonce: account.nonce,
                code_hash: account.code_hash,
                code: Some(code.unwrap_or_default()),
                ..Default::default()
            }
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.codes.get(&code_hash).cloned().unwrap_or_default())
    }

    fn storage_ref(&self, address: Address, index: StorageKey) -> Result<StorageValue, Infallible> {
        Ok(self.slot(address, index))
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        Ok(self.hashes.get(&number).copied().unwrap_or_default())
    }
}

/// Reads slots from the state and remembers which, so that evidence proves exactly what a snapshot reads.
pub(super) struct Recorder<'a> {
    pub state: &'a State,
    pub read: Vec<(Address, U256)>,
}

impl StorageReader for Recorder<'_> {
    type Error = SnapshotError;

    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, SnapshotError> {
        self.read.push((contract, slot));
        Ok(self.state.slot(contract, slot))
    }
}
