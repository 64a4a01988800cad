//! A vault: one agency's directory with key ring and stores; creating, opening, recovering, checking.
//!
//! Guarantee: one process at a time. Opening brings every interrupted operation to its end or undoes it, by the same code that runs
//! without a crash: keys of imports that were not committed go, erasures and rotations that were begun are finished.

use crate::{
    error::{Integrity, KeyError, Rejection, StoreError, VaultError},
    issue::{Issuer, SchemaShape},
    keys::KeyRing,
    log::{self, LogHead},
    master::{Argon2Cost, MasterKey},
    private,
    seal::{self, Key},
    sqlite::SqliteStore,
    store::{
        DataKeyId, Epoch, ImportRow, Keys, Log, RecordCounts, Records, RecordsTx, RootRow, SchemaRow, Store, WrappedKey,
    },
    tree,
};
use sealroot_protocol::{
    canonical,
    name::Name,
    record::Subject,
    schema::{Schema, SchemaId},
    tree::Root,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::{SystemTime, UNIX_EPOCH},
};

/// File of the key ring within the vault's directory.
pub const RING_FILE: &str = "keyring.json";
const LOCK_FILE: &str = "vault.lock";
/// Longest grace, ten years.
const MAX_SECONDS: u64 = 10 * 366 * 86_400;

/// Time as Unix seconds. Tests and simulations bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock of the caller's own.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The system's clock.
    pub fn system() -> Self {
        Self::new(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
        })
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

/// What a vault knows of the chain's timing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// How long a replaced root may still be used, seconds; the same as in the agency's entry on chain.
    pub grace: u64,
    /// How long a key replacement may wait for its anchor, seconds. Longer is safer to meet; the holder's new key starts later.
    pub anchor_window: u64,
}

impl Default for Timing {
    /// Three days of grace, one day until the anchor.
    fn default() -> Self {
        Self { grace: 3 * 86_400, anchor_window: 86_400 }
    }
}

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
    pub(crate) ring_path: PathBuf,
    /// Seals enrolments; wrapped like every data key, so that rotation covers it.
    pub(crate) enrolment_key: Key,
    /// Appending to the log, one at a time.
    pub(crate) appending: tokio::sync::Mutex<()>,
    /// Shared by whoever wraps new keys, exclusive for rotation: a key wrapped under the old key-encryption key can't slip past.
    pub(crate) wrapping: tokio::sync::RwLock<()>,
    _lock: fs::File,
}

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
    /// All prepared roots, oldest first.
    pub roots: Vec<RootRow>,
    /// The access log.
    pub log: LogHead,
    /// Finished imports, oldest first.
    pub imports: Vec<ImportRow>,
    /// Registered schemas.
    pub schemas: Vec<SchemaRow>,
    /// Timing.
    pub timing: Timing,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    agency: Name,
    timing: Timing,
}

impl Vault<SqliteStore> {
    /// Creates a vault in `directory` on the embedded store.
    pub async fn create_embedded(
        directory: &Path,
        agency: &Name,
        master: &MasterKey,
        creation: Creation,
    ) -> Result<Self, VaultError> {
        let store = SqliteStore::open(directory).await?;
        Self::create(directory, store, agency, master, creation).await
    }

    /// Opens the vault in `directory` on the embedded store.
    pub async fn open_embedded(directory: &Path, master: &MasterKey, clock: Clock) -> Result<Self, VaultError> {
        if !directory.join(RING_FILE).exists() {
            return Err(Rejection::Missing(directory.display().to_string()).into());
        }
        let store = SqliteStore::open(directory).await?;
        Self::open(directory, store, master, clock).await
    }

    /// Closes the databases cleanly.
    pub async fn close(self) {
        self.store.close().await;
    }
}

