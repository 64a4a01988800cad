//! Where the tree stands: the epoch that changes are written under, and the next free leaf.

use crate::{
    error::{StoreError, VaultError},
    store::{Epoch, RecordsTx},
};
use sealroot_protocol::{
    field,
    tree::{DEPTH, Root, empty_node},
};

/// Name of the working epoch's number.
const EPOCH: &str = "epoch";
/// Name of the next leaf's number.
const NEXT_INDEX: &str = "next_index";
/// Name of the working tree's root.
const ROOT: &str = "root";

/// An empty tree.
pub(crate) async fn begin(tx: &mut impl RecordsTx) -> Result<(), VaultError> {
    set_working_epoch(tx, 1).await?;
    set_next_index(tx, 0).await?;
    set_kept_root(tx, Root(empty_node(DEPTH))).await
}

/// The root of the tree as this vault wrote it last. Nodes are believed only as far as they lead to it.
pub(super) async fn kept_root(tx: &mut impl RecordsTx) -> Result<Root, VaultError> {
    let Some(bytes) = tx.value(ROOT).await? else { return Ok(Root(empty_node(DEPTH))) };
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| StoreError::Column("vault_values"))?;
    Ok(Root(field::from_bytes(&bytes).map_err(|_| StoreError::Column("vault_values"))?))
}

/// The tree was written.
pub(super) async fn set_kept_root(tx: &mut impl RecordsTx, root: Root) -> Result<(), VaultError> {
    Ok(tx.set_value(ROOT, &field::to_bytes(root.0)).await?)
}

/// The epoch that changes are written under.
pub(crate) async fn working_epoch(tx: &mut impl RecordsTx) -> Result<Epoch, VaultError> {
    counter(tx, EPOCH).await
}

/// Changes are written under another epoch from now on.
pub(crate) async fn set_working_epoch(tx: &mut impl RecordsTx, epoch: Epoch) -> Result<(), VaultError> {
    Ok(tx.set_value(EPOCH, &epoch.to_be_bytes()).await?)
}

/// The leaf that the next new record gets.
pub(crate) async fn next_index(tx: &mut impl RecordsTx) -> Result<u64, VaultError> {
    counter(tx, NEXT_INDEX).await
}

/// Leaves before this one are taken.
pub(crate) async fn set_next_index(tx: &mut impl RecordsTx, index: u64) -> Result<(), VaultError> {
    Ok(tx.set_value(NEXT_INDEX, &index.to_be_bytes()).await?)
}

async fn counter(tx: &mut impl RecordsTx, name: &'static str) -> Result<u64, VaultError> {
    let bytes = tx.value(name).await?.ok_or(StoreError::Column("vault_values"))?;
    let bytes: [u8; 8] = bytes.try_into().map_err(|_| StoreError::Column("vault_values"))?;
    Ok(u64::from_be_bytes(bytes))
}
