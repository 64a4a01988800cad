//! The vault before the crash, and what is looked at after it.

use crate::Operation;
use sealroot_handover::{access_log::What, transfer::RecipientSecret};
use sealroot_protocol::{field, release::SignedRelease, tree::Root};
use sealroot_testing::registry::{
    self, DAY, Embedded, Registry, citizen, clerk, csv, enrol, import, national_id, wallet,
};
use sealroot_vault::{
    Clock, EmbeddedVault, MasterKey, Vault, VaultError,
    anchor::LandedAnchor,
    sqlite::SqliteStore,
    store::{Keys, Store},
};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// Citizens in the vault before each crash.
pub const BEFORE: usize = 120;
/// Rows of the file that is being imported: several pages of SQLite's cache, so that they reach the disk before they are committed.
pub const FILE: usize = 2600;
/// Citizens with a key, from this one on.
pub const HOLDERS: std::ops::Range<usize> = 60..80;
/// Steps of an operation that is done to one person or in one round after another, at most.
pub const STEPS: usize = 60;

const DIRECTORY: &str = "SEALROOT_VICTIM_DIRECTORY";
const OPERATION: &str = "SEALROOT_VICTIM_OPERATION";
const STEPS_TO_DO: &str = "SEALROOT_VICTIM_STEPS";

/// A vault with [`BEFORE`] records under an anchored root, closed.
pub async fn prepared() -> Registry {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..BEFORE)).await;
    for i in HOLDERS {
        enrol(&vault, vault.subject(&national_id(i)).unwrap(), &holder(i), None).await;
    }
    let pending = vault.pending_root().await.unwrap().unwrap();
    vault.mark_anchored(&chain_accepts(&registry.path(), pending.root)).await.unwrap();
    vault.close().await;
    registry
}

/// A home for a copy: its directory `vault`, and key files beside it.
pub fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().canonicalize().unwrap();
    for i in 0..=STEPS + 1 {
        registry::write_key(&path.join(format!("{i}.key")), &[7 + i as u8; 32]);
    }
    let directory = path.join("vault");
    fs::create_dir(&directory).unwrap();
    (home, directory)
}

/// The same with a prepared vault in it.
pub fn copied(registry: &Registry) -> (tempfile::TempDir, PathBuf) {
    let (home, directory) = home();
    for entry in fs::read_dir(registry.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
    }
    (home, directory)
}

/// The test binary as the victim.
pub fn victim(operation: Operation, directory: &Path, steps: usize) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "victim::victim", "--nocapture", "--test-threads", "1"])
        .env(DIRECTORY, directory)
        .env(OPERATION, format!("{operation:?}"))
        .env(STEPS_TO_DO, steps.to_string());
    command
}

/// What this process is asked to do, if it is the victim: the operation's name, where, and how many steps of it.
pub fn asked() -> Option<(String, PathBuf, usize)> {
    let directory = env::var_os(DIRECTORY)?;
    Some((env::var(OPERATION).unwrap(), directory.into(), env::var(STEPS_TO_DO).unwrap().parse().unwrap()))
}

/// The victim acknowledges.
pub fn say(text: &str) {
    println!("\nvictim: {text}");
    std::io::stdout().flush().unwrap();
}

/// What the victim said, of the lines of its output.
pub struct Said {
    /// It began with the operation itself.
    pub ready: bool,
    /// Steps that it acknowledged.
    pub done: usize,
}

impl Said {
    pub fn new(lines: &[String]) -> Self {
        let count = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
        Self { ready: count("victim: ready") > 0, done: count("victim: done") }
    }
}

/// A key file beside the vault. The first one locks it before the crash.
pub fn key(directory: &Path, i: usize) -> MasterKey {
    MasterKey::File(directory.parent().unwrap().join(format!("{i}.key")))
}

pub async fn open(directory: &Path) -> EmbeddedVault {
    open_with(directory, 0, registry::NOON).await.unwrap()
}

pub async fn open_with(directory: &Path, i: usize, now: i64) -> Result<EmbeddedVault, VaultError> {
    Vault::open_embedded(directory, &key(directory, i), Clock::new(move || now)).await
}

