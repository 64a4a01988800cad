//! Drills: a vault is copied while it goes on, lost, and goes on from the copy.

use sealroot_handover::access_log::{LoggedAct, What};
use sealroot_protocol::{
    code::Coded,
    date::Date,
    release::{CLOCKS, Release},
};
use sealroot_testing::registry::{
    self, DAY, Embedded, NOON, Registry, TIMING, access, clerk, csv, deployment, enrol, import, national_id, wallet,
    which,
};
use sealroot_vault::{
    Argon2Cost, EmbeddedVault, Integrity, MasterKey, Rejection, VaultError,
    anchor::LandedAnchor,
    change_id::ChangeOfId,
    embedded::{Copies, RingStanding},
    log::About,
    release::ReleaseRejection,
    restore::{Restored, Restoring, Standing},
};
use sqlx::Connection as _;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub fn place(registry: &Registry, name: &str) -> PathBuf {
    registry.directory.path().join(name)
}

pub fn copies(registry: &Registry, from: &str) -> Copies {
    Copies { from: place(registry, from), log: None, keys: None }
}

/// What the chain says after the registry's newest anchor.
pub async fn chain(vault: &EmbeddedVault) -> Restoring {
    let status = vault.status().await.unwrap();
    let newest = status.roots.iter().filter(|(row, _)| row.sequence.is_some()).max_by_key(|(row, _)| row.sequence);
    let landed = newest.map(|(row, _)| LandedAnchor {
        root: row.root,
        sequence: row.sequence.unwrap(),
        block: row.block.unwrap(),
        block_time: row.anchored_at.unwrap(),
    });
    Restoring { chain: landed, withdrawn: false, chain_log: 0, although_older: true, drop_records: 0, access: clerk() }
}

pub async fn restored(registry: &Registry, copies: &Copies, how: &Restoring) -> Result<Restored, VaultError> {
    let directory = place(registry, "restored");
    EmbeddedVault::restore_embedded(&directory, copies, &registry.master(), registry.clock(), how, &mut |_, _, _| {})
        .await
}

pub async fn opened(registry: &Registry, name: &str) -> Result<EmbeddedVault, VaultError> {
    EmbeddedVault::open_embedded(&place(registry, name), &registry.master(), registry.clock()).await
}

fn day_after(time: i64) -> Date {
    Date::begun_anywhere(time as u64).unwrap().plus_days(1).unwrap()
}

/// Twenty citizens, of whom number 3 has a wallet; anchored, and copied.
pub async fn copied(registry: &Registry) -> EmbeddedVault {
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..20)).await;
    enrol(&vault, which(&vault, 3).subject, &wallet(1), None).await;
    registry.anchor(&vault).await;
    vault.backup(&place(registry, "backup")).await.unwrap();
    vault
}

#[tokio::test]
async fn a_copy_with_the_newest_root_goes_on() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = Restoring { although_older: false, ..chain(&vault).await };
    let before = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    vault.close().await;
    let done = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    assert_eq!(
        done,
        Restored {
            standing: Standing::Newest,
            withdrawn: false,
            lost: 0,
            renamed: 0,
            erased: 0,
            dropped: 0,
            reissued: 0
        }
    );
    let vault = opened(&registry, "restored").await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 20);
    let after = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!((after.root, &after.record), (before.root, &before.record));
    let told = vault.log(About::People, 0, 100).await.unwrap();
    let entry =
        told.iter().filter_map(|entry| entry.disclosure.as_ref()).find(|act| act.what.to_string().contains("RESTORED"));
    assert_eq!(entry.unwrap().access, clerk());
    assert_eq!(vault.pending_root().await.unwrap().map(|pending| pending.log_alone), Some(true));
}

