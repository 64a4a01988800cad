//! Roots: prepared, anchored, superseded, withdrawn, retired.
//!
//! Order of durability: ciphertext and leaf in one transaction; then a prepared root; then its anchor on chain; then the mark here. A crash between any
//! two is made good by [`Vault::reconcile`] with the chain's latest root, or by preparing and anchoring again.
//! What an anchored root commits to stays readable until its grace ends, counted from its *replacement*; erasure excepted.

use super::epoch::{set_working_epoch, working_epoch};
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    restore::Floor,
    store::{EnrolmentRow, EntriesOf, Epoch, Log, Records, RecordsTx, RootRow, RootState, Store, Tag},
    tree,
    vault::Vault,
};
use sealroot_protocol::{
    field::{self, Digest},
    tree::Root,
};

/// A root that is ready to be anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRoot {
    /// Its number in this vault.
    pub epoch: Epoch,
    /// The root.
    pub root: Root,
    /// Head of the access log, anchored with it.
    pub log_head: Digest,
    /// Entries under that head.
    pub log_size: u64,
    /// The anchor must land by then, Unix seconds of block time, or fail: a replaced key would earn a second nullifier.
    pub anchor_by: Option<i64>,
    /// Whether it is the root that is on chain already, because nothing but the access log has grown.
    pub log_alone: bool,
}

/// Where and when a root was anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LandedAnchor {
    /// The root.
    pub root: Root,
    /// Sequence number in the agency's entry on chain.
    pub sequence: u64,
    /// Block number.
    pub block: u64,
    /// Block time, Unix seconds.
    pub block_time: i64,
}

impl<S: Store> Vault<S> {
    /// Prepares the root over everything that is in the vault now, and over the access log. `None` if that root is anchored already, and the log has nothing that waits.
    /// Asking again without changes gives the same root. Changes made meanwhile belong to the next one.
    pub async fn pending_root(&self) -> Result<Option<PendingRoot>, VaultError> {
        self.postpone_replacements(self.clock.now()).await?;
        self.postpone_floor(self.clock.now()).await?;
        // What is anchored can't be taken back: a log that was cut would come under the chain's newest head.
        let log = self.check_log().await?;
        let mut tx = self.store.records().write().await?;
        let epoch = working_epoch(&mut tx).await?;
        let root = tree::working_root(&mut tx, epoch).await?;
        let roots = tx.roots().await?;
        let newest = roots.iter().rev().find(|row| row.state != RootState::Retired);
        let same = newest.filter(|row| row.root == root);
        if let Some(newest) = same {
            match newest.state {
                RootState::Pending => return Ok(Some(pending(newest, &roots))),
                RootState::Withdrawn => return Err(Rejection::RootWithdrawn(digest(root)).into()),
                RootState::Anchored | RootState::Retired if !self.log_waits(newest, log.size).await? => {
                    return Ok(None);
                }
                RootState::Anchored | RootState::Retired => {}
            }
        }
        let replaced = tx.waiting_enrolments().await?.iter().filter_map(|row| row.anchor_by).min();
        let floor = Floor::read(&mut tx).await?.and_then(|floor| floor.anchor_by);
        let anchor_by = replaced.into_iter().chain(floor).min();
        let row = RootRow {
            epoch,
            root,
            log_size: log.size,
            log_head: log.head,
            state: RootState::Pending,
            anchor_by,
            sequence: None,
            block: None,
            anchored_at: None,
            superseded_at: None,
            tag: Tag::default(),
        };
        tx.put_root(&row).await?;
        set_working_epoch(&mut tx, epoch + 1).await?;
        tx.commit().await?;
        Ok(Some(pending(&row, &roots)))
    }