/// When the grace of all roots has ended that were replaced at noon.
pub const LATER: i64 = registry::NOON + 5 * DAY;

/// Every record opens, tree = rows, and no data key lacks its row.
pub async fn consistent(directory: &Path, vault: &EmbeddedVault) -> usize {
    let live = vault.check().await.unwrap();
    let status = vault.status().await.unwrap();
    assert_eq!(status.counts.live, live);
    assert_eq!(
        status.data_keys,
        status.counts.live + status.counts.superseded + 1,
        "keys without rows, or rows without keys"
    );
    let store = SqliteStore::open(directory).await.unwrap();
    assert!(store.keys().open_batches().await.unwrap().is_empty());
    live as usize
}

/// How many entries of the access log tell of an act.
pub async fn told(vault: &EmbeddedVault, what: What) -> usize {
    let entries = registry::about_people(vault).await;
    entries.iter().filter(|entry| entry.disclosure.as_ref().is_some_and(|act| act.what == what)).count()
}

/// The wallet of a citizen who had a key before the crash.
pub fn holder(i: usize) -> sealroot_wallet::SecretKey {
    wallet(160 + i as u8)
}

/// What that citizen signs, the same each time.
pub fn release_of(vault: &EmbeddedVault, i: usize) -> SignedRelease {
    let recipient = RecipientSecret::from_bytes(&[5; 32]).unwrap().public();
    registry::release(vault, i, &holder(i), &recipient)
}

/// The id that a citizen has after the change.
pub fn new_id(i: usize) -> String {
    format!("NEW-{i:06}")
}

/// The file with rows 0…19 as they are, 20…109 changed, 110…119 missing.
pub fn updated() -> String {
    (20..BEFORE - 10).fold(csv(0..20), |text, i| {
        let row = citizen(i);
        let changed =
            if row.contains(",false,") { row.replace(",false,", ",true,") } else { row.replace(",true,", ",false,") };
        text + &changed
    })
}

/// A wallet that may release a citizen's records, by an answer to the vault's question.
pub async fn represents(vault: &EmbeddedVault, i: usize) {
    let challenge = vault.representation_challenge(vault.subject(&national_id(i)).unwrap()).await.unwrap();
    let proof = wallet(1 + i as u8).prove_possession(&challenge, None, [3; 32]);
    vault.add_representative(&challenge, &proof, None, None, &clerk()).await.unwrap();
}

/// The chain: a file that a root is in once it is synced.
pub fn chain_accepts(directory: &Path, root: Root) -> LandedAnchor {
    let sequence = chain_latest(directory).map_or(0, |anchor| anchor.sequence) + 1;
    chain_says(directory, &field::to_hex(root.0));
    LandedAnchor { root, sequence, block: sequence, block_time: registry::NOON }
}

/// And that it is withdrawn.
pub fn chain_withdraws(directory: &Path, root: Root) {
    chain_says(directory, &format!("{WITHDRAWN}{}", field::to_hex(root.0)));
}

const WITHDRAWN: &str = "withdrawn ";

fn chain_says(directory: &Path, line: &str) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(directory.join("chain.txt")).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
    file.sync_all().unwrap();
}

/// Whole lines, of anchors or of withdrawals.
fn chain_said(directory: &Path, withdrawn: bool) -> Vec<Root> {
    let text = fs::read_to_string(directory.join("chain.txt")).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let told = whole.filter(|line| line.starts_with(WITHDRAWN) == withdrawn);
    told.map(|line| Root(field::from_hex(line.trim_start_matches(WITHDRAWN)).unwrap())).collect()
}

/// In the order in which they were withdrawn.
pub fn chain_withdrawn(directory: &Path) -> Vec<Root> {
    chain_said(directory, true)
}

pub fn chain_latest(directory: &Path) -> Option<LandedAnchor> {
    let roots = chain_said(directory, false);
    let (root, sequence) = (*roots.last()?, roots.len() as u64);
    Some(LandedAnchor { root, sequence, block: sequence, block_time: registry::NOON })
}
