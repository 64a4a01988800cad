//! A store whose rows are authenticated: it stands between the vault and whatever database keeps the rows.
//!
//! Guarantees: a row that is read is one that a holder of the key ring wrote in this vault, in this table, with every column as it is; a column that was changed, exchanged
//! with another row's or made up is an error that names the table. Tree nodes have no tag, because every use hashes them up to a root that has one
//! ([`crate::tree`]); wrapped keys and log entries have none, because a cipher and the log's head authenticate them.
//!
//! A tag can't tell an old row from the newest, nor that one is missing. So every transaction leaves a *state*: a number, and for each part of each table how many rows it
//! has and a keyed sum of them ([`state`]). What a question is answered from is compared with it first. The access log is told every state, so a database that was set
//! back by itself is noticed when it is opened, and one that was set back together with its log when the log is compared with an anchored head.
//!
//! Not guaranteed: that database and log weren't set back together to a moment after the newest anchor; and releases, which are the log's: a mark that was deleted.

mod columns;
mod guard;
mod log;
mod lost;
mod records;
mod state;

pub use log::TaggedLog;
pub(crate) use lost::Lost;
pub use records::{TaggedRecords, TaggedRecordsTx};

use super::{EntriesOf, Log as _, Records as _, Store};
use crate::{
    clock::Clock,
    error::{Integrity, VaultError},
    keys::KeyRing,
    log::head_at,
};
use guard::Guard;
use sealroot_handover::{access_log::VaultState, transfer::RecipientSecret};
use sealroot_protocol::name::Name;
use state::State;
use std::{sync::Arc, time::Duration};

/// A store whose rows are authenticated.
#[derive(Debug)]
pub struct Tagged<S> {
    inner: Arc<S>,
    records: TaggedRecords<S>,
    log: TaggedLog<S>,
    guard: Arc<Guard>,
}

impl<S: Store> Tagged<S> {
    /// Authenticates a store's rows under keys of the ring that nothing else is made with.
    pub(crate) fn new(inner: S, ring: &KeyRing, agency: &Name, clock: Clock) -> Self {
        let (inner, guard) = (Arc::new(inner), Arc::new(Guard::new(ring, agency, clock)));
        let records = TaggedRecords::new(inner.clone(), guard.clone());
        let log = TaggedLog::new(inner.clone(), guard.clone());
        Self { inner, records, log, guard }
    }

    /// Compares the store's state with the access log. Guarantee: the store holds what its newest transaction left, as far as the log goes, and the log has only grown
    /// since. A transaction that the log wasn't told of, because the process ended between the two, it is told of now.
    pub(crate) async fn meet_log(&self, opener: &RecipientSecret) -> Result<(), VaultError> {
        let log = self.inner.log();
        let told = self.told(opener).await?;
        let mut tx = self.records.read().await?;
        let state = tx.state().await?;
        if log.size().await? < state.log.size || head_at(log, state.log.size).await? != state.log {
            return Err(Integrity::Log.into());
        }
        let mark = self.guard.mark(state);
        match fits(told.as_ref(), state, &mark) {
            Fit::Told => Ok(()),
            Fit::Untold => Ok(self.guard.tell(log, &mark).await?),
            Fit::Not => Err(Integrity::State.into()),
        }
    }

    /// The same while another process writes: between a commit and its entry in the log there is a moment, and the log is told of nothing here.
    pub(crate) async fn meet_writer(&self, opener: &RecipientSecret) -> Result<(), VaultError> {
        let mut last = Integrity::State;
        for _ in 0..LOOKS {
            // The log first: a state that is committed later is newer than what it was told.
            let log = self.inner.log();
            let told = self.told(opener).await?;
            let mut tx = self.records.read().await?;
            let state = tx.state().await?;
            if log.size().await? < state.log.size || head_at(log, state.log.size).await? != state.log {
                last = Integrity::Log;
            } else if fits(told.as_ref(), state, &self.guard.mark(state)) != Fit::Not {
                return Ok(());
            }
            drop(tx);
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(last.into())
    }

    /// The newest state that the log was told of.
    async fn told(&self, opener: &RecipientSecret) -> Result<Option<VaultState>, VaultError> {
        let newest = self.inner.log().entries_before(EntriesOf::One(*self.guard.subject()), None, 1).await?;
        match newest.first() {
            Some(entry) => Ok(entry.open(opener).map_err(|_| Integrity::Log)?.state),
            None => Ok(None),
        }
    }

    /// The store, without its guard.
    pub(crate) fn inner(&self) -> &S {
        &self.inner
    }
}

/// Looks at a vault that another process writes to, before it counts as inconsistent; and how far apart they are. A writer that commits thousands of times between two looks is
/// none of ours.
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);

/// How a state fits what the log was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Told,
    /// The process ended, or still is, between the commit and its entry.
    Untold,
    Not,
}

fn fits(told: Option<&VaultState>, state: &State, mark: &VaultState) -> Fit {
    match told {
        Some(told) if told == mark => Fit::Told,
        Some(told) if told.number + 1 == state.number && told.digest == state.before => Fit::Untold,
        None if state.number == 1 => Fit::Untold,
        _ => Fit::Not,
    }
}

impl<S: Store> Store for Tagged<S> {
    type Records = TaggedRecords<S>;
    type Keys = S::Keys;
    type Log = TaggedLog<S>;
    fn records(&self) -> &TaggedRecords<S> {
        &self.records
    }
    /// Their ids and key-encryption keys are in their ciphertexts' associated data.
    fn keys(&self) -> &S::Keys {
        self.inner.keys()
    }
    fn log(&self) -> &TaggedLog<S> {
        &self.log
    }
}
