//! Rotating the key-encryption key: data keys are wrapped again, records are never encrypted again.

use sealroot_vault::{Vault, VaultError, store::Store};

/// Wraps all data keys under a fresh key. `progress` is told how many are done and how many there are. Returns their number.
pub async fn rotate_keys<S: Store>(
    vault: &Vault<S>,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<u64, VaultError> {
    let total = vault.status().await?.data_keys;
    vault.rotate_keys(|done| progress(done, total)).await
}
