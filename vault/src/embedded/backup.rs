//! A backup of an embedded vault: a directory with copies of its files that belong together, made while the vault goes on.
//!
//! Guarantees: the three databases and the key ring are of one moment, whatever is written or imported meanwhile; every row of the copy was read back and is one that the
//! vault wrote last; the directory appears whole or not at all. A restore recomputes what it rests on, and believes nothing of the list; its
//! digests show it a medium that fails. What judges older copies believes a list that has the vault's MAC.

use super::{
    EmbeddedVault, RING_FILE, check_vacant,
    directory::{check_outside, clear, settle, staging},
    sqlite::{KEYS_FILE, LOG_FILE, RECORDS_FILE, SqliteStore},
};
use crate::{
    error::{Rejection, StoreError, VaultError},
    keys::{KeyRing, master::write_private},
    store::{Keys as _, Log as _, Records as _, RecordsTx as _, Store as _, Tagged},
    tree::anchor::newest_on_chain,
};
use sealroot_files::{ReadError, shown};
use sealroot_protocol::{canonical::Suite, field::Digest, name::Name};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// File of a backup that lists the others.
pub const BACKUP_FILE: &str = "backup.json";
/// Longer files are no list.
const MAX_LIST: u64 = 1 << 16;
/// Copies that are made beside writers before the next one keeps writers waiting.
const BESIDE_WRITERS: u32 = 3;

/// What a backup is, in its `backup.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupList {
    /// Version of the format.
    pub suite: Suite,
    /// Whose vault.
    pub agency: Name,
    /// When it was made, Unix seconds.
    pub taken_at: i64,
    /// Number of the newest change that it has.
    #[serde(with = "sealroot_protocol::decimal")]
    pub changes: u64,
    /// Entries of its access log.
    #[serde(with = "sealroot_protocol::decimal")]
    pub log_entries: u64,
    /// Sequence number of the newest root that it knows to be on chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Its files.
    pub files: Vec<BackupFile>,
    /// MAC under the key ring over the rest.
    pub mac: Digest,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    /// Its name within the directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: Digest,
}

impl BackupList {
    /// The list of a directory; none where there is none.
    pub fn read(directory: &Path) -> Result<Option<Self>, VaultError> {
        let path = directory.join(BACKUP_FILE);
        let damaged = || Rejection::DamagedCopy(shown(&path).to_string());
        match sealroot_files::read(&path, MAX_LIST) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|_| damaged())?)),
            Err(ReadError::NotFound) => Ok(None),
            Err(ReadError::TooLarge(_)) => Err(damaged().into()),
            Err(error) => Err(StoreError::File { path: shown(&path).to_string(), source: error.into() }.into()),
        }
    }

    /// The list with a MAC, which other locks and key-encryption keys of the ring don't change.
    fn sealed(self, ring: &KeyRing) -> Result<Self, VaultError> {
        let blank = Self { mac: Digest([0; 32]), ..self };
        let bytes = serde_json::to_vec(&blank).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { mac: Digest(ring.reference("sealroot/1:backup-list", &[&bytes])), ..blank })
    }

    /// Whether this vault wrote it.
    pub(super) fn is_of(&self, ring: &KeyRing) -> bool {
        self.clone().sealed(ring).is_ok_and(|sealed| sealed.mac == self.mac)
    }

    /// Compares a file with the list. A file that the list lacks was put there by somebody.
    pub fn check(&self, directory: &Path, name: &str) -> Result<(), VaultError> {
        let damaged = || Rejection::DamagedCopy(shown(&directory.join(name)).to_string());
        let listed = self.files.iter().find(|file| file.name == name).ok_or_else(damaged)?;
        let found = described(directory, name)?;
        if found == *listed { Ok(()) } else { Err(damaged().into()) }
    }
}