impl<S: Store> Vault<S> {
    /// Creates a vault: `directory` gets the key ring and the lock file. The ring is written last; a directory without it holds no vault.
    pub async fn create(
        directory: &Path,
        store: S,
        agency: &Name,
        master: &MasterKey,
        creation: Creation,
    ) -> Result<Self, VaultError> {
        check_timing(creation.timing)?;
        let lock = take_lock(directory)?;
        let ring_path = directory.join(RING_FILE);
        if ring_path.exists() {
            return Err(Rejection::Exists(directory.display().to_string()).into());
        }
        let ring = KeyRing::generate(agency, master, creation.argon2, creation.subject_key)?;
        let enrolment_key = Key::random();
        let (kek, wrapped) = ring.wrap(&enrolment_key_id(), &enrolment_key)?;
        store.keys().destroy(&[enrolment_key_id()]).await?;
        let batch = seal::random_bytes();
        store.keys().add(&batch, &[WrappedKey { id: enrolment_key_id(), kek, wrapped }]).await?;
        let settings = Settings { agency: agency.clone(), timing: creation.timing };
        let mut tx = store.records().write().await?;
        tx.set_value("settings", &to_json(&settings)?).await?;
        tx.set_value("epoch", &1u64.to_be_bytes()).await?;
        tx.set_value("next_index", &0u64.to_be_bytes()).await?;
        tx.commit().await?;
        store.keys().settle(&batch).await?;
        ring.save(&ring_path)?;
        Ok(Self::assemble(store, agency.clone(), ring, creation.timing, creation.clock, ring_path, enrolment_key, lock))
    }

    /// Opens a vault and recovers what a crash interrupted.
    pub async fn open(directory: &Path, store: S, master: &MasterKey, clock: Clock) -> Result<Self, VaultError> {
        let lock = take_lock(directory)?;
        let ring_path = directory.join(RING_FILE);
        let missing = || Rejection::Missing(directory.display().to_string());
        if !ring_path.exists() {
            return Err(missing().into());
        }
        let ring = KeyRing::open(&ring_path, master)?;
        let settings = store.records().read().await?.value("settings").await?.ok_or_else(missing)?;
        let settings: Settings =
            serde_json::from_slice(&settings).map_err(|_| StoreError::Column("vault_values.settings"))?;
        if settings.agency.as_str() != ring.agency() {
            let (found, asked) = (settings.agency.to_string(), ring.agency().to_owned());
            return Err(Rejection::OtherAgency { found, asked }.into());
        }
        let wrapped = store.keys().get(&[enrolment_key_id()]).await?;
        let wrapped = wrapped.first().ok_or(Integrity::KeyGone)?;
        let enrolment_key = ring.unwrap(wrapped.kek, &enrolment_key_id(), &wrapped.wrapped)?;
        let vault =
            Self::assemble(store, settings.agency, ring, settings.timing, clock, ring_path, enrolment_key, lock);
        vault.recover().await?;
        Ok(vault)
    }

    #[expect(clippy::too_many_arguments, reason = "private; every part is named by its type")]
    fn assemble(
        store: S,
        agency: Name,
        ring: KeyRing,
        timing: Timing,
        clock: Clock,
        ring_path: PathBuf,
        enrolment_key: Key,
        lock: fs::File,
    ) -> Self {
        Self {
            store,
            issuer: Issuer { agency, ring: Arc::new(RwLock::new(ring)) },
            timing,
            clock,
            ring_path,
            enrolment_key,
            appending: tokio::sync::Mutex::new(()),
            wrapping: tokio::sync::RwLock::new(()),
            _lock: lock,
        }
    }

