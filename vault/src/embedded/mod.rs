//! The embedded vault: one directory of the agency's own machine, with the key ring's file, a lock, and SQLite.
//!
//! This room alone knows of files and of SQLite; every use case is written over [`crate::store::Store`] and [`crate::keys::RingKeeper`].

mod backup;
mod directory;
mod outdated;
pub(crate) mod private;
mod restore;
pub mod sqlite;

pub use backup::{BACKUP_FILE, BackupFile, BackupList};
pub use directory::{Directory, RING_FILE, check_vacant};
pub use outdated::{BackupStanding, RingStanding};
pub use restore::Copies;

use crate::{
    clock::Clock,
    error::{Rejection, VaultError},
    keys::{RingKeeper, master::MasterKey},
    store::Tagged,
    vault::{Creation, Vault},
};
use directory::is_there;
use sealroot_files::shown;
use sealroot_protocol::name::Name;
use sqlite::SqliteStore;
use std::path::Path;

/// A vault on the embedded store.
pub type EmbeddedVault = Vault<Tagged<SqliteStore>>;

impl EmbeddedVault {
    /// Creates a vault in `directory` on the embedded store.
    pub async fn create_embedded(
        directory: &Path,
        agency: &Name,
        master: &MasterKey,
        creation: Creation,
    ) -> Result<Self, VaultError> {
        // Before anything is created: what fails here leaves nothing behind.
        creation.timing.check()?;
        master.check(creation.argon2)?;
        let keeper = Directory::lock(directory)?;
        if keeper.load()?.is_some() {
            return Err(Rejection::Exists(keeper.location()).into());
        }
        let store = SqliteStore::open(directory).await?;
        Self::create(keeper, store, agency, master, creation).await
    }

    /// Opens the vault in `directory` on the embedded store.
    pub async fn open_embedded(directory: &Path, master: &MasterKey, clock: Clock) -> Result<Self, VaultError> {
        is_whole(directory)?;
        let keeper = Directory::lock_soon(directory).await?;
        let store = SqliteStore::open(directory).await?;
        Self::open(keeper, store, master, clock).await
    }

    /// Opens the vault in `directory` to read it, also while another process writes. Where none does, what a crash interrupted is recovered first.
    pub async fn open_embedded_to_read(directory: &Path, master: &MasterKey, clock: Clock) -> Result<Self, VaultError> {
        is_whole(directory)?;
        match Directory::lock(directory) {
            Ok(keeper) => {
                let store = SqliteStore::open(directory).await?;
                let vault = Self::open(keeper, store, master, clock).await?;
                vault.store.inner().only_read();
                vault.keeper.share()?;
                Ok(vault)
            }
            Err(VaultError::Rejected(Rejection::InUse(_))) => {
                let keeper = Directory::read(directory)?;
                let store = SqliteStore::open_beside(directory).await?;
                Self::open_beside(keeper, store, master, clock).await
            }
            Err(error) => Err(error),
        }
    }

    /// Closes the databases cleanly.
    pub async fn close(self) {
        self.store.inner().close().await;
    }
}

/// Before anything is created: a mistyped name must not leave a directory behind, nor a new file in the place of a lost one, which would be blamed for what it lacks.
fn is_whole(directory: &Path) -> Result<(), VaultError> {
    if !is_there(&directory.join(RING_FILE))? {
        let location = shown(directory).to_string();
        let databases = is_there(&directory.join(sqlite::RECORDS_FILE))?;
        return Err(if databases { Rejection::RingMissing(location) } else { Rejection::Missing(location) }.into());
    }
    for file in [sqlite::RECORDS_FILE, sqlite::KEYS_FILE, sqlite::LOG_FILE] {
        if !is_there(&directory.join(file))? {
            return Err(Rejection::FileMissing(shown(&directory.join(file)).to_string()).into());
        }
    }
    Ok(())
}
