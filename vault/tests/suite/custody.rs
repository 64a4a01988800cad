//! Erasure and rotation.

use sealroot_testing::registry::{self, Backing, Registry, access, csv, enrol, import, wallet, which};
use sealroot_vault::{
    Integrity, Rejection, Vault, VaultError,
    embedded::Directory,
    store::{Records, RecordsTx, Store},
};

suite!(erasure_destroys_the_record_in_backups_too, rotation_wraps_every_key_again, an_interrupted_rotation_is_finished,);

async fn erasure_destroys_the_record_in_backups_too<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..5)).await;
    registry.anchor(&vault).await;
    let subject = vault.subject(&registry::national_id(2)).unwrap();
    enrol(&vault, subject, &wallet(4), None).await;
    registry.anchor(&vault).await;
    let backup: Vec<_> = {
        let reference = vault.status().await.unwrap();
        assert_eq!(reference.counts.superseded, 1);
        let store = B::open(&registry.path()).await;
        let mut tx = store.records().read().await.unwrap();
        let live = tx.live_records(None, 100).await.unwrap();
        tx.versions_of_subject(&live[2].subject).await.unwrap()
    };
    assert_eq!(backup.len(), 2);
    let erased = vault.erase(subject, &access()).await.unwrap();
    assert_eq!((erased.records, erased.versions), (1, 2), "older versions go as well, whatever grace remains");
    assert!(matches!(
        vault.open_record(&which(&vault, 2), None, &access()).await,
        Err(VaultError::Rejected(Rejection::NoRecord(_)))
    ));
    registry.anchor(&vault).await;
    assert_eq!(vault.check().await.unwrap(), 4);
    drop(vault);

    // Yesterday's backup of the records comes back: rows, not records.
    let store = B::open(&registry.path()).await;
    let mut tx = store.records().write().await.unwrap();
    tx.add_records(&backup).await.unwrap();
    tx.commit().await.unwrap();
    let vault = Vault::open(Directory::lock(&registry.path()).unwrap(), store, &registry.master(), registry.clock())
        .await
        .unwrap();
    let error = vault.open_record(&which(&vault, 2), None, &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::KeyGone)), "{error}");
    assert_eq!(vault.status().await.unwrap().data_keys, 4 + 1, "four records and the enrolment table");
    let refused = vault.erase(subject, &access()).await;
    assert!(matches!(refused, Err(VaultError::Integrity(Integrity::Rows("records")))), "{refused:?}");
}

async fn rotation_wraps_every_key_again<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..1200)).await;
    registry.anchor(&vault).await;
    enrol(&vault, vault.subject(&registry::national_id(1)).unwrap(), &wallet(1), None).await;
    let old_ring = std::fs::read(registry.path().join("keyring.json")).unwrap();
    let rows =
        |store: B::S| async move { store.records().read().await.unwrap().live_records(None, 3000).await.unwrap() };
    let before = rows(B::open(&registry.path()).await).await;
    let mut told = 0;
    // One a version, the version from before the enrolment among them, and the enrolments' own.
    assert_eq!(vault.rotate_keys(|n| told = n).await.unwrap(), 1202);
    assert_eq!(told, 1202);
    assert_eq!(rows(B::open(&registry.path()).await).await, before, "no record is encrypted again");
    assert_eq!(vault.status().await.unwrap().key_encryption_keys, 1);
    import(&vault, csv([5000])).await;
    assert_eq!(vault.check().await.unwrap(), 1201);
    drop(vault);
    let vault = registry.open::<B>().await;
    assert_eq!(vault.check().await.unwrap(), 1201);
    assert!(vault.holder(vault.subject(&registry::national_id(1)).unwrap()).await.unwrap().0.is_some());
    drop(vault);
    // The key-encryption key of before opens nothing any more.
    std::fs::write(registry.path().join("keyring.json"), old_ring).unwrap();
    let error = Vault::open(
        Directory::lock(&registry.path()).unwrap(),
        B::open(&registry.path()).await,
        &registry.master(),
        registry.clock(),
    )
    .await
    .err()
    .unwrap();
    assert!(matches!(error, VaultError::Keys(sealroot_vault::KeyError::UnknownKek(_))), "{error}");
}

async fn an_interrupted_rotation_is_finished<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..1200)).await;
    registry.anchor(&vault).await;
    // The callback after the first 512 keys panics: the ring on disk has two keys, and data keys are under either.
    let vault = std::sync::Arc::new(vault);
    let rotating = {
        let vault = vault.clone();
        tokio::spawn(async move { vault.rotate_keys(|_| panic!("power cut")).await.map(|_| ()) })
    };
    assert!(rotating.await.is_err());
    assert_eq!(vault.status().await.unwrap().key_encryption_keys, 2);
    assert!(vault.open_record(&which(&vault, 700), None, &access()).await.is_ok(), "readable in between");
    drop(vault);
    let vault = registry.open::<B>().await;
    assert_eq!(vault.status().await.unwrap().key_encryption_keys, 1);
    assert_eq!(vault.check().await.unwrap(), 1200);
}
