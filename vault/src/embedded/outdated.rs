//! What an older backup still opens: keys of people who were erased since, and key rings from before a rotation.
//!
//! Non-guarantee: that there are no other copies. Only directories that are named are looked at.

use super::{
    EmbeddedVault, RING_FILE,
    backup::{BACKUP_FILE, BackupList},
    directory::{MAX_RING, is_there},
    sqlite::KEYS_FILE,
};
use crate::{
    error::{KeyError, Rejection, VaultError},
    keys::{
        KeyRing,
        master::{MasterKey, file_error},
    },
    store::{Records as _, RecordsTx as _, RootState, Store as _},
    tree::anchor::newest_on_chain,
};
use sealroot_files::shown;
use std::path::Path;

/// What a backup is worth, and what it must not be kept for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupStanding {
    /// What it says of itself.
    pub list: BackupList,
    /// Whether it has the vault's newest root on chain.
    pub newest: bool,
    /// Whether that root was withdrawn.
    pub withdrawn: bool,
    /// Erasures since: so many a restore from it would carry out again, as far as it is given a log that tells of them.
    pub erasures: u64,
    /// Erasures since that its `keys.db` undoes; none where it has no `keys.db`.
    pub undoes: u64,
    /// Its key ring, if it has one.
    pub ring: Option<RingStanding>,
}

/// What a copy of a key ring is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RingStanding {
    /// It has the vault's keys of now.
    Current,
    /// It has a key-encryption key from before a rotation, and opens older copies of the data keys.
    Old,
    /// Another passphrase or key file locks it than the vault's of now.
    LockedOtherwise,
}

impl BackupStanding {
    /// Whether files of it must be destroyed for the vault's promises to hold.
    pub fn is_outdated(&self) -> bool {
        self.undoes > 0 || !matches!(self.ring, None | Some(RingStanding::Current))
    }
}

impl EmbeddedVault {
    /// Judges a backup. `master` unlocks the vault.
    pub async fn judge_backup(&self, directory: &Path, master: &MasterKey) -> Result<BackupStanding, VaultError> {
        let list = BackupList::read(directory)?.ok_or_else(|| Rejection::NoBackup(shown(directory).to_string()))?;
        if list.agency != *self.agency() {
            let (found, asked) = (list.agency.to_string(), self.agency().to_string());
            return Err(Rejection::OtherAgency { found, asked }.into());
        }
        if !list.is_of(&self.ring()) {
            return Err(Rejection::DamagedCopy(shown(&directory.join(BACKUP_FILE)).to_string()).into());
        }
        for file in &list.files {
            if is_there(&directory.join(&file.name))? {
                list.check(directory, &file.name)?;
            }
        }
        let roots = self.store.records().read().await?.roots().await?;
        let newest_root = newest_on_chain(&roots);
        let newest = newest_root.as_ref().and_then(|row| row.sequence) == list.sequence;
        let withdrawn = newest && newest_root.is_some_and(|row| row.state == RootState::Withdrawn);
        let secret = self.ring().log_secret().clone();
        let erasures = self.store.erasures_since(&secret, list.changes).await?;
        let undoes = if is_there(&directory.join(KEYS_FILE))? { erasures } else { 0 };
        let path = directory.join(RING_FILE);
        let ring = match sealroot_files::read(&path, MAX_RING) {
            Err(sealroot_files::ReadError::NotFound) => None,
            Err(error) => return Err(file_error(&path, error.into()).into()),
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Some(match KeyRing::open(&text, &shown(&path).to_string(), master) {
                    Ok(copy) if copy.has_no_other_keys(&self.ring()) => RingStanding::Current,
                    Ok(_) => RingStanding::Old,
                    Err(KeyError::WrongKey | KeyError::OtherKind(_)) => RingStanding::LockedOtherwise,
                    Err(error) => return Err(error.into()),
                })
            }
        };
        Ok(BackupStanding { list, newest, withdrawn, erasures, undoes, ring })
    }
}
