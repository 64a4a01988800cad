//! A vault's directory: locked for one process, with the key ring's file in it.

use super::private;
use crate::{
    error::{KeyError, Rejection, StoreError, VaultError},
    keys::{
        RingKeeper,
        master::{file_error, write_private},
    },
};
use sealroot_files::{ReadError, shown, sweep};
use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// File of the key ring within the vault's directory.
pub const RING_FILE: &str = "keyring.json";
const LOCK_FILE: &str = "vault.lock";
/// Longer files are no ring: a key-encryption key takes 80 bytes of it.
const MAX_RING: u64 = 1 << 20;

/// A directory that this process alone has; free again when dropped, or when the process dies.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Locks the directory; creates it if it is missing.
    pub fn lock(path: &Path) -> Result<Self, VaultError> {
        let lock = path.join(LOCK_FILE);
        let file_error = |source| StoreError::File { path: shown(&lock).to_string(), source };
        private::directory(path).map_err(file_error)?;
        let file = private::file(&lock).map_err(file_error)?;
        match file.try_lock() {
            Ok(()) => {
                for left in sweep(path) {
                    tracing::warn!("{}: an interrupted run left it unfinished; it is removed", shown(&left));
                }
                Ok(Self { path: path.to_owned(), _lock: file })
            }
            Err(TryLockError::WouldBlock) => Err(Rejection::InUse(shown(path).to_string()).into()),
            Err(TryLockError::Error(e)) => Err(file_error(e).into()),
        }
    }

    fn ring(&self) -> PathBuf {
        self.path.join(RING_FILE)
    }
}

impl RingKeeper for Directory {
    fn load(&self) -> Result<Option<String>, KeyError> {
        match sealroot_files::read(&self.ring(), MAX_RING) {
            Ok(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| file_error(&self.ring(), io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))),
            Err(ReadError::NotFound) => Ok(None),
            Err(e) => Err(file_error(&self.ring(), e.into())),
        }
    }

    /// A temporary file of mode 0600, fsync, rename, fsync of the directory.
    fn save(&self, text: &str) -> Result<(), KeyError> {
        write_private(&self.ring(), text.as_bytes()).map_err(|e| file_error(&self.ring(), e))
    }

    fn location(&self) -> String {
        shown(&self.path).to_string()
    }
}
