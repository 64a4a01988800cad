//! `kill -9` at random moments of import, rotation, erasure and anchoring, then the normal start: no acknowledged record lost, no half-imported file,
//! tree = rows, every data key has its record, chain root = tree root.
//!
//! The test binary runs itself as the victim. `SEALROOT_CASES` (default 3 per operation) and `SEALROOT_SEED` choose how often and when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, clippy::print_stdout)]

use sealroot_protocol::{field, tree::Root};
use sealroot_testing::registry::{
    self, Embedded, Registry, access, citizen, csv, enrol, import, national_id, plan, wallet, which,
};
use sealroot_vault::{
    EmbeddedVault, Rejection, Vault, VaultError,
    anchor::LandedAnchor,
    sqlite::SqliteStore,
    store::{Keys, Store},
};
use std::{
    fs,
    io::{BufRead, BufReader, Cursor, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Citizens in the vault before each crash.
const BEFORE: usize = 120;
/// Rows of the file that is being imported.
const FILE: usize = 2600;

/// The victim: does what its environment says, tells when each step is acknowledged. A test that does nothing unless it is asked to.
#[tokio::test]
async fn victim() {
    let Ok(directory) = std::env::var("SEALROOT_VICTIM_DIRECTORY") else { return };
    let operation = std::env::var("SEALROOT_VICTIM_OPERATION").unwrap();
    let vault = open(Path::new(&directory)).await;
    say("ready");
    match operation.as_str() {
        "import" => {
            let report = import(&vault, csv(1000..1000 + FILE)).await;
            assert!(report.committed);
            say("done");
        }
        "update" => {
            let update = plan(registry::REMOVE);
            vault.import(Cursor::new(updated()), update, |_| {}).await.unwrap();
            say("done");
        }
        "rotate" => {
            vault.rotate_keys(|_| {}).await.unwrap();
            say("done");
        }
        "erase" => {
            for i in 0..60 {
                vault.erase(vault.subject(&national_id(i)).unwrap(), &access()).await.unwrap();
                say(&format!("done {i}"));
            }
        }
        "anchor" => {
            for round in 1.. {
                let key = wallet(round as u8);
                enrol(&vault, vault.subject(&national_id(round % BEFORE)).unwrap(), &key, None).await;
                let pending = vault.pending_root().await.unwrap().unwrap();
                let anchor = chain_accepts(Path::new(&directory), pending.root);
                vault.mark_anchored(&anchor).await.unwrap();
                say(&format!("done {round}"));
            }
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn import_is_all_or_nothing() {
    let registry = prepared().await;
    crashes(&registry, "import", 1.0, async |directory, acknowledged| {
        let vault = open(directory).await;
        let live = consistent(directory, &vault).await as usize;
        let whole = BEFORE + FILE;
        assert!(live == BEFORE || live == whole, "{live} records: half a file");
        assert!(acknowledged.is_empty() || live == whole, "an acknowledged import is lost");
        assert_eq!(vault.status().await.unwrap().imports.len(), if live == whole { 2 } else { 1 });
        if live == BEFORE {
            import(&vault, csv(1000..1000 + FILE)).await;
            assert_eq!(consistent(directory, &vault).await as usize, whole);
        }
    })
    .await;
}

#[tokio::test]
async fn update_is_all_or_nothing() {
    let registry = prepared().await;
    crashes(&registry, "update", 1.0, async |directory, acknowledged| {
        let vault = open(directory).await;
        let live = consistent(directory, &vault).await as usize;
        assert!(live == BEFORE || live == BEFORE - 10, "{live}");
        assert!(acknowledged.is_empty() || live == BEFORE - 10);
        let update = plan(registry::REMOVE);
        let report = vault.import(Cursor::new(updated()), update, |_| {}).await.unwrap();
        let expected = if live == BEFORE { (90, 10) } else { (0, 0) };
        assert_eq!((report.progress.changed, report.removed), expected, "half an update");
        consistent(directory, &vault).await;
    })
    .await;
}

#[tokio::test]
async fn rotation_loses_no_key() {
    let registry = prepared().await;
    crashes(&registry, "rotate", 1.0, async |directory, _| {
        let vault = open(directory).await;
        assert_eq!(consistent(directory, &vault).await as usize, BEFORE);
        assert_eq!(vault.status().await.unwrap().key_encryption_keys, 1);
        assert!(vault.open_record(&which(&vault, 5), None, &access()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn erasure_is_kept() {
    let registry = prepared().await;
    crashes(&registry, "erase", 1.0, async |directory, acknowledged| {
        let vault = open(directory).await;
        let live = consistent(directory, &vault).await as usize;
        // One more may be erased than was acknowledged.
        let said = acknowledged.len();
        assert!(live == BEFORE - said || live + 1 == BEFORE - said, "{live} live, {said} erased");
        for i in 0..said {
            let error = vault.open_record(&which(&vault, i), None, &access()).await.unwrap_err();
            assert!(matches!(error, VaultError::Rejected(Rejection::NoRecord(_))), "{error}");
        }
        assert!(vault.open_record(&which(&vault, 100), None, &access()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn anchoring_meets_the_chain_again() {
    let registry = prepared().await;
    crashes(&registry, "anchor", 4.0, async |directory, _| {
        let vault = open(directory).await;
        assert_eq!(consistent(directory, &vault).await as usize, BEFORE);
        let latest = chain_latest(directory).unwrap();
        vault.reconcile(Some(&latest)).await.unwrap();
        assert_eq!(vault.open_record(&which(&vault, 5), None, &access()).await.unwrap().root, latest.root);
        if let Some(pending) = vault.pending_root().await.unwrap() {
            vault.mark_anchored(&chain_accepts(directory, pending.root)).await.unwrap();
        }
        let root = vault.status().await.unwrap().working_root;
        assert_eq!(chain_latest(directory).unwrap().root, root, "chain root = tree root");
        vault.prune().await.unwrap();
        assert_eq!(consistent(directory, &vault).await as usize, BEFORE);
    })
    .await;
}

/// A vault with [`BEFORE`] records under an anchored root, closed.
async fn prepared() -> Registry {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..BEFORE)).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    vault.mark_anchored(&chain_accepts(&registry.path(), pending.root)).await.unwrap();
    vault.close().await;
    registry
}

/// Lets the victim run on a copy, kills it at a random moment (within `longest` seconds, or its own undisturbed time), and has the copy checked.
async fn crashes(registry: &Registry, operation: &str, longest: f64, mut check: impl AsyncFnMut(&Path, Vec<String>)) {
    let mut random = sealroot_testing::seed(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ operation.len() as u64;
    let mut whole = Duration::from_secs_f64(longest);
    for case in 0..=sealroot_testing::cases(3) {
        let copy = tempfile::tempdir().unwrap();
        registry::write_key(&copy.path().join("master.key"), &[7; 32]);
        let directory = copy.path().join("vault");
        fs::create_dir(&directory).unwrap();
        for entry in fs::read_dir(registry.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
        }
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "victim", "--nocapture", "--test-threads", "1"])
            .env("SEALROOT_VICTIM_DIRECTORY", &directory)
            .env("SEALROOT_VICTIM_OPERATION", operation)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("victim: ready")), "the victim did not start");
        let started = Instant::now();
        if case == 0 && operation != "anchor" {
            // The first runs to its end, and gives the time that the others are killed within.
            assert!(victim.wait().unwrap().success());
            whole = started.elapsed();
        } else {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            tokio::time::sleep(whole.mul_f64((random % 1000) as f64 / 1000.0)).await;
            victim.kill().unwrap();
            victim.wait().unwrap();
        }
        let acknowledged = lines.filter(|line| line.contains("victim: done")).collect();
        check(&directory, acknowledged).await;
    }
}

/// Every record opens, tree = rows, and no data key lacks its row.
async fn consistent(directory: &Path, vault: &EmbeddedVault) -> u64 {
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
    live
}

async fn open(directory: &Path) -> EmbeddedVault {
    let master = sealroot_vault::MasterKey::File(directory.parent().unwrap().join("master.key"));
    Vault::open_embedded(directory, &master, sealroot_vault::Clock::new(|| registry::NOON)).await.unwrap()
}

/// The file with rows 0…19 as they are, 20…109 changed, 110…119 missing.
fn updated() -> String {
    (20..BEFORE - 10).fold(csv(0..20), |text, i| {
        let row = citizen(i);
        let changed =
            if row.contains(",false,") { row.replace(",false,", ",true,") } else { row.replace(",true,", ",false,") };
        text + &changed
    })
}

/// The chain: a file that a root is in once it is synced.
fn chain_accepts(directory: &Path, root: Root) -> LandedAnchor {
    let sequence = chain_latest(directory).map_or(0, |anchor| anchor.sequence) + 1;
    let mut file = fs::OpenOptions::new().create(true).append(true).open(directory.join("chain.txt")).unwrap();
    file.write_all(format!("{}\n", field::to_hex(root.0)).as_bytes()).unwrap();
    file.sync_all().unwrap();
    LandedAnchor { root, sequence, block: sequence, block_time: registry::NOON }
}

fn chain_latest(directory: &Path) -> Option<LandedAnchor> {
    let text = fs::read_to_string(directory.join("chain.txt")).ok()?;
    let whole: Vec<&str> = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).collect();
    let root = Root(field::from_hex(whole.last()?.trim_end()).unwrap());
    Some(LandedAnchor { root, sequence: whole.len() as u64, block: whole.len() as u64, block_time: registry::NOON })
}

fn say(text: &str) {
    println!("\nvictim: {text}");
    std::io::stdout().flush().unwrap();
}
