//! Destroying data keys: what a committed erasure or pruning owes, so that a crash can't forget it.

use crate::{
    error::VaultError,
    store::{Keys, Records, RecordsTx, Store},
    vault::Vault,
};

impl<S: Store> Vault<S> {
    /// Destroys the data keys that a committed erasure or pruning owes.
    pub(crate) async fn destroy_owed(&self) -> Result<(), VaultError> {
        let mut tx = self.store.records().write().await?;
        let owed = tx.owed_destructions().await?;
        if !owed.is_empty() {
            self.store.keys().destroy(&owed).await?;
            tx.settle_destructions().await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
