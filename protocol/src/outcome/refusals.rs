//! Batches of refusals: the Merkle tree over refused bundles whose root the chain dates.
//!
//! A refusal spends nothing, so it has no entry of its own on chain; an office records the root of many at once. The root tells the public
//! neither how many there were nor whose. A holder of a path learns the power of two, of at least 64, to which the batch was filled, because
//! filling can't be told from leaves. Guarantee: a path leads from one bundle's digest to one root and to no other; leaves and inner nodes are
//! hashed under different tags, so that neither passes for the other (`docs/spec/evidence.md`).

use crate::code::{Code, Coded};
use crate::field::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A path has at most this many siblings: a batch at most 2^20 refusals.
pub const MAX_DEPTH: usize = 20;

/// Leaves of the smallest batch, filling included.
pub const MIN_LEAVES: usize = 64;

/// Root of a batch: what the chain stores, with its requester and block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchRoot(pub Digest);

impl std::fmt::Display for BatchRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Why refusals make no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// None.
    #[error("a batch needs a refusal at least")]
    Empty,
    /// More than 2^20.
    #[error("{0} refusals are too many for one batch: at most 1,048,576; make several")]
    TooLarge(usize),
    /// The same bundle again.
    #[error("bundle {0} is in the batch twice; give every refusal once")]
    Twice(Digest),
}

impl Coded for BatchError {
    fn code(&self) -> Code {
        Code::BadBatch
    }
}

/// A batch of refusals, from the digests of their bundles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalBatch {
    /// Leaves and filling, ascending, then each level above; the last is the root alone.
    levels: Vec<Vec<Digest>>,
}

impl RefusalBatch {
    /// The batch of these bundles. Their order doesn't matter: leaves are sorted, so that a place in the tree says nothing about
    /// the order of refusals.
    pub fn new(bundles: &[Digest]) -> Result<Self, BatchError> {
        if bundles.is_empty() {
            return Err(BatchError::Empty);
        }
        if bundles.len() > 1 << MAX_DEPTH {
            return Err(BatchError::TooLarge(bundles.len()));
        }
        let mut leaves: Vec<(Digest, &Digest)> = bundles.iter().map(|bundle| (leaf(bundle), bundle)).collect();
        leaves.sort_unstable();
        if let Some(pair) = leaves.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(BatchError::Twice(*pair[0].1));
        }
        let mut level: Vec<Digest> = leaves.into_iter().map(|(leaf, _)| leaf).collect();
        level.extend(filling(&level));
        level.sort_unstable();
        let mut levels = vec![level];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            levels.push(below.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect());
        }
        Ok(Self { levels })
    }

    /// What is recorded on chain.
    pub fn root(&self) -> BatchRoot {
        BatchRoot(self.levels[self.levels.len() - 1][0])
    }

    /// The path of a bundle; none if it isn't in the batch.
    pub fn path(&self, bundle: &Digest) -> Option<RefusalPath> {
        let leaf = leaf(bundle);
        let index = self.levels[0].iter().position(|other| *other == leaf)?;
        let heights = 0..self.levels.len() - 1;
        let siblings = heights.map(|height| self.levels[height][(index >> height) ^ 1]).collect();
        Some(RefusalPath { index: u32::try_from(index).ok()?, siblings })
    }
}

/// Where a refused bundle stands in its batch. Travels in the bundle's evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalPath {
    /// Number of the leaf, from 0: its bits say, from the lowest on, whether the node is the right one of its pair.
    pub index: u32,
    /// The other node of each pair, from the leaf upwards.
    pub siblings: Vec<Digest>,
}

/// A path that leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusalPathError {
    /// Longer than a batch is deep.
    #[error("the path has {0} siblings; a batch is at most 20 deep")]
    TooLong(usize),
    /// No such leaf.
    #[error("leaf {index} doesn't exist under {siblings} siblings")]
    NoSuchLeaf {
        /// What the path says.
        index: u32,
        /// How many it has.
        siblings: usize,
    },
}

