//! The use case: a copy's files are in place, the log may be newer, the chain says what it has of this agency.

use crate::{
    clock::Clock,
    error::{Rejection, VaultError},
    keys::{RingKeeper, master::MasterKey, references, seal},
    records::issue,
    restore::{LostStates, floor::Raised},
    store::{
        Keys, Lost, RecordRow, Records, RecordsTx, Reference, RootRow, RootState, Store, Tag, Tagged, TaggedRecordsTx,
    },
    tree::{
        anchor::{LandedAnchor, withdraw_in},
        epoch::{set_working_epoch, working_epoch},
    },
    vault::Vault,
};
use sealroot_handover::access_log::{Access, LoggedAct, What};
use sealroot_protocol::date::Date;
use std::collections::{BTreeSet, HashSet};

/// Rows that are held at a time.
const PAGE: u32 = 1024;
/// Entries that are filled in at most. So many are lost by nobody: it is the size that the thief of a key anchored.
const MOST_LOST: u64 = 1 << 20;

/// How a vault is to go on.
#[derive(Debug, Clone)]
pub struct Restoring {
    /// The chain's newest root of this agency; none where there is no root.
    pub chain: Option<LandedAnchor>,
    /// Whether that root was withdrawn on chain.
    pub withdrawn: bool,
    /// Entries of the access log that the chain's newest anchor of this agency counts; 0 where there is none.
    pub chain_log: u64,
    /// Go on also where the copy is older than the chain's newest root, or lacks a changed id, and every key starts anew.
    pub although_older: bool,
    /// Go on without the records whose data keys are gone, if there are exactly so many.
    pub drop_records: u64,
    /// The clerk that restores the vault, and why.
    pub access: Access,
}

/// How old the copy is, by the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The chain's newest root is one that the copy has.
    Newest,
    /// The chain has a root that the copy lacks, or the log tells of a changed id that the copy doesn't have.
    Older {
        /// First day from which any key claims.
        since: Date,
        /// Unix seconds by which the next anchor must land; a later one sets the day later.
        anchor_by: i64,
    },
}

/// What a restore did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// How old the copy is.
    pub standing: Standing,
    /// Whether the chain's newest root was withdrawn: nothing is proved under it.
    pub withdrawn: bool,
    /// Changes that the access log was told of and the copy lacks.
    pub lost: u64,
    /// Ids that these changes replaced.
    pub renamed: u64,
    /// People who were erased again, because the log says that they had been.
    pub erased: u64,
    /// Records without which the vault goes on, because their data keys are gone.
    pub dropped: u64,
    /// Records that were issued again.
    pub reissued: u64,
}

/// What a restore is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreStep {
    /// Copies the files; bytes are counted.
    Copying,
    /// Compares every row, and brings them to what log and chain say; nothing is counted.
    Resuming,
    /// Checks the vault before it is one; versions and leaves are counted.
    Checking,
}

impl<S: Store> Vault<Tagged<S>> {
    /// Opens a copy, and makes it a vault that goes on. `progress` is told the step, how much of it is done, and of how much: 0 where nothing is counted.
    pub async fn restore(
        keeper: impl RingKeeper,
        store: S,
        master: &MasterKey,
        clock: Clock,
        how: &Restoring,
        progress: &mut (dyn FnMut(RestoreStep, u64, u64) + Send),
    ) -> Result<(Self, Restored), VaultError> {
        progress(RestoreStep::Resuming, 0, 0);
        let (ring, store) = Self::guarded(&keeper, store, master, &clock)?;
        let lost = store.lost(ring.log_secret()).await?;
        if lost.newest.is_none() {
            store.meet_log(ring.log_secret()).await?;
        }
        let vault = Self::assembled(keeper, store, ring, clock).await?;
        vault.check_log().await?;
        let newest = vault.has_newest_root(how.chain.as_ref()).await?;
        if (!newest || lost.renamed > 0) && !how.although_older {
            return Err(Rejection::OlderCopy { newest, changes: lost.changes, renamed: lost.renamed }.into());
        }
        let restored = vault.resume(how, newest && lost.renamed == 0, lost).await?;
        vault.recover().await?;
        vault.destroy_orphans().await?;
        // What goes on must be whole: a copy's trees and keys are not under its sums.
        vault.check_with(|at| progress(RestoreStep::Checking, at.done, at.total)).await?;
        Ok((vault, restored))
    }

