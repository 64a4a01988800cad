//! What was checked already, so that what many bundles share is checked once: a block's seal, a contract's account, an entry's proof.
//!
//! Guarantee: something counts as checked only where every byte of it is the same as before. Memory is bounded: of each kind two generations are kept, and what isn't met
//! within a generation is forgotten.

use alloy_primitives::{Address, B256, Bytes};
use sealroot_protocol::{
    evidence::{AccountProof, StorageProof},
    signature::EthereumSignature,
};
use std::{collections::HashMap, hash::Hash};

use super::BlockAuthentication;

/// Of each kind: a few megabytes in all.
const GENERATION: usize = 1024;

/// What a block is known by.
#[derive(PartialEq)]
pub(super) struct KnownBlock {
    pub seal: Bytes,
    pub checkpoint: Vec<EthereumSignature>,
}

/// Everything that was checked.
#[derive(Default)]
pub(super) struct Known {
    /// By header hash.
    pub blocks: Generations<B256, (KnownBlock, BlockAuthentication)>,
    /// By state root and address; without storage.
    pub accounts: Generations<(B256, Address), AccountProof>,
    /// By storage root and slot.
    pub words: Generations<(B256, B256), StorageProof>,
}

/// A map that forgets what wasn't asked for lately.
pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<K: Hash + Eq + Copy, V> Generations<K, V> {
    /// What is kept under a key.
    pub(super) fn get(&mut self, key: K) -> Option<&V> {
        if !self.young.contains_key(&key) {
            let value = self.old.remove(&key)?;
            self.keep(key, value);
        }
        self.young.get(&key)
    }

    /// Keeps something under a key.
    pub(super) fn keep(&mut self, key: K, value: V) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_what_is_not_is_forgotten() {
        let mut kept = Generations::default();
        kept.keep(0, "asked for");
        kept.keep(1, "not asked for");
        for key in 2..10 * GENERATION {
            kept.keep(key, "passing");
            assert_eq!(kept.get(0), Some(&"asked for"));
        }
        assert_eq!(kept.get(1), None);
        assert!(kept.young.len() + kept.old.len() <= 2 * GENERATION);
    }
}
