//! The commitment tree: 4-ary, depth 16, append and update in place (`docs/spec/statement.md`, path).
//!
//! Removal writes the empty leaf, so a path against the current root is also a proof of non-revocation.

use crate::{
    field::{F, field_newtype},
    poseidon,
    record::Leaf,
    tag::Tag,
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Levels of nodes above the leaves.
pub const DEPTH: usize = 16;
/// Children of a node.
pub const ARITY: usize = 4;
/// Leaves that fit: 2^32.
pub const CAPACITY: u64 = 1 << 32;

field_newtype! {
    /// Root of an agency's commitment tree.
    Root
}

/// `Poseidon(node tag, children)`.
pub fn node_hash(children: [F; ARITY]) -> F {
    poseidon::hash(Tag::Node, children)
}

/// [`node_hash`] of each, in order, many at once ([`poseidon::hash_many`]).
pub fn node_hashes(children: &[[F; ARITY]]) -> Vec<F> {
    poseidon::hash_many(Tag::Node, children)
}

/// The parents of the nodes of `level`, which stand side by side from the tree's left edge. Empty nodes fill up the last parent.
pub fn parents(level: usize, nodes: &[F]) -> Vec<F> {
    let (whole, rest) = nodes.as_chunks::<ARITY>();
    let mut parents = node_hashes(whole);
    if !rest.is_empty() {
        parents.push(node_hash(std::array::from_fn(|i| rest.get(i).copied().unwrap_or(empty_node(level)))));
    }
    parents
}

/// The node at `level` (0 = leaf, 16 = root) of a tree without records.
pub fn empty_node(level: usize) -> F {
    static NODES: OnceLock<[F; DEPTH + 1]> = OnceLock::new();
    let nodes = NODES.get_or_init(|| {
        let mut nodes = [Leaf::EMPTY.0; DEPTH + 1];
        for i in 0..DEPTH {
            nodes[i + 1] = node_hash([nodes[i]; ARITY]);
        }
        nodes
    });
    nodes[level.min(DEPTH)]
}

/// Position of a leaf, less than 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeafIndex(pub u32);

impl LeafIndex {
    /// Which child (0…3) of its parent the ancestor at `level` is.
    pub fn position(self, level: usize) -> usize {
        ((self.0 >> (2 * level)) & 3) as usize
    }

    /// Index of the ancestor at `level` within its level.
    pub fn ancestor(self, level: usize) -> u32 {
        if level >= DEPTH { 0 } else { self.0 >> (2 * level) }
    }
}

/// A leaf's position and the siblings on its way to the root, from the leaf upwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where the leaf stands.
    pub index: LeafIndex,
    /// The three other children at each level, in order.
    pub siblings: [[F; ARITY - 1]; DEPTH],
}

impl Path {
    /// The root that the leaf has on this path.
    pub fn root(&self, leaf: Leaf) -> Root {
        let mut node = leaf.0;
        for (level, siblings) in self.siblings.iter().enumerate() {
            node = node_hash(place(self.index.position(level), node, siblings));
        }
        Root(node)
    }
}

/// The four children with `node` at `position` and the siblings around it.
pub fn place(position: usize, node: F, siblings: &[F; ARITY - 1]) -> [F; ARITY] {
    let mut rest = siblings.iter();
    std::array::from_fn(|i| if i == position { node } else { rest.next().copied().unwrap_or(node) })
}

/// The tree is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the commitment tree is full (2^32 leaves)")]
pub struct TreeFull;

/// The tree in memory: for tests, vectors and small registries. Vaults keep theirs in their database.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    /// `levels[l]` holds the nodes of level l that are not empty by being to the right of all leaves.
    levels: [Vec<F>; DEPTH],
}

impl MemoryTree {
    /// A tree without records.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree in which these leaves stand from index 0 on, as if appended one by one: every node is hashed once, many at once.
    pub fn build(leaves: &[Leaf]) -> Result<Self, TreeFull> {
        if leaves.len() as u64 > CAPACITY {
            return Err(TreeFull);
        }
        let mut levels: [Vec<F>; DEPTH] = Default::default();
        levels[0] = leaves.iter().map(|leaf| leaf.0).collect();
        for level in 1..DEPTH {
            levels[level] = parents(level - 1, &levels[level - 1]);
        }
        Ok(Self { levels })
    }

    /// Appends at the next index.
    pub fn append(&mut self, leaf: Leaf) -> Result<LeafIndex, TreeFull> {
        let index = LeafIndex(u32::try_from(self.levels[0].len()).map_err(|_| TreeFull)?);
        self.set(index, leaf);
        Ok(index)
    }

