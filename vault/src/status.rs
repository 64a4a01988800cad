//! The vault at a glance.

use crate::{
    error::VaultError,
    log::LogHead,
    restore::Floor,
    store::{ImportRow, Keys, RecordCounts, Records, RecordsTx, RootRow, RootState, SchemaRow, Store},
    timing::Timing,
    tree::{self, epoch::working_epoch},
    vault::Vault,
};
use sealroot_protocol::{date::Date, name::Name, tree::Root};

/// What `status` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whose vault.
    pub agency: Name,
    /// Rows.
    pub counts: RecordCounts,
    /// Wrapped data keys.
    pub data_keys: u64,
    /// Key-encryption keys; more than one while a rotation is under way.
    pub key_encryption_keys: usize,
    /// Root over everything that is in the vault now, anchored or not.
    pub working_root: Root,
    /// All prepared roots, oldest first, and what each is good for now.
    pub roots: Vec<(RootRow, RootStanding)>,
    /// The access log.
    pub log: LogHead,
    /// Finished imports, oldest first.
    pub imports: Vec<ImportRow>,
    /// Registered schemas.
    pub schemas: Vec<SchemaRow>,
    /// Timing.
    pub timing: Timing,
    /// In a vault that went on from an older copy: the first day of every key, and by when the next anchor must land, Unix seconds, while it is to come.
    pub floor: Option<(Date, Option<i64>)>,
}

/// What a root is good for, as far as this vault knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootStanding {
    /// Prepared, and not known to be on chain.
    Waiting,
    /// The newest on chain: proofs are made under it.
    Anchored,
    /// Replaced by a newer one, and still good until then, Unix seconds.
    InGrace(i64),
    /// Replaced by a newer one, and good no more since then, Unix seconds.
    GraceEnded(i64),
    /// Withdrawn: good for nothing.
    Withdrawn,
    /// Never came on chain, or was put away after its grace.
    Retired,
    /// The chain's newest when the vault went on from an older copy: nothing is proved under it, and the next anchor follows it.
    BeforeRestore,
    /// The copy's own, from before a restore: under its number the chain has another root.
    Overtaken,
}

impl<S: Store> Vault<S> {
    /// Everything worth knowing at a glance.
    pub async fn status(&self) -> Result<Status, VaultError> {
        let key_encryption_keys = self.ring().kek_count();
        let mut tx = self.store.records().read().await?;
        let epoch = working_epoch(&mut tx).await?;
        Ok(Status {
            agency: self.issuer.agency.clone(),
            counts: tx.counts().await?,
            data_keys: self.store.keys().count().await?,
            key_encryption_keys,
            working_root: tree::working_root(&mut tx, epoch).await?,
            roots: self.standings(tx.roots().await?),
            log: self.log_head().await?,
            imports: tx.imports().await?,
            schemas: tx.schemas().await?,
            timing: self.timing,
            floor: Floor::read(&mut tx).await?.map(|floor| (floor.since, floor.anchor_by)),
        })
    }

    /// Under one number the chain has one root. After a restore from an older copy the newest row of a number is the chain's; an earlier one of the same root says the same again.
    fn standings(&self, rows: Vec<RootRow>) -> Vec<(RootRow, RootStanding)> {
        let later = |row: &RootRow| {
            rows.iter()
                .find(|other| other.epoch > row.epoch && row.sequence.is_some() && other.sequence == row.sequence)
        };
        let standing = |row: &RootRow| match later(row) {
            Some(other) if other.root == row.root => None,
            Some(_) => Some((row.clone(), RootStanding::Overtaken)),
            None => Some(self.standing(row.clone())),
        };
        rows.iter().filter_map(standing).collect()
    }

    fn standing(&self, row: RootRow) -> (RootRow, RootStanding) {
        let ends = row.superseded_at.map(|at| at.saturating_add_unsigned(self.timing.grace));
        let standing = match (row.state, ends) {
            (RootState::Pending, _) => RootStanding::Waiting,
            (RootState::Withdrawn, _) => RootStanding::Withdrawn,
            // Only a restore makes such a row: one that was put away had been replaced.
            (RootState::Retired, None) if row.sequence.is_some() => RootStanding::BeforeRestore,
            (RootState::Retired, _) => RootStanding::Retired,
            (RootState::Anchored, None) => RootStanding::Anchored,
            (RootState::Anchored, Some(ends)) if self.grace_ended(&row) => RootStanding::GraceEnded(ends),
            (RootState::Anchored, Some(ends)) => RootStanding::InGrace(ends),
        };
        (row, standing)
    }
}
