//! What is said of copies that aren't what they should be, and of what a restore left behind.

use crate::restored::{chain, changed_by_hand, copied, copies, nothing_is_left, opened, place, restored};
use sealroot_protocol::code::{Code, Coded};
use sealroot_testing::registry::{Registry, clerk, csv, import, national_id, which};
use sealroot_vault::{
    Creation, EmbeddedVault, Rejection, RootStanding, Vault, VaultError,
    anchor::LandedAnchor,
    change_id::ChangeOfId,
    embedded::Copies,
    log::About,
    restore::{RestoreStep, Restoring, Standing},
};
use std::{
    fs,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The states that the log was told of, and whether each is marked as lost.
async fn states(vault: &EmbeddedVault) -> Vec<(u64, bool)> {
    let entries = vault.log(About::Everything, 0, 1000).await.unwrap();
    let state = |act: &sealroot_handover::access_log::LoggedAct| act.state.as_ref().map(|state| state.number);
    entries.iter().filter_map(|entry| Some((entry.disclosure.as_ref().and_then(state)?, entry.lost))).collect()
}

#[tokio::test]
async fn states_that_a_restore_went_on_without_are_marked() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let newest_copied = states(&vault).await.last().unwrap().0;
    import(&vault, csv(30..31)).await;
    vault.erase(which(&vault, 7).subject, &clerk()).await.unwrap();
    let before = states(&vault).await;
    assert!(before.iter().all(|(_, lost)| !lost), "nothing was restored");
    let newest = before.last().unwrap().0;
    assert!(newest > newest_copied);
    let how = chain(&vault).await;
    vault.close().await;
    let mut logs = registry.path();
    // The second restore from the same copy loses what the first one did, too.
    for (least, name) in [(newest, "first"), (newest + 1, "second")] {
        let with_log = Copies { log: Some(logs), ..copies(&registry, "backup") };
        let done = restored(&registry, &with_log, &how).await.unwrap();
        assert!(done.lost >= least - newest_copied);
        let vault = opened(&registry, "restored").await.unwrap();
        let listed = states(&vault).await;
        let lost_until = newest_copied + done.lost;
        for (number, lost) in &listed {
            assert_eq!(*lost, (newest_copied + 1..=lost_until).contains(number), "{name}: state {number}");
        }
        assert!(listed.last().unwrap().0 > lost_until, "the restored vault's own follow");
        let people = vault.log(About::People, 0, 1000).await.unwrap();
        assert!(!people.iter().any(|entry| entry.lost), "what people read stays true");
        vault.close().await;
        logs = place(&registry, name);
        fs::rename(place(&registry, "restored"), &logs).unwrap();
    }
}

/// After a restore from an older copy the chain's root stands there once, and a root of the copy's own under the same number isn't taken for it.
#[tokio::test]
async fn under_a_number_one_root_is_the_chains() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let change =
        ChangeOfId { old: national_id(3), as_written: false, although_unknown: false, new: "ID-NEW-3".to_owned() };
    vault.change_id(&change, &clerk()).await.unwrap();
    let how = chain(&vault).await;
    vault.close().await;
    let landed = how.chain.unwrap();
    let with_log = Copies { log: Some(registry.path()), ..copies(&registry, "backup") };
    // The copy's own root, and another one: a chain that was set back, or another vault under the name.
    let other = LandedAnchor { root: sealroot_protocol::tree::Root(9u64.into()), ..landed };
    for chains in [landed, other] {
        restored(&registry, &with_log, &Restoring { chain: Some(chains), ..how.clone() }).await.unwrap();
        let vault = opened(&registry, "restored").await.unwrap();
        let status = vault.status().await.unwrap();
        let rows: Vec<_> = status.roots.iter().filter(|(row, _)| row.sequence == Some(landed.sequence)).collect();
        let found: Vec<_> = rows.iter().map(|(row, standing)| (row.root, *standing)).collect();
        let expected = [(landed.root, RootStanding::Overtaken), (chains.root, RootStanding::BeforeRestore)];
        assert_eq!(found, expected[usize::from(chains == landed)..]);
        vault.close().await;
        fs::remove_dir_all(place(&registry, "restored")).unwrap();
    }
}