    /// Updates in place; [`Leaf::EMPTY`] removes. An index beyond the end fills up with empty leaves.
    pub fn set(&mut self, index: LeafIndex, leaf: Leaf) {
        let mut node = leaf.0;
        for level in 0..DEPTH {
            let at = index.ancestor(level) as usize;
            let nodes = &mut self.levels[level];
            if nodes.len() <= at {
                nodes.resize(at + 1, empty_node(level));
            }
            nodes[at] = node;
            let first = at / ARITY * ARITY;
            node = node_hash(std::array::from_fn(|i| nodes.get(first + i).copied().unwrap_or(empty_node(level))));
        }
    }

    /// The root.
    pub fn root(&self) -> Root {
        let top = &self.levels[DEPTH - 1];
        Root(node_hash(std::array::from_fn(|i| top.get(i).copied().unwrap_or(empty_node(DEPTH - 1)))))
    }

    /// The path of an index.
    pub fn path(&self, index: LeafIndex) -> Path {
        let siblings = std::array::from_fn(|level| {
            let at = index.ancestor(level) as usize;
            let mut others = (at / ARITY * ARITY..).filter(|i| *i != at);
            std::array::from_fn(|_| {
                others.next().and_then(|i| self.levels[level].get(i)).copied().unwrap_or(empty_node(level))
            })
        });
        Path { index, siblings }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn leaf(i: u64) -> Leaf {
        Leaf(poseidon::circomlib(&[F::from(i)]).unwrap())
    }

    #[test]
    fn paths_lead_to_the_root_through_append_update_and_removal() {
        let mut tree = MemoryTree::new();
        assert_eq!(tree.root().0, empty_node(DEPTH));
        for i in 0..70 {
            assert_eq!(tree.append(leaf(i)).unwrap(), LeafIndex(i as u32));
            assert_eq!(tree.path(LeafIndex(i as u32)).root(leaf(i)), tree.root());
        }
        let before = tree.root();
        let stale = tree.path(LeafIndex(5));
        tree.set(LeafIndex(5), Leaf::EMPTY);
        assert_ne!(tree.root(), before);
        assert_ne!(stale.root(leaf(5)), tree.root(), "a removed record has no path against the current root");
        assert_eq!(tree.path(LeafIndex(5)).root(Leaf::EMPTY), tree.root());
        tree.set(LeafIndex(5), leaf(5));
        assert_eq!(tree.root(), before);
        for i in 0..70 {
            let path = tree.path(LeafIndex(i));
            assert_eq!(path.root(leaf(i.into())), before);
            assert_ne!(path.root(leaf(u64::from(i) + 1)), before);
            let moved = Path { index: LeafIndex(i ^ 1), ..path };
            assert_ne!(moved.root(leaf(i.into())), before);
        }
    }

    /// Sizes around every power of the arity that a test has time for: same roots and paths, and the same tree to go on from.
    #[test]
    fn a_tree_that_is_built_is_the_tree_that_grew() {
        let mut grown = MemoryTree::new();
        let mut leaves = Vec::new();
        for size in 0..=258u32 {
            let power = [1, 4, 16, 64, 256].iter().any(|power| size.abs_diff(*power) <= 2);
            if size == 0 || power || size % 37 == 0 {
                let mut built = MemoryTree::build(&leaves).unwrap();
                assert_eq!(built.root(), grown.root(), "{size} leaves");
                for index in [0, size / 3, size.saturating_sub(1), size, size + 300] {
                    assert_eq!(built.path(LeafIndex(index)), grown.path(LeafIndex(index)), "{index} of {size}");
                }
                let mut longer = grown.clone();
                assert_eq!(built.append(leaf(7)), longer.append(leaf(7)));
                built.set(LeafIndex(size / 2), Leaf::EMPTY);
                longer.set(LeafIndex(size / 2), Leaf::EMPTY);
                assert_eq!(built.root(), longer.root(), "{size} leaves and one more");
            }
            // Every seventh is empty, as if it had been removed.
            let next = if size % 7 == 6 { Leaf::EMPTY } else { leaf(size.into()) };
            leaves.push(next);
            grown.append(next).unwrap();
        }
    }

    #[test]
    fn order_of_writing_does_not_matter() {
        let (mut forward, mut backward) = (MemoryTree::new(), MemoryTree::new());
        for i in 0..20 {
            forward.set(LeafIndex(i), leaf(i.into()));
            backward.set(LeafIndex(19 - i), leaf(u64::from(19 - i)));
        }
        assert_eq!(forward.root(), backward.root());
    }
}
