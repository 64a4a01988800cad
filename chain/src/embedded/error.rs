//! The embedded host's own troubles: its directory, its database, its sealer and its clock.

use crate::error::ChainError;
use alloy_primitives::Address;
use sealroot_protocol::{
    code::{Code, Coded},
    date::ImplausibleTime,
    moment::Moment,
};
use std::io;

#[derive(Debug, thiserror::Error)]
pub(super) enum EmbeddedError {
    /// Blocks can only be added with the sealer's key.
    #[error("this chain is open for reading only: {0} is missing beside it")]
    NoSealer(String),
    /// Time can't go back.
    #[error("the chain's time can't go backwards: it is {}, {} was asked for", Moment::from_unix(*now), Moment::from_unix(*asked))]
    Backwards { now: u64, asked: u64 },
    #[error("{0} holds a chain already")]
    Exists(String),
    #[error("{0} holds no chain")]
    Missing(String),
    /// The process ended between the file's creation and the first block.
    #[error("the chain's creation was interrupted")]
    Unfinished,
    /// What it would date can't be undated.
    #[error(transparent)]
    Time(#[from] ImplausibleTime),
    #[error("{0} is no chain id: it is from 1 to 2^53 - 1")]
    ChainId(u64),
    /// Fewer than two people, however many keys.
    #[error("{0} is named twice as an officer")]
    SameOfficer(Address),
    #[error("a chain needs two officers at least; named: {0}")]
    TooFewOfficers(usize),
    /// SQLite's integers have a sign.
    #[error("{0} is too large for a block")]
    TooLarge(u64),
    /// An acknowledged block could be lost with the power.
    #[error(
        "the file system gives SQLite journal mode {journal} and synchronous {synchronous}, WAL and FULL (2) are needed"
    )]
    NotDurable { journal: String, synchronous: i64 },
    #[error("the chain's database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    /// What is stored contradicts itself.
    #[error("the chain's database is damaged: {0}")]
    Damaged(String),
    #[error("another process has this chain open")]
    InUse,
}

impl Coded for EmbeddedError {
    fn code(&self) -> Code {
        match self {
            Self::NoSealer(_) => Code::ChainReadOnly,
            Self::Backwards { .. } => Code::ClockBackwards,
            Self::Exists(_) => Code::ChainExists,
            Self::Missing(_) => Code::NoChain,
            Self::Unfinished => Code::ChainUnfinished,
            Self::Time(error) => error.code(),
            Self::ChainId(_) => Code::BadChainId,
            Self::SameOfficer(_) | Self::TooFewOfficers(_) => Code::SameOfficer,
            Self::TooLarge(_) => Code::NumberTooLarge,
            Self::NotDurable { .. } => Code::DiskNotDurable,
            Self::Database(_) => Code::ChainDatabase,
            Self::File { .. } => Code::ChainFile,
            Self::Damaged(_) => Code::ChainDamaged,
            Self::InUse => Code::ChainInUse,
        }
    }
}

impl From<EmbeddedError> for ChainError {
    fn from(error: EmbeddedError) -> Self {
        Self::host(error)
    }
}
