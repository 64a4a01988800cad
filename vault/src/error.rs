//! What a vault operation fails with, arranged by whose fault it is. Each part stands beside what it is about; here they come together.

pub use crate::{integrity::Integrity, keys::KeyError, rejection::Rejection, store::StoreError};

use crate::{keys::UnwrapError, records::bad_rows::BadRows};
use sealroot_protocol::{
    code::{Code, Coded},
    signature::SignerError,
};

/// What a vault operation can fail with.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The caller asked for something that can't be done.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A CSV file has bad rows, and nothing of it was imported.
    #[error(transparent)]
    BadRows(Box<BadRows>),
    /// Keys are missing or wrong.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
    /// Stored data is not what was stored: damage, or somebody's hand.
    #[error(transparent)]
    Integrity(#[from] Integrity),
    /// The agency's key doesn't sign, so nothing was released.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The access log could not be written, so nothing was disclosed.
    #[error("the access log could not be written, so nothing was disclosed: {0}")]
    Log(#[source] StoreError),
}

impl Coded for VaultError {
    fn code(&self) -> Code {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::BadRows(bad) => bad.code(),
            Self::Keys(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Integrity(error) => error.code(),
            Self::Signer(error) => error.code(),
            Self::Log(error) => error.code_of_log(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Rejected(rejection) => rejection.advice(),
            Self::BadRows(bad) => bad.advice(),
            Self::Integrity(error) => error.advice(),
            _ => None,
        }
    }
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Tag(table) => Integrity::Row(table).into(),
            StoreError::Rows(table) => Integrity::Rows(table).into(),
            StoreError::State => Integrity::State.into(),
            StoreError::LogCut => Integrity::Log.into(),
            other => Self::Store(other),
        }
    }
}

impl From<UnwrapError> for VaultError {
    fn from(error: UnwrapError) -> Self {
        match error {
            UnwrapError::Keys(error) => error.into(),
            UnwrapError::Integrity(error) => error.into(),
        }
    }
}