/// The chain takes no shorter log than the anchored one: the places of what is gone are filled with entries that say so.
#[tokio::test]
async fn a_log_that_lost_entries_grows_beyond_the_anchored_one() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let anchored = vault.log_head().await.unwrap().size + 7;
    let how = Restoring { chain_log: anchored, ..chain(&vault).await };
    vault.close().await;
    // The largest size there is, by the thief of a key.
    let endless = Restoring { chain_log: (1 << 48) - 1, chain: how.chain, access: clerk(), ..how };
    let error = restored(&registry, &copies(&registry, "backup"), &endless).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::LogTooShort { .. })), "{error}");
    let how = Restoring { chain_log: anchored, ..endless };
    restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    let vault = opened(&registry, "restored").await.unwrap();
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert!(pending.log_size > anchored, "{}", pending.log_size);
    let told = vault.log(About::People, 0, 1000).await.unwrap();
    let lost = |act: &&LoggedAct| act.what == What::Lost;
    assert!(told.iter().filter_map(|entry| entry.disclosure.as_ref()).filter(lost).count() >= 6);
}

#[tokio::test]
async fn a_copy_that_is_made_during_an_import_is_of_one_moment() {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..20)).await;
    let before = registry.anchor(&vault).await;
    let how = chain(&vault).await;
    let imported = async {
        for start in (100..1600).step_by(300) {
            import(&vault, csv(start..start + 300)).await;
        }
    };
    let copies_made = async {
        for i in 0..6 {
            vault.backup(&place(&registry, &format!("backup-{i}"))).await.unwrap();
        }
    };
    tokio::join!(imported, copies_made);
    vault.close().await;
    for i in 0..6 {
        let _ = fs::remove_dir_all(place(&registry, "restored"));
        let done = restored(&registry, &copies(&registry, &format!("backup-{i}")), &how).await.unwrap();
        assert_eq!((done.standing, done.lost), (Standing::Newest, 0));
        let vault = opened(&registry, "restored").await.unwrap();
        let live = vault.check().await.unwrap();
        assert!(live.is_multiple_of(300) || live % 300 == 20, "{live}: half a file");
        assert_eq!(vault.open_record(&which(&vault, 3), None, &access()).await.unwrap().root, before);
        vault.close().await;
    }
}

/// The attack that a restore invites: what the lost time's key claimed, another key claims again.
#[tokio::test]
async fn with_an_older_copy_no_key_serves_a_period_that_the_lost_time_may_have_served() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    registry.sleep(DAY);
    enrol(&vault, which(&vault, 3).subject, &wallet(2), None).await;
    let first = enrol(&vault, which(&vault, 4).subject, &wallet(4), None).await;
    assert_eq!(first.holder_since, None, "a first key claims at once");
    registry.anchor(&vault).await;
    let how = chain(&vault).await;
    vault.close().await;
    registry.sleep(DAY);

    let refused = Restoring { although_older: false, ..how.clone() };
    let error = restored(&registry, &copies(&registry, "backup"), &refused).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::OlderCopy { .. })), "{error}");
    assert!(!place(&registry, "restored").exists(), "nothing is there by half");

    let done = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    let Standing::Older { since, anchor_by } = done.standing else { panic!("{done:?}") };
    assert_eq!(since, day_after(anchor_by + TIMING.grace as i64));
    assert_eq!(done.reissued, 1);
    let vault = opened(&registry, "restored").await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 20);
    let error = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::NoAnchoredRoot)), "{error}");
    // The copy's key starts anew, and so does a first key: the person may have had another one.
    let (key, holder_since) = vault.holder(which(&vault, 3).subject).await.unwrap();
    assert_eq!((key, holder_since), (Some(wallet(1).public_key()), Some(since)));
    let again = enrol(&vault, which(&vault, 4).subject, &wallet(5), None).await;
    assert_eq!(again.holder_since, Some(since));
    assert_eq!(vault.status().await.unwrap().floor, Some((since, Some(anchor_by))));
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!((pending.anchor_by, pending.log_alone), (Some(anchor_by), false));
    registry.anchor(&vault).await;
    for i in [3, 4] {
        let opened = vault.open_record(&which(&vault, i), None, &access()).await.unwrap();
        assert_eq!(opened.record.holder_since, Some(since));
    }
    // Long after, a first key counts from that day on, and is told of no deadline.
    let later = enrol(&vault, which(&vault, 5).subject, &wallet(6), None).await;
    assert_eq!((later.holder_since, later.anchor_by), (Some(since), None));
    vault.prune().await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 20);
}

