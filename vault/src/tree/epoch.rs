//! Where the tree stands: the epoch that changes are written under, and the next free leaf.

use crate::{
    error::{StoreError, VaultError},
    store::{Epoch, RecordsTx},
};

/// Name of the working epoch's number.
const EPOCH: &str = "epoch";
/// Name of the next leaf's number.
const NEXT_INDEX: &str = "next_index";

/// An empty tree.
pub(crate) async fn begin(tx: &mut impl RecordsTx) -> Result<(), VaultError> {
    set_working_epoch(tx, 1).await?;
    set_next_index(tx, 0).await
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
