//! The first day of every key after a restore from a copy that is older than the chain's newest root.
//!
//! What was written after the copy was made is unknown: a person may have enrolled another key, which claimed periods that the copy's key may claim as well. So no key of a
//! restored vault earns before the grace of that root has ended: not those that the copy has, and none that is enrolled later. The rule is that of a replaced key, for
//! everybody at once: the next anchor lands by a deadline, and the first day comes after the grace that runs from there.

use crate::{
    error::{StoreError, VaultError},
    keys::seal,
    people::holder::Holder,
    store::{Epoch, Records, RecordsTx, Reference, Store},
    tree::epoch::working_epoch,
    vault::Vault,
};
use sealroot_protocol::date::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Name of the value.
const NAME: &str = "floor";
/// Enrolments that are held at a time.
const PAGE: u32 = 256;

/// The first day of every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floor {
    /// The day.
    pub(crate) since: Date,
    /// While the anchor is to come: Unix seconds by which it must land.
    pub(crate) anchor_by: Option<i64>,
    /// The epoch whose root carries it.
    epoch: Epoch,
}

impl Floor {
    /// None where the vault was never restored from an older copy.
    pub(crate) async fn read(tx: &mut impl RecordsTx) -> Result<Option<Self>, VaultError> {
        let Some(bytes) = tx.value(NAME).await? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(&bytes).map_err(|_| StoreError::Column("vault_values.floor"))?))
    }

    /// Notes that a root came on chain.
    pub(crate) async fn anchored(tx: &mut impl RecordsTx, epoch: Epoch) -> Result<(), VaultError> {
        match Self::read(tx).await? {
            Some(floor) if floor.epoch <= epoch && floor.anchor_by.is_some() => {
                Self { anchor_by: None, ..floor }.write(tx).await
            }
            _ => Ok(()),
        }
    }

    async fn write(&self, tx: &mut impl RecordsTx) -> Result<(), VaultError> {
        let bytes = serde_json::to_vec(self).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(tx.set_value(NAME, &bytes).await?)
    }
}

/// Everybody's key starts anew.
pub(crate) struct Raised {
    pub(crate) floor: Floor,
    /// Records that were issued again.
    pub(crate) records: u64,
}

impl<S: Store> Vault<S> {
    /// Lets every key start anew after the grace of the root that the next anchor replaces.
    pub(crate) async fn raise_floor(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        batch: &[u8; 16],
    ) -> Result<Raised, VaultError> {
        let deadline = self.deadline(self.clock.now());
        let before = Floor::read(tx).await?.map(|floor| floor.since);
        // A clock that was set back doesn't bring the day forward.
        let after_grace = self.day_after_grace(deadline)?;
        let since = before.map_or(after_grace, |before| before.max(after_grace));
        let epoch = working_epoch(tx).await?;
        let floor = Floor { since, anchor_by: Some(deadline), epoch };
        floor.write(tx).await?;
        let (mut after, mut records) = (None, 0);
        loop {
            let page =
                self.change_holders(tx, &mut after, |holder| holder.since = holder.since.max(Some(since))).await?;
            let Some(changed) = page else { return Ok(Raised { floor, records }) };
            let keys = changed.into_iter().filter(|(_, holder)| holder.key.is_some()).collect();
            records += self.reissue_all(tx, batch, epoch, &keys).await?;
        }
    }

    /// What was signed before the vault was restored doesn't release a record any more: it may have been used in what was lost, or withdrawn.
    pub(crate) async fn end_releases(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        restored: i64,
    ) -> Result<(), VaultError> {
        let mut after = None;
        let renew = |holder: &mut Holder| {
            holder.enrolled_at = holder.key.map(|_| restored);
            holder.representatives.iter_mut().for_each(|other| other.since = other.since.max(restored));
        };
        while self.change_holders(tx, &mut after, renew).await?.is_some() {}
        Ok(())
    }

    /// Changes the next holders in the order of their references; none where there is none.
    async fn change_holders(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        after: &mut Option<Reference>,
        change: impl Fn(&mut Holder),
    ) -> Result<Option<HashMap<Reference, Holder>>, VaultError> {
        let page = tx.enrolments_after(*after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        *after = Some(last.subject);
        let mut changed = HashMap::new();
        for row in page {
            let mut holder = self.open_holder(&row)?;
            change(&mut holder);
            self.put_holder(tx, row.subject, row.version + 1, row.anchor_by, row.epoch, &holder).await?;
            changed.insert(row.subject, holder);
        }
        Ok(Some(changed))
    }

    /// A floor whose anchor can no longer land in time is set later.
    pub(crate) async fn postpone_floor(&self, now: i64) -> Result<(), VaultError> {
        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        let late = Floor::read(&mut tx).await?.is_some_and(|floor| floor.anchor_by.is_some_and(|by| by <= now));
        if !late {
            return Ok(());
        }
        // Everybody's row is read, and nobody may be missing.
        self.check_rows(&mut tx).await?;
        let batch = seal::random_bytes();
        if let Err(error) = self.raise_floor(&mut tx, &batch).await {
            drop(tx);
            self.drop_batch(&batch).await;
            return Err(error);
        }
        self.commit_with_keys(tx, &batch).await
    }
}
