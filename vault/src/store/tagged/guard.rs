//! What every transaction of a guarded store is checked against and leaves behind.

use super::{
    columns::Tagger,
    state::{State, StateKeys},
};
use crate::{
    clock::Clock,
    keys::{KeyRing, references, seal::Key},
    log::append,
    store::{Log, Reference, StoreError, Stored},
};
use sealroot_handover::{
    access_log::{Access, LoggedAct, Reader, VaultState, What},
    transfer::RecipientKey,
};
use sealroot_protocol::{field::Digest, name::Name};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard};

/// Keys of tags and states, and the access log's reader of states.
pub(super) struct Guard {
    pub(super) tagger: Tagger,
    pub(super) keys: StateKeys,
    agency: Name,
    reader: RecipientKey,
    /// What entries about states are found by.
    subject: Reference,
    clock: Clock,
    /// Number of the newest state that this process has met.
    newest: AtomicU64,
    /// Held while a transaction commits and the log is told. In it, what the log couldn't be told.
    telling: Mutex<Option<VaultState>>,
}

impl Guard {
    pub(super) fn new(ring: &KeyRing, agency: &Name, clock: Clock) -> Self {
        let elements: Key = ring.derived("sealroot/1:state-element");
        let seals = ring.derived("sealroot/1:state-seal");
        Self {
            tagger: Tagger::new(ring.tag_key()),
            keys: StateKeys::new(elements, seals, agency.as_str()),
            agency: agency.clone(),
            reader: ring.log_key(),
            subject: references::state(ring),
            clock,
            newest: AtomicU64::new(0),
            telling: Mutex::new(None),
        }
    }

    pub(super) fn subject(&self) -> &Reference {
        &self.subject
    }

    /// What the log says of a state.
    pub(super) fn mark(&self, state: &State) -> VaultState {
        let digests = |people: &[Reference]| -> Vec<Digest> { people.iter().map(|person| Digest(*person)).collect() };
        let (erased, renamed) = (digests(&state.erased), digests(&state.renamed));
        let people_mac = self.people_mac(state.number, &erased, &renamed);
        VaultState {
            number: state.number,
            digest: self.keys.digest(state),
            before: state.before,
            erased,
            renamed,
            people_mac,
        }
    }

    /// Whether what the log says of people in a state was written with the key ring.
    pub(super) fn tells_true(&self, told: &VaultState) -> bool {
        told.people_mac == self.people_mac(told.number, &told.erased, &told.renamed)
    }

    fn people_mac(&self, number: u64, erased: &[Digest], renamed: &[Digest]) -> Option<Digest> {
        let some = !erased.is_empty() || !renamed.is_empty();
        some.then(|| self.keys.people_mac(number, erased, renamed))
    }

    /// The newest state that this process has met: a transaction that begins now sees none before it.
    pub(super) fn newest(&self) -> u64 {
        self.newest.load(Ordering::SeqCst)
    }

    /// Opens a state, no older than `least`.
    pub(super) fn open(&self, sealed: Option<Vec<u8>>, least: u64) -> Stored<State> {
        let state = self.keys.open(&sealed.ok_or(StoreError::State)?)?;
        self.newest.fetch_max(state.number, Ordering::SeqCst);
        if state.number < least { Err(StoreError::State) } else { Ok(state) }
    }

    /// Nobody else commits meanwhile. What the log couldn't be told before, it is told first: a store may be one state ahead of its log, and no more.
    pub(super) async fn commits(&self, log: &impl Log) -> Stored<MutexGuard<'_, Option<VaultState>>> {
        let mut untold = self.telling.lock().await;
        if let Some(mark) = untold.clone() {
            self.tell(log, &mark).await?;
            *untold = None;
        }
        Ok(untold)
    }

    /// After a commit: tells the log.
    pub(super) async fn committed(
        &self,
        log: &impl Log,
        mut untold: MutexGuard<'_, Option<VaultState>>,
        state: &State,
    ) -> Stored<()> {
        self.newest.fetch_max(state.number, Ordering::SeqCst);
        let mark = self.mark(state);
        let told = self.tell(log, &mark).await;
        if told.is_err() {
            *untold = Some(mark);
        }
        told
    }

    /// Writes an entry about a state.
    pub(super) async fn tell(&self, log: &impl Log, mark: &VaultState) -> Stored<()> {
        let access = Access { who: "vault".into(), why: String::new() };
        let act = LoggedAct { state: Some(mark.clone()), ..LoggedAct::of_person(&self.agency, &access, What::Changed) };
        let told = append(log, Reader::Agency(self.reader), self.clock.now(), self.subject, &act).await;
        told.map(drop).map_err(|error| StoreError::Untold(Box::new(error.into())))
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