impl Coded for RefusalPathError {
    fn code(&self) -> Code {
        Code::EvidenceInvalid
    }
}

impl RefusalPath {
    /// The root that this path leads to from a bundle. Whether the chain has it is the caller's to check.
    pub fn root(&self, bundle: &Digest) -> Result<BatchRoot, RefusalPathError> {
        let (index, siblings) = (self.index, self.siblings.len());
        if siblings > MAX_DEPTH {
            return Err(RefusalPathError::TooLong(siblings));
        }
        // Bits above the path's length would change nothing: one path has one spelling.
        if index >> siblings != 0 {
            return Err(RefusalPathError::NoSuchLeaf { index, siblings });
        }
        let step = |(node_hash, height): (Digest, usize), sibling: &Digest| {
            let right = index >> height & 1 == 1;
            let parent = if right { node(sibling, &node_hash) } else { node(&node_hash, sibling) };
            (parent, height + 1)
        };
        Ok(BatchRoot(self.siblings.iter().fold((leaf(bundle), 0), step).0))
    }
}

/// `SHA-256("sealroot/1:refusal" ‖ 0x0a ‖ bundle digest)`.
fn leaf(bundle: &Digest) -> Digest {
    Digest(Sha256::new().chain_update(b"sealroot/1:refusal\n").chain_update(bundle.0).finalize().into())
}

/// What a batch is filled with, up to a power of two: `SHA-256("sealroot/1:refusal-filling" ‖ 0x0a ‖ SHA-256(leaves) ‖ i)`, i from 0 in four bytes,
/// little-endian. Without every leaf nobody can tell it from leaves, and the same refusals make the same batch again.
fn filling(leaves: &[Digest]) -> Vec<Digest> {
    let all = leaves.iter().fold(Sha256::new(), |hash, leaf| hash.chain_update(leaf.0)).finalize();
    let size = leaves.len().next_power_of_two().max(MIN_LEAVES);
    let fill = |i: u32| {
        let hash = Sha256::new().chain_update(b"sealroot/1:refusal-filling\n").chain_update(all);
        Digest(hash.chain_update(i.to_le_bytes()).finalize().into())
    };
    (0u32..).map(fill).take(size - leaves.len()).collect()
}

