//! Disclosure: the one way in which a record is read from the stores, and the entry that is written before.
//!
//! Guarantees: no entry, no disclosure, not even of whether the record exists; what is returned opens in its own place, has the leaf that the tree of the
//! chosen root holds, and a path that leads to that root. A row, key or node that was exchanged is an error, never a record.

use crate::{
    error::{Integrity, Rejection, VaultError},
    issue,
    log::{self, LogEntry, LogHead},
    merkle,
    store::{Epoch, Keys, Log, Records, RecordsTx, Store},
    tree,
    vault::{self, Vault},
};
use sealroot_handover::{
    access_log::{Access, LoggedAct, SealedEntry, What},
    log_export::LogExport,
};
use sealroot_protocol::{
    canonical::Suite,
    curve::PublicKey,
    date::FactsPeriod,
    field::Digest,
    record::{Record, Serial, Subject},
    schema::{Schema, SchemaId},
    tree::{Path, Root},
};

/// Entries that are read at a time.
const PAGE: u32 = 1024;

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// Whose.
    pub subject: Subject,
    /// Of which schema.
    pub schema: SchemaId,
    /// About which period.
    pub period: FactsPeriod,
    /// In a `many` schema: which of them.
    pub business_key: Option<String>,
}

/// A disclosed record with its path under an anchored root. The record is zeroised when dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The record.
    pub record: Record,
    /// Its path.
    pub path: Path,
    /// The anchored root that the path leads to.
    pub root: Root,
    /// Number of that root in this vault.
    pub epoch: Epoch,
    /// Position of the access-log entry that was written before.
    pub log_position: u64,
}

impl<S: Store> Vault<S> {
    /// Discloses a record for a proof, under the newest anchored root or a named one within its grace.
    pub async fn open_record(&self, which: &Which, root: Option<Root>, access: &Access) -> Result<Opened, VaultError> {
        self.disclose(which, root, access, What::Opened, None).await
    }

    /// `signer` is who signed the release, if there is one.
    pub(crate) async fn disclose(
        &self,
        which: &Which,
        named: Option<Root>,
        access: &Access,
        what: What,
        signer: Option<&PublicKey>,
    ) -> Result<Opened, VaultError> {
        let mut tx = self.store.records().read().await?;
        let (epoch, root) = self.readable(&mut tx, named).await?;
        let schemas = vault::schemas(&mut tx).await?;
        let schema = schemas.get(&which.schema).ok_or_else(|| Rejection::UnknownSchema(which.schema.to_string()))?;
        let (lookup, subject) = self.references(which, schema)?;

        // Before anything is looked up: no entry, no disclosure.
        let holder_key = match self.holders(&mut tx, &[subject]).await?.get(&subject) {
            Some(holder) => holder.log_key()?,
            None => None,
        };
        let disclosure = LoggedAct {
            agency: self.issuer.agency.clone(),
            access: access.clone(),
            what,
            schema: Some(schema.name.clone()),
            period: Some(which.period),
            key: signer.map(PublicKey::fingerprint),
            until: None,
        };
        let log_position = self.write_entry(subject, holder_key, &disclosure).await?;

        // A record that was removed, or corrected to another person, stands in the anchored root until the next one. A proof may still need it there; for
        // somebody to take away it is his no longer.
        let row = tx.record_at(&lookup, epoch).await?.ok_or(Rejection::NoRecord)?;
        if what == What::Released && !tx.live_by_lookup(&[lookup]).await?.iter().any(|live| live.id == row.id) {
            return Err(Rejection::NoRecord.into());
        }
        let key = self.store.keys().get(&[issue::data_key_id(&row.id, row.version)]).await?;
        let record = self.issuer.reveal(&row, key.first().ok_or(Integrity::KeyGone)?)?;
        if record.subject != which.subject || record.period != which.period {
            return Err(Integrity::LeafMismatch.into());
        }
        let (leaf, path) = tree::path(&mut tx, row.index, epoch).await?;
        if leaf != row.leaf {
            return Err(Integrity::LeafMismatch.into());
        }
        if path.root(leaf) != root {
            return Err(Integrity::Tree.into());
        }
        Ok(Opened { record, path, root, epoch, log_position })
    }

    fn references(&self, which: &Which, schema: &Schema) -> Result<([u8; 32], [u8; 32]), Rejection> {
        let ring = self.ring();
        let serial: Option<Serial> = match (&which.business_key, schema.many) {
            (Some(key), true) => Some(ring.serial(schema.name.as_str(), key)),
            (None, true) => return Err(Rejection::NeedsBusinessKey),
            (_, false) => None,
        };
        let lookup = issue::lookup(&ring, which.schema, which.subject, which.period.value(), serial);
        Ok((lookup, issue::subject(&ring, which.subject)))
    }

    /// Access-log entries from a position on, at most `limit`; of one person if given. Those sealed to a holder stay sealed.
    pub async fn log(&self, subject: Option<Subject>, from: u64, limit: u32) -> Result<Vec<LogEntry>, VaultError> {
        let reference = subject.map(|subject| issue::subject(&self.ring(), subject));
        let rows = self.store.log().entries(reference.as_ref(), from, limit).await?;
        let ring = self.ring();
        rows.into_iter().map(|row| log::entry(row, &ring)).collect()
    }

    /// Entries as they are stored, for the holder who opens them with [`SealedEntry::open`].
    pub async fn log_rows(&self, subject: Subject, from: u64, limit: u32) -> Result<Vec<SealedEntry>, VaultError> {
        let reference = issue::subject(&self.ring(), subject);
        Ok(self.store.log().entries(Some(&reference), from, limit).await?)
    }

    /// All entries about a person, to be taken home.
    pub async fn export_log(&self, subject: Subject) -> Result<LogExport, VaultError> {
        let mut entries: Vec<SealedEntry> = Vec::new();
        loop {
            let from = entries.last().map_or(0, |entry| entry.position + 1);
            let page = self.log_rows(subject, from, PAGE).await?;
            if page.is_empty() {
                return Ok(LogExport { suite: Suite, agency: self.agency().clone(), entries });
            }
            entries.extend(page);
        }
    }

    /// Inclusion proof of an entry under the head of the first `size` entries ([`merkle::verify_inclusion`]).
    pub async fn log_inclusion(&self, position: u64, size: u64) -> Result<(LogHead, Vec<Digest>), VaultError> {
        self.has_entries(size).await?;
        if position >= size {
            return Err(Rejection::NoLogEntry(position).into());
        }
        let proof = log::fold(self.store.log(), &merkle::inclusion_ranges(position, size)).await?;
        Ok((log::head_at(self.store.log(), size).await?, proof))
    }

    /// Proof that the log of `old` entries grew into the one of `new` ([`merkle::verify_consistency`]).
    pub async fn log_consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, VaultError> {
        self.has_entries(new.max(old)).await?;
        log::fold(self.store.log(), &merkle::consistency_ranges(old, new)).await
    }

    async fn has_entries(&self, size: u64) -> Result<(), VaultError> {
        if size > self.store.log().size().await? { Err(Rejection::NoLogEntry(size).into()) } else { Ok(()) }
    }
}
