//! Keys that start anew: from which day a key that replaces another may earn nullifiers, so that old and new key never serve the same period.

use super::holder::Holder;
use crate::{
    error::{Rejection, VaultError},
    keys::seal,
    store::{EnrolmentRow, Records, RecordsTx, Reference, Store},
    tree::epoch::working_epoch,
    vault::Vault,
};
use sealroot_protocol::date::Date;

/// Seconds of a day (UTC).
const DAY: i64 = 86_400;

/// From when on a key that starts anew may earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restart {
    /// After the grace of the root that the next anchor replaces.
    NextAnchor,
    /// After the grace of a root that was replaced already, which ends at this time, Unix seconds.
    GraceEnds(i64),
}

/// The first day that has begun nowhere at a time. A program at UTC+14 opens a period fourteen hours before UTC does: with UTC's days, the old root's grace would
/// reach into it, and old and new key would serve one period.
fn day_after(time: i64) -> Result<Date, Rejection> {
    let time = u64::try_from(time).map_err(|_| Rejection::Date)?;
    Date::begun_anywhere(time).and_then(|day| day.plus_days(1)).map_err(|_| Rejection::Date)
}

impl<S: Store> Vault<S> {
    /// Somebody else may have used what the person has now: the person's key starts anew, as with a new key. A record whose subject changed (a corrected national
    /// id), or a household that receives somebody.
    pub(crate) async fn restart_holder(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        reference: Reference,
        restart: Restart,
    ) -> Result<Holder, VaultError> {
        let row = tx.enrolments(&[reference]).await?.pop();
        let mut holder = row.as_ref().map(|row| self.open_holder(row)).transpose()?.unwrap_or_default();
        let version = row.as_ref().map_or(1, |row| row.version + 1);
        let (since, anchor_by, epoch) = match restart {
            Restart::NextAnchor => {
                let deadline = self.deadline(self.clock.now());
                (self.day_after_grace(deadline)?, Some(deadline), working_epoch(tx).await?)
            }
            Restart::GraceEnds(at) => match row {
                Some(row) => (day_after(at)?, row.anchor_by, row.epoch),
                None => (day_after(at)?, None, working_epoch(tx).await?),
            },
        };
        holder.since = holder.since.max(Some(since));
        self.put_holder(tx, reference, version, anchor_by, epoch, &holder).await?;
        Ok(holder)
    }

    /// Key replacements whose anchor can no longer land in time start later: their leaves are issued again.
    pub(crate) async fn postpone_replacements(&self, now: i64) -> Result<(), VaultError> {
        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        let late: Vec<EnrolmentRow> = tx
            .waiting_enrolments()
            .await?
            .into_iter()
            .filter(|row| row.anchor_by.is_some_and(|by| by <= now))
            .collect();
        if late.is_empty() {
            return Ok(());
        }
        let deadline = self.deadline(now);
        let since = Some(self.day_after_grace(deadline)?);
        let epoch = working_epoch(&mut tx).await?;
        let batch = seal::random_bytes();
        for row in late {
            let mut holder = self.open_holder(&row)?;
            holder.since = holder.since.max(since);
            self.put_holder(&mut tx, row.subject, row.version + 1, Some(deadline), epoch, &holder).await?;
            if let Err(error) = self.reissue(&mut tx, &batch, epoch, &row.subject, &holder).await {
                drop(tx);
                self.drop_batch(&batch).await;
                return Err(error);
            }
        }
        self.commit_with_keys(tx, &batch).await
    }

    /// The last second of the day (UTC) on which the anchor window ends. The chain refuses an anchor that comes later (`notAfter`) by the same second, so the two
    /// can't disagree: an anchor that the chain took and the vault must not count would stop both for ever.
    pub(crate) fn deadline(&self, now: i64) -> i64 {
        let by = now.saturating_add_unsigned(self.timing.anchor_window);
        by.saturating_sub(by.rem_euclid(DAY)).saturating_add(DAY - 1)
    }

    /// The old root serves until `deadline + grace`; the new key starts on the first day that has begun nowhere by then.
    pub(crate) fn day_after_grace(&self, deadline: i64) -> Result<Date, Rejection> {
        day_after(deadline.saturating_add_unsigned(self.timing.grace))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// At 10:00:00 UTC the next day begins at UTC+14: an old root that counts in that second serves a period that begins then.
    #[test]
    fn a_day_that_has_begun_anywhere_is_too_early() {
        let midnight = i64::try_from("2026-11-01".parse::<Date>().unwrap().unix_time().unwrap()).unwrap();
        let ten = midnight + 10 * 3600;
        assert_eq!(day_after(ten - 1).unwrap().to_string(), "2026-11-02");
        assert_eq!(day_after(ten).unwrap().to_string(), "2026-11-03");
        assert_eq!(day_after(ten + 1).unwrap().to_string(), "2026-11-03");
    }
}
