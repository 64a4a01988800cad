//! A Merkle-Patricia trie that changes: after a block only the nodes on the paths to what changed are hashed again.
//!
//! The nodes themselves are made by `alloy-trie`, which builds a trie from sorted leaves and takes the hash of a branch in place of the leaves under it. What is kept here is the
//! hash of each branch with more than a few leaves under it.
//! Guarantee: root and proofs are those of a trie that is built from all leaves (a test compares them).

use alloy_primitives::{B256, Bytes};
use alloy_rlp::Encodable;
use alloy_trie::{HashBuilder, Nibbles, proof::ProofRetainer};
use std::collections::{BTreeMap, HashMap};

/// Leaves under a branch whose hash isn't worth keeping.
const FEW: usize = 24;
/// Nibbles of a key.
const KEY_NIBBLES: usize = 64;

/// Leaves by hashed key.
#[derive(Debug, Clone)]
pub(super) struct Trie<V> {
    leaves: BTreeMap<B256, V>,
    /// By the path from the root.
    branches: HashMap<Nibbles, B256>,
    /// At least 1: a single leaf is no branch.
    few: usize,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { leaves: BTreeMap::new(), branches: HashMap::new(), few: FEW }
    }
}

impl<V: PartialEq> PartialEq for Trie<V> {
    fn eq(&self, other: &Self) -> bool {
        self.leaves == other.leaves
    }
}
impl<V: Eq> Eq for Trie<V> {}

impl<V: Encodable> Trie<V> {
    /// Sets a leaf; none takes it away.
    pub(super) fn set(&mut self, key: B256, value: Option<V>) {
        match value {
            Some(value) => drop(self.leaves.insert(key, value)),
            None => drop(self.leaves.remove(&key)),
        }
        if !self.branches.is_empty() {
            let path = Nibbles::unpack(key);
            for length in 0..KEY_NIBBLES {
                self.branches.remove(&path.slice(..length));
            }
        }
    }

    /// The root. Keeps the hashes of what it computes.
    pub(super) fn root(&mut self) -> B256 {
        if let Some(hash) = self.branch(Nibbles::default()) {
            return hash;
        }
        let mut builder = HashBuilder::default();
        self.add_leaves(&mut builder, Nibbles::default(), 0);
        builder.root()
    }

    /// The nodes that lead to each of these keys, or to where it would be, root first; under the newest [`root`](Self::root).
    pub(super) fn prove(&self, keys: &[B256]) -> Vec<Vec<Bytes>> {
        let targets: Vec<Nibbles> = keys.iter().map(Nibbles::unpack).collect();
        let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets.clone()));
        self.add_around(&mut builder, Nibbles::default(), &targets);
        builder.root();
        let nodes = builder.take_proof_nodes();
        let proof = |key: &Nibbles| nodes.matching_nodes_sorted(key).into_iter().map(|(_, node)| node).collect();
        targets.iter().map(proof).collect()
    }

    /// The hash of the branch at a path, if there is one with more than a few leaves under it.
    fn branch(&mut self, path: Nibbles) -> Option<B256> {
        if let Some(hash) = self.branches.get(&path) {
            return Some(*hash);
        }
        if self.under(&path).take(self.few + 1).count() <= self.few {
            return None;
        }
        let mut builder = HashBuilder::default();
        let mut children = 0;
        for child in children_of(&path) {
            children += usize::from(self.under(&child).next().is_some());
            match self.branch(child) {
                Some(hash) => builder.add_branch(child.slice(path.len()..), hash, false),
                None => self.add_leaves(&mut builder, child, path.len()),
            }
        }
        // With one child the path goes on to it: an extension, and no branch.
        if children < 2 {
            return None;
        }
        let hash = builder.root();
        self.branches.insert(path, hash);
        Some(hash)
    }

    /// Everything under a path: what no target goes through by its hash.
    fn add_around(&self, builder: &mut HashBuilder, path: Nibbles, targets: &[Nibbles]) {
        let is_asked = targets.iter().any(|target| target.starts_with(&path));
        match self.branches.get(&path) {
            Some(hash) if !is_asked => builder.add_branch(path, *hash, false),
            // Leads on to branches that are kept.
            Some(_) => children_of(&path).for_each(|child| self.add_around(builder, child, targets)),
            None => self.add_leaves(builder, path, 0),
        }
    }

    /// The leaves under a path, each with its key from `depth` on.
    fn add_leaves(&self, builder: &mut HashBuilder, path: Nibbles, depth: usize) {
        for (key, value) in self.under(&path) {
            builder.add_leaf(Nibbles::unpack(key).slice(depth..), &alloy_rlp::encode(value));
        }
    }

    fn under(&self, path: &Nibbles) -> impl Iterator<Item = (&B256, &V)> {
        let bound = |filling: u8| {
            let mut key = [0; 32];
            for (at, byte) in key.iter_mut().enumerate() {
                let nibble = |i: usize| path.get(i).unwrap_or(filling);
                *byte = nibble(2 * at) << 4 | nibble(2 * at + 1);
            }
            B256::from(key)
        };
        self.leaves.range(bound(0)..=bound(15))
    }
}

