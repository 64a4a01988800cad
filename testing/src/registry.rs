//! The civil registry and its vault: schema, citizens, a clock that can be set, wallets, a chain that says what it is told.

pub use crate::town::{civil_registry as agency, deployment, holder as wallet};

use sealroot_handover::{
    access_log::{Access, LoggedAct, What},
    transfer::RecipientKey,
};
use sealroot_protocol::{
    canonical::Suite,
    consent::RequestDigest,
    date::FactsPeriod,
    field::Digest,
    possession::{ReadingKey, Role},
    record::Subject,
    release::{Release, SignedRelease},
    request::Nonce,
    schema::{Schema, SchemaId},
    scope::Scope,
    signature::SecretSigningKey,
    tree::Root,
};
use sealroot_vault::{
    Clock, Creation, MasterKey, Status, Timing, Vault,
    anchor::LandedAnchor,
    embedded::Directory,
    enrol::Enrolled,
    import::{ImportMode, ImportPlan, ImportReport, Missing, Removal},
    log::{About, LogEntry, LogHead},
    read::Which,
    rows::{Columns, PeriodSource},
    sqlite::SqliteStore,
    store::{Store, Tagged},
};
use sealroot_wallet::SecretKey;
use std::{
    fmt::Write,
    future::Future,
    io::Cursor,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// 2026-01-15 12:00 UTC.
pub const NOON: i64 = 1_768_478_400;
/// In seconds.
pub const DAY: i64 = 86_400;
/// The last second of that day.
pub const END_OF_DAY: i64 = NOON + DAY / 2 - 1;
/// Three days of grace, a day to anchor in.
pub const TIMING: Timing = Timing { grace: 3 * 86_400, anchor_window: 86_400 };

/// What the registry records of a citizen.
pub const SCHEMA: &str = r#"
name = "resident"
[[attribute]]
name = "identity"
kind = "text"
[[attribute]]
name = "born"
kind = "date"
[[attribute]]
name = "district"
kind = "enum"
values = ["north", "south", "east"]
[[attribute]]
name = "disabled"
kind = "boolean"
[[attribute]]
name = "income"
kind = "money"
currency = "EUR"
min = 0
repeat = 3
[[attribute]]
name = "children"
kind = "integer"
min = 0
max = 20
"#;

/// [`SCHEMA`], read.
pub fn schema() -> Schema {
    Schema::from_toml(SCHEMA).unwrap()
}

/// Its id.
pub fn schema_id() -> SchemaId {
    schema().id().unwrap()
}

/// A store that the suite runs on.
pub trait Backing {
    /// The store.
    type S: Store;
    /// Opens it, or makes it.
    fn open(directory: &Path) -> impl Future<Output = Self::S> + Send;
}

/// SQLite in the vault's directory.
pub struct Embedded;
impl Backing for Embedded {
    type S = SqliteStore;
    async fn open(directory: &Path) -> SqliteStore {
        SqliteStore::open(directory).await.unwrap()
    }
}

/// The registry: where its vault lies, and how late it is.
pub struct Registry {
    /// Gone when the test ends.
    pub directory: tempfile::TempDir,
    /// Unix time, which the vault reads.
    pub now: Arc<AtomicI64>,
    /// How many roots were anchored.
    pub sequence: AtomicU64,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// An empty registry, at noon.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        write_key(&directory.path().join("master.key"), &[7; 32]);
        Self { directory, now: Arc::new(AtomicI64::new(NOON)), sequence: AtomicU64::new(0) }
    }

    /// The vault's directory.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("vault")
    }

    /// What opens its key ring.
    pub fn master(&self) -> MasterKey {
        MasterKey::File(self.directory.path().join("master.key"))
    }

    /// The vault's clock.
    pub fn clock(&self) -> Clock {
        let now = self.now.clone();
        Clock::new(move || now.load(Ordering::SeqCst))
    }

    /// Time passes.
    pub fn sleep(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How its vault is created.
    pub fn creation(&self) -> Creation {
        Creation { timing: TIMING, clock: self.clock(), ..Creation::default() }
    }

    /// Creates the vault.
    pub async fn create<B: Backing>(&self) -> Vault<Tagged<B::S>> {
        let store = B::open(&self.path()).await;
        Vault::create(Directory::lock(&self.path()).unwrap(), store, &agency(), &self.master(), self.creation())
            .await
            .unwrap()
    }

    /// Opens it again.
    pub async fn open<B: Backing>(&self) -> Vault<Tagged<B::S>> {
        let store = B::open(&self.path()).await;
        Vault::open(Directory::lock(&self.path()).unwrap(), store, &self.master(), self.clock()).await.unwrap()
    }

    /// Prepares and anchors whatever is in the vault.
    pub async fn anchor<S: Store>(&self, vault: &Vault<S>) -> Root {
        let pending = vault.pending_root().await.unwrap().expect("something to anchor");
        let sequence = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        let block_time = self.now.load(Ordering::SeqCst);
        vault
            .mark_anchored(&LandedAnchor { root: pending.root, sequence, block: 100 + sequence, block_time })
            .await
            .unwrap();
        pending.root
    }
}

