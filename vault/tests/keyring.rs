//! The key ring's lock, and what is left of a destroyed key: about the files of the embedded store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sealroot_testing::registry::{self, Embedded, Registry, access, csv, import, national_id, which};
use sealroot_vault::{
    Argon2Cost, Clock, KeyError, MasterKey, Rejection, Vault, VaultError,
    keys::RingKeeper,
    sqlite::SqliteStore,
    store::{Keys, Records, RecordsTx, Store},
};
use std::{
    fs,
    sync::{Arc, Mutex},
};

const PASSPHRASE: &str = "correct horse battery staple";

/// Erased means overwritten: neither the wrapped key nor the ciphertext is left in the pages or in the write-ahead log of the key store.
#[tokio::test]
async fn destroyed_keys_are_not_in_the_files() {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..20)).await;
    registry.anchor(&vault).await;
    let (key, other) = {
        let store = SqliteStore::open(&registry.path()).await.unwrap();
        let rows = store.records().read().await.unwrap().live_records(None, 20).await.unwrap();
        let id = |i: usize| [&b"r"[..], &rows[i].id, &1u64.to_be_bytes()].concat();
        let keys =
            (store.keys().get(&[id(3)]).await.unwrap().remove(0), store.keys().get(&[id(4)]).await.unwrap().remove(0));
        store.close().await;
        keys
    };
    let holds = |needle: &[u8]| {
        ["keys.db", "keys.db-wal"].iter().any(|file| {
            fs::read(registry.path().join(file)).is_ok_and(|bytes| bytes.windows(needle.len()).any(|w| w == needle))
        })
    };
    assert!(holds(&key.wrapped) && holds(&other.wrapped), "the search works");
    vault.erase(vault.subject(&national_id(3)).unwrap(), &access()).await.unwrap();
    assert!(!holds(&key.wrapped), "the erased record's key is overwritten");
    assert!(holds(&other.wrapped), "the others are there");
    assert!(vault.open_record(&which(&vault, 4), None, &access()).await.is_ok());
}

#[tokio::test]
async fn the_ring_opens_with_its_own_lock_only() {
    let registry = Registry::new();
    let cost = Argon2Cost::LEAST;
    let phrase = |text: &str| MasterKey::Passphrase(text.to_owned().into());
    let creation = || sealroot_vault::Creation { argon2: cost, ..registry.creation() };
    let short = Vault::create_embedded(&registry.path(), &registry::agency(), &phrase("too short"), creation()).await;
    assert!(matches!(short.err().unwrap(), VaultError::Keys(KeyError::ShortPassphrase)));
    assert!(!registry.path().exists(), "what can lock nothing leaves nothing behind");
    let vault =
        Vault::create_embedded(&registry.path(), &registry::agency(), &phrase(PASSPHRASE), creation()).await.unwrap();
    import(&vault, csv(0..2)).await;
    vault.close().await;
    let open = async |master: MasterKey| Vault::open_embedded(&registry.path(), &master, Clock::system()).await;
    let fails = async |master: MasterKey| match open(master).await.err().unwrap() {
        VaultError::Keys(error) => error,
        other => panic!("{other}"),
    };
    assert!(matches!(fails(phrase("wrong horse battery staple")).await, KeyError::WrongKey));
    assert!(matches!(fails(registry.master()).await, KeyError::OtherKind(_)));

    // The ring file: changed bytes, weakened cost, another agency's name, unknown fields and suites.
    let path = registry.path().join("keyring.json");
    let real = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"passes\": 2", "\"passes\": 3"),
        ("civil-registry", "civil-registri"),
        ("\"sealed\": \"", "\"sealed\": \"00"),
    ] {
        assert!(real.contains(from), "{real}");
        fs::write(&path, real.replacen(from, to, 1)).unwrap();
        assert!(matches!(fails(phrase(PASSPHRASE)).await, KeyError::WrongKey), "{to}");
    }
    for (from, to) in [("groth16/1", "groth16/2"), ("\"lock\"", "\"extra\": 1, \"lock\""), ("{", "")] {
        fs::write(&path, real.replacen(from, to, 1)).unwrap();
        assert!(matches!(fails(phrase(PASSPHRASE)).await, KeyError::Format { .. }), "{to}");
    }
    fs::write(&path, &real).unwrap();
    {
        use std::os::unix::fs::PermissionsExt;
        // Key files that others can read, or that are not 32 bytes.
        let file = registry.directory.path().join("other.key");
        registry::write_key(&file, &[1; 32]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let vault = open(phrase(PASSPHRASE)).await.unwrap();
        assert!(matches!(vault.relock(&MasterKey::File(file.clone()), cost), Err(KeyError::Permissions { .. })));
        registry::write_key(&file, &[1; 31]);
        assert!(matches!(vault.relock(&MasterKey::File(file.clone()), cost), Err(KeyError::Length { .. })));
        // Changing the lock keeps every data key.
        vault.relock(&registry.master(), cost).unwrap();
        vault.close().await;
    }
    assert!(matches!(fails(phrase(PASSPHRASE)).await, KeyError::OtherKind(_)));
    assert_eq!(open(registry.master()).await.unwrap().check().await.unwrap(), 2);
}

