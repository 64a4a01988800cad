//! Attacks that worked once, by name.

use super::database::Database;
use sealroot_protocol::code::{Code, Coded};
use sealroot_testing::registry::{
    self, Embedded, Registry, access, citizen, clerk, csv, enrol, import, national_id, plan, wallet, which,
};
use sealroot_vault::{EmbeddedVault, Integrity, Vault, VaultError, erase::Erased};
use std::{fs, io::Cursor};

/// Six citizens, anchored; the first has a key.
async fn prepared() -> Registry {
    with_keys(1).await
}

/// Six citizens, anchored; the first `keys` have one, and each is an entry of the access log.
async fn with_keys(keys: u8) -> Registry {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..6)).await;
    for i in 0..keys {
        enrol(&vault, vault.subject(&national_id(i.into())).unwrap(), &wallet(1 + i), None).await;
    }
    registry.anchor(&vault).await;
    vault.close().await;
    registry
}

async fn open(registry: &Registry) -> Result<EmbeddedVault, VaultError> {
    Vault::open_embedded(&registry.path(), &registry.master(), registry.clock()).await
}

async fn records(registry: &Registry) -> Database {
    Database::open(&registry.path(), "records.db").await
}

/// A row of the table isn't the vault's, or the table's rows aren't those that it wrote last.
fn forged<T: std::fmt::Debug>(result: Result<T, VaultError>, table: &str) {
    match result {
        Err(VaultError::Integrity(Integrity::Row(found) | Integrity::Rows(found))) => assert_eq!(found, table),
        other => panic!("{other:?}"),
    }
}

fn replaced<T: std::fmt::Debug>(result: Result<T, VaultError>, table: &str) {
    match result {
        Err(VaultError::Integrity(Integrity::Rows(found))) => assert_eq!(found, table),
        other => panic!("{other:?}"),
    }
}

/// The vault's files as they are now, to be put back.
fn copy(registry: &Registry) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for file in FILES {
        fs::copy(registry.path().join(file), home.path().join(file)).unwrap();
    }
    home
}

fn put_back(registry: &Registry, from: &tempfile::TempDir, files: &[&str]) {
    for file in files {
        for log in ["-wal", "-shm"] {
            // Closed cleanly, a database has none.
            drop(fs::remove_file(registry.path().join(format!("{file}{log}"))));
        }
        fs::copy(from.path().join(file), registry.path().join(file)).unwrap();
    }
}

const FILES: [&str; 3] = ["records.db", "keys.db", "log.db"];

/// Exchanges some columns of the live rows at leaves 1 and 2.
async fn exchange(registry: &Registry, columns: &[&str]) {
    let mut db = records(registry).await;
    for column in columns {
        let mut values = Vec::new();
        for leaf in [1, 2] {
            let sql = format!("SELECT hex({column}) FROM records WHERE leaf_index = {leaf} AND until_epoch IS NULL");
            values.push(db.texts(&sql).await.remove(0));
        }
        let set = |leaf: u8, value: &str| {
            format!("UPDATE records SET {column} = x'{value}' WHERE leaf_index = {leaf} AND until_epoch IS NULL;")
        };
        db.run(&[set(1, "00"), set(2, &values[0]), set(1, &values[1])].concat()).await;
    }
    db.close().await;
}

async fn erase(vault: &EmbeddedVault, i: usize) -> Result<Erased, VaultError> {
    vault.erase(vault.subject(&national_id(i)).unwrap(), &access()).await
}

#[tokio::test]
async fn swapped_subjects_enrol_nobody_elses_record() {
    let registry = prepared().await;
    exchange(&registry, &["subject"]).await;
    let vault = open(&registry).await.unwrap();
    let subject = vault.subject(&national_id(1)).unwrap();
    let challenge = vault.enrolment_challenge(subject).await;
    // The vault doesn't even say that it knows the person.
    forged(challenge, "records");
    assert_eq!(vault.holder(subject).await.unwrap(), (None, None));
    assert!(vault.check().await.is_err());
}

