//! What a block holds: accounts, code and storage words, each proven under the block's state root before it is used.

use super::{NetworkChain, error::NodeError, header::Checked, node::Node};
use crate::{
    embedded::execute::{self, Environment, Question},
    error::ChainError,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, KECCAK_EMPTY, Nibbles, TrieAccount, proof::verify_proof};
use revm::{
    DatabaseRef,
    bytecode::Bytecode,
    primitives::{StorageKey, StorageValue},
    state::AccountInfo,
};
use sealroot_protocol::{
    evidence::{AccountProof, StorageProof},
    snapshot::{Revision, Snapshot, SnapshotError, SnapshotQuery, StorageReader},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
    time::Duration,
};

/// Rounds in which what was missing is fetched. Each learns something new; a call of these contracts takes a dozen.
const MAX_ROUNDS: usize = 200;
/// Words after a missing one that are fetched with it: entries lie in consecutive slots.
const AHEAD: u64 = 6;
/// How often a proof is asked for, and what lies between two times.
const ATTEMPTS: usize = 4;
const PAUSE: Duration = Duration::from_millis(150);

/// What was proven of one block.
#[derive(Default)]
pub(super) struct Known {
    /// None: proven not to be there.
    accounts: BTreeMap<Address, Option<(TrieAccount, Vec<Bytes>)>>,
    words: HashMap<(Address, U256), (U256, Vec<Bytes>)>,
    codes: HashMap<B256, Bytecode>,
    missing: RefCell<Missing>,
}

/// What something asked for that isn't known yet.
#[derive(Default)]
struct Missing {
    accounts: BTreeSet<Address>,
    words: BTreeMap<Address, BTreeSet<U256>>,
    codes: BTreeMap<B256, Address>,
}

impl Known {
    pub(super) fn code_hash(&self, address: Address) -> Option<B256> {
        self.accounts.get(&address)?.as_ref().map(|(account, _)| account.code_hash)
    }

    pub(super) fn nonce(&self, address: Address) -> u64 {
        self.accounts.get(&address).and_then(Option::as_ref).map_or(0, |(account, _)| account.nonce)
    }

    pub(super) fn balance(&self, address: Address) -> U256 {
        self.accounts.get(&address).and_then(Option::as_ref).map_or(U256::ZERO, |(account, _)| account.balance)
    }

    /// Proves an account.
    pub(super) async fn learn_account(&mut self, node: &Node, of: &Checked, address: Address) -> Result<(), NodeError> {
        self.learn_words(node, of, address, &[]).await
    }

    /// Proves an account and some words of it. A proof that is false is asked for again: a node that is several, or that has a block arriving, answers out of two moments.
    async fn learn_words(
        &mut self,
        node: &Node,
        of: &Checked,
        address: Address,
        slots: &[U256],
    ) -> Result<(), NodeError> {
        for _ in 1..ATTEMPTS {
            match self.learn_once(node, of, address, slots).await {
                Err(NodeError::Proof { .. }) => tokio::time::sleep(PAUSE).await,
                learned => return learned,
            }
        }
        self.learn_once(node, of, address, slots).await
    }

    async fn learn_once(
        &mut self,
        node: &Node,
        of: &Checked,
        address: Address,
        slots: &[U256],
    ) -> Result<(), NodeError> {
        let number = of.block.number;
        let answer = node.proof(address, slots, number).await?;
        let false_proof = |what: String| NodeError::Proof { what, number };
        let account = TrieAccount {
            nonce: answer.nonce,
            balance: answer.balance,
            storage_root: answer.storage_hash,
            code_hash: answer.code_hash,
        };
        let empty = TrieAccount { storage_root: EMPTY_ROOT_HASH, code_hash: KECCAK_EMPTY, ..TrieAccount::default() };
        let key = Nibbles::unpack(keccak256(address));
        let proven = |value| verify_proof(of.header.state_root, key, value, &answer.account_proof).is_ok();
        let there = if proven(Some(alloy_rlp::encode(account))) {
            true
        } else if account == empty && proven(None) {
            false
        } else {
            return Err(false_proof(format!("account {address}")));
        };
        if answer.storage_proof.len() != slots.len() {
            return Err(false_proof(format!("storage of {address}")));
        }
        let root = if there { account.storage_root } else { EMPTY_ROOT_HASH };
        for (slot, entry) in slots.iter().zip(answer.storage_proof) {
            let key = Nibbles::unpack(keccak256(slot.to_be_bytes::<32>()));
            let proven = |value| verify_proof(root, key, value, &entry.proof).is_ok();
            let holds = if entry.value.is_zero() {
                // Without any storage there is nothing to prove that there is none. A node that keeps a deleted word as 0 in its trie (anvil does) proves it by that.
                root == EMPTY_ROOT_HASH || proven(None) || proven(Some(alloy_rlp::encode(U256::ZERO)))
            } else {
                proven(Some(alloy_rlp::encode(entry.value)))
            };
            if entry.key.as_b256() != B256::from(*slot) || !holds {
                return Err(false_proof(format!("storage slot {} of {address}", B256::from(*slot))));
            }
            self.words.insert((address, *slot), (entry.value, entry.proof));
        }
        self.accounts.insert(address, there.then_some((account, answer.account_proof)));
        Ok(())
    }

    async fn learn_code(&mut self, node: &Node, of: &Checked, hash: B256, address: Address) -> Result<(), NodeError> {
        let code = node.code(address, of.block.number).await?;
        if keccak256(&code) != hash {
            return Err(NodeError::Code(address));
        }
        self.codes.insert(hash, Bytecode::new_legacy(code));
        Ok(())
    }

