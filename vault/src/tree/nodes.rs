//! The commitment tree in the database: versions of nodes per epoch, updated level by level.
//!
//! Guarantee: after [`apply`], the tree of the epoch is the tree before with exactly these leaves changed; the trees of older epochs stay as
//! they were until they are pruned. Nodes aren't trusted when read: every reader of a path checks it against the anchored root.

use super::parallel::{self, off_the_runtime};
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
/// leaves below it change; without changes the root is just read.
pub async fn apply(
    tx: &mut impl RecordsTx,
    epoch: Epoch,
    leaves: &BTreeMap<LeafIndex, Leaf>,
) -> Result<Root, VaultError> {
    if leaves.is_empty() {
        return root(tx, epoch).await;
    }
    let mut changed: BTreeMap<u32, F> = leaves.iter().map(|(index, leaf)| (index.0, leaf.0)).collect();
    for level in 1..=DEPTH as u32 {
        let mut positions: Vec<u32> = changed.keys().map(|child| child / ARITY as u32).collect();
        positions.dedup();
        let mut nodes: BTreeMap<u32, [F; ARITY]> =
            positions.iter().map(|p| (*p, [empty_node(level as usize - 1); ARITY])).collect();
        for row in tx.nodes(level, &positions, epoch).await? {
            nodes.insert(row.position, children(&row)?);
        }
        for (child, value) in &changed {
            if let Some(node) = nodes.get_mut(&(child / ARITY as u32)) {
                node[(child % ARITY as u32) as usize] = *value;
            }
        }
        let rows: Vec<NodeRow> = nodes
            .iter()
            .map(|(position, node)| NodeRow { level, position: *position, epoch, children: to_bytes(node) })
            .collect();
        tx.put_nodes(&rows).await?;
        let (positions, nodes): (Vec<u32>, Vec<[F; ARITY]>) = nodes.into_iter().unzip();
        let hashes = off_the_runtime(move || hash_nodes(&nodes)).await;
        changed = positions.into_iter().zip(hashes).collect();
    }
    changed.remove(&0).map(Root).ok_or(VaultError::Integrity(Integrity::Tree))
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

/// Checks that rows stand in the tree of `epoch` where they say: a row that was put back from yesterday doesn't.
pub(crate) async fn check_leaves(tx: &mut impl RecordsTx, rows: &[RecordRow], epoch: Epoch) -> Result<(), VaultError> {
    let positions: BTreeSet<u32> = rows.iter().map(|row| row.index.0 / ARITY as u32).collect();
    let mut nodes: BTreeMap<u32, [F; ARITY]> = BTreeMap::new();
    for row in tx.nodes(1, &positions.into_iter().collect::<Vec<_>>(), epoch).await? {
        nodes.insert(row.position, children(&row)?);
    }
    let stands = |row: &RecordRow| {
        let node = nodes.get(&(row.index.0 / ARITY as u32));
        node.is_some_and(|node| node[(row.index.0 % ARITY as u32) as usize] == row.leaf.0)
    };
    if rows.iter().all(stands) { Ok(()) } else { Err(Integrity::LeafMismatch.into()) }
}

/// Nodes that pay for a thread.
const NODES_WORTH_A_THREAD: usize = 64;

/// [`node_hash`] of each, in order, on all cores.
pub(crate) fn hash_nodes(nodes: &[[F; ARITY]]) -> Vec<F> {
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