    async fn recover(&self) -> Result<(), VaultError> {
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

    /// Destroys the data keys that a committed erasure or pruning owes.
    pub(crate) async fn destroy_owed(&self) -> Result<(), VaultError> {
        let mut tx = self.store.records().write().await?;
        let owed = tx.owed_destructions().await?;
        if !owed.is_empty() {
            self.store.keys().destroy(&owed).await?;
            tx.settle_destructions().await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whose vault it is.
    pub fn agency(&self) -> &Name {
        &self.issuer.agency
    }

    /// The directory with ring and lock file (and databases, if embedded).
    pub fn directory(&self) -> &Path {
        self.ring_path.parent().unwrap_or(Path::new("."))
    }

    /// Pseudonymous id of a person.
    pub fn subject(&self, national_id: &str) -> Result<Subject, Rejection> {
        check_national_id(national_id)?;
        Ok(self.ring().subject(national_id))
    }

    /// The subject key, for the key file that other agencies import. Whoever has it can test guesses of national ids.
    pub fn export_subject_key(&self) -> Key {
        self.ring().export_subject_key()
    }

    /// Locks the ring with another passphrase or key file. Data keys stay as they are.
    pub fn relock(&self, master: &MasterKey, cost: Argon2Cost) -> Result<(), KeyError> {
        let mut ring = self.issuer.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.relock(master, cost)?;
        ring.save(&self.ring_path)
    }

    /// What the vault knows of the chain's timing. Compare its grace with the agency's entry before anchoring.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Changes grace or anchor window, for key replacements from now on.
    pub async fn set_timing(&mut self, timing: Timing) -> Result<(), VaultError> {
        check_timing(timing)?;
        let mut tx = self.store.records().write().await?;
        tx.set_value("settings", &to_json(&Settings { agency: self.issuer.agency.clone(), timing })?).await?;
        tx.commit().await?;
        self.timing = timing;
        Ok(())
    }

    /// Registers a schema; returns its id.
    pub async fn add_schema(&self, schema: &Schema) -> Result<SchemaId, VaultError> {
        let invalid = |e: sealroot_protocol::schema::SchemaError| Rejection::Schema(e.to_string());
        schema.attributes().map_err(invalid)?;
        let id = schema.id().map_err(invalid)?;
        let json = canonical::to_bytes(schema).map_err(|e| Rejection::Schema(e.to_string()))?;
        let json = String::from_utf8(json).map_err(|e| Rejection::Schema(e.to_string()))?;
        let mut tx = self.store.records().write().await?;
        tx.add_schema(&SchemaRow { id, name: schema.name.to_string(), json }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Registered schemas by id.
    pub async fn schemas(&self) -> Result<HashMap<SchemaId, Schema>, VaultError> {
        schemas(&mut self.store.records().read().await?).await
    }

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
            working_root: tree::root(&mut tx, epoch).await?,
            roots: tx.roots().await?,
            log: self.log_head().await?,
            imports: tx.imports().await?,
            schemas: tx.schemas().await?,
            timing: self.timing,
        })
    }

    /// Size and head of the access log.
    pub async fn log_head(&self) -> Result<LogHead, VaultError> {
        let size = self.store.log().size().await?;
        log::head_at(self.store.log(), size).await
    }

    pub(crate) fn ring(&self) -> RwLockReadGuard<'_, KeyRing> {
        self.issuer.ring.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Registered schemas by id, as a transaction sees them: who holds one connection doesn't wait for a second.
pub(crate) async fn schemas(tx: &mut impl RecordsTx) -> Result<HashMap<SchemaId, Schema>, VaultError> {
    let rows = tx.schemas().await?;
    rows.into_iter()
        .map(|row| {
            let schema: Schema = serde_json::from_str(&row.json).map_err(|_| StoreError::Column("schemas.json"))?;
            // The table is not trusted: the id is the schema's digest.
            if schema.id().ok() == Some(row.id) { Ok((row.id, schema)) } else { Err(Integrity::Encoding.into()) }
        })
        .collect()
}

/// What rows need to know of each registered schema.
pub(crate) async fn shapes(tx: &mut impl RecordsTx) -> Result<HashMap<SchemaId, SchemaShape>, VaultError> {
    schemas(tx)
        .await?
        .into_iter()
        .map(|(id, schema)| {
            let used = schema.attributes().map_err(|_| Integrity::Encoding)?.len();
            Ok((id, SchemaShape { used, many: schema.many }))
        })
        .collect()
}

/// The epoch that changes are written under.
pub(crate) async fn working_epoch(tx: &mut impl RecordsTx) -> Result<Epoch, VaultError> {
    counter(tx, "epoch").await
}

/// A counter among the vault's values.
pub(crate) async fn counter(tx: &mut impl RecordsTx, name: &'static str) -> Result<u64, VaultError> {
    let bytes = tx.value(name).await?.ok_or(StoreError::Column("vault_values"))?;
    let bytes: [u8; 8] = bytes.try_into().map_err(|_| StoreError::Column("vault_values"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// No trimming: a space more is another person, so it is rejected rather than guessed.
pub(crate) fn check_national_id(text: &str) -> Result<(), Rejection> {
    if text.is_empty() || text.trim() != text || text.contains('\n') { Err(Rejection::NationalId) } else { Ok(()) }
}

fn enrolment_key_id() -> DataKeyId {
    b"tenrolments".to_vec()
}

fn to_json(settings: &Settings) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(settings).map_err(|e| StoreError::Unavailable(e.to_string()))
}

fn check_timing(timing: Timing) -> Result<(), Rejection> {
    if timing.grace > MAX_SECONDS || timing.anchor_window > MAX_SECONDS { Err(Rejection::Grace) } else { Ok(()) }
}

fn take_lock(directory: &Path) -> Result<fs::File, VaultError> {
    let path = directory.join(LOCK_FILE);
    let file_error = |source| StoreError::File { path: path.display().to_string(), source };
    private::directory(directory).map_err(file_error)?;
    let file = private::file(&path).map_err(file_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Rejection::InUse(directory.display().to_string()).into()),
        Err(fs::TryLockError::Error(e)) => Err(file_error(e).into()),
    }
}
