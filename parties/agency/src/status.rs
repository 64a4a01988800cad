//! A vault at a glance, and checked against itself.

use sealroot_protocol::code::{Code, Coded};
use sealroot_vault::{CheckProgress, Status, Vault, VaultError, store::Store};

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
            Self::Inconsistent(_) => {
                Some("move the vault's directory away, and let a copy go on: `sealroot agency restore`; where none is left, docs/OPERATING.md says what to do under \"No copy of the vault is left\"".into())
            }
            Self::Vault(error) => error.advice(),
        }
    }
}

/// What the vault holds.
pub async fn status<S: Store>(vault: &Vault<S>) -> Result<Status, VaultError> {
    vault.status().await
}

/// Opens every record, compares it with the tree, and the log with its head. Returns the number of records; discloses nothing. `progress` is told how far it is.
pub async fn check<S: Store>(vault: &Vault<S>, progress: impl FnMut(CheckProgress) + Send) -> Result<u64, StatusError> {
    vault.check_with(progress).await.map_err(StatusError::Inconsistent)
}

/// Compares every row with what the vault wrote last, and the log with its heads. Opens no record, and recomputes no tree.
pub async fn check_quickly<S: Store>(vault: &Vault<S>) -> Result<u64, StatusError> {
    vault.check_quickly().await.map_err(StatusError::Inconsistent)
}