#[tokio::test]
async fn a_rotated_or_flipped_reference_erases_nothing() {
    for flipped in [false, true] {
        let registry = prepared().await;
        if flipped {
            let mut db = records(&registry).await;
            let sql = "UPDATE records SET subject = CAST(x'00' || substr(subject, 2) AS BLOB) WHERE leaf_index = 0";
            assert!(db.run(sql).await > 0);
            db.close().await;
        } else {
            exchange(&registry, &["subject"]).await;
        }
        let vault = open(&registry).await.unwrap();
        let keys = vault.status().await.unwrap().data_keys;
        let entries = vault.log_head().await.unwrap().size;
        // The first citizen's row is filed under nobody; or citizens 1 and 2 are each other.
        let whose = if flipped { vec![0] } else { vec![1, 2] };
        for i in whose {
            forged(erase(&vault, i).await, "records");
        }
        assert_eq!(vault.status().await.unwrap().data_keys, keys);
        assert_eq!(vault.log_head().await.unwrap().size, entries, "nothing happened, and nothing is said");
    }
}

#[tokio::test]
async fn a_hidden_record_keeps_no_replaced_key() {
    let registry = prepared().await;
    let mut db = records(&registry).await;
    db.run("UPDATE records SET subject = CAST(x'00' || substr(subject, 2) AS BLOB) WHERE leaf_index = 0").await;
    db.close().await;
    let vault = open(&registry).await.unwrap();
    let subject = vault.subject(&national_id(0)).unwrap();
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let proof = wallet(2).prove_possession(&challenge, None, [3; 32]);
    forged(vault.enrol(&challenge, &proof, None, &clerk()).await, "records");
    assert_eq!(vault.holder(subject).await.unwrap().0, Some(wallet(1).public_key()));
}

#[tokio::test]
async fn exchanged_references_turn_no_record_into_another() {
    let registry = prepared().await;
    exchange(&registry, &["subject", "lookup", "serial"]).await;
    let vault = open(&registry).await.unwrap();
    for text in [csv(0..6), csv(0..6).replace(&citizen(1), &citizen(1).replace(",south,", ",east,"))] {
        forged(vault.import(Cursor::new(text), plan(registry::UPDATE), |_| {}).await, "records");
    }
    forged(vault.open_record(&which(&vault, 1), None, &access()).await, "records");
}

#[tokio::test]
async fn changed_settings_open_no_vault() {
    let registry = prepared().await;
    for (from, to) in [("\"grace\":259200", "\"grace\":0"), ("\"anchor_window\":86400", "\"anchor_window\":0")] {
        let change = |from: &str, to: &str| {
            format!(
                "UPDATE vault_values SET value = CAST(replace(CAST(value AS TEXT), '{from}', '{to}') AS BLOB) WHERE name = 'settings'"
            )
        };
        let mut db = records(&registry).await;
        let settings = "SELECT CAST(value AS TEXT) FROM vault_values WHERE name = 'settings'";
        assert!(db.texts(settings).await[0].contains(from));
        db.run(&change(from, to)).await;
        forged(open(&registry).await.map(|_| ()), "vault_values");
        db.run(&change(to, from)).await;
        db.close().await;
        open(&registry).await.unwrap().close().await;
    }
}

/// The vault doesn't open with it; and one that is put in while the vault is open makes nothing be disclosed.
#[tokio::test]
async fn a_trigger_that_swallows_log_entries_discloses_nothing() {
    for body in [
        "BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END",
        "AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE position = NEW.position; END",
        "AFTER INSERT ON entries BEGIN UPDATE entries SET sealed = x'00' WHERE position = NEW.position; END",
    ] {
        let registry = prepared().await;
        let vault = open(&registry).await.unwrap();
        let mut db = Database::open(&registry.path(), "log.db").await;
        db.run(&format!("CREATE TRIGGER swallow {body}")).await;
        let error = vault.open_record(&which(&vault, 0), None, &access()).await.unwrap_err();
        assert!(matches!(error, VaultError::Log(_)), "{error}");
        vault.close().await;
        let error = open(&registry).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Code::DatabaseForeignSchema, "{error}");
        assert!(error.to_string().contains("log.db has the trigger swallow"), "{error}");
        db.close().await;
    }
}

