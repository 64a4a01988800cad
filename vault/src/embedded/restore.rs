//! A vault's directory from copies of its files.
//!
//! Guarantee: the new directory appears whole or not at all; copies are only read. A directory without a backup's list is a vault's own, and no process may have it open.

use super::{
    Directory, EmbeddedVault, RING_FILE,
    backup::BackupList,
    check_vacant,
    directory::{MAX_RING, check_outside, clear, is_there, settle, staging},
    private,
    sqlite::{KEYS_FILE, LOG_FILE, RECORDS_FILE, SqliteStore},
};
use crate::{
    clock::Clock,
    error::{Rejection, StoreError, VaultError},
    keys::{
        master::{MasterKey, file_error},
        ring_head,
    },
    restore::{RestoreStep, Restored, Restoring},
    vault::Vault,
};
use sealroot_files::{ReadError, shown};
use sealroot_protocol::name::Name;
use std::{
    fs::File,
    io::{self, Read as _},
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
    /// Whose vault it was, as the key ring says before it is opened. Fails where the directories say that they are of different agencies.
    pub fn agency(&self) -> Result<Name, VaultError> {
        if !self.from.is_dir() {
            return Err(Rejection::NoCopy(shown(&self.from).to_string()).into());
        }
        if let Some(asked) = agency_of(&self.from)? {
            for other in self.keys.iter().chain(&self.log) {
                if let Some(found) = agency_of(other)?.filter(|found| *found != asked) {
                    let [path, from] = [other, &self.from].map(|directory| shown(directory).to_string());
                    let (found, asked) = (found.to_string(), asked.to_string());
                    return Err(Rejection::OthersFiles { path, found, from, asked }.into());
                }
            }
        }
        let ring = self.ring();
        let missing = || Rejection::FileMissing(shown(&ring.join(RING_FILE)).to_string());
        Ok(agency_of_ring(ring)?.ok_or_else(missing)?)
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

/// Whose files a directory has, as far as they say so without keys.
fn agency_of(directory: &Path) -> Result<Option<Name>, VaultError> {
    match BackupList::read(directory)? {
        Some(list) => Ok(Some(list.agency)),
        None => agency_of_ring(directory),
    }
}

/// None where there is no key ring.
fn agency_of_ring(directory: &Path) -> Result<Option<Name>, VaultError> {
    let path = directory.join(RING_FILE);
    let damaged = || Rejection::DamagedCopy(shown(&path).to_string());
    match sealroot_files::read(&path, MAX_RING) {
        Ok(bytes) => Ok(Some(ring_head(&bytes).ok_or_else(damaged)?.0)),
        Err(ReadError::NotFound) => Ok(None),
        Err(error) => Err(file_error(&path, error.into()).into()),
    }
}

impl EmbeddedVault {
    /// Makes the vault in `directory` from copies. It is closed afterwards. `progress` is told what [`Vault::restore`] says.
    pub async fn restore_embedded(
        directory: &Path,
        copies: &Copies,
        master: &MasterKey,
        clock: Clock,
        how: &Restoring,
        progress: &mut (dyn FnMut(RestoreStep, u64, u64) + Send),
    ) -> Result<Restored, VaultError> {
        check_vacant(directory)?;
        for (name, from) in copies.files() {
            if !from.is_dir() {
                return Err(Rejection::NoCopy(shown(from).to_string()).into());
            }
            check_outside(directory, from)?;
            if !is_there(&from.join(name))? {
                return Err(Rejection::FileMissing(shown(&from.join(name)).to_string()).into());
            }
        }
        let keeper = staging(directory, "restore")?;
        let path = keeper.path().to_owned();
        let restored = staged(keeper, copies, master, clock, how, progress).await;
        match restored.and_then(|restored| settle(&path, directory).map(|()| restored)) {
            Ok(restored) => Ok(restored),
            Err(error) => {
                let _ = clear(&path);
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
    progress: &mut (dyn FnMut(RestoreStep, u64, u64) + Send),
) -> Result<Restored, VaultError> {
    let staging = keeper.path().to_owned();
    copy(&staging, copies, progress)?;
    let store = SqliteStore::open(&staging).await?;
    let (vault, restored) = Vault::restore(keeper, store, master, clock, how, progress).await?;
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

/// Bytes that are copied before progress is told.
const CHUNK: u64 = 1 << 20;

fn copy(
    staging: &Path,
    copies: &Copies,
    progress: &mut (dyn FnMut(RestoreStep, u64, u64) + Send),
) -> Result<(), VaultError> {
    let length = |path: PathBuf| path.metadata().map_or(0, |found| found.len());
    let mut total = copies.files().iter().map(|(name, from)| length(from.join(name))).sum::<u64>();
    let mut done = 0;
    let mut locks = Vec::new();
    let mut locked: Vec<&Path> = Vec::new();
    for (name, from) in copies.files() {
        let list = BackupList::read(from)?;
        if let Some(list) = &list {
            list.check(from, name)?;
        } else if is_there(&from.join(RING_FILE))? && !locked.contains(&from) {
            locks.push(Directory::lock(from)?);
            locked.push(from);
        }
        // What a crash left in a write-ahead log belongs to its database. A backup has none.
        let log = list.is_none().then(|| format!("{name}-wal"));
        for name in std::iter::once(name.to_owned()).chain(log) {
            let source = from.join(&name);
            let at = |source| StoreError::File { path: shown(&from.join(&name)).to_string(), source };
            if !is_there(&source)? {
                continue;
            }
            let mut read = sealroot_files::open(&source).map_err(|error| at(error.into()))?;
            let mut written = private::file(&staging.join(&name)).map_err(at)?;
            loop {
                let copied = io::copy(&mut (&mut read).take(CHUNK), &mut written).map_err(at)?;
                if copied == 0 {
                    break;
                }
                done += copied;
                // A write-ahead log is counted when it is met.
                total = total.max(done);
                progress(RestoreStep::Copying, done, total);
            }
            written.sync_all().map_err(at)?;
        }
    }
    drop(locks);
    Ok(())
}
