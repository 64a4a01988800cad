//! A vault: one agency's key ring and stores; creating, opening, recovering.
//!
//! Guarantee: one process writes at a time; others read meanwhile, each from what was committed last. Opening brings every interrupted operation to its end or undoes it, by the same code that runs
//! without a crash: keys of imports that were not committed go, erasures and rotations that were begun are finished.

use crate::{
    clock::Clock,
    error::{Integrity, KeyError, Rejection, VaultError},
    keys::{
        KeyRing, RingKeeper,
        master::{Argon2Cost, MasterKey},
        seal::{self, Key},
    },
    people::national_id::IdForms,
    records::issue::Issuer,
    store::{DataKeyId, Keys, Log as _, Records, RecordsTx, Store, Tagged, WrappedKey},
    timing::{Settings, Timing},
    tree::epoch,
};
use sealroot_protocol::name::Name;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// How a vault is created.
pub struct Creation {
    /// Timing on chain.
    pub timing: Timing,
    /// Cost of the passphrase's key derivation.
    pub argon2: Argon2Cost,
    /// The subject key shared by the agencies; a fresh one for the first of them.
    pub subject_key: Option<Key>,
    /// Time.
    pub clock: Clock,
}

impl Default for Creation {
    fn default() -> Self {
        Self { timing: Timing::default(), argon2: Argon2Cost::default(), subject_key: None, clock: Clock::system() }
    }
}

/// An open vault.
pub struct Vault<S: Store> {
    pub(crate) store: S,
    pub(crate) issuer: Issuer,
    pub(crate) timing: Timing,
    pub(crate) clock: Clock,
    pub(crate) keeper: Box<dyn RingKeeper>,
    /// What the registered schemas say of ids.
    pub(crate) id_forms: RwLock<IdForms>,
    /// Seals enrolments; wrapped like every data key, so that rotation covers it.
    pub(crate) enrolment_key: Key,
    /// Shared by writers that wrap new keys, exclusive for rotation: a key wrapped under the old key-encryption key can't slip past.
    pub(crate) wrapping: tokio::sync::RwLock<()>,
}

impl<S: Store> Vault<Tagged<S>> {
    /// Creates a vault. Its key ring is saved last: where there is none, there is no vault.
    pub async fn create(
        keeper: impl RingKeeper,
        store: S,
        agency: &Name,
        master: &MasterKey,
        creation: Creation,
    ) -> Result<Self, VaultError> {
        creation.timing.check()?;
        if keeper.load()?.is_some() {
            return Err(Rejection::Exists(keeper.location()).into());
        }
        // A creation that was interrupted begins again. A vault whose ring was lost is not overwritten: the ring's backup opens it.
        let counts = store.records().read().await?.counts().await?;
        if counts.live > 0 || store.keys().count().await? > 1 || store.log().size().await? > 0 {
            return Err(Rejection::RingMissing(keeper.location()).into());
        }
        let ring = KeyRing::generate(agency, master, creation.argon2, creation.subject_key)?;
        let store = Tagged::new(store, &ring, agency, creation.clock.clone());
        let enrolment_key = Key::random();
        let (kek, wrapped) = ring.wrap(&enrolment_key_id(), &enrolment_key)?;
        store.keys().destroy(&[enrolment_key_id()]).await?;
        let batch = seal::random_bytes();
        store.keys().add(&batch, &[WrappedKey { id: enrolment_key_id(), kek, wrapped }]).await?;
        let settings = Settings { agency: agency.clone(), timing: creation.timing };
        let mut tx = store.records().write().await?;
        tx.begin().await?;
        settings.write(&mut tx).await?;
        epoch::begin(&mut tx).await?;
        tx.commit().await?;
        store.keys().settle(&batch).await?;
        keeper.save(&ring.to_text()?)?;
        // Only now: an entry under a ring that was never saved could be read by nobody.
        store.meet_log(ring.log_secret()).await?;
        Ok(Self::assemble(keeper, store, ring, settings, creation.clock, enrolment_key))
    }

    /// Opens a vault and recovers what a crash interrupted.
    pub async fn open(keeper: impl RingKeeper, store: S, master: &MasterKey, clock: Clock) -> Result<Self, VaultError> {
        let (ring, store) = Self::guarded(&keeper, store, master, &clock)?;
        store.meet_log(ring.log_secret()).await?;
        let vault = Self::assembled(keeper, store, ring, clock).await?;
        vault.recover().await?;
        Ok(vault)
    }

