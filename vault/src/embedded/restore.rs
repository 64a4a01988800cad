//! A vault's directory from copies of its files.
//!
//! Guarantee: the new directory appears whole or not at all; copies are only read. A directory without a backup's list is a vault's own, and no process may have it open.

use super::{
    Directory, EmbeddedVault, RING_FILE,
    backup::{BACKUP_FILE, BackupList},
    check_vacant,
    directory::{MAX_RING, check_outside, settle, staging},
    private,
    sqlite::{KEYS_FILE, LOG_FILE, RECORDS_FILE, SqliteStore},
};
use crate::{
    clock::Clock,
    error::{Rejection, StoreError, VaultError},
    keys::{master::MasterKey, ring_head},
    restore::{Restored, Restoring},
    vault::Vault,
};
use sealroot_files::shown;
use sealroot_protocol::name::Name;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Where the copies are.
#[derive(Debug, Clone)]
pub struct Copies {
    /// A backup, or the directory of a vault that isn't open.
    pub from: PathBuf,
    /// A directory with a newer access log.
    pub log: Option<PathBuf>,
    /// A directory with other copies of the data keys and the key ring.
    pub keys: Option<PathBuf>,
}

impl Copies {
    /// Whose vault it was, as the key ring says before it is opened.
    pub fn agency(&self) -> Result<Name, VaultError> {
        if !self.from.is_dir() {
            return Err(Rejection::NoCopy(shown(&self.from).to_string()).into());
        }
        let path = self.ring().join(RING_FILE);
        let missing = || Rejection::FileMissing(shown(&path).to_string());
        let bytes = sealroot_files::read(&path, MAX_RING).map_err(|_| missing())?;
        Ok(ring_head(&bytes).ok_or_else(|| Rejection::DamagedCopy(shown(&path).to_string()))?.0)
    }

    fn ring(&self) -> &Path {
        let other = self.keys.as_ref().filter(|keys| keys.join(RING_FILE).exists());
        other.unwrap_or(&self.from)
    }

    /// Each file and the directory that it comes from.
    fn files(&self) -> [(&'static str, &Path); 4] {
        [
            (RECORDS_FILE, &self.from),
            (KEYS_FILE, self.keys.as_ref().unwrap_or(&self.from)),
            (LOG_FILE, self.log.as_ref().unwrap_or(&self.from)),
            (RING_FILE, self.ring()),
        ]
    }
}

impl EmbeddedVault {
    /// Makes the vault in `directory` from copies. It is closed afterwards.
    pub async fn restore_embedded(
        directory: &Path,
        copies: &Copies,
        master: &MasterKey,
        clock: Clock,
        how: &Restoring,
    ) -> Result<Restored, VaultError> {
        check_vacant(directory)?;
        for (name, from) in copies.files() {
            if !from.is_dir() {
                return Err(Rejection::NoCopy(shown(from).to_string()).into());
            }
            check_outside(directory, from)?;
            if !from.join(name).exists() {
                return Err(Rejection::FileMissing(shown(&from.join(name)).to_string()).into());
            }
        }
        let keeper = staging(directory, "restore")?;
        let path = keeper.path().to_owned();
        let restored = staged(keeper, copies, master, clock, how).await;
        match restored.and_then(|restored| settle(&path, directory).map(|()| restored)) {
            Ok(restored) => Ok(restored),
            Err(error) => {
                let _ = fs::remove_dir_all(&path);
                Err(error)
            }
        }
    }
}

async fn staged(
    keeper: Directory,
    copies: &Copies,
    master: &MasterKey,
    clock: Clock,
    how: &Restoring,
) -> Result<Restored, VaultError> {
    let staging = keeper.path().to_owned();
    copy(&staging, copies)?;
    let store = SqliteStore::open(&staging).await?;
    let (vault, restored) = Vault::restore(keeper, store, master, clock, how).await?;
    vault.close().await;
    let sync = || -> io::Result<()> {
        for (name, _) in copies.files() {
            File::open(staging.join(name))?.sync_all()?;
        }
        File::open(&staging)?.sync_all()
    };
    sync().map_err(|source| StoreError::File { path: shown(&staging).to_string(), source })?;
    Ok(restored)
}

fn copy(staging: &Path, copies: &Copies) -> Result<(), VaultError> {
    let mut locks = Vec::new();
    let mut locked: Vec<&Path> = Vec::new();
    for (name, from) in copies.files() {
        let list = BackupList::read(from);
        if let Some(list) = &list {
            list.check(from, name)?;
        } else if from.join(BACKUP_FILE).exists() {
            return Err(Rejection::DamagedCopy(shown(&from.join(BACKUP_FILE)).to_string()).into());
        } else if from.join(RING_FILE).exists() && !locked.contains(&from) {
            locks.push(Directory::lock(from)?);
            locked.push(from);
        }
        // What a crash left in a write-ahead log belongs to its database. A backup has none.
        let log = list.is_none().then(|| format!("{name}-wal"));
        for name in std::iter::once(name.to_owned()).chain(log) {
            let source = from.join(&name);
            let at = |source| StoreError::File { path: shown(&from.join(&name)).to_string(), source };
            if !source.exists() {
                continue;
            }
            let mut read = sealroot_files::open(&source).map_err(|error| at(error.into()))?;
            let mut written = private::file(&staging.join(&name)).map_err(at)?;
            io::copy(&mut read, &mut written).map_err(at)?;
            written.sync_all().map_err(at)?;
        }
    }
    drop(locks);
    Ok(())
}