/// A root that was withdrawn is the chain's newest all the same: a copy that has it is no older one, and nothing is proved under it.
#[tokio::test]
async fn a_newest_root_that_was_withdrawn_is_withdrawn_in_the_restored_vault() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = Restoring { withdrawn: true, although_older: false, ..chain(&vault).await };
    let root = how.chain.unwrap().root;
    let fresh = vault.judge_backup(&place(&registry, "backup"), &registry.master()).await.unwrap();
    assert!(fresh.newest && !fresh.withdrawn);
    vault.mark_withdrawn(root).await.unwrap();
    let judged = vault.judge_backup(&place(&registry, "backup"), &registry.master()).await.unwrap();
    assert!(judged.newest && judged.withdrawn);
    import(&vault, csv(30..31)).await;
    registry.anchor(&vault).await;
    let later = Restoring { withdrawn: true, ..chain(&vault).await };
    vault.close().await;

    let done = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    assert_eq!((done.standing, done.withdrawn), (Standing::Newest, true));
    let vault = opened(&registry, "restored").await.unwrap();
    let status = vault.status().await.unwrap();
    assert_eq!(status.roots.last().map(|(row, standing)| (row.root, *standing)), Some((root, RootStanding::Withdrawn)));
    let error = vault.pending_root().await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::RootWithdrawn(_))), "{error}");
    vault.close().await;
    fs::remove_dir_all(place(&registry, "restored")).unwrap();

    // One that the copy lacks.
    let done = restored(&registry, &copies(&registry, "backup"), &later).await.unwrap();
    assert!(matches!(done.standing, Standing::Older { .. }) && done.withdrawn);
    let vault = opened(&registry, "restored").await.unwrap();
    let status = vault.status().await.unwrap();
    let newest = status.roots.last().map(|(row, standing)| (row.root, *standing));
    assert_eq!(newest, Some((later.chain.unwrap().root, RootStanding::Withdrawn)));
    registry.anchor(&vault).await;
}

/// Something that isn't a regular file, under a name.
#[derive(Debug, Clone, Copy)]
enum Thing {
    Pipe,
    Socket,
    Directory,
}

impl Thing {
    const ALL: [(Self, &str); 3] =
        [(Self::Pipe, "a named pipe"), (Self::Socket, "a socket"), (Self::Directory, "a directory")];

    /// In the file's place, until the file is put back.
    fn replaces(self, path: &Path) -> PutAway {
        let away = path.with_extension("away");
        fs::rename(path, &away).unwrap();
        match self {
            Self::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            Self::Socket => drop(UnixListener::bind(path).unwrap()),
            Self::Directory => fs::create_dir(path).unwrap(),
        }
        PutAway { path: path.to_owned(), away }
    }
}

struct PutAway {
    path: PathBuf,
    away: PathBuf,
}

impl Drop for PutAway {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.path).or_else(|_| fs::remove_file(&self.path));
        fs::rename(&self.away, &self.path).unwrap();
    }
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it waits for no writer")
}

/// A pipe in the key ring's place kept nobody waiting, and was called a missing file.
#[tokio::test]
async fn what_is_no_regular_file_is_named() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    let backup = place(&registry, "backup");
    let named = |error: VaultError, what: &str, path: &Path| {
        let text = error.to_string();
        assert_eq!(error.code(), Code::NotRegularFile, "{}: {text}", path.display());
        assert!(text.contains(what) && text.contains(&path.display().to_string()), "{text}");
    };
    for (thing, what) in Thing::ALL {
        for file in ["keyring.json", "backup.json", "keys.db"] {
            let path = backup.join(file);
            let _away = thing.replaces(&path);
            let judged = soon(vault.judge_backup(&backup, &registry.master())).await;
            named(judged.unwrap_err(), what, &path);
        }
    }
    vault.close().await;
    for (thing, what) in Thing::ALL {
        for file in ["keyring.json", "records.db", "keys.db", "log.db"] {
            let path = registry.path().join(file);
            let _away = thing.replaces(&path);
            named(soon(opened(&registry, "vault")).await.err().unwrap(), what, &path);
        }
        for file in ["keyring.json", "backup.json", "records.db", "keys.db", "log.db"] {
            let path = backup.join(file);
            let _away = thing.replaces(&path);
            if ["keyring.json", "backup.json"].contains(&file) {
                let keys = Copies { keys: Some(backup.clone()), ..copies(&registry, "backup") };
                named(keys.agency().unwrap_err(), what, &path);
            }
            named(soon(restored(&registry, &copies(&registry, "backup"), &how)).await.unwrap_err(), what, &path);
            nothing_is_left(&registry);
        }
    }
}

