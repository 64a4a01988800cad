//! Erasure: the data keys of a person's records are destroyed, their leaves become empty, their rows go.
//!
//! What survives: `holder_since` and a keyed fingerprint of the last wallet key (so that erasing and enrolling again earns no second nullifier), the
//! serial (a keyed function of the business key, stored nowhere), of a person who had enrolled a key the keyed reference of what the id looks like (so that coming back in
//! letters of another script earns none either), commitments in older tree nodes (hiding; their salt is gone), access-log entries.
//! Guarantee: once [`Vault::erase`] returns, no backup of `records.db` brings the records back. A backup of `keys.db` would: keep those short.

use crate::{
    error::VaultError,
    keys::references,
    records::issue,
    store::{RecordRow, Records, RecordsTx, Reference, Store},
    tree::{self, epoch::working_epoch},
    vault::Vault,
};
use sealroot_handover::access_log::{Access, LoggedAct, What};
use sealroot_protocol::{
    record::{Leaf, Subject},
    tree::LeafIndex,
};
use std::collections::BTreeMap;

/// What an erasure did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Leaves that became empty; anchor a root soon, so that paths to the old ones end.
    pub records: u64,
    /// Versions whose data keys were destroyed.
    pub versions: u64,
}

impl<S: Store> Vault<S> {
    /// Erases everything about a person but what must survive. A record of the person that was filed under somebody else is missed, and nothing is erased then. Finished by the next start if a crash interrupts it after its commit.
    ///
    /// The access log says so first, sealed to the person's own reading key: a clerk who erases somebody in order to enrol another key unseen leaves an entry that
    /// the person can read.
    pub async fn erase(&self, subject: Subject, access: &Access) -> Result<Erased, VaultError> {
        let reference = references::subject(&self.ring(), subject);
        let mut tx = self.store.records().write().await?;
        self.must_be_known(&mut tx, subject).await?;
        let reader = match self.holders(&mut tx, &[reference]).await?.get(&reference) {
            Some(holder) => holder.log_key()?,
            None => None,
        };
        // Before the entry: what isn't as the vault wrote it isn't erased, and isn't said to be.
        self.versions_of_person(&mut tx, reference).await?;
        let entry = LoggedAct::of_person(&self.issuer.agency, access, What::Erased);
        self.write_entry(reference, reader, &entry).await?;
        let erased = self.erase_in(&mut tx, reference).await?;
        tx.commit().await?;
        self.destroy_owed().await?;
        Ok(erased)
    }

    /// Takes a person's rows out of an open transaction. The keys go when it has been committed: [`Vault::destroy_owed`].
    pub(crate) async fn erase_in(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        reference: Reference,
    ) -> Result<Erased, VaultError> {
        let (known_as, rows) = self.versions_of_person(tx, reference).await?;
        let records = self.remove_in(tx, &rows).await?;
        if !self.forget_holder(tx, &reference).await? {
            // Nobody earns anything without a key: the id may come back as anybody's.
            tx.forget_looks(&reference).await?;
        }
        // A copy from before this transaction may have the person under any of these.
        tx.note_erased(&known_as).await?;
        Ok(Erased { records, versions: rows.len() as u64 })
    }

    /// The references of every id that a person had, this one last, and all versions that are filed under them: versions that ended before an id changed, too.
    pub(crate) async fn versions_of_person(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        reference: Reference,
    ) -> Result<(Vec<Reference>, Vec<RecordRow>), VaultError> {
        let holder = self.holders(tx, &[reference]).await?.remove(&reference);
        let mut known_as = holder.as_ref().map(|holder| self.former(holder)).unwrap_or_default();
        known_as.push(reference);
        let mut rows = Vec::new();
        for person in &known_as {
            rows.extend(tx.versions_of_subject(person).await?);
        }
        Ok((known_as, rows))
    }

    /// Takes versions of records out of an open transaction, with their leaves; returns how many were live. Their keys are owed to destruction.
    pub(crate) async fn remove_in(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        rows: &[RecordRow],
    ) -> Result<u64, VaultError> {
        let epoch = working_epoch(tx).await?;
        let live: Vec<_> = rows.iter().filter(|row| row.until.is_none()).cloned().collect();
        let leaves: BTreeMap<LeafIndex, Leaf> = live.iter().map(|row| (row.index, Leaf::EMPTY)).collect();
        let versions: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
        let keys: Vec<_> = versions.iter().map(|(id, version)| issue::data_key_id(id, *version)).collect();
        tree::apply(tx, epoch, &leaves).await?;
        self.dissolve(tx, epoch, &live).await?;
        tx.delete_records(&versions).await?;
        tx.owe_destruction(&keys).await?;
        Ok(live.len() as u64)
    }
}
