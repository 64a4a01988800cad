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
mod records;
mod state;

pub use log::TaggedLog;
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
use std::sync::Arc;

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
        let newest = log.entries_before(EntriesOf::One(*self.guard.subject()), None, 1).await?;
        let told: Option<VaultState> = match newest.first() {
            Some(entry) => entry.open(opener).map_err(|_| Integrity::Log)?.state,
            None => None,
        };
        let mut tx = self.records.read().await?;
        let state = tx.state().await?;
        if log.size().await? < state.log.size || head_at(log, state.log.size).await? != state.log {
            return Err(Integrity::Log.into());
        }
        let mark = self.guard.mark(state);
        let follows = match &told {
            Some(told) if *told == mark => return Ok(()),
            Some(told) => told.number + 1 == state.number && told.digest == state.before,
            None => state.number == 1,
        };
        if !follows {
            return Err(Integrity::State.into());
        }
        Ok(self.guard.tell(log, &mark).await?)
    }

    /// The store, without its guard.
    pub(crate) fn inner(&self) -> &S {
        &self.inner
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