    /// Whether the log has grown since a root by something that should come under an anchored head: an entry about a person at once, the vault's own states once a day.
    /// A log that was cut after its newest anchored head goes unnoticed; so that head is never old.
    async fn log_waits(&self, newest: &RootRow, size: u64) -> Result<bool, VaultError> {
        if size > newest.log_size && newest.anchored_at.is_none_or(|at| self.clock.now() >= at + ANCHOR_LOG_AFTER) {
            return Ok(true);
        }
        let people = EntriesOf::Others(references::state(&self.ring()));
        Ok(!self.store.log().entries(people, newest.log_size, 1).await?.is_empty())
    }

    /// Notes that a prepared root is on chain: the one before is superseded from this block's time on. Saying it twice changes nothing.
    pub async fn mark_anchored(&self, anchor: &LandedAnchor) -> Result<(), VaultError> {
        let mut tx = self.store.records().write().await?;
        let roots = tx.roots().await?;
        let row = roots.iter().rev().find(|row| row.root == anchor.root && row.state != RootState::Retired);
        let row = row.ok_or(Rejection::UnknownRoot(digest(anchor.root)))?;
        match row.state {
            RootState::Anchored if row.sequence == Some(anchor.sequence) => return Ok(()),
            RootState::Pending => {}
            RootState::Withdrawn => return Err(Rejection::RootWithdrawn(digest(anchor.root)).into()),
            RootState::Anchored | RootState::Retired => return Err(Rejection::UnknownRoot(digest(anchor.root)).into()),
        }
        if let Some(deadline) = row.anchor_by.filter(|by| anchor.block_time > *by) {
            return Err(Rejection::AnchoredTooLate { landed: anchor.block_time, deadline }.into());
        }
        for other in roots.iter().filter(|other| other.epoch < row.epoch) {
            let changed = match other.state {
                RootState::Pending => RootRow { state: RootState::Retired, ..other.clone() },
                RootState::Anchored if other.superseded_at.is_none() => {
                    RootRow { superseded_at: Some(anchor.block_time), ..other.clone() }
                }
                _ => continue,
            };
            tx.put_root(&changed).await?;
        }
        let anchored = RootRow {
            state: RootState::Anchored,
            sequence: Some(anchor.sequence),
            block: Some(anchor.block),
            anchored_at: Some(anchor.block_time),
            ..row.clone()
        };
        tx.put_root(&anchored).await?;
        for enrolment in tx.waiting_enrolments().await? {
            if enrolment.epoch <= row.epoch {
                tx.put_enrolment(&EnrolmentRow { anchor_by: None, ..enrolment }).await?;
            }
        }
        Floor::anchored(&mut tx, row.epoch).await?;
        Ok(tx.commit().await?)
    }

    /// After a restart: brings the vault's view to the chain's latest root of this agency (`None` if it has none).
    pub async fn reconcile(&self, latest: Option<&LandedAnchor>) -> Result<(), VaultError> {
        let newest = newest_on_chain(&self.store.records().read().await?.roots().await?);
        match (latest, newest) {
            (None, None) => Ok(()),
            (Some(anchor), Some(row)) if row.root == anchor.root && row.sequence == Some(anchor.sequence) => Ok(()),
            (None, Some(_)) => Err(Rejection::ChainBehind.into()),
            (Some(anchor), Some(row)) if row.sequence.is_some_and(|sequence| anchor.sequence <= sequence) => {
                Err(Rejection::ChainBehind.into())
            }
            (Some(anchor), _) => match self.mark_anchored(anchor).await {
                Err(VaultError::Rejected(Rejection::UnknownRoot(root))) => Err(Rejection::ForeignRoot(root).into()),
                other => other,
            },
        }
    }