/// A directory of a restore's name that isn't one, and a file that somebody put into one.
#[tokio::test]
async fn what_neither_backup_nor_restore_made_is_not_deleted() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    let (mark, half) = (".sealroot-staged", "records.db");
    for (files, named) in [
        // A vault's directory, say, that somebody moved there.
        (&["records.db", "keys.db", "log.db", "keyring.json", "vault.lock"][..], None),
        (&[mark, half, "notes.txt"], Some("notes.txt")),
        (&[mark, half, "records.db.old"], Some("records.db.old")),
        (&["notes.txt"], Some("notes.txt")),
    ] {
        for (verb, target) in [("restore", "restored"), ("backup", "another")] {
            let left = place(&registry, &format!(".sealroot-{verb}-{target}"));
            fs::create_dir(&left).unwrap();
            for file in files {
                fs::write(left.join(file), "mine").unwrap();
            }
            let error = match verb {
                "restore" => restored(&registry, &copies(&registry, "backup"), &how).await.map(drop).unwrap_err(),
                _ => vault.backup(&place(&registry, target)).await.map(drop).unwrap_err(),
            };
            let path = named.map_or_else(|| left.clone(), |name| left.join(name)).display().to_string();
            assert!(matches!(&error, VaultError::Rejected(Rejection::Foreign(found)) if *found == path), "{error}");
            assert!(error.advice().unwrap().contains(&path));
            assert!(files.iter().all(|file| fs::read(left.join(file)).unwrap() == b"mine"), "{files:?}");
            assert!(!place(&registry, target).exists());
            fs::remove_dir_all(&left).unwrap();
        }
    }
    // A directory in an interrupted run's directory, under one of its names.
    let left = place(&registry, ".sealroot-restore-restored");
    fs::create_dir_all(left.join("records.db/mine")).unwrap();
    fs::write(left.join(mark), "").unwrap();
    let error = restored(&registry, &copies(&registry, "backup"), &how).await.unwrap_err();
    assert!(matches!(&error, VaultError::Rejected(Rejection::Foreign(_))), "{error}");
    assert!(left.join("records.db/mine").exists());
    // What an interrupted run left goes.
    fs::remove_dir_all(&left).unwrap();
    fs::create_dir(&left).unwrap();
    for file in [mark, half, "records.db-wal", "log.db-journal", "vault.lock", ".sealroot-abc.tmp"] {
        fs::write(left.join(file), "half").unwrap();
    }
    restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    assert!(!left.exists() && !place(&registry, "restored").join(mark).exists());
    // One that was killed before it had made its mark.
    fs::remove_dir_all(place(&registry, "restored")).unwrap();
    fs::create_dir(&left).unwrap();
    for file in ["vault.lock", ".sealroot-abc.tmp"] {
        fs::write(left.join(file), "").unwrap();
    }
    restored(&registry, &copies(&registry, "backup"), &how).await.unwrap();
    assert!(!left.exists());
}

