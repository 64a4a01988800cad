//! Data keys that no row needs: an older key store, or a key out of one, was put in this one's place.
//!
//! Such a key would open an erased record in a copy of `records.db`. Guarantee: a rotation and a restore destroy them instead of wrapping them again, and a complete check
//! counts them as a fault. Non-guarantee: that one isn't put there between two checks.

use crate::{
    error::{Integrity, VaultError},
    records::issue,
    store::{DataKeyId, Keys, Records, RecordsTx, Store},
    vault::{Vault, enrolment_key_id},
};
use std::collections::HashSet;

/// Keys that are held at a time.
const PAGE: u32 = 1024;

impl<S: Store> Vault<S> {
    /// Fails if there is one.
    pub(crate) async fn check_orphans(&self) -> Result<(), VaultError> {
        let mut after = None;
        while let Some(orphans) = self.next_orphans(&mut after).await? {
            if !orphans.is_empty() {
                return Err(Integrity::Rows("data_keys").into());
            }
        }
        Ok(())
    }

    /// Destroys them.
    pub(crate) async fn destroy_orphans(&self) -> Result<(), VaultError> {
        let mut after = None;
        while let Some(orphans) = self.next_orphans(&mut after).await? {
            if !orphans.is_empty() {
                tracing::warn!("{} data keys that no record needs are destroyed", orphans.len());
                self.store.keys().destroy(&orphans).await?;
            }
        }
        Ok(())
    }

    /// Those among the next keys in the order of their ids; none where there is no further key.
    async fn next_orphans(&self, after: &mut Option<DataKeyId>) -> Result<Option<Vec<DataKeyId>>, VaultError> {
        let ids = self.store.keys().settled_after(after.as_deref(), PAGE).await?;
        let Some(last) = ids.last() else { return Ok(None) };
        // A damaged index could lead back for ever.
        if after.as_ref().is_some_and(|after| last <= after) {
            return Err(Integrity::Rows("data_keys").into());
        }
        *after = Some(last.clone());
        // The rows after the keys: a key that is settled has its row by then.
        let mut tx = self.store.records().read().await?;
        let which: Vec<_> = ids.iter().filter_map(|id| issue::version_of_key(id)).collect();
        let rows = tx.versions(&which).await?;
        let mut needed: HashSet<DataKeyId> = rows.iter().map(|row| issue::data_key_id(&row.id, row.version)).collect();
        needed.extend(tx.owed_destructions().await?);
        needed.insert(enrolment_key_id());
        let suspected: Vec<DataKeyId> = ids.into_iter().filter(|id| !needed.contains(id)).collect();
        // Where another process destroyed it meanwhile, with its row, it is nobody's.
        let there = self.store.keys().get(&suspected).await?;
        Ok(Some(there.into_iter().map(|key| key.id).collect()))
    }
}
