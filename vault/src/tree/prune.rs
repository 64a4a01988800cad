//! Pruning: what no readable root needs any more goes, with its data keys.

use super::epoch::working_epoch;
use crate::{
    error::VaultError,
    records::issue,
    store::{Records, RecordsTx, RootRow, RootState, Store},
    vault::Vault,
};

/// Versions per transaction while pruning.
const CHUNK: u32 = 512;

/// Versions removed because no readable root needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Roots whose grace has ended.
    pub roots: u64,
    /// Record versions, with their data keys.
    pub versions: u64,
    /// Node versions.
    pub nodes: u64,
}

impl<S: Store> Vault<S> {
    /// Removes what no readable root needs any more: run it after anchoring, and daily.
    pub async fn prune(&self) -> Result<Pruned, VaultError> {
        let mut pruned = Pruned::default();
        let mut tx = self.store.records().write().await?;
        // A version whose end isn't found would keep its data key.
        self.check_rows(&mut tx).await?;
        let mut oldest = working_epoch(&mut tx).await?;
        for row in tx.roots().await? {
            match row.state {
                RootState::Anchored if self.grace_ended(&row) => {
                    tx.put_root(&RootRow { state: RootState::Retired, ..row }).await?;
                    pruned.roots += 1;
                }
                RootState::Anchored | RootState::Pending => oldest = oldest.min(row.epoch),
                RootState::Withdrawn | RootState::Retired => {}
            }
        }
        pruned.nodes = tx.prune_nodes(oldest).await?;
        tx.commit().await?;
        loop {
            let mut tx = self.store.records().write().await?;
            let ended = tx.ended_before(oldest, CHUNK).await?;
            if ended.is_empty() {
                return Ok(pruned);
            }
            let keys: Vec<_> = ended.iter().map(|row| issue::data_key_id(&row.id, row.version)).collect();
            let ended: Vec<_> = ended.iter().map(|row| (row.id, row.version)).collect();
            tx.owe_destruction(&keys).await?;
            tx.delete_records(&ended).await?;
            tx.commit().await?;
            self.destroy_owed().await?;
            pruned.versions += ended.len() as u64;
        }
    }
}
