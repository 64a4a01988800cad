//! Appending to the access log: every disclosure, and every change of whose key counts for a person, has an entry that was written before it.
//!
//! Guarantees: no entry, no disclosure and no change; entries can't be changed, dropped or reordered unnoticed, because the head (RFC 6962) is anchored with
//! every root; an entry's contents are readable by its subject (HPKE to the key given at enrolment), or by the agency where there is none.
//! Not guaranteed: that somebody who holds the machine's memory logs what they read.

use super::entry::leaf;
use crate::{
    error::{Rejection, StoreError, VaultError},
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
        append(self.store.log(), reader, self.clock.now(), subject, act).await.map_err(|error| match error {
            AppendError::Reader => VaultError::Rejected(Rejection::RecipientKey),
            AppendError::Store(error) => VaultError::Log(error),
        })
    }
}

/// Why an entry isn't appended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    /// The reading key can't be sealed to.
    #[error("the entry's reading key is not usable")]
    Reader,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AppendError> for StoreError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Reader => Self::Unavailable(error.to_string()),
            AppendError::Store(error) => error,
        }
    }
}

/// Appends one entry; returns its position.
pub(crate) async fn append(
    log: &impl Log,
    reader: Reader,
    at: i64,
    subject: Reference,
    act: &LoggedAct,
) -> Result<u64, AppendError> {
    // In this process positions are taken in order; another one may take a position between the look at the log and the write.
    let _in_order = log.appending().lock().await;
    let mut attempt = 0;
    loop {
        let position = log.size().await?;
        let entry = SealedEntry::seal(position, at, Digest(subject), reader, act).map_err(|error| match error {
            EntryError::Reader(_) => AppendError::Reader,
            EntryError::NotOpened(_) | EntryError::Form => StoreError::Unavailable(error.to_string()).into(),
        })?;
        let completed = completed_by(log, &entry).await?;
        attempt += 1;
        match log.append(&entry, &completed).await {
            Err(StoreError::Taken(_)) if attempt < ATTEMPTS => {}
            done => return Ok(done.map(|()| position)?),
        }
    }
}

/// How often a place is sought. Other processes are few: a log in which no place is ever free is damaged.
const ATTEMPTS: u32 = 1000;

/// The subtrees that are whole with this entry, and their hashes: its leaf first.
async fn completed_by(log: &impl Log, entry: &SealedEntry) -> Result<Vec<(Subtree, Digest)>, StoreError> {
    let mut hash = leaf(entry);
    let mut node = Subtree { level: 0, position: entry.position };
    let mut completed = vec![(node, hash)];
    while node.position & 1 == 1 {
        let left = Subtree { level: node.level, position: node.position - 1 };
        let left = log.subtrees(&[left]).await?;
        hash = merkle::node_hash(left.first().ok_or(StoreError::LogCut)?, &hash);
        node = Subtree { level: node.level + 1, position: node.position / 2 };
        completed.push((node, hash));
    }
    Ok(completed)
}
