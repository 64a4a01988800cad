//! Rows and nodes that somebody exchanged in the database.

use sealroot_protocol::record::Leaf;
use sealroot_testing::registry::{self, Backing, Registry, access, citizen, csv, import, plan, which};
use sealroot_vault::{
    Integrity, Vault, VaultError,
    embedded::Directory,
    store::{Keys, Records, RecordsTx, Store, WrappedKey},
};
use std::io::Cursor;

suite!(exchanged_rows_are_refused, exchanged_nodes_are_refused, an_exchanged_key_column_is_refused,);

/// An attacker who holds the database exchanges rows: swaps, moves, cuts, puts an old version back. The vault never returns a record for it.
async fn exchanged_rows_are_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let update = plan(registry::UPDATE);
    registry.anchor(&vault).await;
    // As it was while it was live: with a tag of the vault's own.
    let old = {
        let store = B::open(&registry.path()).await;
        let rows = store.records().read().await.unwrap().live_records(None, 10).await.unwrap();
        rows[1].clone()
    };
    let text = csv(0..3).replace(&citizen(1), &citizen(1).replace(",false,", ",true,"));
    vault.import(Cursor::new(text), update, |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    drop(vault);

    let store = B::open(&registry.path()).await;
    let rows = store.records().read().await.unwrap().live_records(None, 10).await.unwrap();
    let ended = {
        let mut tx = store.records().read().await.unwrap();
        tx.versions(&[(old.id, old.version)]).await.unwrap().remove(0)
    };
    assert_ne!(ended.tag, old.tag);
    let key_of = |row: &sealroot_vault::store::RecordRow| {
        let mut id = vec![b'r'];
        id.extend_from_slice(&row.id);
        id.extend_from_slice(&row.version.to_be_bytes());
        id
    };
    let replace = |row: sealroot_vault::store::RecordRow| {
        let store = &store;
        async move {
            let mut tx = store.records().write().await.unwrap();
            tx.delete_records(&[(row.id, row.version)]).await.unwrap();
            tx.add_records(&[row]).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let attempt = || async {
        let vault = Vault::open(
            Directory::lock(&registry.path()).unwrap(),
            B::open(&registry.path()).await,
            &registry.master(),
            registry.clock(),
        )
        .await
        .unwrap();
        let error = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap_err();
        assert!(vault.check().await.is_err());
        match error {
            VaultError::Integrity(integrity) => integrity,
            other => panic!("{other}"),
        }
    };
    let real = rows[1].clone();
    let mut cut = real.clone();
    cut.sealed.pop();
    let mut empty = real.clone();
    empty.sealed.clear();
    let swapped =
        sealroot_vault::store::RecordRow { sealed: rows[2].sealed.clone(), leaf: rows[2].leaf, ..real.clone() };
    let wrong_leaf = sealroot_vault::store::RecordRow { leaf: Leaf(1u64.into()), ..real.clone() };
    let wrong_schema = {
        let other = sealroot_protocol::schema::SchemaId(5u64.into());
        sealroot_vault::store::RecordRow { schema: other, ..real.clone() }
    };
    for row in [cut, empty, swapped, wrong_schema, wrong_leaf] {
        replace(row).await;
        assert_eq!(attempt().await, Integrity::Row("records"));
        replace(real.clone()).await;
    }
    // Last year's version as this year's: same record, same place, its own key and version. Only the tree tells.
    let mut tx = store.records().write().await.unwrap();
    tx.delete_records(&[(real.id, real.version), (old.id, old.version)]).await.unwrap();
    tx.add_records(std::slice::from_ref(&old)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(attempt().await, Integrity::LeafMismatch);
    // Nor is it issued again as if it were current, which would make it true: not by a key, not by an update.
    let newer = store.keys().get(&[key_of(&real)]).await.unwrap();
    store.keys().destroy(&[key_of(&real)]).await.unwrap();
    let vault = Vault::open(
        Directory::lock(&registry.path()).unwrap(),
        B::open(&registry.path()).await,
        &registry.master(),
        registry.clock(),
    )
    .await
    .unwrap();
    let error = vault.enrolment_challenge(vault.subject(&registry::national_id(1)).unwrap()).await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::Rows("records"))), "{error}");
    for text in [csv(0..3), csv(0..3).replace(&citizen(1), &citizen(1).replace(",south,", ",east,"))] {
        let update = plan(registry::UPDATE);
        let error = vault.import(Cursor::new(text), update, |_| {}).await.unwrap_err();
        assert!(matches!(error, VaultError::Integrity(Integrity::Rows("records"))), "{error}");
    }
    drop(vault);
    store.keys().add(&[1; 16], &newer).await.unwrap();
    store.keys().settle(&[1; 16]).await.unwrap();
    let mut tx = store.records().write().await.unwrap();
    tx.delete_records(&[(old.id, old.version)]).await.unwrap();
    tx.add_records(&[real.clone(), ended]).await.unwrap();
    tx.commit().await.unwrap();

    // Another record's data key under this record's id.
    let keys = store.keys().get(&[key_of(&real), key_of(&rows[2])]).await.unwrap();
    let (mine, other) = if keys[0].id == key_of(&real) { (&keys[0], &keys[1]) } else { (&keys[1], &keys[0]) };
    store.keys().rewrap(&[WrappedKey { id: mine.id.clone(), ..other.clone() }]).await.unwrap();
    assert_eq!(attempt().await, Integrity::Ciphertext);
    store.keys().destroy(std::slice::from_ref(&mine.id)).await.unwrap();
    assert_eq!(attempt().await, Integrity::KeyGone);
}

async fn exchanged_nodes_are_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..30)).await;
    registry.anchor(&vault).await;
    drop(vault);
    let store = B::open(&registry.path()).await;
    for level in [1, 2, 3, 16] {
        let mut tx = store.records().write().await.unwrap();
        let real = tx.nodes(level, &[0], 9).await.unwrap()[0];
        let mut changed = real;
        changed.children[31] ^= 1;
        changed.children[32 * 3 + 31] ^= 1;
        tx.put_nodes(&[changed]).await.unwrap();
        tx.commit().await.unwrap();
        let vault = Vault::open(
            Directory::lock(&registry.path()).unwrap(),
            B::open(&registry.path()).await,
            &registry.master(),
            registry.clock(),
        )
        .await
        .unwrap();
        let error = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap_err();
        assert!(matches!(error, VaultError::Integrity(Integrity::Tree)), "level {level}: {error}");
        assert!(vault.check().await.is_err());
        drop(vault);
        let mut tx = store.records().write().await.unwrap();
        tx.put_nodes(&[real]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Somebody who holds the database doesn't untie a schema from its key column, nor tie it to another.
async fn an_exchanged_key_column_is_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    drop(vault);
    let store = B::open(&registry.path()).await;
    let value = store.records().read().await.unwrap().value("key_columns").await.unwrap().unwrap();
    assert_eq!(&value, b"{\"resident\":null}");
    for forged in [b"{\"resident\":\"number\"}".as_slice(), b"{}", &value[..5], b""] {
        let mut tx = store.records().write().await.unwrap();
        tx.set_value("key_columns", forged).await.unwrap();
        tx.commit().await.unwrap();
        let keeper = Directory::lock(&registry.path()).unwrap();
        let store = B::open(&registry.path()).await;
        let refused = Vault::open(keeper, store, &registry.master(), registry.clock()).await.map(drop);
        assert!(matches!(refused, Err(VaultError::Integrity(Integrity::Row("vault_values")))), "{refused:?}");
    }
}
