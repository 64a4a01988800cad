//! Reading the access log: lists, what a person takes home, and proofs that it only grew.

use super::{
    entry::{self, LogEntry, LogHead},
    merkle::{self, Subtree},
};
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    restore::LostStates,
    store::{EntriesOf, Log, Records, Store, Stored},
    vault::Vault,
};
use sealroot_handover::{access_log::SealedEntry, log_export::LogExport};
use sealroot_protocol::{canonical::Suite, field::Digest, record::Subject};

/// Entries that are read at a time.
const PAGE: u32 = 1024;

/// What entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Whatever is logged, the vault's own states too.
    Everything,
    /// People: who was looked at, whose keys changed.
    People,
    /// One person, under every id that was the person's.
    Person(Subject),
}

impl<S: Store> Vault<S> {
    /// Size and head of the access log.
    pub async fn log_head(&self) -> Result<LogHead, VaultError> {
        Ok(head_now(self.store.log()).await?)
    }

    /// Access-log entries from a position on, at most `limit`. Those sealed to a holder stay sealed.
    pub async fn log(&self, about: About, from: u64, limit: u32) -> Result<Vec<LogEntry>, VaultError> {
        let mut rows = Vec::new();
        for of in self.entries_of(about).await? {
            rows.extend(self.store.log().entries(of, from, limit).await?);
        }
        rows.sort_unstable_by_key(|row| row.position);
        rows.truncate(limit as usize);
        self.listed(about, rows).await
    }

    /// The newest access-log entries before a position (all, if none is given), at most `limit`, oldest first.
    pub async fn log_before(&self, about: About, before: Option<u64>, limit: u32) -> Result<Vec<LogEntry>, VaultError> {
        let mut rows = Vec::new();
        for of in self.entries_of(about).await? {
            rows.extend(self.store.log().entries_before(of, before, limit).await?);
        }
        rows.sort_unstable_by_key(|row| row.position);
        rows.drain(..rows.len().saturating_sub(limit as usize));
        self.listed(about, rows).await
    }

    async fn listed(&self, about: About, rows: Vec<SealedEntry>) -> Result<Vec<LogEntry>, VaultError> {
        let lost = match about {
            About::Everything => LostStates::read(&mut self.store.records().read().await?).await?,
            About::People | About::Person(_) => LostStates::default(),
        };
        let ring = self.ring();
        Ok(rows.into_iter().map(|row| entry::entry(row, &ring, &lost)).collect::<Result<_, _>>()?)
    }

    /// Fails for a person of whom the vault keeps nothing, and of whom its log says nothing: a typing error, most likely. Somebody who was erased has entries.
    pub async fn must_have_been_here(&self, subject: Subject) -> Result<(), VaultError> {
        if !self.log(About::Person(subject), 0, 1).await?.is_empty() {
            return Ok(());
        }
        match self.must_be_known(&mut self.store.records().read().await?, subject).await {
            Err(VaultError::Rejected(Rejection::IdReplaced)) => Ok(()),
            other => other,
        }
    }

    /// What entries are found by: a person's under each id that was the person's.
    async fn entries_of(&self, about: About) -> Result<Vec<EntriesOf>, VaultError> {
        let subject = match about {
            About::Everything => return Ok(vec![EntriesOf::All]),
            About::People => return Ok(vec![EntriesOf::Others(references::state(&self.ring()))]),
            About::Person(subject) => subject,
        };
        let people = self.people_of(subject).await?;
        let ring = self.ring();
        Ok(people.into_iter().map(|subject| EntriesOf::One(references::subject(&ring, subject))).collect())
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
        Ok(self.store.log().entries(EntriesOf::One(reference), from, limit).await?)
    }

    /// All entries about a person, to be taken home: those from before a national id changed, too. The whole log is checked first, so that none is left out because
    /// somebody filed it under another person.
    pub async fn export_log(&self, subject: Subject) -> Result<LogExport, VaultError> {
        self.check_log().await?;
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

/// Size and head of a log as it is now.
pub(crate) async fn head_now(log: &impl Log) -> Stored<LogHead> {
    let size = log.size().await?;
    head_at(log, size).await
}

/// Head over the first `size` entries.
pub(crate) async fn head_at(log: &impl Log, size: u64) -> Stored<LogHead> {
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
