//! Backups and restores that are killed: what has its name is whole, what hasn't is in nobody's way.

use crate::scene::{BEFORE, chain_latest, consistent, key, open_with};
use sealroot_testing::registry::{self, clerk};
use sealroot_vault::{
    Clock, EmbeddedVault, VaultError,
    embedded::{BackupList, Copies},
    restore::{Restored, Restoring, Standing},
};
use std::path::{Path, PathBuf};

/// Beside the vault.
pub fn place(directory: &Path, name: &str) -> PathBuf {
    directory.parent().unwrap().join(name)
}

/// The copy that is restored again and again.
pub const COPY: &str = "copy";

pub fn backup(i: usize) -> String {
    format!("backup-{i}")
}

pub fn restored(i: usize) -> String {
    format!("restored-{i}")
}

/// A vault beside the one that was copied, as the chain says.
pub async fn restore(directory: &Path, from: &str, to: &str) -> Result<Restored, VaultError> {
    let copies = Copies { from: place(directory, from), log: None, keys: None };
    let how = Restoring {
        chain: chain_latest(directory),
        withdrawn: false,
        chain_log: 0,
        although_older: false,
        drop_records: 0,
        access: clerk(),
    };
    let clock = Clock::new(|| registry::NOON);
    EmbeddedVault::restore_embedded(&place(directory, to), &copies, &key(directory, 0), clock, &how, &mut |_, _, _| {})
        .await
}

/// Every copy that has its name has the files of its list, and the newest one becomes a vault.
pub async fn backed_up(directory: &Path, vault: &EmbeddedVault, done: usize) {
    let there = |i: &usize| place(directory, &backup(*i)).exists();
    let copies = (0..).take_while(there).count();
    assert!(copies == done || copies == done + 1, "{copies} copies, {done} acknowledged");
    for i in 0..copies {
        let copy = place(directory, &backup(i));
        let list = BackupList::read(&copy).unwrap().expect("a list");
        assert!(list.files.len() == 4 && list.files.iter().all(|file| list.check(&copy, &file.name).is_ok()));
    }
    // What the kill left is in nobody's way, and gone afterwards.
    vault.backup(&place(directory, &backup(copies))).await.unwrap();
    nothing_is_staged(directory);
    let newest = restore(directory, &backup(copies), "from-newest").await.unwrap();
    assert_eq!(newest.standing, Standing::Newest);
    is_whole(directory, "from-newest").await;
}

/// Every vault that has its name is whole, and the next one can be made.
pub async fn went_on(directory: &Path, done: usize) {
    let there = |i: &usize| place(directory, &restored(*i)).exists();
    let vaults = (0..).take_while(there).count();
    assert!(vaults == done || vaults == done + 1, "{vaults} vaults, {done} acknowledged");
    restore(directory, COPY, &restored(vaults)).await.unwrap();
    nothing_is_staged(directory);
    for i in [vaults.checked_sub(1), Some(vaults)].into_iter().flatten() {
        is_whole(directory, &restored(i)).await;
    }
}

async fn is_whole(directory: &Path, name: &str) {
    let place = place(directory, name);
    let vault = open_with(&place, 0, registry::NOON).await.unwrap();
    assert_eq!(consistent(&place, &vault).await, BEFORE);
    vault.close().await;
}

fn nothing_is_staged(directory: &Path) {
    let names = std::fs::read_dir(directory.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let staged: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with(".sealroot")).collect();
    assert!(staged.is_empty(), "{staged:?}");
}
