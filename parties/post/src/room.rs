//! How much room is left: organisations', applicants' and anybody's mailboxes each have a share of all bytes.
//!
//! Guarantee: what strangers put into mailboxes that they opened, or into organisations', keeps no answer out of an applicant's.

use crate::{
    error::PostError,
    limits::Holds,
    post::{ALWAYS, Post},
    store::natural,
};
use sqlx::{Row, SqliteConnection};
use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long shares stay counted.
const RECOUNT: Duration = Duration::from_secs(10);

/// Bytes of envelopes by whose mailboxes they lie in, in the order of [`Holds`].
#[derive(Clone, Copy)]
pub(crate) struct Shares {
    counted: Instant,
    kept: [u64; 3],
}

impl Post {
    /// Refuses what is beyond the share of those who hold alike. Shares are counted anew every few seconds, and what comes meanwhile is added.
    pub(crate) async fn check_room(
        &self,
        connection: &mut SqliteConnection,
        holds: Holds,
        bytes: u64,
    ) -> Result<(), PostError> {
        let now = Instant::now();
        let counted = (*self.shares()).filter(|shares| now.duration_since(shares.counted) < RECOUNT);
        let mut shares = match counted {
            Some(shares) => shares,
            None => {
                let sql = "SELECT CASE WHEN until = $1 THEN 0 WHEN request IS NOT NULL THEN 1 ELSE 2 END, coalesce(sum(size), 0) FROM envelopes JOIN mailboxes ON mailboxes.id = mailbox GROUP BY 1";
                let mut kept = [0; 3];
                for row in sqlx::query(sql).bind(ALWAYS).fetch_all(&mut *connection).await? {
                    let (kind, size): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                    if let Some(kept) = usize::try_from(kind).ok().and_then(|kind| kept.get_mut(kind)) {
                        *kept = natural(size);
                    }
                }
                Shares { counted: now, kept }
            }
        };
        let kept = &mut shares.kept[holds as usize];
        *kept = kept.saturating_add(bytes);
        if *kept > holds.share(self.0.limits.bytes) {
            return Err(PostError::Full("all that may lie in mailboxes of this kind lies there"));
        }
        *self.shares() = Some(shares);
        Ok(())
    }

    fn shares(&self) -> MutexGuard<'_, Option<Shares>> {
        self.0.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
