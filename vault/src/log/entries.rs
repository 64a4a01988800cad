//! The access log: every disclosure, and every change of whose key counts for a person, has an entry that was written before it.
//!
//! Guarantees: no entry, no disclosure and no change; entries can't be changed, dropped or reordered unnoticed, because the head (RFC 6962) is anchored with
//! every root; an entry's contents are readable by its subject (HPKE to the key given at enrolment), or by the agency where there is none.
//! Not guaranteed: that somebody with the machine's memory in his hands logs what he reads.

use crate::{
    error::{Integrity, Rejection, StoreError, VaultError},
    keys::KeyRing,
    merkle::{self, Subtree},
    store::{Log, Reference, Store},
    vault::Vault,
};
use sealroot_handover::{
    access_log::{EntryError, LoggedAct, Reader, SealedEntry},
    transfer::RecipientKey,
};
use sealroot_protocol::field::Digest;

/// Number of entries and their head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Entries.
    pub size: u64,
    /// RFC 6962 head.
    pub head: Digest,
}

/// One entry, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Position, from 0 on.
    pub position: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// What it says; `None` if it is sealed to the holder.
    pub disclosure: Option<LoggedAct>,
    /// The sealed form, for its recipient.
    pub sealed: Vec<u8>,
    /// Its leaf hash, for an inclusion proof.
    pub leaf: Digest,
}

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

/// Head over the first `size` entries.
pub(crate) async fn head_at(log: &impl Log, size: u64) -> Result<LogHead, VaultError> {
    Ok(LogHead { size, head: merkle::head_of_peaks(&log.subtrees(&merkle::peaks(size)).await?) })
}

/// Hashes of ranges, for proofs.
pub(crate) async fn fold(log: &impl Log, ranges: &[Vec<Subtree>]) -> Result<Vec<Digest>, VaultError> {
    let mut out = Vec::with_capacity(ranges.len());
    for range in ranges {
        out.push(merkle::head_of_peaks(&log.subtrees(range).await?));
    }
    Ok(out)
}

/// An entry for a list: opened where the agency can.
pub(crate) fn entry(entry: SealedEntry, ring: &KeyRing) -> Result<LogEntry, VaultError> {
    let disclosure = if entry.to_holder { None } else { Some(open(&entry, ring)?) };
    Ok(LogEntry { position: entry.position, at: entry.at, disclosure, leaf: leaf(&entry), sealed: entry.sealed })
}

fn open(entry: &SealedEntry, ring: &KeyRing) -> Result<LoggedAct, Integrity> {
    entry.open(ring.log_secret()).map_err(|error| match error {
        EntryError::Form => Integrity::Encoding,
        EntryError::Reader(_) | EntryError::NotOpened(_) => Integrity::Ciphertext,
    })
}

/// Leaf hash of an entry: everything that is stored of it.
pub fn leaf(entry: &SealedEntry) -> Digest {
    merkle::leaf_hash(&entry.leaf_bytes())
}