#[tokio::test]
async fn an_anchor_that_comes_too_late_sets_the_day_later() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    registry.sleep(DAY);
    import(&vault, csv(30..31)).await;
    registry.anchor(&vault).await;
    let how = chain(&vault).await;
    vault.close().await;
    let done = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    let Standing::Older { since, anchor_by } = done.standing else { panic!("{done:?}") };
    let vault = opened(&registry, "restored").await.unwrap();
    // Prepared in time, and not anchored in time.
    vault.pending_root().await.unwrap().unwrap();
    registry.sleep(anchor_by - NOON - DAY + 1);
    let pending = vault.pending_root().await.unwrap().unwrap();
    let later = pending.anchor_by.unwrap();
    assert!(later > anchor_by);
    registry.anchor(&vault).await;
    let record = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap().record;
    assert_eq!(record.holder_since, Some(day_after(later + TIMING.grace as i64)));
    assert!(record.holder_since > Some(since));
    assert_eq!(vault.check().await.unwrap(), 20);
}

#[tokio::test]
async fn people_whom_the_log_says_erased_are_erased_again() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let gone = [which(&vault, 3).subject, which(&vault, 7).subject];
    for subject in gone {
        vault.erase(subject, &clerk()).await.unwrap();
    }
    let how = chain(&vault).await;
    vault.close().await;
    // Without the newer log the copy knows nothing of it.
    let done = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    assert_eq!((done.erased, done.lost), (0, 0));
    fs::remove_dir_all(place(&registry, "restored")).unwrap();

    let with_log = Copies { log: Some(registry.path()), ..copies(&registry, "backup") };
    let done = restored(&registry, &with_log, &how).await.unwrap();
    assert_eq!((done.standing, done.erased, done.dropped), (Standing::Newest, 2, 0));
    assert!(done.lost >= 2);
    let vault = opened(&registry, "restored").await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 18);
    assert_eq!(vault.holder(gone[0]).await.unwrap(), (None, None));
    vault.close().await;

    // And again from the first copy: the restored vault's log has them, too.
    fs::rename(place(&registry, "restored"), place(&registry, "broken")).unwrap();
    let with_log = Copies { log: Some(place(&registry, "broken")), ..copies(&registry, "backup") };
    assert_eq!(restored(&registry, &with_log, &how).await.unwrap().erased, 2);
}

/// A key that is gone says neither that its person was erased, nor that its record was replaced, nor who deleted it.
#[tokio::test]
async fn without_its_data_key_no_record_is_dropped_unasked() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let text = csv(0..20).replace(&registry::citizen(3), &registry::citizen(3).replace(",false,", ",true,"));
    vault.import(std::io::Cursor::new(text), registry::plan(registry::UPDATE), |_| {}).await.unwrap();
    vault.erase(which(&vault, 7).subject, &clerk()).await.unwrap();
    registry.anchor(&vault).await;
    registry.sleep(TIMING.grace as i64 + 1);
    assert!(vault.prune().await.unwrap().versions > 0);
    let how = chain(&vault).await;
    vault.close().await;
    let with_keys = Copies { keys: Some(registry.path()), ..copies(&registry, "backup") };
    for wrong in [0, 1, 3] {
        let how = Restoring { drop_records: wrong, ..how.clone() };
        let error = restored(&registry, &with_keys, &how).await.unwrap_err();
        assert!(matches!(error, VaultError::Rejected(Rejection::KeysGone { records: 2, .. })), "{error}");
        nothing_is_left(&registry);
    }
    let dropping = Restoring { drop_records: 2, ..how.clone() };
    let done = restored(&registry, &with_keys, &dropping).await.unwrap();
    assert_eq!((done.erased, done.dropped), (0, 2));
    let vault = opened(&registry, "restored").await.unwrap();
    assert_eq!(vault.check().await.unwrap(), 18);
    assert_eq!(vault.holder(which(&vault, 3).subject).await.unwrap().0, Some(wallet(1).public_key()));
    vault.close().await;
    fs::remove_dir_all(place(&registry, "restored")).unwrap();
    // With the log it is known who was erased, and one record is left of which nobody knows.
    let newer = Copies { log: Some(registry.path()), ..with_keys };
    let dropping = Restoring { drop_records: 1, ..how };
    let done = restored(&registry, &newer, &dropping).await.unwrap();
    assert_eq!((done.erased, done.dropped), (1, 1));
}