/// `SHA-256("sealroot/1:refusals" ‖ 0x0a ‖ left ‖ right)`.
fn node(left: &Digest, right: &Digest) -> Digest {
    let hash = Sha256::new().chain_update(b"sealroot/1:refusals\n").chain_update(left.0).chain_update(right.0);
    Digest(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn digests(n: u8) -> Vec<Digest> {
        (0..n).map(|i| Digest([i + 1; 32])).collect()
    }

    /// Computed by a separate implementation in Python; the vectors of `docs/spec/evidence.md`.
    #[test]
    fn known_answers() {
        let root = |n| RefusalBatch::new(&digests(n)).unwrap().root().to_string();
        assert_eq!(root(1), "0xa826b3ac82894d67f635d82e04d08c599ba0cdc5c7080ab156223897a03044e2");
        assert_eq!(root(2), "0x15e939144387e51c187523bfbe9e784ea7952229e2334d271c14486aae999377");
        assert_eq!(root(3), "0x40f205c67efde8b53cab0f676bacaecc5d552d9e3fd3616d5c833ec1c58df2b9");
    }

    #[test]
    fn every_path_leads_to_its_root_and_to_no_other() {
        for n in 1..=17 {
            let all = digests(n);
            let batch = RefusalBatch::new(&all).unwrap();
            for bundle in &all {
                let path = batch.path(bundle).unwrap();
                let leads = |path: &RefusalPath, bundle: &Digest| path.root(bundle) == Ok(batch.root());
                assert!(leads(&path, bundle));
                // Another bundle, in the batch or not.
                assert!(all.iter().filter(|other| *other != bundle).all(|other| !leads(&path, other)));
                assert!(!leads(&path, &Digest([0; 32])));
                // Another leaf of the same batch, another sibling, a longer and a shorter path.
                for index in 0..70 {
                    assert_eq!(leads(&RefusalPath { index, ..path.clone() }, bundle), index == path.index, "{index}");
                }
                for i in 0..path.siblings.len() {
                    let mut changed = path.clone();
                    changed.siblings[i].0[7] ^= 1;
                    assert!(!leads(&changed, bundle));
                    changed.siblings.truncate(i);
                    assert!(!leads(&changed, bundle));
                }
                let mut longer = path.clone();
                longer.siblings.push(Digest([0; 32]));
                assert!(!leads(&longer, bundle));
            }
            assert_eq!(batch.path(&Digest([99; 32])), None);
        }
    }

    /// An attacker who picks digests freely can't make a leaf of an inner node or of the filling, or an inner node of a leaf.
    #[test]
    fn leaves_and_nodes_are_separate() {
        let all = digests(3);
        let batch = RefusalBatch::new(&all).unwrap();
        let leads = |path: &RefusalPath, digest: &Digest| path.root(digest) == Ok(batch.root());
        for (height, level) in batch.levels.iter().enumerate() {
            for (i, node) in level.iter().enumerate() {
                let above = height..batch.levels.len() - 1;
                let siblings: Vec<Digest> = above.map(|h| batch.levels[h][(i >> (h - height)) ^ 1]).collect();
                let path = RefusalPath { index: i as u32, siblings };
                assert!(!leads(&path, node), "node {i} at height {height}");
                // As the digest of which the node would be the leaf, it is nobody's.
                assert!(height > 0 || leaf(node) != *node);
            }
        }
        // The same 64 bytes as a pair of children and as one leaf's input.
        let zero = Digest([0; 32]);
        assert_ne!(leaf(&zero), node(&zero, &zero));
        assert_ne!(RefusalBatch::new(&all[..1]).unwrap().root().0, all[0]);
    }

    /// A path says to which size its batch was filled, and nothing else tells leaves from filling.
    #[test]
    fn small_batches_look_alike() {
        for n in [1, 2, 40, 64] {
            let all = digests(n);
            let batch = RefusalBatch::new(&all).unwrap();
            assert_eq!(batch.levels[0].len(), MIN_LEAVES);
            assert!(batch.levels[0].is_sorted() && batch.levels[0].windows(2).all(|pair| pair[0] != pair[1]));
            assert!(all.iter().all(|bundle| batch.path(bundle).unwrap().siblings.len() == 6));
        }
        assert_eq!(RefusalBatch::new(&digests(65)).unwrap().levels[0].len(), 128);
        // Another leaf, other filling: it can't be known beforehand.
        let [a, b] = [digests(2), digests(3)].map(|all| RefusalBatch::new(&all).unwrap().levels.remove(0));
        assert_eq!(a.iter().filter(|node| b.contains(node)).count(), 2);
    }

    #[test]
    fn order_does_not_matter_and_bad_batches_are_rejected() {
        let all = digests(5);
        let mut turned = all.clone();
        turned.reverse();
        assert_eq!(RefusalBatch::new(&all), RefusalBatch::new(&turned));
        assert_eq!(RefusalBatch::new(&[]), Err(BatchError::Empty));
        turned.push(all[2]);
        assert_eq!(RefusalBatch::new(&turned), Err(BatchError::Twice(all[2])));
        let path = RefusalPath { index: 0, siblings: vec![Digest([0; 32]); MAX_DEPTH + 1] };
        assert_eq!(path.root(&all[0]), Err(RefusalPathError::TooLong(MAX_DEPTH + 1)));
        let deepest = RefusalPath { index: 0, siblings: vec![Digest([0; 32]); MAX_DEPTH] };
        assert!(deepest.root(&all[0]).is_ok());
        let beyond = RefusalPath { index: 2, siblings: vec![Digest([0; 32])] };
        assert_eq!(beyond.root(&all[0]), Err(RefusalPathError::NoSuchLeaf { index: 2, siblings: 1 }));
        assert!(RefusalPath { index: u32::MAX, siblings: vec![Digest([0; 32]); MAX_DEPTH] }.root(&all[0]).is_err());
    }
}