/// A key file that only its owner reads.
pub fn write_key(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// The first line of its CSV.
pub const HEADER: &str = "national_id,born,district,disabled,income_01,income_02,income_03,children\n";

/// Of citizen `i`.
pub fn national_id(i: usize) -> String {
    format!("ID-{i:06}")
}

/// The line of citizen `i`: another one for each.
pub fn citizen(i: usize) -> String {
    let district = ["north", "south", "east"][i % 3];
    format!(
        "{},19{:02}-0{}-1{},{district},{},{}.{:02},{}.00,{}.50,{}\n",
        national_id(i),
        40 + i % 60,
        1 + i % 9,
        i % 10,
        i.is_multiple_of(7),
        1000 + i,
        i % 100,
        1500 + i,
        i,
        i % 5
    )
}

/// A file of these citizens.
pub fn csv(citizens: impl IntoIterator<Item = usize>) -> String {
    citizens.into_iter().fold(HEADER.to_owned(), |mut text, i| {
        write!(text, "{}", citizen(i)).unwrap();
        text
    })
}

/// A file is compared with what is there, and what it lacks stays.
pub const UPDATE: ImportMode = ImportMode::Update { missing: Missing::Keep };

/// A file is compared with what is there, and what it lacks goes, however much that is.
pub const REMOVE: ImportMode =
    ImportMode::Update { missing: Missing::Remove(Removal { confirmed: true, most_percent: 100, exactly: None }) };

/// How a file is imported: January 2026, nothing skipped.
pub fn plan(mode: ImportMode) -> ImportPlan {
    ImportPlan {
        schema: schema(),
        columns: Columns {
            national_id: "national_id".into(),
            business_key: None,
            period: PeriodSource::Fixed("2026-01".parse().unwrap()),
        },
        mode,
        dry_run: false,
        skip_bad_rows: false,
    }
}

/// Adds a file; all of it is good.
pub async fn import<S: Store>(vault: &Vault<S>, text: String) -> ImportReport {
    vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap()
}

/// The record of citizen `i`.
pub fn which<S: Store>(vault: &Vault<S>, i: usize) -> Which {
    Which {
        subject: vault.subject(&national_id(i)).unwrap(),
        schema: schema_id(),
        period: FactsPeriod::from_value(202_601).unwrap(),
        business_key: None,
    }
}

/// A prover that opens a record.
pub fn access() -> Access {
    Access { who: "prover".into(), why: "request 17".into() }
}

/// The clerk that registers keys at the counter.
pub fn clerk() -> Access {
    Access { who: "clerk".into(), why: "birth certificate 17".into() }
}

/// The vault's status, but for the access log.
pub async fn unlogged_status<S: Store>(vault: &Vault<S>) -> Status {
    let log = LogHead { size: 0, head: Digest([0; 32]) };
    Status { log, ..vault.status().await.unwrap() }
}

/// Whether there is another root to be anchored, and not the access log alone.
pub async fn root_waits<S: Store>(vault: &Vault<S>) -> bool {
    vault.pending_root().await.unwrap().is_some_and(|pending| !pending.log_alone)
}

/// The log's entries about people: without those about the vault's own states.
pub async fn about_people<S: Store>(vault: &Vault<S>) -> Vec<LogEntry> {
    vault.log(About::People, 0, 1000).await.unwrap()
}

/// What the log says of people, as far as the agency can read it, without enrolments.
pub async fn logged<S: Store>(vault: &Vault<S>) -> Vec<LoggedAct> {
    let entries = about_people(vault).await.into_iter().filter_map(|entry| entry.disclosure);
    entries.filter(|entry| !matches!(entry.what, What::Enrolled | What::KeyReplaced)).collect()
}

/// Enrols a key, honestly proved.
pub async fn enrol<S: Store>(
    vault: &Vault<S>,
    subject: Subject,
    key: &SecretKey,
    log_key: Option<RecipientKey>,
) -> Enrolled {
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let reading_key = log_key.map(|key| ReadingKey(key.0));
    let proof = key.prove_possession(&challenge, reading_key.as_ref(), [3; 32]);
    vault.enrol(&challenge, &proof, log_key, &clerk()).await.unwrap()
}

/// What the wallet of a citizen or of a representative signs so that the citizen's record is sealed to `recipient`; valid for an hour around noon.
pub fn unsigned_release<S: Store>(vault: &Vault<S>, i: usize, signer: &SecretKey, recipient: &RecipientKey) -> Release {
    let which = which(vault, i);
    Release {
        suite: Suite,
        deployment: deployment(),
        agency: vault.agency().clone(),
        subject: which.subject,
        schema: which.schema,
        period: which.period,
        business_key: which.business_key,
        recipient: *recipient,
        request: RequestDigest(17u64.into()),
        scope: Scope(18u64.into()),
        not_before: NOON as u64 - 1800,
        expiry: NOON as u64 + 1800,
        nonce: Nonce([i as u8; 16].into()),
        signer: signer.public_key(),
        role: Role::Holder,
    }
}

/// The agency's key on chain.
pub fn agency_key() -> SecretSigningKey {
    SecretSigningKey::from_bytes(&[8; 32]).unwrap()
}

/// The same, signed.
pub fn release<S: Store>(vault: &Vault<S>, i: usize, signer: &SecretKey, recipient: &RecipientKey) -> SignedRelease {
    signer.sign_release(unsigned_release(vault, i, signer, recipient), [9; 32]).unwrap()
}