#[tokio::test]
async fn a_trigger_that_keeps_data_keys_makes_no_erasure() {
    for body in [
        "BEFORE DELETE ON data_keys BEGIN SELECT RAISE(IGNORE); END",
        "AFTER DELETE ON data_keys BEGIN INSERT INTO data_keys VALUES (OLD.id, OLD.kek, OLD.wrapped, OLD.batch); END",
    ] {
        let registry = prepared().await;
        let vault = open(&registry).await.unwrap();
        let mut db = Database::open(&registry.path(), "keys.db").await;
        db.run(&format!("CREATE TRIGGER keep {body}")).await;
        let error = erase(&vault, 0).await.unwrap_err();
        assert_eq!(error.code(), Code::DatabaseWriteLost, "{error}");
        vault.close().await;
        assert_eq!(open(&registry).await.map(|_| ()).unwrap_err().code(), Code::DatabaseForeignSchema);
        // What is owed is not forgotten.
        db.run("DROP TRIGGER keep").await;
        let before = db.count("data_keys").await;
        open(&registry).await.unwrap().close().await;
        assert!(db.count("data_keys").await < before);
        db.close().await;
    }
}

#[tokio::test]
async fn what_the_migrations_do_not_make_is_not_opened() {
    for (file, sql, named) in [
        ("records.db", "DROP INDEX records_live_lookup", "lacks the index records_live_lookup"),
        ("records.db", "CREATE INDEX mine ON records (period)", "has the index mine"),
        ("records.db", "CREATE VIEW seen_twice AS SELECT * FROM seen", "has the view seen_twice"),
        ("records.db", "ALTER TABLE roots ADD COLUMN note TEXT", "has the table roots"),
        ("keys.db", "CREATE TABLE copies (wrapped BLOB)", "has the table copies"),
        ("log.db", "DROP TABLE releases", "lacks the table releases"),
    ] {
        let registry = prepared().await;
        let mut db = Database::open(&registry.path(), file).await;
        db.run(sql).await;
        db.close().await;
        let error = open(&registry).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Code::DatabaseForeignSchema, "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[tokio::test]
async fn a_vault_of_another_version_is_refused_by_name() {
    for sql in ["UPDATE _sqlx_migrations SET checksum = x'00'", "UPDATE _sqlx_migrations SET version = version + 100"] {
        let registry = prepared().await;
        let mut db = records(&registry).await;
        db.run(sql).await;
        db.close().await;
        let error = open(&registry).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Code::DatabaseOtherVersion, "{error}");
    }
}

/// A commitment to a record that the attacker made up, put beside true ones: whatever hashes its siblings again would anchor it.
#[tokio::test]
async fn a_leaf_put_into_a_node_comes_under_no_root() {
    let registry = prepared().await;
    let mut db = records(&registry).await;
    // The second leaf of the second node of the lowest level; citizen 4 stands beside it.
    let sql = "UPDATE nodes SET children = CAST(substr(children, 1, 63) ||
                   CASE WHEN substr(children, 64, 1) = x'07' THEN x'08' ELSE x'07' END || substr(children, 65) AS BLOB)
               WHERE level = 1 AND position = 1";
    assert!(db.run(sql).await > 0);
    db.close().await;
    let vault = open(&registry).await.unwrap();
    let tree = |result: Result<(), VaultError>| {
        assert!(matches!(result, Err(VaultError::Integrity(Integrity::Tree | Integrity::LeafMismatch))), "{result:?}");
    };
    tree(erase(&vault, 4).await.map(|_| ()));
    let subject = vault.subject(&national_id(4)).unwrap();
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let proof = wallet(4).prove_possession(&challenge, None, [3; 32]);
    tree(vault.enrol(&challenge, &proof, None, &clerk()).await.map(|_| ()));
    // A new record, at the next leaf of the same node.
    tree(vault.import(Cursor::new(csv([77])), plan(registry::UPDATE), |_| {}).await.map(|_| ()));
}

