//! The state: accounts and storage in memory, with the tries that prove them.

use super::trie::Trie;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, KECCAK_EMPTY, TrieAccount};
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

/// What an account has beside its storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AccountFields {
    pub nonce: u64,
    pub balance: U256,
    pub code_hash: B256,
}

/// An account with its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub fields: AccountFields,
    pub storage: HashMap<U256, U256>,
    /// The same by hashed slot.
    trie: Trie<U256>,
    storage_root: B256,
}

/// All accounts after some block.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    accounts: BTreeMap<Address, Account>,
    codes: HashMap<B256, Bytecode>,
    hashes: BTreeMap<u64, B256>,
    /// By hashed address.
    trie: Trie<TrieAccount>,
    /// Accounts that are newer than what the trie has of them.
    changed: BTreeSet<Address>,
}

/// What a block changed, in its order: rows to store, each with what was there before.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Address, before (none where there was no account), after.
    pub accounts: Vec<(Address, Option<AccountFields>, AccountFields)>,
    /// Address, slot, before, after.
    pub words: Vec<(Address, U256, U256, U256)>,
    pub codes: Vec<(B256, Bytes)>,
}

impl State {
    pub(super) fn nonce(&self, address: Address) -> u64 {
        self.accounts.get(&address).map_or(0, |account| account.fields.nonce)
    }

    pub(super) fn fields(&self, address: Address) -> Option<AccountFields> {
        self.accounts.get(&address).map(|account| account.fields)
    }

    pub(super) fn balance(&self, address: Address) -> U256 {
        self.accounts.get(&address).map_or(U256::ZERO, |account| account.fields.balance)
    }

    /// The code at an address; empty where there is none.
    pub(super) fn code(&self, address: Address) -> Bytes {
        let code = self.accounts.get(&address).and_then(|account| self.codes.get(&account.fields.code_hash));
        code.map(Bytecode::original_bytes).unwrap_or_default()
    }

    /// A word of storage; 0 where there is none.
    pub(super) fn slot(&self, address: Address, slot: U256) -> U256 {
        self.accounts.get(&address).and_then(|account| account.storage.get(&slot)).copied().unwrap_or_default()
    }

    pub(crate) fn code_hash(&self, address: Address) -> Option<B256> {
        self.accounts.get(&address).map(|account| account.fields.code_hash)
    }

    pub(super) fn add_hash(&mut self, number: u64, hash: B256) {
        self.hashes.insert(number, hash);
    }

    /// The hash of a block from 0 to the head.
    pub(super) fn hash(&self, number: u64) -> Option<B256> {
        self.hashes.get(&number).copied()
    }

    /// Takes over the codes and the blocks' hashes that another state of the chain has.
    pub(super) fn know(&mut self, other: &Self) {
        if self.hashes.len() != other.hashes.len() {
            self.hashes.clone_from(&other.hashes);
        }
        if self.codes.len() != other.codes.len() {
            self.codes.clone_from(&other.codes);
        }
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

    pub(super) fn set_account(&mut self, address: Address, fields: AccountFields) {
        let account = self.accounts.entry(address).or_insert_with(|| Account {
            fields,
            storage: HashMap::new(),
            trie: Trie::default(),
            storage_root: EMPTY_ROOT_HASH,
        });
        account.fields = fields;
        self.changed.insert(address);
    }

    /// Takes an account away, with its storage.
    pub(super) fn remove_account(&mut self, address: Address) {
        self.accounts.remove(&address);
        self.changed.remove(&address);
        self.trie.set(keccak256(address), None);
    }

    /// Sets a slot of an existing account; false if there is none.
    pub(super) fn set_slot(&mut self, address: Address, slot: U256, value: U256) -> bool {
        let Some(account) = self.accounts.get_mut(&address) else { return false };
        let hashed = keccak256(slot.to_be_bytes::<32>());
        if value.is_zero() {
            account.storage.remove(&slot);
        } else {
            account.storage.insert(slot, value);
        }
        account.trie.set(hashed, Some(value).filter(|value| !value.is_zero()));
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
            let fields = AccountFields { nonce: info.nonce, balance: info.balance, code_hash: info.code_hash };
            changes.accounts.push((address, self.fields(address), fields));
            self.set_account(address, fields);
            let mut slots: Vec<_> = account.storage.iter().filter(|(_, slot)| slot.is_changed()).collect();
            slots.sort_unstable_by_key(|(key, _)| **key);
            for (key, slot) in &slots {
                changes.words.push((address, **key, self.slot(address, **key), slot.present_value));
                self.set_slot(address, **key, slot.present_value);
            }
        }
    }

    /// The state root, once a block: what it changed is hashed again, and nothing else.
    pub(super) fn root(&mut self) -> B256 {
        for address in std::mem::take(&mut self.changed) {
            let Some(account) = self.accounts.get_mut(&address) else { continue };
            account.storage_root = account.trie.root();
            let leaf = TrieAccount {
                nonce: account.fields.nonce,
                balance: account.fields.balance,
                storage_root: account.storage_root,
                code_hash: account.fields.code_hash,
            };
            self.trie.set(keccak256(address), Some(leaf));
        }
        self.trie.root()
    }

    /// EIP-1186 proofs of `slots`, in their order, of one account, under the newest [`root`](Self::root). None if the account or one of the slots isn't there.
    pub(super) fn prove(&self, address: Address, slots: &[U256]) -> Option<AccountProof> {
        let proof = self.prove_all(address, slots)?;
        proof.storage.iter().all(|entry| !entry.value.is_zero()).then_some(proof)
    }

    /// The same, where a slot that isn't there has the value 0 and a proof that leads to nothing. None if the account isn't there.
    pub(super) fn prove_all(&self, address: Address, slots: &[U256]) -> Option<AccountProof> {
        let account = self.accounts.get(&address)?;
        let keys: Vec<B256> = slots.iter().map(|slot| keccak256(slot.to_be_bytes::<32>())).collect();
        let storage = slots.iter().zip(account.trie.prove(&keys)).map(|(slot, proof)| StorageProof {
            slot: B256::from(*slot),
            value: account.storage.get(slot).copied().unwrap_or_default(),
            proof,
        });
        Some(AccountProof {
            address,
            nonce: account.fields.nonce,
            balance: account.fields.balance,
            storage_root: account.storage_root,
            code_hash: account.fields.code_hash,
            proof: self.path(address),
            storage: storage.collect(),
        })
    }

    /// The nodes that lead to an account, or show that there is none.
    pub(super) fn path(&self, address: Address) -> Vec<Bytes> {
        self.trie.prove(&[keccak256(address)]).pop().unwrap_or_default()
    }
}

impl DatabaseRef for State {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).map(|account| {
            let code = (account.fields.code_hash != KECCAK_EMPTY)
                .then(|| self.codes.get(&account.fields.code_hash).cloned())
                .flatten();
            AccountInfo {
                balance: account.fields.balance,
                nonce: account.fields.nonce,
                code_hash: account.fields.code_hash,
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