    /// Fetches what was asked for and isn't known; false if nothing was.
    async fn learn_missing(&mut self, node: &Node, of: &Checked) -> Result<bool, NodeError> {
        let Missing { accounts, mut words, codes } = self.missing.take();
        let any = !accounts.is_empty() || !words.is_empty() || !codes.is_empty();
        for address in accounts {
            words.entry(address).or_default();
        }
        for (address, slots) in words {
            let ahead = |slot: &U256| (0..=AHEAD).map(|next| slot.wrapping_add(U256::from(next))).collect::<Vec<_>>();
            let wanted: BTreeSet<U256> = slots.iter().flat_map(ahead).collect();
            let wanted: Vec<U256> =
                wanted.into_iter().filter(|slot| !self.words.contains_key(&(address, *slot))).collect();
            self.learn_words(node, of, address, &wanted).await?;
        }
        for (hash, address) in codes {
            self.learn_code(node, of, hash, address).await?;
        }
        Ok(any)
    }

    fn word(&self, address: Address, slot: U256) -> U256 {
        match self.words.get(&(address, slot)) {
            Some((value, _)) => *value,
            None => {
                self.missing.borrow_mut().words.entry(address).or_default().insert(slot);
                U256::ZERO
            }
        }
    }
}

impl NetworkChain {
    /// Runs something over a block's state, again and again until all that it read was proven.
    async fn over<T>(
        &self,
        of: &Checked,
        known: &mut Known,
        mut run: impl FnMut(&Known) -> Result<T, ChainError> + Send,
    ) -> Result<T, ChainError> {
        for _ in 0..MAX_ROUNDS {
            let result = run(known);
            // With a word missing, what came out means nothing.
            if !known.learn_missing(&self.node, of).await? {
                return result;
            }
        }
        Err(NodeError::Endless("it reads ever more").into())
    }

    /// Executes a question here, over proven state.
    pub(super) async fn ask(
        &self,
        of: &Checked,
        environment: Environment,
        question: Question,
    ) -> Result<(Bytes, u64), ChainError> {
        let mut known = Known::default();
        self.over(of, &mut known, |known| execute::ask(known, environment, question.clone())).await
    }

    /// The entries that a query names, at a block, and the proofs of what was read in its order.
    pub(super) async fn read(
        &self,
        query: &SnapshotQuery,
        of: &Checked,
    ) -> Result<(Snapshot, Known, Vec<(Address, U256)>), ChainError> {
        let mut known = Known::default();
        let mut order = Vec::new();
        let snapshot = self
            .over(of, &mut known, |known| {
                let mut reader = Reader { known, read: Vec::new() };
                let chain_id = self.pins.chain_id;
                let snapshot =
                    Snapshot::read(query, chain_id, &self.contracts, Revision::Second, of.block, &mut reader);
                order = reader.read;
                Ok(snapshot?)
            })
            .await?;
        Ok((snapshot, known, order))
    }

    /// A contract's account with proofs of words, in their order; none if one isn't there.
    pub(super) async fn account_proof(
        &self,
        known: &mut Known,
        of: &Checked,
        address: Address,
        slots: &[U256],
    ) -> Result<Option<AccountProof>, ChainError> {
        if !known.accounts.contains_key(&address) {
            known.learn_account(&self.node, of, address).await?;
        }
        let Some(Some((account, proof))) = known.accounts.get(&address) else { return Ok(None) };
        let entry = |slot: &U256| {
            let (value, proof) = known.words.get(&(address, *slot)).filter(|(value, _)| !value.is_zero())?;
            Some(StorageProof { slot: B256::from(*slot), value: *value, proof: proof.clone() })
        };
        let storage: Option<Vec<_>> = slots.iter().map(entry).collect();
        Ok(storage.map(|storage| AccountProof {
            address,
            nonce: account.nonce,
            balance: account.balance,
            storage_root: account.storage_root,
            code_hash: account.code_hash,
            proof: proof.clone(),
            storage,
        }))
    }
}

struct Reader<'a> {
    known: &'a Known,
    read: Vec<(Address, U256)>,
}

impl StorageReader for Reader<'_> {
    type Error = SnapshotError;

    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, SnapshotError> {
        self.read.push((contract, slot));
        Ok(self.known.word(contract, slot))
    }
}

impl DatabaseRef for Known {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        let Some(account) = self.accounts.get(&address) else {
            self.missing.borrow_mut().accounts.insert(address);
            return Ok(None);
        };
        Ok(account.as_ref().map(|(account, _)| {
            let code = match self.codes.get(&account.code_hash) {
                Some(code) => code.clone(),
                None if account.code_hash == KECCAK_EMPTY => Bytecode::default(),
                None => {
                    self.missing.borrow_mut().codes.insert(account.code_hash, address);
                    Bytecode::default()
                }
            };
            AccountInfo {
                balance: account.balance,
                nonce: account.nonce,
                code_hash: account.code_hash,
                code: Some(code),
                ..Default::default()
            }
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.codes.get(&code_hash).cloned().unwrap_or_default())
    }

    fn storage_ref(&self, address: Address, index: StorageKey) -> Result<StorageValue, Infallible> {
        Ok(self.word(address, index))
    }

    /// No contract of these asks for it.
    fn block_hash_ref(&self, _: u64) -> Result<B256, Infallible> {
        Ok(B256::ZERO)
    }
}
