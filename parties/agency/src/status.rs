//! A vault at a glance, and checked against itself.

use sealroot_protocol::code::{Code, Coded};
use sealroot_vault::{Status, Vault, VaultError, store::Store};

/// Why a vault can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// Records, tree and log contradict each other.
    #[error(transparent)]
    Inconsistent(VaultError),
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Coded for StatusError {
    fn code(&self) -> Code {
        match self {
            Self::Inconsistent(_) => Code::VaultInconsistent,
            Self::Vault(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Inconsistent(_) => Some("restore the vault from a backup".into()),
            Self::Vault(error) => error.advice(),
        }
    }
}

/// What the vault holds.
pub async fn status<S: Store>(vault: &Vault<S>) -> Result<Status, VaultError> {
    vault.status().await
}

/// Opens every record, compares it with the tree, and the log with its head. Returns the number of records; discloses nothing.
pub async fn check<S: Store>(vault: &Vault<S>) -> Result<u64, StatusError> {
    vault.check().await.map_err(StatusError::Inconsistent)
}
