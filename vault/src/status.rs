//! The vault at a glance.

use crate::{
    error::VaultError,
    log::LogHead,
    store::{ImportRow, Keys, RecordCounts, Records, RecordsTx, RootRow, SchemaRow, Store},
    timing::Timing,
    tree::{self, epoch::working_epoch},
    vault::Vault,
};
use sealroot_protocol::{name::Name, tree::Root};

/// What `status` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whose vault.
    pub agency: Name,
    /// Rows.
    pub counts: RecordCounts,
    /// Wrapped data keys.
    pub data_keys: u64,
    /// Key-encryption keys; more than one while a rotation is under way.
    pub key_encryption_keys: usize,
    /// Root over everything that is in the vault now, anchored or not.
    pub working_root: Root,
    /// All prepared roots, oldest first.
    pub roots: Vec<RootRow>,
    /// The access log.
    pub log: LogHead,
    /// Finished imports, oldest first.
    pub imports: Vec<ImportRow>,
    /// Registered schemas.
    pub schemas: Vec<SchemaRow>,
    /// Timing.
    pub timing: Timing,
}

impl<S: Store> Vault<S> {
    /// Everything worth knowing at a glance.
    pub async fn status(&self) -> Result<Status, VaultError> {
        let key_encryption_keys = self.ring().kek_count();
        let mut tx = self.store.records().read().await?;
        let epoch = working_epoch(&mut tx).await?;
        Ok(Status {
            agency: self.issuer.agency.clone(),
            counts: tx.counts().await?,
            data_keys: self.store.keys().count().await?,
            key_encryption_keys,
            working_root: tree::root(&mut tx, epoch).await?,
            roots: tx.roots().await?,
            log: self.log_head().await?,
            imports: tx.imports().await?,
            schemas: tx.schemas().await?,
            timing: self.timing,
        })
    }
}
