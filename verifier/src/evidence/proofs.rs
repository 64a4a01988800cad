//! Account and storage proofs (EIP-1186), and reading proven words in the one order that a snapshot reads them.

use super::EvidenceError;
use crate::trust::Trust;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use alloy_trie::{Nibbles, proof::verify_proof};
use sealroot_protocol::{
    evidence::{AccountProof, Evidence},
    snapshot::StorageReader,
};
use std::collections::VecDeque;

/// Proven words by contract, in the evidence's order; each can be read once.
pub(super) struct Proven(Vec<(Address, VecDeque<(U256, U256)>)>);

impl Proven {
    /// Checks every proof against the state root and the pinned contracts.
    pub(super) fn check(evidence: &Evidence, state_root: B256, trust: &Trust) -> Result<Self, EvidenceError> {
        if let Some(surplus) = evidence.accounts.get(trust.contracts.in_order().len()) {
            return Err(EvidenceError::Accounts(surplus.address));
        }
        let mut proven = Vec::new();
        let mut accounts = evidence.accounts.iter();
        for pin in trust.contracts.in_order() {
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
            verify(state_root, keccak256(account.address), leaf(account), &account.proof)
                .ok_or(EvidenceError::AccountProof(account.address))?;
            let mut words = VecDeque::new();
            for entry in &account.storage {
                let (contract, slot) = (account.address, entry.slot);
                if entry.value.is_zero() {
                    return Err(EvidenceError::Absence { contract, slot });
                }
                verify(account.storage_root, keccak256(slot), alloy_rlp::encode(entry.value), &entry.proof)
                    .ok_or(EvidenceError::StorageProof { contract, slot })?;
                words.push_back((U256::from_be_bytes(slot.0), entry.value));
            }
            proven.push((account.address, words));
        }
        Ok(Self(proven))
    }

    /// That every proven word was read.
    pub(super) fn finish(&self) -> Result<(), EvidenceError> {
        let left =
            self.0.iter().find_map(|(contract, words)| words.front().map(|(slot, _)| (*contract, B256::from(*slot))));
        left.map_or(Ok(()), |(contract, slot)| Err(EvidenceError::Unneeded { contract, slot }))
    }
}

impl StorageReader for Proven {
    type Error = EvidenceError;

    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, EvidenceError> {
        let words = self.0.iter_mut().find(|(address, _)| *address == contract).map(|(_, words)| words);
        match words.and_then(VecDeque::pop_front) {
            Some((proven, value)) if proven == slot => Ok(value),
            _ => Err(EvidenceError::OtherEntry { contract, needed: B256::from(slot) }),
        }
    }
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
