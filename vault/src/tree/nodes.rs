//! The commitment tree in the database: versions of nodes per epoch, updated level by level.
//!
//! Guarantee: after [`apply`], the tree of the epoch is the tree before with exactly these leaves changed; the trees of older epochs stay as
//! they were until they are pruned. Nodes aren't trusted when read, and have no tags: every reader of a path checks it against the anchored root, and whatever is
//! written again or believed again is hashed up to the root that was kept with a tag.

use super::{
    epoch::{kept_root, set_kept_root},
    parallel::{self, off_the_runtime},
};
use crate::{
    error::{Integrity, VaultError},
    store::{Epoch, NodeRow, RecordRow, RecordsTx},
};
use sealroot_protocol::{
    field::{self, F},
    record::Leaf,
    tree::{ARITY, DEPTH, LeafIndex, Path, Root, empty_node, node_hash, node_hashes},
};
use std::collections::{BTreeMap, BTreeSet};

/// Writes leaves ([`Leaf::EMPTY`] removes) into the tree of `epoch` and returns its root. Every affected node is hashed once, however many
/// leaves below it change; without changes the root is just read. What stood there before must lead to the root that was kept, because what is hashed again is believed
/// again: a leaf that somebody put into a node would come under the next root.
pub async fn apply(
    tx: &mut impl RecordsTx,
    epoch: Epoch,
    leaves: &BTreeMap<LeafIndex, Leaf>,
) -> Result<Root, VaultError> {
    if leaves.is_empty() {
        return working_root(tx, epoch).await;
    }
    let mut changed: BTreeMap<u32, F> = leaves.iter().map(|(index, leaf)| (index.0, leaf.0)).collect();
    let mut before = BTreeMap::new();
    for level in 1..=DEPTH as u32 {
        let positions = parents(changed.keys());
        let mut nodes = Nodes::read(tx, level, positions, epoch).await?;
        nodes.must_have(&before)?;
        before = nodes.hash().await;
        for (child, value) in &changed {
            nodes.set(*child, *value);
        }
        let rows: Vec<NodeRow> = nodes
            .children
            .iter()
            .map(|(position, node)| NodeRow { level, position: *position, epoch, children: to_bytes(node) })
            .collect();
        tx.put_nodes(&rows).await?;
        changed = nodes.hash_all().await;
    }
    if before.remove(&0).map(Root) != Some(kept_root(tx).await?) {
        return Err(Integrity::Tree.into());
    }
    let root = changed.remove(&0).map(Root).ok_or(Integrity::Tree)?;
    set_kept_root(tx, root).await?;
    Ok(root)
}

/// Which leaves a tree may have beside those of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherLeaves {
    /// None.
    None,
    /// Those of records that were erased since: their rows are gone, and an anchored root can't be taken back.
    OfErased,
}

/// Compares every node of the tree of an epoch with the one over these leaves (a place without a record is 0), and its root with the one that was kept.
pub(crate) async fn check_nodes(
    tx: &mut impl RecordsTx,
    epoch: Epoch,
    leaves: Vec<F>,
    others: OtherLeaves,
    root: Root,
) -> Result<(), VaultError> {
    let mut below = leaves;
    for level in 1..=DEPTH as u32 {
        let empty = empty_node(level as usize - 1);
        below.resize(below.len().next_multiple_of(ARITY).max(ARITY), empty);
        let nodes = below.len() / ARITY;
        let may_be_another = |computed: &F| level == 1 && others == OtherLeaves::OfErased && *computed == empty;
        for first in (0..nodes).step_by(PAGE) {
            let positions: Vec<u32> = (first..nodes.min(first + PAGE)).map(|position| position as u32).collect();
            let read = Nodes::read(tx, level, positions, epoch).await?;
            for (position, node) in &read.children {
                for (computed, stored) in below[*position as usize * ARITY..][..ARITY].iter_mut().zip(node) {
                    if may_be_another(computed) {
                        *computed = *stored;
                    } else if computed != stored {
                        return Err(Integrity::Tree.into());
                    }
                }
            }
        }
        below = off_the_runtime(move || hash_nodes(below.as_chunks().0)).await;
    }
    if below.first() == Some(&root.0) { Ok(()) } else { Err(Integrity::Tree.into()) }
}

/// Nodes that are compared at a time.
const PAGE: usize = 4096;

/// Some nodes of one level.
struct Nodes {
    level: u32,
    children: BTreeMap<u32, [F; ARITY]>,
    /// Those that stand in the database; the others are empty.
    stored: BTreeSet<u32>,
}

impl Nodes {
    async fn read(tx: &mut impl RecordsTx, level: u32, positions: Vec<u32>, epoch: Epoch) -> Result<Self, VaultError> {
        let mut nodes: BTreeMap<u32, [F; ARITY]> =
            positions.iter().map(|p| (*p, [empty_node(level as usize - 1); ARITY])).collect();
        let mut stored = BTreeSet::new();
        for row in tx.nodes(level, &positions, epoch).await? {
            nodes.insert(row.position, children(&row)?);
            stored.insert(row.position);
        }
        Ok(Self { level, children: nodes, stored })
    }

    fn get(&self, child: u32) -> Option<F> {
        self.children.get(&(child / ARITY as u32)).map(|node| node[(child % ARITY as u32) as usize])
    }

    fn set(&mut self, child: u32, value: F) {
        if let Some(node) = self.children.get_mut(&(child / ARITY as u32)) {
            node[(child % ARITY as u32) as usize] = value;
        }
    }