/// An id that changed after the copy, and moved no leaf: what was earned under the old one would be earned once more under the new one.
#[tokio::test]
async fn a_changed_id_that_the_copy_lacks_lets_every_key_start_anew() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let new = "ID-NEW-3".to_owned();
    let change = ChangeOfId { old: national_id(3), as_written: false, although_unknown: false, new };
    vault.change_id(&change, &clerk()).await.unwrap();
    let how = chain(&vault).await;
    vault.close().await;
    let with_log = Copies { log: Some(registry.path()), ..copies(&registry, "backup") };
    let unasked = Restoring { although_older: false, ..how.clone() };
    let error = restored(&registry, &with_log, &unasked).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::OlderCopy { newest: true, renamed: 1, .. })), "{error}");
    let done = restored(&registry, &with_log, &how).await.unwrap();
    let Standing::Older { since, .. } = done.standing else { panic!("{done:?}") };
    assert_eq!(done.renamed, 1);
    let vault = opened(&registry, "restored").await.unwrap();
    let first = enrol(&vault, which(&vault, 9).subject, &wallet(9), None).await;
    assert_eq!(first.holder_since, Some(since));
    assert_eq!(vault.check().await.unwrap(), 20);
    // The old root is still the chain's newest: the next one follows it.
    vault.meet_chain(how.chain.map(|landed| (landed.root, landed.sequence))).await.unwrap();
    registry.anchor(&vault).await;
}

/// Under an anchor of the log alone people, keys and ids can have changed.
#[tokio::test]
async fn an_equal_root_under_a_later_anchor_is_an_older_copy() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    registry.sleep(DAY);
    vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    registry.anchor(&vault).await;
    let how = chain(&vault).await;
    vault.close().await;
    let unasked = Restoring { although_older: false, ..how.clone() };
    let error = restored(&registry, &copies(&registry, "backup"), &unasked).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::OlderCopy { newest: false, .. })), "{error}");
    let done = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    assert!(matches!(done.standing, Standing::Older { .. }));
    let vault = opened(&registry, "restored").await.unwrap();
    vault.meet_chain(how.chain.map(|landed| (landed.root, landed.sequence))).await.unwrap();
}

pub async fn changed_by_hand(file: &Path, sql: String) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    assert!(done.rows_affected() > 0);
    db.close().await.unwrap();
}

/// An entry of the log that tells of an erasure is filed under somebody else.
#[tokio::test]
async fn a_log_that_lacks_a_state_is_refused() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    vault.erase(which(&vault, 7).subject, &clerk()).await.unwrap();
    import(&vault, csv(30..31)).await;
    let how = chain(&vault).await;
    let entries = vault.log(About::Everything, 0, 1000).await.unwrap();
    let erasing = entries.iter().find(|entry| {
        entry.disclosure.as_ref().is_some_and(|act| act.state.as_ref().is_some_and(|state| !state.erased.is_empty()))
    });
    let position = erasing.unwrap().position;
    vault.close().await;
    let refiled = format!("UPDATE entries SET subject = zeroblob(32) WHERE position = {position}");
    changed_by_hand(&registry.path().join("log.db"), refiled).await;
    let with_log = Copies { log: Some(registry.path()), ..copies(&registry, "backup") };
    let error = restored(&registry, &with_log, &how).await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::Log)), "{error}");
}