impl EmbeddedVault {
    /// Copies the vault into a directory that is empty or isn't there yet.
    pub async fn backup(&self, directory: &Path) -> Result<BackupList, VaultError> {
        check_vacant(directory)?;
        check_outside(directory, self.store.inner().directory())?;
        let staged = staging(directory, "backup")?;
        let path = staged.path().to_owned();
        let copied = self.copy_into(&path).await;
        // The lock's files are no part of a copy.
        staged.forget();
        match copied.and_then(|list| settle(&path, directory).map(|()| list)) {
            Ok(list) => Ok(list),
            Err(error) => {
                let _ = clear(&path);
                Err(error)
            }
        }
    }

    async fn copy_into(&self, directory: &Path) -> Result<BackupList, VaultError> {
        // A rotation would leave a key ring without the keys of the copy.
        let _wrapping = self.wrapping.read().await;
        let mut attempt = 0;
        let copy = loop {
            let alone = if attempt < BESIDE_WRITERS { None } else { Some(self.store.records().write().await?) };
            self.store.inner().copy_into(directory).await?;
            drop(alone);
            let copy =
                Tagged::new(SqliteStore::open(directory).await?, &self.ring(), self.agency(), self.clock.clone());
            let secret = self.ring().log_secret().clone();
            if copy.lost(&secret).await?.newest.is_none() {
                break copy;
            }
            // Something was written between the copies of database and log.
            copy.inner().close().await;
            drop(copy);
            for file in [RECORDS_FILE, KEYS_FILE, LOG_FILE] {
                fs::remove_file(directory.join(file))
                    .map_err(|source| StoreError::File { path: shown(&directory.join(file)).to_string(), source })?;
            }
            attempt += 1;
        };
        let mut tx = copy.records().read().await?;
        tx.check_rows().await?;
        let changes = tx.state_number().await?;
        let sequence = newest_on_chain(&tx.roots().await?).and_then(|row| row.sequence);
        drop(tx);
        let log_entries = copy.log().size().await?;
        if copy.keys().count().await? == 0 {
            return Err(StoreError::Lost { table: "data_keys", wanted: 1, reached: 0 }.into());
        }
        copy.inner().close().await;
        drop(copy);
        let ring = self.keeper.load()?.ok_or_else(|| Rejection::RingMissing(self.keeper.location()))?;
        let file_error =
            |name: &str, source| StoreError::File { path: shown(&directory.join(name)).to_string(), source };
        write_private(&directory.join(RING_FILE), ring.as_bytes()).map_err(|e| file_error(RING_FILE, e))?;
        let names = [RECORDS_FILE, KEYS_FILE, LOG_FILE, RING_FILE];
        let files = names.into_iter().map(|name| described(directory, name)).collect::<Result<_, _>>()?;
        let taken_at = self.clock.now();
        let (suite, agency, mac) = (Suite, self.agency().clone(), Digest([0; 32]));
        let list = BackupList { suite, agency, taken_at, changes, log_entries, sequence, files, mac };
        let list = list.sealed(&self.ring())?;
        let text = serde_json::to_vec_pretty(&list).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        write_private(&directory.join(BACKUP_FILE), &text).map_err(|e| file_error(BACKUP_FILE, e))?;
        Ok(list)
    }
}

/// Length and digest of a file, which is on disk afterwards.
fn described(directory: &Path, name: &str) -> Result<BackupFile, StoreError> {
    let path = directory.join(name);
    let read = || -> io::Result<BackupFile> {
        let mut file = sealroot_files::open(&path).map_err(io::Error::from)?;
        file.sync_all()?;
        let mut sha256 = Sha256::new();
        let bytes = io::copy(&mut file, &mut HashWriter(&mut sha256))?;
        File::open(directory)?.sync_all()?;
        Ok(BackupFile { name: name.to_owned(), bytes, sha256: Digest(sha256.finalize().into()) })
    };
    read().map_err(|source| StoreError::File { path: shown(&path).to_string(), source })
}

/// Hashes what is written to it.
struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