/// A top node exchanged: what would be anchored is compared with what the vault wrote.
#[tokio::test]
async fn a_root_that_the_vault_did_not_write_is_not_anchored() {
    let registry = prepared().await;
    let mut db = records(&registry).await;
    db.run("UPDATE nodes SET children = CAST(substr(children, 1, 63) || x'07' || substr(children, 65) AS BLOB) WHERE level = 16").await;
    db.close().await;
    let vault = open(&registry).await.unwrap();
    let error = vault.pending_root().await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::Tree)), "{error}");
}

/// A live record that is said to have ended long ago: pruning would destroy its key.
#[tokio::test]
async fn pruning_destroys_no_live_record() {
    let registry = prepared().await;
    let mut db = records(&registry).await;
    assert!(db.run("UPDATE records SET until_epoch = 1 WHERE leaf_index = 3").await > 0);
    db.close().await;
    let vault = open(&registry).await.unwrap();
    let keys = vault.status().await.unwrap().data_keys;
    forged(vault.prune().await, "records");
    assert_eq!(vault.status().await.unwrap().data_keys, keys);
}

/// A destruction that nobody owes.
#[tokio::test]
async fn nobody_elses_order_destroys_a_key() {
    let registry = prepared().await;
    let mut keys = Database::open(&registry.path(), "keys.db").await;
    let id = keys.texts("SELECT hex(id) FROM data_keys ORDER BY id LIMIT 1").await.remove(0);
    let before = keys.count("data_keys").await;
    let mut db = records(&registry).await;
    db.run(&format!("INSERT INTO owed_destructions VALUES (x'{id}', zeroblob(32))")).await;
    db.close().await;
    forged(open(&registry).await.map(|_| ()), "owed_destructions");
    assert_eq!(keys.count("data_keys").await, before);
    keys.close().await;
}

/// A log of which entries or hashes were taken out, and not both: room on the disk doesn't help.
#[tokio::test]
async fn a_log_that_was_cut_in_part_is_not_called_unwritable() {
    for (sql, open_too) in [
        // An entry about a person, and no change since: it is missed when the next one takes its place.
        ("DELETE FROM entries WHERE position = (SELECT MAX(position) FROM entries)", true),
        // The newest state's entry with it: it would be told again.
        ("DELETE FROM entries WHERE position >= (SELECT MAX(position) - 1 FROM entries)", false),
        ("DELETE FROM subtrees WHERE (position + 1) * (1 << level) > (SELECT MAX(position) FROM entries)", false),
        ("DELETE FROM subtrees", false),
    ] {
        let registry = prepared().await;
        let vault = open(&registry).await.unwrap();
        vault.open_record(&which(&vault, 0), None, &access()).await.unwrap();
        vault.close().await;
        let mut db = Database::open(&registry.path(), "log.db").await;
        assert!(db.run(sql).await > 0, "{sql}");
        db.close().await;
        let attempt = async |vault: EmbeddedVault| {
            for _ in 0..2 {
                vault.open_record(&which(&vault, 0), None, &access()).await?;
            }
            vault.enrolment_challenge(vault.subject(&national_id(1)).unwrap()).await.map(drop)
        };
        let error = match open(&registry).await {
            Ok(vault) => attempt(vault).await.unwrap_err(),
            Err(error) if !open_too => error,
            Err(error) => panic!("{sql}: {error}"),
        };
        assert_eq!(error.code(), Code::AccessLogInconsistent, "{sql}: {error}");
    }
}