#[tokio::test]
async fn files_of_two_agencies_make_no_vault() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    vault.close().await;
    let other = place(&registry, "other");
    let creation = Creation { clock: registry.clock(), ..Creation::default() };
    let name = "tax-office-of-another-town".parse().unwrap();
    let vault = Vault::create_embedded(&other, &name, &registry.master(), creation).await.unwrap();
    vault.backup(&place(&registry, "others-backup")).await.unwrap();
    vault.close().await;
    let ours = copies(&registry, "backup");
    for (which, theirs) in [("keys", other.clone()), ("log", other), ("keys", place(&registry, "others-backup"))] {
        let mixed = match which {
            "keys" => Copies { keys: Some(theirs.clone()), ..ours.clone() },
            _ => Copies { log: Some(theirs.clone()), ..ours.clone() },
        };
        let error = mixed.agency().unwrap_err();
        let text = error.to_string();
        assert_eq!(error.code(), Code::VaultOtherAgency, "{text}");
        assert!(text.contains(name.as_str()) && text.contains(&theirs.display().to_string()), "{text}");
    }
    assert_eq!(ours.agency().unwrap(), sealroot_testing::registry::agency());
    // Without a word of whose the copy is, the ring's is the name.
    for file in ["keyring.json", "backup.json"] {
        fs::remove_file(place(&registry, "backup").join(file)).unwrap();
    }
    let ours = Copies { keys: Some(registry.path()), ..ours };
    assert_eq!(ours.agency().unwrap(), sealroot_testing::registry::agency());
    restored(&registry, &ours, &how).await.unwrap();
}

#[tokio::test]
async fn a_restore_says_how_far_it_is() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    vault.close().await;
    let mut told: Vec<(RestoreStep, u64, u64)> = Vec::new();
    let place = place(&registry, "restored");
    EmbeddedVault::restore_embedded(
        &place,
        &copies(&registry, "backup"),
        &registry.master(),
        registry.clock(),
        &how,
        &mut |step, done, total| told.push((step, done, total)),
    )
    .await
    .unwrap();
    let mut steps: Vec<RestoreStep> = told.iter().map(|(step, ..)| *step).collect();
    steps.dedup();
    assert_eq!(steps, [RestoreStep::Copying, RestoreStep::Resuming, RestoreStep::Checking]);
    assert!(told.iter().all(|(_, done, total)| done <= total), "{told:?}");
    for step in [RestoreStep::Copying, RestoreStep::Checking] {
        let (_, done, total) = told.iter().rfind(|(found, ..)| *found == step).unwrap();
        assert!(done == total && *total > 0, "{step:?}: {done} of {total}");
    }
}

/// A name that can't be shown as it is leads to the same directory all the same.
#[tokio::test]
async fn a_copy_lies_outside_of_its_vault_whatever_that_is_called() {
    let registry = Registry::new();
    for name in ["va\nult", "va\u{202e}ult"] {
        let directory = place(&registry, name);
        let creation = Creation { clock: registry.clock(), ..Creation::default() };
        let agency = sealroot_testing::registry::agency();
        let vault = Vault::create_embedded(&directory, &agency, &registry.master(), creation).await.unwrap();
        let error = vault.backup(&directory.join("copy")).await.unwrap_err();
        assert!(matches!(&error, VaultError::Rejected(Rejection::Within { .. })), "{error}");
        assert!(!error.to_string().contains(name));
        vault.backup(&place(&registry, &format!("copy of {name}"))).await.unwrap();
    }
}

/// Nobody erases the key that opens enrolments.
#[tokio::test]
async fn a_missing_key_is_called_what_it_is() {
    let registry = Registry::new();
    let vault = copied(&registry).await;
    let how = chain(&vault).await;
    vault.close().await;
    let without = place(&registry, "without");
    fs::create_dir(&without).unwrap();
    fs::copy(registry.path().join("keys.db"), without.join("keys.db")).unwrap();
    for file in [without.join("keys.db"), registry.path().join("keys.db")] {
        changed_by_hand(&file, "DELETE FROM data_keys WHERE id = CAST('tenrolments' AS BLOB)".into()).await;
    }
    let keys = Copies { keys: Some(without), ..copies(&registry, "backup") };
    for error in [opened(&registry, "vault").await.err().unwrap(), restored(&registry, &keys, &how).await.unwrap_err()]
    {
        assert_eq!(error.code(), Code::DataKeyGone);
        let (text, advice) = (error.to_string(), error.advice().unwrap());
        assert!(text.contains("enrolments") && !text.contains("record"), "{text}");
        assert!(advice.contains("no erasure"), "{advice}");
    }
}
