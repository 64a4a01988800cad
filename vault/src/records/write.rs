//! Writing versions of records: keys, rows and leaves, in one transaction.

use crate::{
    error::{Integrity, VaultError},
    people::holder::Holder,
    records::{
        import::times::{Lap, Times},
        issue::{self, Draft, SchemaShape},
        schemas,
    },
    store::{Epoch, Keys, Records, RecordsTx, Reference, Store},
    tree,
    vault::Vault,
};
use sealroot_protocol::{
    record::{Leaf, Record},
    schema::SchemaId,
    tree::LeafIndex,
};
use std::collections::{BTreeMap, HashMap};

impl<S: Store> Vault<S> {
    /// Writes versions into an open transaction: keys (their batch stays open) and rows, then the tree. Returns how long each part took.
    pub(crate) async fn write_versions(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        batch: &[u8; 16],
        epoch: Epoch,
        drafts: Vec<Draft>,
    ) -> Result<Times, VaultError> {
        let (issued, mut times) = self.issuer.issue(drafts, epoch).await?;
        let (rows, keys): (Vec<_>, Vec<_>) = issued.into_iter().unzip();
        let mut lap = Lap::new();
        // Two files, side by side. The rows are committed after both; keys of a batch whose rows never are go at the next start.
        let (added, written) = tokio::join!(self.store.keys().add(batch, &keys), tx.add_records(&rows));
        added?;
        written?;
        times.insert = lap.take();
        let leaves: BTreeMap<LeafIndex, Leaf> = rows.iter().map(|row| (row.index, row.leaf)).collect();
        tree::apply(tx, epoch, &leaves).await?;
        times.tree = lap.take();
        Ok(times)
    }

    /// Commits a transaction that used a batch of keys. A crash before the commit drops the keys at the next start, one after it keeps them.
    pub(crate) async fn commit_with_keys(
        &self,
        mut tx: <S::Records as Records>::Tx,
        batch: &[u8; 16],
    ) -> Result<(), VaultError> {
        tx.commit_batch(batch).await?;
        tx.commit().await?;
        self.store.keys().settle(batch).await?;
        let mut tx = self.store.records().write().await?;
        tx.forget_batch(batch).await?;
        Ok(tx.commit().await?)
    }

    /// Undoes a batch whose transaction was dropped. A failure here is made good by the next start.
    pub(crate) async fn drop_batch(&self, batch: &[u8; 16]) {
        if let Err(error) = self.store.keys().drop_batch(batch).await {
            tracing::warn!(%error, "keys of a cancelled write stay until the vault is opened again");
        }
    }

    /// Issues all live records of a subject again with the holder's key.
    pub(crate) async fn reissue(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        batch: &[u8; 16],
        epoch: Epoch,
        subject: &Reference,
        holder: &Holder,
    ) -> Result<u64, VaultError> {
        self.reissue_all(tx, batch, epoch, &HashMap::from([(*subject, holder.clone())])).await
    }

    /// Issues all live records of some subjects again, each with its holder's key.
    pub(crate) async fn reissue_all(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        batch: &[u8; 16],
        epoch: Epoch,
        holders: &HashMap<Reference, Holder>,
    ) -> Result<u64, VaultError> {
        let mut rows = Vec::new();
        for subject in holders.keys() {
            rows.extend(tx.live_of_subject(subject).await?);
        }
        if rows.is_empty() {
            return Ok(0);
        }
        // What is issued again is believed again: it must be what the tree says.
        tree::check_leaves(tx, &rows, epoch).await?;
        let shapes: HashMap<SchemaId, SchemaShape> = schemas::shapes(tx).await?;
        let ended: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
        let drafts = self
            .issuer
            .reveal_all(self.store.keys(), rows)
            .await?
            .into_iter()
            .map(|(row, record)| {
                let shape = *shapes.get(&row.schema).ok_or(Integrity::Encoding)?;
                let holder = holders.get(&row.subject).ok_or(Integrity::References)?;
                let record = Record { holder: holder.key, holder_since: holder.since, ..record };
                Ok(issue::next_version(&row, record, shape))
            })
            .collect::<Result<Vec<_>, VaultError>>()?;
        let count = drafts.len() as u64;
        tx.end_records(&ended, epoch).await?;
        self.write_versions(tx, batch, epoch, drafts).await?;
        Ok(count)
    }
}
