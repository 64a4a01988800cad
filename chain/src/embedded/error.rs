//! The embedded host's own troubles: its directory, its database, its sealer and its clock.

use super::clock::MAX_JUMP_DAYS;
use crate::error::ChainError;
use alloy_primitives::Address;
use sealroot_protocol::{
    code::{Code, Coded},
    date::{Date, ImplausibleTime},
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
    Database(sqlx::Error),
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    /// What is stored contradicts itself.
    #[error("the chain's database is damaged: {0}")]
    Damaged(String),
    #[error("another process has this chain open")]
    InUse,
    /// More than the queue holds.
    #[error("{0} transactions wait for a block already")]
    Busy(usize),
    /// The block that it was to be in.
    #[error("the block wasn't acknowledged: {0}")]
    Interrupted(String),
    /// What runs here runs for free: these contracts' acts, and nothing else.
    #[error("the transaction is for {}, and this chain takes transactions for Sealroot's contracts only", recipient(.0))]
    OtherRecipient(Option<Address>),
    /// Another version of this program made it.
    #[error("the chain's directory has format {found}, and this program reads format {expected}")]
    OtherFormat { found: String, expected: &'static str },
    /// The sealer, or the chain's maker, put other contracts on it.
    #[error("contract {name} at {address} is not the one that this program was built with")]
    OtherContract { name: &'static str, address: Address },
    /// A reader of the key can write another history.
    #[error("{path} has mode {mode:04o}: other users can read it")]
    KeyPermissions { path: String, mode: u32 },
    /// A block dated by a clock that is far ahead can't be undone: time never goes back.
    #[error(
        "this machine's clock says {}, more than {} days after the chain's newest block of {}",
        Moment::from_unix(*now), MAX_JUMP_DAYS, Moment::from_unix(*head)
    )]
    Jump { head: u64, now: u64 },
    /// One of the two clocks was wrong. A block that is dated ahead of time keeps the chain there.
    #[error(
        "the chain's newest block is of {}, more than {} days after this machine's clock, which says {}",
        Moment::from_unix(*head), MAX_JUMP_DAYS, Moment::from_unix(*now)
    )]
    Behind { head: u64, now: u64 },
    /// The person and the machine don't agree.
    #[error("today is {said} as you say, and {} by this machine's clock", Moment::from_unix(*now))]
    OtherDay { said: Date, now: u64 },
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
            Self::OtherFormat { .. } => Code::ChainOtherFormat,
            Self::OtherContract { .. } => Code::ChainUnreadable,
            Self::KeyPermissions { .. } => Code::SecretReadableByOthers,
            Self::Jump { .. } => Code::ClockJump,
            Self::Behind { .. } => Code::ClockBehind,
            Self::OtherDay { .. } => Code::ClockDiffers,
            Self::File { .. } => Code::ChainFile,
            Self::Damaged(_) => Code::ChainDamaged,
            Self::InUse => Code::ChainInUse,
            Self::Busy(_) => Code::ChainBusy,
            Self::Interrupted(_) => Code::BlockInterrupted,
            Self::OtherRecipient(_) => Code::NotAContract,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::KeyPermissions { path, .. } => Some(format!("chmod 600 {path}")),
            Self::InUse => Some(
                "if it is served (`chain serve`), name its address instead: --chain http://… --chain-trust FILE; otherwise wait until the other process ends"
                    .into(),
            ),
            _ => None,
        }
    }
}

fn recipient(to: &Option<Address>) -> String {
    to.map_or_else(|| "a new contract".into(), |to| to.to_string())
}

/// What SQLite says about the file's content is about the content; the rest is about disk and system.
impl From<sqlx::Error> for EmbeddedError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()?.parse::<u32>().ok());
        match (code.map(|code| code & 0xff), &error) {
            // SQLITE_BUSY, SQLITE_LOCKED.
            (Some(5 | 6), _) => Self::InUse,
            // SQLITE_ERROR is a statement that doesn't fit the tables; SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_NOTADB.
            (Some(1 | 11 | 19 | 26), _) => Self::Damaged(error.to_string()),
            (_, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => Self::Damaged(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

impl From<EmbeddedError> for ChainError {
    fn from(error: EmbeddedError) -> Self {
        Self::host(error)
    }
}