/// A log that was emptied, cut, or exchanged for what it once was: the vault doesn't open.
#[tokio::test]
async fn a_log_that_was_cut_or_exchanged_opens_no_vault() {
    let registry = with_keys(1).await;
    let earlier = copy(&registry);
    let vault = open(&registry).await.unwrap();
    import(&vault, csv(6..7)).await;
    registry.anchor(&vault).await;
    vault.close().await;
    let newest = copy(&registry);
    for sql in [
        "DELETE FROM entries; DELETE FROM subtrees;",
        "DELETE FROM entries WHERE position > 0; DELETE FROM subtrees WHERE (position + 1) * (1 << level) > 1;",
        // The newest two, so that the state before the last change is the newest that the log tells of.
        "DELETE FROM subtrees WHERE (position + 1) * (1 << level) > (SELECT COUNT(*) - 2 FROM entries);
         DELETE FROM entries WHERE position >= (SELECT COUNT(*) - 2 FROM entries);",
    ] {
        let mut db = Database::open(&registry.path(), "log.db").await;
        db.run(sql).await;
        db.close().await;
        let result = open(&registry).await.map(drop);
        assert!(matches!(result, Err(VaultError::Integrity(Integrity::Log | Integrity::State))), "{sql} {result:?}");
        put_back(&registry, &newest, &["log.db"]);
        open(&registry).await.unwrap().close().await;
    }
    put_back(&registry, &earlier, &["log.db"]);
    let result = open(&registry).await.map(drop);
    assert!(matches!(result, Err(VaultError::Integrity(Integrity::Log))), "{result:?}");
}

/// Entries and nodes that were changed where they stand: neither the check, nor an anchor, nor what a person takes home.
#[tokio::test]
async fn a_log_that_was_changed_is_neither_anchored_nor_found_in_order() {
    for sql in [
        "UPDATE subtrees SET hash = zeroblob(32) WHERE level = (SELECT MAX(level) FROM subtrees);",
        "UPDATE entries SET at = at + 1 WHERE position = 0;",
        "DELETE FROM entries WHERE position = 1;",
        "UPDATE entries SET subject = zeroblob(32) WHERE position = 2;",
    ] {
        let registry = with_keys(3).await;
        let vault = open(&registry).await.unwrap();
        let mut db = Database::open(&registry.path(), "log.db").await;
        assert!(db.run(sql).await > 0);
        db.close().await;
        let subject = vault.subject(&national_id(0)).unwrap();
        for result in [
            vault.check().await.map(drop),
            vault.pending_root().await.map(drop),
            vault.export_log(subject).await.map(drop),
        ] {
            assert!(matches!(result, Err(VaultError::Integrity(Integrity::Log))), "{sql} {result:?}");
        }
        import(&vault, csv(6..7)).await;
        let result = vault.pending_root().await;
        assert!(matches!(result, Err(VaultError::Integrity(Integrity::Log))), "{sql} {result:?}");
        vault.close().await;
    }
}

/// A whole database of before: also where only the newest change is undone, and where nothing but a challenge was issued since.
#[tokio::test]
async fn a_database_that_was_set_back_is_not_opened() {
    let registry = prepared().await;
    let mut earlier = vec![copy(&registry)];
    for i in 2..4 {
        let vault = open(&registry).await.unwrap();
        vault.enrolment_challenge(vault.subject(&national_id(i)).unwrap()).await.unwrap();
        vault.close().await;
        earlier.push(copy(&registry));
    }
    let newest = earlier.pop().unwrap();
    for old in &earlier {
        put_back(&registry, old, &["records.db"]);
        let error = open(&registry).await.map(drop).unwrap_err();
        assert_eq!(error.code(), Code::VaultSetBack, "{error}");
        put_back(&registry, &newest, &["records.db"]);
        open(&registry).await.unwrap().close().await;
    }
    let mut db = records(&registry).await;
    db.run("DELETE FROM state").await;
    db.close().await;
    assert_eq!(open(&registry).await.map(drop).unwrap_err().code(), Code::VaultSetBack);
}

