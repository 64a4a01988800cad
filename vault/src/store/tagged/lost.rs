//! What the access log knows of changes that a copy of the database lacks.

use super::Tagged;
use crate::{
    error::{Integrity, VaultError},
    log::head_at,
    store::{EntriesOf, Log as _, Records as _, Reference, Store},
};
use sealroot_handover::{access_log::VaultState, transfer::RecipientSecret};

/// Entries that are held at a time.
const PAGE: u32 = 256;

/// What came after the state that the database has.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// The newest state that the log was told of, where the database has another.
    pub(crate) newest: Option<VaultState>,
    /// How many changes are lost.
    pub(crate) changes: u64,
    /// References of people whom these changes erased, by each id that they had.
    pub(crate) erased: Vec<Reference>,
    /// How many ids these changes replaced.
    pub(crate) renamed: u64,
}

impl<S: Store> Tagged<S> {
    /// How many changes after a state erased somebody, as the log tells.
    pub(crate) async fn erasures_since(&self, opener: &RecipientSecret, number: u64) -> Result<u64, VaultError> {
        let (mut before, mut erasures) = (None, 0);
        loop {
            let page = self.inner.log().entries_before(EntriesOf::One(*self.guard.subject()), before, PAGE).await?;
            let Some(first) = page.first() else { return Ok(erasures) };
            before = Some(first.position);
            for entry in page.iter().rev() {
                let told = entry.open(opener).map_err(|_| Integrity::Log)?.state.ok_or(Integrity::Log)?;
                if told.number <= number {
                    return Ok(erasures);
                }
                if !self.guard.tells_true(&told) {
                    return Err(Integrity::Log.into());
                }
                erasures += u64::from(!told.erased.is_empty());
            }
        }
    }

    /// Compares the database with a log that may have been told of later states. Fails where the two aren't of one vault, where the log is older than the database, and where its
    /// states don't follow one another: an entry that was filed elsewhere could be an erasure, and another vault's entries are none of this one's. Non-guarantee: that the log's newest entries weren't cut off.
    pub(crate) async fn lost(&self, opener: &RecipientSecret) -> Result<Lost, VaultError> {
        let log = self.inner.log();
        let mut tx = self.records.read().await?;
        let state = tx.state().await?.clone();
        if log.size().await? < state.log.size || head_at(log, state.log.size).await? != state.log {
            return Err(Integrity::Log.into());
        }
        let mark = self.guard.mark(&state);
        let mut lost = Lost::default();
        let (mut before, mut next) = (None, None);
        loop {
            let page = log.entries_before(EntriesOf::One(*self.guard.subject()), before, PAGE).await?;
            let Some(first) = page.first() else {
                // The log was never told of this state, nor of the one before.
                return if state.number == 1 { Ok(lost) } else { Err(Integrity::State.into()) };
            };
            before = Some(first.position);
            for entry in page.iter().rev() {
                let told = entry.open(opener).map_err(|_| Integrity::Log)?.state.ok_or(Integrity::Log)?;
                let same = told.number == mark.number && told.digest == mark.digest;
                // A process that ended before it told the log of its last change.
                let untold = told.number + 1 == state.number && told.digest == state.before;
                let leads = next.is_none_or(|(after, before)| told.number + 1 == after && told.digest == before);
                if same || untold {
                    return if leads { Ok(lost) } else { Err(Integrity::Log.into()) };
                }
                if told.number < state.number {
                    return Err(Integrity::State.into());
                }
                if !leads || !self.guard.tells_true(&told) {
                    return Err(Integrity::Log.into());
                }
                next = Some((told.number, told.before));
                lost.erased.extend(told.erased.iter().map(|person| person.0));
                lost.renamed += told.renamed.len() as u64;
                lost.changes += 1;
                lost.newest.get_or_insert(told);
            }
        }
    }
}