fn children_of(path: &Nibbles) -> impl Iterator<Item = Nibbles> {
    let path = *path;
    (0..16).map(move |nibble| {
        let mut child = path;
        child.push(nibble);
        child
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy_primitives::{U256, keccak256};
    use alloy_trie::{EMPTY_ROOT_HASH, proof::verify_proof};
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    /// From all leaves.
    fn built(leaves: &BTreeMap<B256, U256>, targets: &[B256]) -> (B256, Vec<Vec<Bytes>>) {
        let targets: Vec<Nibbles> = targets.iter().map(Nibbles::unpack).collect();
        let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets.clone()));
        leaves.iter().for_each(|(key, value)| builder.add_leaf(Nibbles::unpack(key), &alloy_rlp::encode(value)));
        let root = builder.root();
        let nodes = builder.take_proof_nodes();
        let proof = |key: &Nibbles| nodes.matching_nodes_sorted(key).into_iter().map(|(_, node)| node).collect();
        (root, targets.iter().map(proof).collect())
    }

    /// Keys whose first nibbles collide often, so that extensions, branches of one child and single leaves lie beside each other.
    fn key(random: &mut StdRng) -> B256 {
        let mut key = keccak256(random.random::<u64>().to_be_bytes());
        for byte in key.0.iter_mut().take(random.random_range(0..5)) {
            *byte &= 0x11;
        }
        key
    }

    #[test]
    fn it_is_the_trie_of_all_leaves() {
        let mut random = StdRng::seed_from_u64(16);
        for few in [1, 2, 5, FEW] {
            let mut trie = Trie { few, ..Trie::default() };
            assert_eq!(trie.root(), EMPTY_ROOT_HASH);
            let mut leaves = BTreeMap::new();
            for round in 0..60 {
                for _ in 0..random.random_range(1..40) {
                    let again = leaves.keys().nth(random.random_range(0..leaves.len().max(1))).copied();
                    let key = again.filter(|_| random.random_bool(0.4)).unwrap_or_else(|| key(&mut random));
                    let value = random.random_bool(if round < 40 { 0.8 } else { 0.1 });
                    let value = value.then(|| U256::from(random.random::<u128>()));
                    match value {
                        Some(value) => drop(leaves.insert(key, value)),
                        None => drop(leaves.remove(&key)),
                    }
                    trie.set(key, value);
                }
                let mut asked: Vec<B256> = (0..4).map(|_| key(&mut random)).collect();
                asked.extend(leaves.keys().step_by(7).take(4));
                let root = trie.root();
                let (expected, proofs) = built(&leaves, &asked);
                assert_eq!(root, expected, "few {few}, round {round}");
                let found = trie.prove(&asked);
                assert_eq!(found, proofs, "few {few}, round {round}");
                for (key, proof) in asked.iter().zip(&found) {
                    let value = leaves.get(key).map(alloy_rlp::encode);
                    if root != EMPTY_ROOT_HASH {
                        assert_eq!(verify_proof(root, Nibbles::unpack(key), value, proof), Ok(()));
                    }
                }
            }
        }
    }
}