/// The process ended after a change was durable and before the log was told: the next opening tells it, once. Two changes that it wasn't told of are no crash.
#[tokio::test]
async fn a_change_that_the_log_was_not_told_of_is_told_at_the_next_opening() {
    let registry = prepared().await;
    let earlier = copy(&registry);
    for changes in [1, 2] {
        let vault = open(&registry).await.unwrap();
        for i in 0..changes {
            vault.enrolment_challenge(vault.subject(&national_id(2 + i)).unwrap()).await.unwrap();
        }
        let told = vault.log_head().await.unwrap();
        vault.close().await;
        put_back(&registry, &earlier, &["log.db"]);
        match open(&registry).await {
            Ok(vault) => {
                assert_eq!(changes, 1);
                assert_eq!(vault.log_head().await.unwrap().size, told.size);
                vault.close().await;
                let vault = open(&registry).await.unwrap();
                assert_eq!(vault.log_head().await.unwrap().size, told.size, "once");
                vault.close().await;
            }
            Err(error) => {
                assert_eq!((changes, error.code()), (2, Code::AccessLogInconsistent), "{error}");
            }
        }
        put_back(&registry, &earlier, &FILES);
    }
}

/// With it gone, another key would begin anew, count from today on, and earn a second nullifier.
#[tokio::test]
async fn a_deleted_enrolment_lets_nobody_begin_anew() {
    let registry = prepared().await;
    let mut db = records(&registry).await;
    assert_eq!(db.run("DELETE FROM enrolments").await, 1);
    db.close().await;
    let vault = open(&registry).await.unwrap();
    let subject = vault.subject(&national_id(0)).unwrap();
    let challenge = vault.enrolment_challenge(subject).await;
    if let Ok(challenge) = &challenge {
        let proof = wallet(7).prove_possession(challenge, None, [3; 32]);
        replaced(vault.enrol(challenge, &proof, None, &clerk()).await, "enrolments");
    } else {
        replaced(challenge, "enrolments");
    }
    replaced(vault.check().await, "enrolments");
    replaced(vault.open_record(&which(&vault, 0), None, &access()).await, "enrolments");
}

/// With it gone, a record that was erased would come back under a business key of another column, and with another serial.
#[tokio::test]
async fn a_deleted_key_column_brings_no_second_serial() {
    let registry = prepared().await;
    let mut db = records(&registry).await;
    assert_eq!(db.run("DELETE FROM vault_values WHERE name = 'key_columns'").await, 1);
    db.close().await;
    replaced(open(&registry).await.map(drop), "vault_values");
}

/// A version whose end was moved away would keep its data key, and be out of sight of every pruning.
#[tokio::test]
async fn a_moved_end_of_a_version_stops_pruning() {
    let registry = prepared().await;
    let vault = open(&registry).await.unwrap();
    vault.prune().await.unwrap();
    vault.close().await;
    let mut db = records(&registry).await;
    assert_eq!(db.run("UPDATE records SET until_epoch = 99 WHERE leaf_index = 1").await, 1);
    db.close().await;
    forged(open(&registry).await.unwrap().prune().await, "records");
}

/// Records and log of an earlier moment beside the newest keys, so that erasures stay: versions that are written again get keys of their own.
#[tokio::test]
async fn newer_keys_beside_restored_records_stop_nobody() {
    let registry = with_keys(1).await;
    let earlier = copy(&registry);
    let vault = open(&registry).await.unwrap();
    let subject = vault.subject(&national_id(2)).unwrap();
    enrol(&vault, subject, &wallet(3), None).await;
    erase(&vault, 4).await.unwrap();
    vault.close().await;
    put_back(&registry, &earlier, &["records.db", "log.db"]);
    let vault = open(&registry).await.unwrap();
    assert!(matches!(vault.check().await, Err(VaultError::Integrity(Integrity::KeyGone))), "somebody was erased since");
    erase(&vault, 4).await.unwrap();
    enrol(&vault, subject, &wallet(3), None).await;
    let text = csv([0, 1, 2, 3, 5]).replace(&citizen(3), &citizen(3).replace(",south,", ",east,"));
    vault.import(Cursor::new(text), plan(registry::UPDATE), |_| {}).await.unwrap();
    vault.rotate_keys(|_| {}).await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 5);
}

