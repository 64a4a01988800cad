//! Appending to the access log: every disclosure, and every change of whose key counts for a person, has an entry that was written before it.
//!
//! Guarantees: no entry, no disclosure and no change; entries can't be changed, dropped or reordered unnoticed, because the head (RFC 6962) is anchored with
//! every root; an entry's contents are readable by its subject (HPKE to the key given at enrolment), or by the agency where there is none.
//! Not guaranteed: that somebody who holds the machine's memory logs what they read.

use super::entry::leaf;
use crate::{
    error::{Integrity, Rejection, StoreError, VaultError},
    log::merkle::{self, Subtree},
    store::{Log, Reference, Store},
    vault::Vault,
};
use sealroot_handover::{
    access_log::{EntryError, LoggedAct, Reader, SealedEntry},
    transfer::RecipientKey,
};
use sealroot_protocol::field::Digest;

impl<S: Store> Vault<S> {
    /// Writes an entry about a subject, sealed to `reader`, or to the agency's own log key where there is none; returns its position. Callers write
    /// first and act afterwards: a crash between the two leaves an entry about something that didn't happen, never the other way round.
    pub(crate) async fn write_entry(
        &self,
        subject: Reference,
        reader: Option<RecipientKey>,
        act: &LoggedAct,
    ) -> Result<u64, VaultError> {
        let reader = reader.map_or_else(|| Reader::Agency(self.ring().log_key()), Reader::Holder);
        // Positions are taken in order.
        let _in_order = self.appending.lock().await;
        append(self.store.log(), reader, self.clock.now(), subject, act).await
    }
}

async fn append(
    log: &impl Log,
    reader: Reader,
    at: i64,
    subject: Reference,
    act: &LoggedAct,
) -> Result<u64, VaultError> {
    let position = log.size().await.map_err(VaultError::Log)?;
    let entry = SealedEntry::seal(position, at, Digest(subject), reader, act).map_err(|error| match error {
        EntryError::Reader(_) => VaultError::Rejected(Rejection::RecipientKey),
        EntryError::NotOpened(_) | EntryError::Form => VaultError::Log(StoreError::Unavailable(error.to_string())),
    })?;

    let mut hash = leaf(&entry);
    let mut completed = vec![(Subtree { level: 0, position }, hash)];
    let mut node = Subtree { level: 0, position };
    while node.position & 1 == 1 {
        let left = Subtree { level: node.level, position: node.position - 1 };
        let left = log.subtrees(&[left]).await.map_err(VaultError::Log)?;
        hash = merkle::node_hash(left.first().ok_or(Integrity::Log)?, &hash);
        node = Subtree { level: node.level + 1, position: node.position / 2 };
        completed.push((node, hash));
    }
    log.append(&entry, &completed).await.map_err(VaultError::Log)?;
    Ok(position)
}