    /// The nodes of the level below must be these nodes' children.
    fn must_have(&self, below: &BTreeMap<u32, F>) -> Result<(), Integrity> {
        if below.iter().all(|(child, hash)| self.get(*child) == Some(*hash)) { Ok(()) } else { Err(Integrity::Tree) }
    }

    /// Hashes as they were read: an empty node's is known.
    async fn hash(&self) -> BTreeMap<u32, F> {
        let empty = empty_node(self.level as usize);
        let mut hashes: BTreeMap<u32, F> = self.children.keys().map(|position| (*position, empty)).collect();
        let stored = self.children.iter().filter(|(position, _)| self.stored.contains(position));
        hashes.extend(hashed(stored.map(|(position, node)| (*position, *node)).unzip()).await);
        hashes
    }

    /// Hashes of all.
    async fn hash_all(self) -> BTreeMap<u32, F> {
        hashed(self.children.into_iter().unzip()).await.collect()
    }
}

async fn hashed((positions, nodes): (Vec<u32>, Vec<[F; ARITY]>)) -> impl Iterator<Item = (u32, F)> {
    let hashes = if nodes.is_empty() { Vec::new() } else { off_the_runtime(move || hash_nodes(&nodes)).await };
    positions.into_iter().zip(hashes)
}

fn parents<'a>(children: impl Iterator<Item = &'a u32>) -> Vec<u32> {
    let mut positions: Vec<u32> = children.map(|child| child / ARITY as u32).collect();
    positions.dedup();
    positions
}

/// The root of the working tree. It must be the one that was kept: this root is anchored.
pub(crate) async fn working_root(tx: &mut impl RecordsTx, epoch: Epoch) -> Result<Root, VaultError> {
    let found = root(tx, epoch).await?;
    if found == kept_root(tx).await? { Ok(found) } else { Err(Integrity::Tree.into()) }
}

/// The root of the tree of `epoch`.
pub async fn root(tx: &mut impl RecordsTx, epoch: Epoch) -> Result<Root, VaultError> {
    match tx.nodes(DEPTH as u32, &[0], epoch).await?.first() {
        Some(row) => Ok(Root(node_hash(children(row)?))),
        None => Ok(Root(empty_node(DEPTH))),
    }
}

/// The leaf at `index` in the tree of `epoch`, and its path. Checked by nobody yet: compare `path.root(leaf)` with the anchored root.
pub async fn path(tx: &mut impl RecordsTx, index: LeafIndex, epoch: Epoch) -> Result<(Leaf, Path), VaultError> {
    let mut leaf = Leaf::EMPTY;
    let mut siblings = [[F::from(0u8); ARITY - 1]; DEPTH];
    for (level, out) in siblings.iter_mut().enumerate() {
        let parent = index.ancestor(level + 1);
        let node = match tx.nodes(level as u32 + 1, &[parent], epoch).await?.first() {
            Some(row) => children(row)?,
            None => [empty_node(level); ARITY],
        };
        let mine = index.position(level);
        if level == 0 {
            leaf = Leaf(node[mine]);
        }
        let mut others = node.iter().enumerate().filter(|(i, _)| *i != mine).map(|(_, x)| *x);
        for slot in out {
            *slot = others.next().ok_or(Integrity::Tree)?;
        }
    }
    Ok((leaf, Path { index, siblings }))
}

/// Checks that rows stand in the working tree where they say, and that their paths lead to the root that was kept: a row that was put back from yesterday doesn't, nor does
/// one whose leaf somebody put into a node.
pub(crate) async fn check_leaves(tx: &mut impl RecordsTx, rows: &[RecordRow], epoch: Epoch) -> Result<(), VaultError> {
    if rows.is_empty() {
        return Ok(());
    }
    let leaves: BTreeMap<u32, F> = rows.iter().map(|row| (row.index.0, row.leaf.0)).collect();
    let mut below = leaves.clone();
    for level in 1..=DEPTH as u32 {
        let nodes = Nodes::read(tx, level, parents(below.keys()), epoch).await?;
        nodes.must_have(&below).map_err(|error| if level == 1 { Integrity::LeafMismatch } else { error })?;
        below = nodes.hash().await;
    }
    if rows.iter().any(|row| leaves.get(&row.index.0) != Some(&row.leaf.0)) {
        return Err(Integrity::LeafMismatch.into());
    }
    if below.remove(&0).map(Root) == Some(kept_root(tx).await?) { Ok(()) } else { Err(Integrity::Tree.into()) }
}

/// Nodes that pay for a thread.
const NODES_WORTH_A_THREAD: usize = 64;

/// [`node_hash`] of each, in order, on all cores.
fn hash_nodes(nodes: &[[F; ARITY]]) -> Vec<F> {
    parallel::parts(nodes, NODES_WORTH_A_THREAD, node_hashes)
}

fn children(row: &NodeRow) -> Result<[F; ARITY], Integrity> {
    let mut out = [F::from(0u8); ARITY];
    for (slot, bytes) in out.iter_mut().zip(row.children.chunks_exact(32)) {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| Integrity::Tree)?;
        *slot = field::from_bytes(bytes).map_err(|_| Integrity::Tree)?;
    }
    Ok(out)
}

fn to_bytes(node: &[F; ARITY]) -> [u8; 128] {
    let mut out = [0; 128];
    for (slot, value) in out.chunks_exact_mut(32).zip(node) {
        slot.copy_from_slice(&field::to_bytes(*value));
    }
    out
}
