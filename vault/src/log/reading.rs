//! Reading the access log: lists, what a person takes home, and proofs that it only grew.

use super::{
    entry::{self, LogEntry, LogHead},
    merkle::{self, Subtree},
};
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    store::{Log, Records, Reference, Store},
    vault::Vault,
};
use sealroot_handover::{access_log::SealedEntry, log_export::LogExport};
use sealroot_protocol::{canonical::Suite, field::Digest, record::Subject};

/// Entries that are read at a time.
const PAGE: u32 = 1024;

impl<S: Store> Vault<S> {
    /// Size and head of the access log.
    pub async fn log_head(&self) -> Result<LogHead, VaultError> {
        let size = self.store.log().size().await?;
        head_at(self.store.log(), size).await
    }

    /// Access-log entries from a position on, at most `limit`; of one person if given, those from before a national id changed, too. Those sealed to a holder
    /// stay sealed.
    pub async fn log(&self, subject: Option<Subject>, from: u64, limit: u32) -> Result<Vec<LogEntry>, VaultError> {
        let mut rows = Vec::new();
        for reference in self.log_references(subject).await? {
            rows.extend(self.store.log().entries(reference.as_ref(), from, limit).await?);
        }
        rows.sort_unstable_by_key(|row| row.position);
        rows.truncate(limit as usize);
        let ring = self.ring();
        Ok(rows.into_iter().map(|row| entry::entry(row, &ring)).collect::<Result<_, _>>()?)
    }

    /// The newest access-log entries before a position (all, if none is given), at most `limit`, oldest first; of one person if given, those from before a
    /// national id changed, too.
    pub async fn log_before(
        &self,
        subject: Option<Subject>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LogEntry>, VaultError> {
        let mut rows = Vec::new();
        for reference in self.log_references(subject).await? {
            rows.extend(self.store.log().entries_before(reference.as_ref(), before, limit).await?);
        }
        rows.sort_unstable_by_key(|row| row.position);
        rows.drain(..rows.len().saturating_sub(limit as usize));
        let ring = self.ring();
        Ok(rows.into_iter().map(|row| entry::entry(row, &ring)).collect::<Result<_, _>>()?)
    }

    /// Fails for a person of whom the vault keeps nothing, and of whom its log says nothing: a typing error, most likely. Somebody who was erased has entries.
    pub async fn must_have_been_here(&self, subject: Subject) -> Result<(), VaultError> {
        if !self.log(Some(subject), 0, 1).await?.is_empty() {
            return Ok(());
        }
        match self.must_be_known(&mut self.store.records().read().await?, subject).await {
            Err(VaultError::Rejected(Rejection::IdReplaced)) => Ok(()),
            other => other,
        }
    }

    /// What a person's entries are found by: under each id that was the person's. Without a person, everything.
    async fn log_references(&self, subject: Option<Subject>) -> Result<Vec<Option<Reference>>, VaultError> {
        let Some(subject) = subject else { return Ok(vec![None]) };
        let people = self.people_of(subject).await?;
        let ring = self.ring();
        Ok(people.into_iter().map(|subject| Some(references::subject(&ring, subject))).collect())
    }

    /// A person under each id that was theirs, this one last.
    async fn people_of(&self, subject: Subject) -> Result<Vec<Subject>, VaultError> {
        let mut tx = self.store.records().read().await?;
        let earlier = self.earlier_ids(&mut tx, std::iter::once(subject)).await?.remove(&subject).unwrap_or_default();
        Ok(earlier.into_iter().chain([subject]).collect())
    }

    /// Entries as they are stored, for the holder who opens them with [`SealedEntry::open`].
    pub async fn log_rows(&self, subject: Subject, from: u64, limit: u32) -> Result<Vec<SealedEntry>, VaultError> {
        let reference = references::subject(&self.ring(), subject);
        Ok(self.store.log().entries(Some(&reference), from, limit).await?)
    }

    /// All entries about a person, to be taken home: those from before a national id changed, too.
    pub async fn export_log(&self, subject: Subject) -> Result<LogExport, VaultError> {
        let mut entries: Vec<SealedEntry> = Vec::new();
        for subject in self.people_of(subject).await? {
            let mut from = 0;
            loop {
                let page = self.log_rows(subject, from, PAGE).await?;
                let Some(last) = page.last() else { break };
                from = last.position + 1;
                entries.extend(page);
            }
        }
        entries.sort_unstable_by_key(|entry| entry.position);
        Ok(LogExport { suite: Suite, agency: self.agency().clone(), entries })
    }

    /// Inclusion proof of an entry under the head of the first `size` entries ([`merkle::verify_inclusion`]).
    pub async fn log_inclusion(&self, position: u64, size: u64) -> Result<(LogHead, Vec<Digest>), VaultError> {
        self.has_entries(size).await?;
        if position >= size {
            return Err(Rejection::NoLogEntry(position).into());
        }
        let proof = fold(self.store.log(), &merkle::inclusion_ranges(position, size)).await?;
        Ok((head_at(self.store.log(), size).await?, proof))
    }

    /// Proof that the log of `old` entries grew into the one of `new` ([`merkle::verify_consistency`]).
    pub async fn log_consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, VaultError> {
        self.has_entries(new.max(old)).await?;
        fold(self.store.log(), &merkle::consistency_ranges(old, new)).await
    }

    async fn has_entries(&self, size: u64) -> Result<(), VaultError> {
        if size > self.store.log().size().await? { Err(Rejection::NoLogEntry(size).into()) } else { Ok(()) }
    }
}

/// Head over the first `size` entries.
pub(super) async fn head_at(log: &impl Log, size: u64) -> Result<LogHead, VaultError> {
    Ok(LogHead { size, head: merkle::head_of_peaks(&log.subtrees(&merkle::peaks(size)).await?) })
}

/// Hashes of ranges, for proofs.
async fn fold(log: &impl Log, ranges: &[Vec<Subtree>]) -> Result<Vec<Digest>, VaultError> {
    let mut out = Vec::with_capacity(ranges.len());
    for range in ranges {
        out.push(merkle::head_of_peaks(&log.subtrees(range).await?));
    }
    Ok(out)
}
