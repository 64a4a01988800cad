//! Changing keys: the master key, which the ring is sealed with again, and the key-encryption key, which data keys are wrapped under again. Records are never
//! encrypted again.

use sealroot_vault::{Argon2Cost, KeyError, MasterKey, Vault, VaultError, store::Store};

/// Locks the key ring with another passphrase or key file. Older copies of the ring still open with what locked them.
pub fn relock<S: Store>(vault: &Vault<S>, master: &MasterKey) -> Result<(), KeyError> {
    vault.relock(master, Argon2Cost::default())
}

/// Wraps all data keys under a fresh key. `progress` is told how many are done and how many there are. Returns their number.
pub async fn rotate_keys<S: Store>(
    vault: &Vault<S>,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<u64, VaultError> {
    let total = vault.status().await?.data_keys;
    vault.rotate_keys(|done| progress(done, total)).await
}
