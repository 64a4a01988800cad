//! The use case: a copy's files are in place, the log may be newer, the chain says what it has of this agency.

use crate::{
    clock::Clock,
    error::{Integrity, Rejection, VaultError},
    keys::{RingKeeper, master::MasterKey, references, seal},
    records::issue,
    restore::floor::Raised,
    store::{Keys, Lost, Records, RecordsTx, Reference, RootRow, RootState, Store, Tag, Tagged, TaggedRecordsTx},
    tree::{
        anchor::{LandedAnchor, newest_on_chain},
        epoch::{set_working_epoch, working_epoch},
    },
    vault::Vault,
};
use sealroot_handover::access_log::{Access, LoggedAct, What};
use sealroot_protocol::date::Date;
use std::collections::{BTreeSet, HashSet};

/// Rows that are held at a time.
const PAGE: u32 = 1024;

/// How a vault is to go on.
#[derive(Debug, Clone)]
pub struct Restoring {
    /// The chain's newest root of this agency, and since when it is the newest without a gap; none where there is no root.
    pub chain: Option<LandedAnchor>,
    /// Go on also where the copy is older than the chain's newest root, and every key starts anew.
    pub although_older: bool,
    /// The clerk that restores the vault, and why.
    pub access: Access,
}

/// How old the copy is, by the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The chain's newest root is one that the copy has.
    Newest,
    /// After the copy's newest root only the access log was anchored.
    LogAlone,
    /// The chain has a root that the copy lacks.
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
    /// Changes that the access log was told of and the copy lacks.
    pub lost: u64,
    /// People who were erased again, because the log or the key store says that they had been.
    pub erased: u64,
    /// Records that were replaced after the copy was made, so that their keys are gone: they are to be imported again.
    pub dropped: u64,
    /// Records that were issued again.
    pub reissued: u64,
}

impl<S: Store> Vault<Tagged<S>> {
    /// Opens a copy, and makes it a vault that goes on.
    pub async fn restore(
        keeper: impl RingKeeper,
        store: S,
        master: &MasterKey,
        clock: Clock,
        how: &Restoring,
    ) -> Result<(Self, Restored), VaultError> {
        let (ring, store) = Self::guarded(&keeper, store, master, &clock)?;
        let lost = store.lost(ring.log_secret()).await?;
        if lost.newest.is_none() {
            store.meet_log(ring.log_secret()).await?;
        }
        let vault = Self::assembled(keeper, store, ring, clock).await?;
        vault.check_log().await?;
        let standing = vault.standing_on(how.chain.as_ref()).await?;
        if standing == Age::Older && !how.although_older {
            return Err(Rejection::OlderCopy { changes: lost.changes }.into());
        }
        let restored = vault.resume(how, standing, lost).await?;
        vault.recover().await?;
        Ok((vault, restored))
    }

    async fn resume(&self, how: &Restoring, age: Age, lost: Lost) -> Result<Restored, VaultError> {
        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        // Everything that follows rests on all rows.
        self.check_rows(&mut tx).await?;
        let everybody = references::everybody(&self.ring());
        let entry = LoggedAct::of_person(&self.issuer.agency, &how.access, What::Restored);
        self.write_entry(everybody, None, &entry).await?;
        let changes = lost.changes;
        let mut erased: BTreeSet<Reference> = lost.erased.into_iter().collect();
        let unreadable = self.people_without_keys(&mut tx).await?;
        if lost.newest.is_none() {
            // The log doesn't tell whether a key went because its record was replaced or because the person was erased.
            erased.extend(&unreadable);
        }
        let (mut again, mut dropped) = (0, 0);
        for person in &erased {
            let rows = tx.versions_of_subject(person).await?;
            if !rows.is_empty() || !tx.enrolments(&[*person]).await?.is_empty() {
                self.erase_in(&mut tx, *person, rows).await?;
                again += 1;
            }
        }
        for person in unreadable.difference(&erased) {
            let rows = tx.versions_of_subject(person).await?;
            dropped += self.remove_in(&mut tx, &rows).await?;
        }
        self.end_releases(&mut tx, self.clock.now()).await?;
        if let Some(newest) = lost.newest {
            tx.follow(newest);
        }
        let batch = seal::random_bytes();
        let (standing, reissued) = match self.adopt(&mut tx, &batch, how, age).await {
            Ok(done) => done,
            Err(error) => {
                drop(tx);
                self.drop_batch(&batch).await;
                return Err(error);
            }
        };
        self.commit_with_keys(tx, &batch).await?;
        Ok(Restored { standing, lost: changes, erased: again, dropped, reissued })
    }