/// A ring that was lost comes back from its backup. Nothing makes a new vault over its records meanwhile; a creation that was interrupted goes on.
#[tokio::test]
async fn a_lost_ring_is_not_replaced_by_a_new_one() {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..2)).await;
    vault.close().await;
    let ring = registry.path().join("keyring.json");
    let kept = fs::read(&ring).unwrap();
    fs::remove_file(&ring).unwrap();
    let create = async |registry: &Registry| {
        Vault::create_embedded(&registry.path(), &registry::agency(), &registry.master(), registry.creation()).await
    };
    let lost = |result: Result<Vault<_>, VaultError>| match result {
        Err(VaultError::Rejected(Rejection::RingMissing(_))) => {}
        other => panic!("{:?}", other.err()),
    };
    lost(create(&registry).await);
    lost(Vault::open_embedded(&registry.path(), &registry.master(), Clock::system()).await);
    fs::write(&ring, kept).unwrap();
    fs::set_permissions(&ring, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let vault = Vault::open_embedded(&registry.path(), &registry.master(), Clock::system()).await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 2);

    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    vault.close().await;
    // The ring is saved before the log has its first entry.
    for file in ["keyring.json", "log.db"] {
        fs::remove_file(registry.path().join(file)).unwrap();
    }
    fs::write(registry.path().join(".sealroot-ring.tmp"), "half").unwrap();
    let vault = create(&registry).await.unwrap();
    import(&vault, csv(0..2)).await;
    assert_eq!(vault.check().await.unwrap(), 2);
    assert!(!registry.path().join(".sealroot-ring.tmp").exists());
}

/// A disk for the ring alone, which can be full.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<(Option<String>, bool)>>);

impl Disk {
    fn set_full(&self, full: bool) {
        self.0.lock().unwrap().1 = full;
    }
}

impl RingKeeper for Disk {
    fn load(&self) -> Result<Option<String>, KeyError> {
        Ok(self.0.lock().unwrap().0.clone())
    }
    fn save(&self, text: &str) -> Result<(), KeyError> {
        let (kept, full) = &mut *self.0.lock().unwrap();
        if *full {
            return Err(KeyError::File { path: "ring".into(), source: std::io::ErrorKind::StorageFull.into() });
        }
        *kept = Some(text.to_owned());
        Ok(())
    }
    fn share(&self) -> Result<(), KeyError> {
        Ok(())
    }
    fn alone(&self) -> Result<Box<dyn Send>, KeyError> {
        Ok(Box::new(()))
    }
    fn location(&self) -> String {
        "ring".into()
    }
}