/// Two vaults go on from one copy. The entries of one after those of the other have every number, and are no history.
#[tokio::test]
async fn two_vaults_that_went_apart_have_no_common_log() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    // As many entries as the other vault writes when it is restored, so that the numbers of states meet.
    vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    for i in 0..4 {
        import(&vault, csv(30 + i..31 + i)).await;
    }
    vault.close().await;
    restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    let other = opened(&registry, "restored").await.unwrap();
    other.backup(&place(&registry, "other")).await.unwrap();
    other.close().await;
    fs::remove_dir_all(place(&registry, "restored")).unwrap();
    // The first vault's log up to where the other's ends, and then the first's again.
    let spliced = place(&registry, "spliced");
    fs::create_dir(&spliced).unwrap();
    fs::copy(place(&registry, "other").join("log.db"), spliced.join("log.db")).unwrap();
    let first = registry.path().join("log.db");
    let sql = format!(
        "ATTACH '{}' AS first; INSERT INTO entries SELECT * FROM first.entries WHERE position > (SELECT MAX(position) FROM entries)",
        first.display()
    );
    changed_by_hand(&spliced.join("log.db"), sql).await;
    let with_log = Copies { log: Some(spliced), ..copies(&registry, "other") };
    let error = restored(&registry, &with_log, &how).await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::Log)), "{error}");
}

/// Trees and keys are under no sum of the copy's: what goes on is checked before it is a vault.
#[tokio::test]
async fn a_copy_that_is_not_whole_becomes_no_vault() {
    for (file, sql) in [
        ("records.db", "DELETE FROM nodes"),
        ("keys.db", "INSERT OR IGNORE INTO open_batches SELECT DISTINCT batch FROM data_keys"),
    ] {
        let registry = Registry::new();
        let vault = copied(&registry).await;
        let how = chain(&vault).await;
        vault.close().await;
        let backup = place(&registry, "backup");
        fs::remove_file(backup.join("backup.json")).unwrap();
        changed_by_hand(&backup.join(file), sql.to_owned()).await;
        let error = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap_err();
        assert!(matches!(error, VaultError::Integrity(_)), "{file}: {error}");
        nothing_is_left(&registry);
    }
}

/// Versions that ended before an id changed are filed under the old one.
#[tokio::test]
async fn an_erasure_after_a_changed_id_leaves_no_data_key() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let new = "ID-NEW-3".to_owned();
    let change = ChangeOfId { old: national_id(3), as_written: false, although_unknown: false, new: new.clone() };
    vault.change_id(&change, &clerk()).await.unwrap();
    let erased = vault.erase(vault.subject(&new).unwrap(), &clerk()).await.unwrap();
    assert!(erased.versions > erased.records, "{erased:?}");
    // Nineteen other people's, and the enrolments'.
    assert_eq!(vault.status().await.unwrap().data_keys, 20);
    assert_eq!(vault.check().await.unwrap(), 19);
}

/// A release may have been used in the lost time, or withdrawn.
#[tokio::test]
async fn a_release_from_before_the_restore_does_not_count() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let recipient = sealroot_handover::transfer::RecipientSecret::random();
    // As a wallet dates it: back by as much as clocks may differ.
    let release = registry::unsigned_release(&vault, 3, &wallet(1), &recipient.public());
    let release = Release { not_before: NOON as u64 - CLOCKS, ..release };
    let signed = wallet(1).sign_release(release, [9; 32]).unwrap();
    vault.release(&signed, deployment(), None).await.unwrap();
    let how = chain(&vault).await;
    vault.close().await;
    registry.sleep(1);
    restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    let vault = opened(&registry, "restored").await.unwrap();
    let error = vault.release(&signed, deployment(), None).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::Release(ReleaseRejection::BeforeSigner))), "{error}");
}