/// An erased person's data key out of an older keys.db would open the record in an older records.db.
#[tokio::test]
async fn a_data_key_that_was_put_back_is_missed_by_nobody_and_not_carried_over() {
    let registry = prepared().await;
    let earlier = copy(&registry);
    let vault = open(&registry).await.unwrap();
    erase(&vault, 4).await.unwrap();
    let keys = vault.status().await.unwrap().data_keys;
    vault.close().await;
    let mut db = Database::open(&registry.path(), "keys.db").await;
    let older = earlier.path().join("keys.db");
    db.run(&format!("ATTACH '{}' AS older", older.display())).await;
    assert_eq!(db.run("INSERT OR IGNORE INTO data_keys SELECT * FROM older.data_keys").await, 1);
    db.close().await;
    let vault = open(&registry).await.unwrap();
    replaced(vault.check().await, "data_keys");
    vault.rotate_keys(|_| {}).await.unwrap();
    assert_eq!(vault.status().await.unwrap().data_keys, keys);
    assert_eq!(vault.check().await.unwrap(), 5);
}

/// What a quick check says that it leaves out, and what it doesn't leave out.
#[tokio::test]
async fn a_quick_check_misses_nodes_and_no_row() {
    let registry = with_keys(2).await;
    let vault = open(&registry).await.unwrap();
    let mut heard = Vec::new();
    assert_eq!(vault.check_with(|at| heard.push((at.done, at.total))).await.unwrap(), 6);
    let (done, total) = heard.last().copied().unwrap();
    assert!(done == total && heard.windows(2).all(|pair| pair[0].0 < pair[1].0), "{heard:?}");
    assert_eq!(vault.check_quickly().await.unwrap(), 8, "six live versions and two that were replaced");
    vault.close().await;
    let mut db = records(&registry).await;
    assert!(db.run("UPDATE nodes SET children = zeroblob(128) WHERE level = 1").await > 0);
    db.close().await;
    let vault = open(&registry).await.unwrap();
    assert_eq!(vault.check_quickly().await.unwrap(), 8);
    assert!(matches!(vault.check().await, Err(VaultError::Integrity(Integrity::Tree))));
    let mut db = records(&registry).await;
    assert_eq!(db.run("DELETE FROM records WHERE until_epoch IS NOT NULL AND version = 1").await, 2);
    db.close().await;
    replaced(vault.check_quickly().await, "records");
}

/// Takes rows out of an index and leaves them in their table: the schema is the program's again afterwards.
async fn hide(registry: &Registry, index: &str, rows: &str) {
    let mut db = records(registry).await;
    let sql = db.texts(&format!("SELECT sql FROM sqlite_schema WHERE name = '{index}'")).await.remove(0);
    let set = |sql: &str| {
        format!("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '{sql}' WHERE name = '{index}'")
    };
    db.run(&set(&format!("{sql} AND NOT ({rows})"))).await;
    db.close().await;
    let mut db = records(registry).await;
    db.run(&format!("REINDEX {index}")).await;
    db.run(&set(&sql)).await;
    db.close().await;
}

/// The sums are over the tables' rows. A row that its table has and an index lacks would have its sum, and not be found.
#[tokio::test]
async fn a_row_that_an_index_lacks_is_missed() {
    let damaged = |result: Result<(), VaultError>| {
        assert_eq!(result.unwrap_err().code(), Code::DatabaseDamaged);
    };
    // A second record of the same person and period would be added.
    let registry = prepared().await;
    hide(&registry, "records_live_lookup", "leaf_index = 1").await;
    hide(&registry, "records_live_serial", "leaf_index = 1").await;
    let vault = open(&registry).await.unwrap();
    let changed = csv([1]).replace(",south,", ",east,");
    damaged(vault.import(Cursor::new(changed), plan(registry::UPDATE), |_| {}).await.map(|_| ()));
    damaged(vault.check().await.map(|_| ()));
    assert_eq!(vault.status().await.unwrap().counts.live, 6);
    // A version would outlive its pruning, and its data key with it.
    let registry = prepared().await;
    let vault = open(&registry).await.unwrap();
    vault.import(Cursor::new(csv(0..6).replace(",south,", ",east,")), plan(registry::UPDATE), |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    vault.close().await;
    registry.sleep(5 * registry::DAY);
    hide(&registry, "records_until", "leaf_index = 1").await;
    damaged(open(&registry).await.unwrap().prune().await.map(|_| ()));
}