/// A rotation whose new key can't be saved is none: what is imported afterwards opens with the ring that is kept.
#[tokio::test]
async fn nothing_is_wrapped_under_a_key_that_was_not_saved() {
    let (registry, disk) = (Registry::new(), Disk::default());
    fs::create_dir(registry.path()).unwrap();
    let store = async || SqliteStore::open(&registry.path()).await.unwrap();
    let creation = registry.creation();
    let vault =
        Vault::create(disk.clone(), store().await, &registry::agency(), &registry.master(), creation).await.unwrap();
    import(&vault, csv(0..2)).await;
    disk.set_full(true);
    let rotated = vault.rotate_keys(|_| {}).await;
    assert!(matches!(rotated, Err(VaultError::Keys(KeyError::File { .. }))));
    disk.set_full(false);
    import(&vault, csv(2..4)).await;
    drop(vault);
    let vault = Vault::open(disk, store().await, &registry.master(), registry.clock()).await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 4);
    assert_eq!(vault.rotate_keys(|_| {}).await.unwrap(), 5, "four records' keys, and the enrolments'");
}

/// One passphrase however it is typed; what an earlier version locked with another writing opens with that.
#[tokio::test]
async fn a_passphrase_is_its_text() {
    let registry = Registry::new();
    let cost = Argon2Cost::LEAST;
    let phrase = |text: &str| MasterKey::Passphrase(text.to_owned().into());
    let creation = sealroot_vault::Creation { argon2: cost, ..registry.creation() };
    let typed = phrase("\u{feff}cafe\u{301} noir, tard\r");
    Vault::create_embedded(&registry.path(), &registry::agency(), &typed, creation).await.unwrap().close().await;
    for typed in ["caf\u{e9} noir, tard", "cafe\u{301} noir, tard"] {
        Vault::open_embedded(&registry.path(), &phrase(typed), Clock::system()).await.unwrap().close().await;
    }
}

/// While a vault is open its databases have write-ahead logs and shared memory, in which everything stands that was written lately.
#[cfg(unix)]
#[tokio::test]
async fn every_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let registry = Registry::new();
    let check = || {
        let mut names = Vec::new();
        for entry in fs::read_dir(registry.path()).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
        names.sort();
        names
    };
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..3)).await;
    registry.anchor(&vault).await;
    vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    let databases =
        ["keys.db", "log.db", "records.db"].iter().flat_map(|db| ["", "-shm", "-wal"].map(|end| format!("{db}{end}")));
    let mut expected: Vec<String> = databases.chain(["keyring.json".into(), "vault.lock".into()]).collect();
    expected.sort();
    assert_eq!(check(), expected);
    assert_eq!(mode(&registry.path()), 0o700);
    // A restored backup that others can read, with what a crash left beside it.
    for file in ["records.db", "records.db-wal", "vault.lock"] {
        fs::set_permissions(registry.path().join(file), fs::Permissions::from_mode(0o644)).unwrap();
    }
    drop(vault);
    let vault = registry.open::<Embedded>().await;
    vault.open_record(&which(&vault, 2), None, &access()).await.unwrap();
    check();
}

/// A pipe is not waited for, a link's target is left alone, and what is gone is named.
#[tokio::test]
async fn only_regular_files_are_a_vaults() {
    let registry = Registry::new();
    registry.create::<Embedded>().await.close().await;
    let open = async || Vault::open_embedded(&registry.path(), &registry.master(), registry.clock()).await.map(drop);
    let target = tempfile::NamedTempFile::new().unwrap();
    fs::set_permissions(target.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    for file in ["vault.lock", "records.db", "keys.db", "log.db"] {
        let (path, away) = (registry.path().join(file), registry.path().join("away"));
        fs::rename(&path, &away).unwrap();
        if file != "vault.lock" {
            let missing = open().await.unwrap_err();
            assert!(
                matches!(&missing, VaultError::Rejected(Rejection::FileMissing(name)) if name.ends_with(file)),
                "{missing}"
            );
        }
        std::os::unix::fs::symlink(target.path(), &path).unwrap();
        let linked = open().await.unwrap_err();
        assert!(linked.to_string().contains("it is a link, and only regular files"), "{linked}");
        fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let pipe = open().await.unwrap_err();
        assert!(pipe.to_string().contains("it is a named pipe, and only regular files"), "{pipe}");
        fs::remove_file(&path).unwrap();
        fs::rename(&away, &path).unwrap();
        open().await.unwrap();
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(target.path()).unwrap().permissions());
    assert_eq!((mode & 0o777, fs::read(target.path()).unwrap().len()), (0o644, 0));
}