#[tokio::test]
async fn the_copy_can_not_be_put_back_under_the_restored_vaults_log() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    import(&vault, csv(30..31)).await;
    let how = chain(&vault).await;
    vault.close().await;
    let with_log = Copies { log: Some(registry.path()), ..copies(&registry, "backup") };
    restored(&registry, &with_log, &how).await.unwrap();
    opened(&registry, "restored").await.unwrap().close().await;
    for from in [place(&registry, "backup"), registry.path()] {
        fs::copy(from.join("records.db"), place(&registry, "restored").join("records.db")).unwrap();
        let error = opened(&registry, "restored").await.err().unwrap();
        assert!(matches!(error, VaultError::Integrity(_)), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_copy_is_refused_and_nothing_is_left() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    let error = vault.backup(&place(&registry, "backup")).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::NotVacant(_))), "{error}");
    let error = restored(&registry, &copies(&registry, "vault"), &how).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::InUse(_))), "{error}");
    vault.close().await;

    let backup = place(&registry, "backup");
    for name in ["records.db", "keys.db", "log.db", "keyring.json", "backup.json"] {
        let whole = fs::read(backup.join(name)).unwrap();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 4;
        for damaged in [flipped, whole[..middle].to_vec()] {
            fs::write(backup.join(name), damaged).unwrap();
            let error = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap_err();
            assert!(matches!(error, VaultError::Rejected(Rejection::DamagedCopy(_))), "{name}: {error}");
            nothing_is_left(&registry);
        }
        fs::remove_file(backup.join(name)).unwrap();
        if name != "backup.json" {
            let error = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap_err();
            assert!(matches!(error, VaultError::Rejected(Rejection::FileMissing(_))), "{name}: {error}");
            nothing_is_left(&registry);
        }
        fs::write(backup.join(name), whole).unwrap();
    }
    // What a killed restore left is in nobody's way, and isn't a vault.
    let left = place(&registry, ".sealroot-restore-restored");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("records.db"), "half").unwrap();
    fs::write(left.join(".sealroot-staged"), "").unwrap();
    restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    nothing_is_staged(&registry);
}

#[tokio::test]
async fn what_a_backup_must_not_be_kept_for_is_said() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let backup = place(&registry, "backup");
    let judged = async |master: &MasterKey| vault.judge_backup(&backup, master).await.unwrap();
    let fresh = judged(&registry.master()).await;
    assert_eq!((fresh.newest, fresh.undoes, fresh.ring), (true, 0, Some(RingStanding::Current)));
    assert!(!fresh.is_outdated());

    vault.erase(which(&vault, 7).subject, &clerk()).await.unwrap();
    registry.anchor(&vault).await;
    let erased = judged(&registry.master()).await;
    assert_eq!((erased.newest, erased.undoes, erased.erasures), (false, 1, 1));
    assert!(erased.is_outdated());
    fs::remove_file(backup.join("keys.db")).unwrap();
    let without_keys = judged(&registry.master()).await;
    assert!(!without_keys.is_outdated(), "the records alone bring nobody back");
    assert_eq!((without_keys.undoes, without_keys.erasures), (0, 1), "a restore has to erase somebody again");

    // A list that says that nothing was erased since.
    let list = fs::read_to_string(backup.join("backup.json")).unwrap();
    let lying = list.replace("\"changes\": \"", "\"changes\": \"9");
    assert_ne!(lying, list);
    fs::write(backup.join("backup.json"), lying).unwrap();
    let error = vault.judge_backup(&backup, &registry.master()).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::DamagedCopy(_))), "{error}");
    fs::write(backup.join("backup.json"), list).unwrap();

    vault.rotate_keys(|_| {}).await.unwrap();
    assert_eq!(judged(&registry.master()).await.ring, Some(RingStanding::Old));
    registry::write_key(&place(&registry, "other.key"), &[8; 32]);
    let other = MasterKey::File(place(&registry, "other.key"));
    vault.relock(&other, Argon2Cost::default()).unwrap();
    let locked = judged(&other).await;
    assert_eq!(locked.ring, Some(RingStanding::LockedOtherwise));
    assert!(locked.is_outdated());
    fs::remove_file(backup.join("keyring.json")).unwrap();
    assert!(!judged(&other).await.is_outdated());
    fs::remove_file(backup.join("backup.json")).unwrap();
    let error = vault.judge_backup(&backup, &other).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::NoBackup(_))), "{error}");
    let advice = error.advice().unwrap();
    assert!(advice.contains("keys.db") && advice.contains("keyring.json"), "{advice}");
}

pub fn nothing_is_left(registry: &Registry) {
    assert!(!place(registry, "restored").exists());
    nothing_is_staged(registry);
}

fn nothing_is_staged(registry: &Registry) {
    let staged = |path: &Path| path.file_name().unwrap().to_str().unwrap().starts_with(".sealroot");
    let entries = fs::read_dir(registry.directory.path()).unwrap();
    assert!(!entries.map(|entry| entry.unwrap().path()).any(|path| staged(&path)));
}
