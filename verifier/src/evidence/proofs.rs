//! Account and storage proofs (EIP-1186), and reading proven words in the one order that a snapshot reads them.

use super::{EvidenceError, known::Known};
use crate::trust::Trust;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use alloy_trie::{Nibbles, proof::verify_proof};
use sealroot_protocol::{
    evidence::{AccountProof, Evidence, StorageProof},
    snapshot::StorageReader,
};
use std::collections::VecDeque;

/// What the contracts hold, in the order of their pins, for messages to people who know no slots.
const HOLD: [&str; 7] = [
    "who the officers were",
    "the agencies' roots and keys",
    "the policies",
    "the requesters and their keys",
    "the scope's hash",
    "the program",
    "the approval, or the batch of refusals",
];

/// Proven words by contract, in the evidence's order; each can be read once.
pub(super) struct Proven(Vec<Words>);

struct Words {
    contract: Address,
    holds: &'static str,
    words: VecDeque<(U256, U256)>,
}

impl Proven {
    /// Checks every proof against the state root and the pinned contracts.
    pub(super) fn check(
        evidence: &Evidence,
        state_root: B256,
        trust: &Trust,
        known: &mut Known,
    ) -> Result<Self, EvidenceError> {
        if let Some(surplus) = evidence.accounts.get(trust.contracts.in_order().len()) {
            return Err(EvidenceError::Accounts(surplus.address));
        }
        let mut proven = Vec::new();
        let mut accounts = evidence.accounts.iter();
        for (pin, holds) in trust.contracts.in_order().into_iter().zip(HOLD) {
            // All of them, in the one order: also those that no entry is read from, because the others call them.
            let account = accounts.next().filter(|account| account.address == pin.address);
            let account = account.ok_or(EvidenceError::Accounts(pin.address))?;
            if account.code_hash != pin.code_hash {
                return Err(EvidenceError::Code {
                    address: pin.address,
                    found: account.code_hash,
                    pinned: pin.code_hash,
                });
            }
            check_account(state_root, account, known)?;
            let mut words = VecDeque::new();
            for entry in &account.storage {
                let (contract, slot) = (account.address, entry.slot);
                if entry.value.is_zero() {
                    return Err(EvidenceError::Absence { holds, contract, slot });
                }
                check_word(account.storage_root, entry, known).ok_or(EvidenceError::StorageProof {
                    holds,
                    contract,
                    slot,
                })?;
                words.push_back((U256::from_be_bytes(slot.0), entry.value));
            }
            proven.push(Words { contract: account.address, holds, words });
        }
        Ok(Self(proven))
    }

    /// That every proven word was read.
    pub(super) fn finish(&self) -> Result<(), EvidenceError> {
        let left =
            self.0.iter().find_map(|account| account.words.front().map(|(slot, _)| (account, B256::from(*slot))));
        left.map_or(Ok(()), |(Words { contract, holds, .. }, slot)| {
            Err(EvidenceError::Unneeded { holds, contract: *contract, slot })
        })
    }
}

impl StorageReader for Proven {
    type Error = EvidenceError;

    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, EvidenceError> {
        let account = self.0.iter_mut().find(|account| account.contract == contract);
        let holds = account.as_ref().map_or("what no contract holds", |account| account.holds);
        match account.and_then(|account| account.words.pop_front()) {
            Some((proven, value)) if proven == slot => Ok(value),
            _ => Err(EvidenceError::OtherEntry { holds, contract, needed: B256::from(slot) }),
        }
    }
}

fn check_account(state_root: B256, account: &AccountProof, known: &mut Known) -> Result<(), EvidenceError> {
    let key = (state_root, account.address);
    let bare = |account: &AccountProof| {
        let AccountProof { nonce, balance, storage_root, code_hash, .. } = *account;
        (nonce, balance, storage_root, code_hash)
    };
    let same = |known: &&AccountProof| bare(known) == bare(account) && known.proof == account.proof;
    if known.accounts.get(key).filter(same).is_some() {
        return Ok(());
    }
    verify(state_root, keccak256(account.address), leaf(account), &account.proof)
        .ok_or(EvidenceError::AccountProof(account.address))?;
    let AccountProof { address, nonce, balance, storage_root, code_hash, ref proof, .. } = *account;
    let checked =
        AccountProof { address, nonce, balance, storage_root, code_hash, proof: proof.clone(), storage: Vec::new() };
    known.accounts.keep(key, checked);
    Ok(())
}

fn check_word(storage_root: B256, entry: &StorageProof, known: &mut Known) -> Option<()> {
    let key = (storage_root, entry.slot);
    if known.words.get(key).filter(|known| *known == entry).is_some() {
        return Some(());
    }
    verify(storage_root, keccak256(entry.slot), alloy_rlp::encode(entry.value), &entry.proof)?;
    known.words.keep(key, entry.clone());
    Some(())
}

fn verify(root: B256, key: B256, value: Vec<u8>, proof: &[Bytes]) -> Option<()> {
    verify_proof(root, Nibbles::unpack(key), Some(value), proof).ok()
}

/// RLP of an account: nonce, balance, storage root, code hash.
fn leaf(account: &AccountProof) -> Vec<u8> {
    let mut payload = Vec::new();
    account.nonce.encode(&mut payload);
    account.balance.encode(&mut payload);
    account.storage_root.encode(&mut payload);
    account.code_hash.encode(&mut payload);
    let mut out = Vec::new();
    Header { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend(payload);
    out
}