    async fn resume(&self, how: &Restoring, newest: bool, lost: Lost) -> Result<Restored, VaultError> {
        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        // Everything that follows rests on all rows.
        self.check_rows(&mut tx).await?;
        let everybody = references::everybody(&self.ring());
        let entry = LoggedAct::of_person(&self.issuer.agency, &how.access, What::Restored);
        self.write_entry(everybody, None, &entry).await?;
        // The chain takes no log that is shorter than the anchored one, nor one as long under another head. What is gone stays gone, and its places say so.
        let gone = LoggedAct::of_person(&self.issuer.agency, &how.access, What::Lost);
        let missing = how.chain_log.checked_sub(self.log_head().await?.size).map_or(0, |missing| missing + 1);
        if missing > MOST_LOST {
            return Err(Rejection::LogTooShort { missing }.into());
        }
        for _ in 0..missing {
            self.write_entry(everybody, None, &gone).await?;
        }
        let (changes, renamed) = (lost.changes, lost.renamed);
        let mut erased = 0;
        for person in lost.erased.into_iter().collect::<BTreeSet<Reference>>() {
            let there = !self.versions_of_person(&mut tx, person).await?.1.is_empty();
            if there || !tx.enrolments(&[person]).await?.is_empty() {
                self.erase_in(&mut tx, person).await?;
                erased += 1;
            }
        }
        // Absence of a key says nothing: its record may have been replaced since, its person erased, or somebody deleted it.
        let unreadable = self.versions_without_keys(&mut tx).await?;
        let live = unreadable.iter().filter(|row| row.until.is_none()).count() as u64;
        if live != how.drop_records {
            return Err(Rejection::KeysGone { records: live, confirmed: how.drop_records }.into());
        }
        let dropped = self.remove_in(&mut tx, &unreadable).await?;
        self.end_releases(&mut tx, self.clock.now()).await?;
        if let Some(newest) = lost.newest {
            LostStates::add(&mut tx, newest.number, changes).await?;
            tx.follow(newest);
        }
        let batch = seal::random_bytes();
        let (standing, reissued) = match self.adopt(&mut tx, &batch, how, newest).await {
            Ok(done) => done,
            Err(error) => {
                drop(tx);
                self.drop_batch(&batch).await;
                return Err(error);
            }
        };
        self.commit_with_keys(tx, &batch).await?;
        let withdrawn = how.withdrawn;
        Ok(Restored { standing, withdrawn, lost: changes, renamed, erased, dropped, reissued })
    }

    /// Brings the copy's roots to the chain's.
    async fn adopt(
        &self,
        tx: &mut TaggedRecordsTx<S>,
        batch: &[u8; 16],
        how: &Restoring,
        newest: bool,
    ) -> Result<(Standing, u64), VaultError> {
        if newest {
            // One that the copy doesn't know to be on chain is withdrawn when the next anchor meets the chain.
            if let Some(chain) = how.chain.filter(|_| how.withdrawn) {
                withdraw_in(tx, chain.root).await?;
            }
            return Ok((Standing::Newest, 0));
        }
        if let Some(chain) = how.chain {
            self.follow_chain(tx, chain, how.withdrawn).await?;
        }
        let Raised { floor, records } = self.raise_floor(tx, batch).await?;
        let anchor_by = floor.anchor_by.unwrap_or_default();
        Ok((Standing::Older { since: floor.since, anchor_by }, records))
    }

    /// Retires the copy's own roots, and lets the next anchor follow the chain's newest.
    async fn follow_chain(
        &self,
        tx: &mut TaggedRecordsTx<S>,
        chain: LandedAnchor,
        withdrawn: bool,
    ) -> Result<(), VaultError> {
        let roots = tx.roots().await?;
        for row in roots {
            // Under the copy's own roots nothing is proved any more, not even in their grace: the next anchor has what is left of them.
            let superseded_at = match row.state {
                RootState::Anchored => row.superseded_at.or(Some(chain.block_time)),
                RootState::Pending => None,
                RootState::Withdrawn | RootState::Retired => continue,
            };
            tx.put_root(&RootRow { state: RootState::Retired, superseded_at, ..row }).await?;
        }
        let epoch = working_epoch(tx).await?;
        let log = self.log_head().await?;
        tx.put_root(&RootRow {
            epoch,
            root: chain.root,
            // The log that it was anchored with may be lost: this one must grow from here.
            log_size: log.size,
            log_head: log.head,
            state: if withdrawn { RootState::Withdrawn } else { RootState::Retired },
            anchor_by: None,
            sequence: Some(chain.sequence),
            block: Some(chain.block),
            anchored_at: Some(chain.block_time),
            superseded_at: None,
            tag: Tag::default(),
        })
        .await?;
        set_working_epoch(tx, epoch + 1).await
    }

    /// Versions whose data keys aren't there, and which nobody ordered destroyed.
    async fn versions_without_keys(&self, tx: &mut TaggedRecordsTx<S>) -> Result<Vec<RecordRow>, VaultError> {
        let owed: HashSet<_> = tx.owed_destructions().await?.into_iter().collect();
        let (mut after, mut gone) = (None, Vec::new());
        loop {
            let rows = tx.versions_after(after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(gone) };
            after = Some((last.id, last.version));
            let ids: Vec<_> = rows.iter().map(|row| issue::data_key_id(&row.id, row.version)).collect();
            let there: HashSet<_> = self.store.keys().get(&ids).await?.into_iter().map(|key| key.id).collect();
            let lacks = rows.into_iter().zip(ids).filter(|(_, id)| !there.contains(id) && !owed.contains(id));
            gone.extend(lacks.map(|(row, _)| row));
        }
    }

    /// Whether the chain's newest root is one that the copy has. An equal root is not enough: people, keys and ids can change without a leaf, under an anchor of the log alone.
    async fn has_newest_root(&self, chain: Option<&LandedAnchor>) -> Result<bool, VaultError> {
        match self.meet_chain(chain.map(|chain| (chain.root, chain.sequence))).await {
            Ok(()) => Ok(true),
            Err(VaultError::Rejected(Rejection::ForeignRoot(_))) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
