//! Disclosure: the one way in which a record is read from the stores, and the entry that is written before.
//!
//! Guarantees: no entry, no disclosure, not even of whether the record exists; what is returned opens in its own place, has the leaf that the tree of the
//! chosen root holds, and a path that leads to that root. A row, key or node that was exchanged is an error, never a record.

use super::absence::{Absence, AbsentRecord};
use crate::{
    error::{Integrity, Rejection, VaultError},
    keys::references,
    records::{issue, schemas},
    store::{Epoch, Keys, Records, RecordsTx, Reference, Store},
    tree,
    vault::Vault,
};
use sealroot_handover::access_log::{Access, LoggedAct, What};
use sealroot_protocol::{
    curve::PublicKey,
    date::FactsPeriod,
    identifier::Identifier,
    record::{Record, Serial, Subject},
    schema::{Schema, SchemaId},
    tree::{Path, Root},
};

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

    /// `signer` is the key that signed the release, if there is one.
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
        let all = schemas::schemas(&mut tx).await?;
        let schema = all.get(&which.schema).ok_or_else(|| Rejection::UnknownSchema(which.schema.to_string()))?;
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
            state: None,
        };
        let log_position = self.write_entry(subject, holder_key, &disclosure).await?;

        // A record that was removed, or corrected to another person, stands in the anchored root until the next one. A proof may still need it there; for
        // somebody to take away it is theirs no longer.
        let Some(row) = tx.record_at(&lookup, epoch).await? else {
            let looked_for = (which.schema, schema, which.period);
            let absent = self.absent(&mut tx, looked_for, &lookup, &subject).await?;
            return Err(Rejection::NoRecord(Box::new(absent)).into());
        };
        if what == What::Released
            && !tx.live_of_subject(&row.subject).await?.iter().any(|live| live.lookup == lookup && live.id == row.id)
        {
            let (agency, schema) = (self.issuer.agency.clone(), schema.name.clone());
            let absent = AbsentRecord { agency, schema, period: which.period, why: Absence::Removed };
            return Err(Rejection::NoRecord(Box::new(absent)).into());
        }
        let key = self.store.keys().get(&[issue::data_key_id(&row.id, row.version)]).await?;
        let Some(key) = key.first() else {
            // The person may have been erased since this transaction began, or the version pruned.
            let mut tx = self.store.records().read().await?;
            self.readable(&mut tx, named).await?;
            if tx.record_at(&lookup, epoch).await?.is_some() {
                return Err(Integrity::KeyGone.into());
            }
            let absent = self.absent(&mut tx, (which.schema, schema, which.period), &lookup, &subject).await?;
            return Err(Rejection::NoRecord(Box::new(absent)).into());
        };
        let record = self.issuer.reveal(&row, key)?;
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

    fn references(&self, which: &Which, schema: &Schema) -> Result<(Reference, Reference), Rejection> {
        let ring = self.ring();
        let serial: Option<Serial> = match (&which.business_key, schema.many) {
            (Some(key), true) => {
                let key = Identifier::new(key).map_err(Rejection::BusinessKey)?;
                Some(ring.serial(schema.name.as_str(), &key))
            }
            (None, true) => return Err(Rejection::NeedsBusinessKey),
            (_, false) => None,
        };
        let lookup = references::lookup(&ring, which.schema, which.subject, which.period.value(), serial);
        Ok((lookup, references::subject(&ring, which.subject)))
    }
}