    /// Brings the copy's roots to the chain's.
    async fn adopt(
        &self,
        tx: &mut TaggedRecordsTx<S>,
        batch: &[u8; 16],
        how: &Restoring,
        age: Age,
    ) -> Result<(Standing, u64), VaultError> {
        let (Some(chain), true) = (how.chain, age != Age::Newest) else { return Ok((Standing::Newest, 0)) };
        let roots = tx.roots().await?;
        if age == Age::LogAlone {
            let row = newest_on_chain(&roots).ok_or(Integrity::Tree)?;
            let (sequence, block) = (Some(chain.sequence), Some(chain.block));
            tx.put_root(&RootRow { sequence, block, ..row }).await?;
            return Ok((Standing::LogAlone, 0));
        }
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
            state: RootState::Retired,
            anchor_by: None,
            sequence: Some(chain.sequence),
            block: Some(chain.block),
            anchored_at: Some(chain.block_time),
            superseded_at: None,
            tag: Tag::default(),
        })
        .await?;
        set_working_epoch(tx, epoch + 1).await?;
        let Raised { floor, records } = self.raise_floor(tx, batch).await?;
        let anchor_by = floor.anchor_by.unwrap_or_default();
        Ok((Standing::Older { since: floor.since, anchor_by }, records))
    }

    /// People with a version whose data key is gone: they were erased after the copy of the database was made, and before that of the keys.
    async fn people_without_keys(&self, tx: &mut TaggedRecordsTx<S>) -> Result<BTreeSet<Reference>, VaultError> {
        let owed: HashSet<_> = tx.owed_destructions().await?.into_iter().collect();
        let (mut after, mut gone) = (None, BTreeSet::new());
        loop {
            let rows = tx.versions_after(after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(gone) };
            after = Some((last.id, last.version));
            let ids: Vec<_> = rows.iter().map(|row| issue::data_key_id(&row.id, row.version)).collect();
            let there: HashSet<_> = self.store.keys().get(&ids).await?.into_iter().map(|key| key.id).collect();
            let lacks = rows.iter().zip(&ids).filter(|(_, id)| !there.contains(*id) && !owed.contains(*id));
            gone.extend(lacks.map(|(row, _)| row.subject));
        }
    }

    async fn standing_on(&self, chain: Option<&LandedAnchor>) -> Result<Age, VaultError> {
        let latest = chain.map(|chain| (chain.root, chain.sequence));
        match self.meet_chain(latest).await {
            Ok(()) => Ok(Age::Newest),
            Err(VaultError::Rejected(Rejection::ForeignRoot(_))) => {
                let newest = newest_on_chain(&self.store.records().read().await?.roots().await?);
                let unbroken = |row: &RootRow| {
                    chain.is_some_and(|chain| {
                        row.state == RootState::Anchored
                            && row.root == chain.root
                            && row.anchored_at.is_some_and(|at| chain.block_time <= at)
                    })
                };
                Ok(if newest.as_ref().is_some_and(unbroken) { Age::LogAlone } else { Age::Older })
            }
            Err(error) => Err(error),
        }
    }
}

/// How old a copy is, before anything is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Newest,
    LogAlone,
    Older,
}