    /// Fails unless the chain's newest root of this agency (and its sequence number) is one that this vault prepared: otherwise the vault was set back to before that
    /// root, or is a copy. Where the vault only lacks the word that its root landed, it passes: the next anchor brings that.
    pub async fn meet_chain(&self, latest: Option<(Root, u64)>) -> Result<(), VaultError> {
        let roots = self.store.records().read().await?.roots().await?;
        let newest = newest_on_chain(&roots);
        match (latest, newest) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(Rejection::ChainBehind.into()),
            (Some((_, sequence)), Some(row)) if row.sequence.is_some_and(|newest| sequence < newest) => {
                Err(Rejection::ChainBehind.into())
            }
            (Some((root, sequence)), Some(row)) if row.sequence == Some(sequence) && row.root == root => Ok(()),
            (Some((root, _)), _) => {
                let prepared = roots.iter().any(|row| row.root == root && row.state == RootState::Pending);
                if prepared { Ok(()) } else { Err(Rejection::ForeignRoot(digest(root)).into()) }
            }
        }
    }

    /// Notes that a root was withdrawn on chain: nothing is proved under it from now on, without grace. To note it again changes nothing.
    pub async fn mark_withdrawn(&self, root: Root) -> Result<(), VaultError> {
        let mut tx = self.store.records().write().await?;
        if !withdraw_in(&mut tx, root).await? {
            return Err(Rejection::UnknownRoot(digest(root)).into());
        }
        Ok(tx.commit().await?)
    }

    /// The epoch and root that may be read now: the newest anchored one, or a named one within its grace.
    pub(crate) async fn readable(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        named: Option<Root>,
    ) -> Result<(Epoch, Root), VaultError> {
        let roots = tx.roots().await?;
        let Some(named) = named else {
            let newest = newest_on_chain(&roots).ok_or(Rejection::NoAnchoredRoot)?;
            return match newest.state {
                RootState::Anchored => Ok((newest.epoch, newest.root)),
                _ => Err(Rejection::NoAnchoredRoot.into()),
            };
        };
        let row = roots.iter().rev().find(|row| row.root == named && row.state != RootState::Pending);
        match row {
            None => Err(Rejection::UnknownRoot(digest(named)).into()),
            Some(row) if row.state == RootState::Withdrawn => Err(Rejection::RootWithdrawn(digest(named)).into()),
            Some(row) if row.state == RootState::Anchored && !self.grace_ended(row) => Ok((row.epoch, row.root)),
            Some(_) => Err(Rejection::GraceEnded(digest(named)).into()),
        }
    }

    pub(crate) fn grace_ended(&self, row: &RootRow) -> bool {
        row.superseded_at.is_some_and(|at| at.saturating_add_unsigned(self.timing.grace) < self.clock.now())
    }
}

/// Notes in a transaction that a root was withdrawn; false where the vault doesn't know it to be on chain.
pub(crate) async fn withdraw_in(tx: &mut impl RecordsTx, root: Root) -> Result<bool, VaultError> {
    let row = tx.roots().await?.into_iter().rev().find(|row| row.root == root && row.state != RootState::Pending);
    let Some(row) = row else { return Ok(false) };
    tx.put_root(&RootRow { state: RootState::Withdrawn, ..row }).await?;
    Ok(true)
}

/// Unix seconds after which a log that has grown is anchored even if it says nothing of people: less than a day, so that a daily run at the same hour is in time.
const ANCHOR_LOG_AFTER: i64 = 20 * 3600;
/// The newest root that came on chain.
pub(crate) fn newest_on_chain(roots: &[RootRow]) -> Option<RootRow> {
    roots.iter().filter(|row| row.sequence.is_some()).max_by_key(|row| row.sequence).cloned()
}

fn pending(row: &RootRow, roots: &[RootRow]) -> PendingRoot {
    let stands = |other: &RootRow| other.state == RootState::Anchored && other.superseded_at.is_none();
    PendingRoot {
        epoch: row.epoch,
        root: row.root,
        log_head: row.log_head,
        log_size: row.log_size,
        anchor_by: row.anchor_by,
        log_alone: roots.iter().any(|other| other.epoch < row.epoch && other.root == row.root && stands(other)),
    }
}

fn digest(root: Root) -> Digest {
    Digest(field::to_bytes(root.0))
}
