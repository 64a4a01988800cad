//! Rotation of the key-encryption key: data keys are wrapped again, records are never encrypted again.
//!
//! Order, so that a crash at any point is finished by the next start: the ring is saved with the new key in front; data keys are re-wrapped in small
//! transactions; the ring is saved without the old keys once nothing is under them. Older copies of the key store are useless afterwards.

use crate::{
    error::VaultError,
    store::{Keys, Store, WrappedKey},
    vault::Vault,
};
use std::sync::PoisonError;

/// Keys per transaction.
const CHUNK: u32 = 512;

impl<S: Store> Vault<S> {
    /// Rotates; `progress` is told how many data keys have been wrapped again. Returns their number.
    pub async fn rotate_keys(&self, mut progress: impl FnMut(u64) + Send) -> Result<u64, VaultError> {
        let _alone = self.wrapping.write().await;
        let _no_readers = self.keeper.alone()?;
        // What is destroyed here would otherwise be carried over.
        self.destroy_orphans().await?;
        {
            let mut ring = self.issuer.ring.write().unwrap_or_else(PoisonError::into_inner);
            ring.add_kek();
            if let Err(error) = ring.to_text().and_then(|text| self.keeper.save(&text)) {
                // Nothing may be wrapped under a key that the file doesn't have.
                ring.forget_first_kek();
                return Err(error.into());
            }
        }
        let mut done = 0;
        self.rewrap(&mut |n| {
            done = n;
            progress(n);
        })
        .await?;
        Ok(done)
    }

    /// Wraps what isn't under the first key-encryption key, then drops the others. Does nothing when there is only one.
    pub(crate) async fn finish_rotation(&self, progress: &mut (impl FnMut(u64) + Send)) -> Result<(), VaultError> {
        if self.ring().kek_count() == 1 {
            return Ok(());
        }
        let _no_readers = self.keeper.alone()?;
        self.rewrap(progress).await
    }

    async fn rewrap(&self, progress: &mut (impl FnMut(u64) + Send)) -> Result<(), VaultError> {
        let first = self.ring().first_kek();
        let mut done = 0;
        loop {
            let old = self.store.keys().not_under(first, CHUNK).await?;
            if old.is_empty() {
                break;
            }
            let fresh: Vec<WrappedKey> = {
                let ring = self.ring();
                old.iter()
                    .map(|key| {
                        let data_key = ring.unwrap(key.kek, &key.id, &key.wrapped)?;
                        let (kek, wrapped) = ring.wrap(&key.id, &data_key)?;
                        Ok(WrappedKey { id: key.id.clone(), kek, wrapped })
                    })
                    .collect::<Result<_, VaultError>>()?
            };
            self.store.keys().rewrap(&fresh).await?;
            done += fresh.len() as u64;
            progress(done);
        }
        let mut ring = self.issuer.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.retire_keks();
        Ok(self.keeper.save(&ring.to_text()?)?)
    }
}