    /// Opens a vault to be read, while another process writes to it: nothing is recovered, and nothing but the access log is written.
    pub async fn open_beside(
        keeper: impl RingKeeper,
        store: S,
        master: &MasterKey,
        clock: Clock,
    ) -> Result<Self, VaultError> {
        let (ring, store) = Self::guarded(&keeper, store, master, &clock)?;
        store.meet_writer(ring.log_secret()).await?;
        let vault = Self::assembled(keeper, store, ring, clock).await?;
        vault.load_id_forms().await?;
        Ok(vault)
    }

    /// The key ring, opened, and the store with the guard that its keys make.
    pub(crate) fn guarded(
        keeper: &impl RingKeeper,
        store: S,
        master: &MasterKey,
        clock: &Clock,
    ) -> Result<(KeyRing, Tagged<S>), VaultError> {
        let text = keeper.load()?.ok_or_else(|| Rejection::Missing(keeper.location()))?;
        let ring = KeyRing::open(&text, &keeper.location(), master)?;
        let agency = ring.agency().parse().map_err(|_| Integrity::Encoding)?;
        let store = Tagged::new(store, &ring, &agency, clock.clone());
        Ok((ring, store))
    }

    /// A vault whose store has met its log; nothing is recovered yet.
    pub(crate) async fn assembled(
        keeper: impl RingKeeper,
        store: Tagged<S>,
        ring: KeyRing,
        clock: Clock,
    ) -> Result<Self, VaultError> {
        let settings = Settings::read(&mut store.records().read().await?).await?;
        let settings = settings.ok_or_else(|| Rejection::Missing(keeper.location()))?;
        if settings.agency.as_str() != ring.agency() {
            let (found, asked) = (settings.agency.to_string(), ring.agency().to_owned());
            return Err(Rejection::OtherAgency { found, asked }.into());
        }
        let wrapped = store.keys().get(&[enrolment_key_id()]).await?;
        let wrapped = wrapped.first().ok_or(Integrity::EnrolmentKeyGone)?;
        let enrolment_key = ring.unwrap(wrapped.kek, &enrolment_key_id(), &wrapped.wrapped)?;
        Ok(Self::assemble(keeper, store, ring, settings, clock, enrolment_key))
    }
}

impl<S: Store> Vault<S> {
    fn assemble(
        keeper: impl RingKeeper,
        store: S,
        ring: KeyRing,
        settings: Settings,
        clock: Clock,
        enrolment_key: Key,
    ) -> Self {
        Self {
            store,
            issuer: Issuer { agency: settings.agency, ring: Arc::new(RwLock::new(ring)) },
            timing: settings.timing,
            clock,
            keeper: Box::new(keeper),
            id_forms: RwLock::default(),
            enrolment_key,
            wrapping: tokio::sync::RwLock::new(()),
        }
    }

    pub(crate) async fn recover(&self) -> Result<(), VaultError> {
        self.load_id_forms().await?;
        for batch in self.store.keys().open_batches().await? {
            let mut tx = self.store.records().write().await?;
            if tx.has_batch(&batch).await? {
                self.store.keys().settle(&batch).await?;
                tx.forget_batch(&batch).await?;
                tx.commit().await?;
            } else {
                self.store.keys().drop_batch(&batch).await?;
            }
        }
        self.destroy_owed().await?;
        self.finish_rotation(&mut |_| {}).await
    }

    /// Whose vault it is.
    pub fn agency(&self) -> &Name {
        &self.issuer.agency
    }

    /// Unix seconds, by the vault's clock.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The subject key, for the key file that other agencies import. Anybody who has it can test guesses of national ids.
    pub fn export_subject_key(&self) -> Key {
        self.ring().export_subject_key()
    }

    /// Locks the ring with another passphrase or key file. Data keys stay as they are.
    pub fn relock(&self, master: &MasterKey, cost: Argon2Cost) -> Result<(), KeyError> {
        let _no_readers = self.keeper.alone()?;
        let mut ring = self.issuer.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.relock(master, cost)?;
        self.keeper.save(&ring.to_text()?)
    }

    /// What the vault knows of the chain's timing. Compare its grace with the agency's entry before anchoring.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Changes grace or anchor window, for key replacements from now on.
    pub async fn set_timing(&mut self, timing: Timing) -> Result<(), VaultError> {
        timing.check()?;
        let mut tx = self.store.records().write().await?;
        Settings { agency: self.issuer.agency.clone(), timing }.write(&mut tx).await?;
        tx.commit().await?;
        self.timing = timing;
        Ok(())
    }

    pub(crate) fn ring(&self) -> RwLockReadGuard<'_, KeyRing> {
        self.issuer.ring.read().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn enrolment_key_id() -> DataKeyId {
    b"tenrolments".to_vec()
}
