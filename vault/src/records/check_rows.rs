//! Every row that has a tag, read once: before an erasure, an import, an anchor, a pruning, a replaced key and a changed id, which must find *all* rows that they are about.
//!
//! A query looks only at the rows that it finds. Where somebody changed the column that it asks for, the row stays out of its sight: an erasure would say that it erased
//! everything, and a replaced key would stand on in a record. Reading every row finds the changed one. Guarantee: after it, every row that is there is as the vault wrote it.
//! Non-guarantee: that none was deleted, and that each is the newest. Cost: some seconds for 1,000,000 records.

use crate::{
    error::VaultError,
    store::{Log, Records, RecordsTx, Store},
    vault::Vault,
};

/// Rows that are held at a time.
const PAGE: u32 = 1024;

impl<S: Store> Vault<S> {
    /// Reads every row of records, enrolments, memberships, known keys, looks of ids and used releases; the first that isn't as the vault wrote it is the error.
    pub(crate) async fn check_rows(&self, tx: &mut <S::Records as Records>::Tx) -> Result<(), VaultError> {
        let mut after = None;
        while let Some(last) = tx.versions_after(after, PAGE).await?.last() {
            after = Some((last.id, last.version));
        }
        self.check_people(tx).await?;
        let mut after = None;
        while let Some(last) = tx.memberships_after(after, PAGE).await?.last() {
            after = Some((last.member, last.household));
        }
        let mut after = None;
        while let Some(last) = tx.looks_after(after.as_ref(), PAGE).await?.last() {
            after = Some(*last);
        }
        self.store.log().releases_before(i64::MAX, u32::MAX).await?;
        Ok(())
    }

    /// Reads every row of enrolments and known keys: before a first enrolment.
    pub(crate) async fn check_people(&self, tx: &mut <S::Records as Records>::Tx) -> Result<(), VaultError> {
        let mut after = None;
        while let Some(last) = tx.enrolments_after(after.as_ref(), PAGE).await?.last() {
            after = Some(last.subject);
        }
        let mut after = None;
        while let Some(last) = tx.known_keys_after(after, PAGE).await?.last() {
            after = Some((last.fingerprint, last.subject));
        }
        Ok(())
    }
}
