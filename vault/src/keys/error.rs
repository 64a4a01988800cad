//! Why keys can't be used.

use crate::keys::master::Argon2Cost;
use sealroot_protocol::code::{Code, Coded};

/// Keys are missing, unreadable or wrong.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The passphrase or key file doesn't open the ring.
    #[error("the key ring does not open: wrong passphrase or key file, or the ring file was changed")]
    WrongKey,
    /// A key file can be read by others.
    #[error("{path} can be read by others (mode {mode:o}): run chmod 600 on it")]
    Permissions {
        /// The file.
        path: String,
        /// Its mode bits.
        mode: u32,
    },
    /// Wrong length of a key file.
    #[error("{path} must hold exactly 32 bytes and holds {found}: make one with `head -c 32 /dev/urandom`")]
    Length {
        /// The file.
        path: String,
        /// Bytes found.
        found: u64,
    },
    /// The ring needs the other kind of master key.
    #[error("this ring is locked with {0}")]
    OtherKind(&'static str),
    /// A passphrase that is too short.
    #[error("a passphrase has at least 12 characters")]
    ShortPassphrase,
    /// argon2id would cost too little for a lock, or more than anybody's lock does.
    #[error(
        "the key ring's passphrase would go through argon2id at costs outside {} MiB to {} GiB, {} to {} passes, {} to {} lanes",
        Argon2Cost::LEAST.memory_kib >> 10, Argon2Cost::MOST.memory_kib >> 20, Argon2Cost::LEAST.passes, Argon2Cost::MOST.passes,
        Argon2Cost::LEAST.lanes, Argon2Cost::MOST.lanes
    )]
    Cost,
    /// A file error.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The text isn't a key ring.
    #[error("the key ring in {location} is not of this version: {what}")]
    Format {
        /// Where it is kept.
        location: String,
        /// What is wrong.
        what: String,
    },
    /// Another process changes the key ring.
    #[error("the key ring of the vault in {0} is being changed by another process: wait for it")]
    Changing(String),
    /// Other processes read the vault with the key ring as it is.
    #[error("the vault in {0} is read by another process, which has the key ring as it is: wait for it")]
    Read(String),
    /// The vault was opened to be read.
    #[error("the vault was opened to be read, beside a process that writes")]
    Reading,
    /// A data key is wrapped under a key that the ring doesn't have.
    #[error("a data key is wrapped under key {0}, which is not in the ring: restore the newest keyring.json")]
    UnknownKek(String),
}

impl Coded for KeyError {
    fn code(&self) -> Code {
        match self {
            Self::WrongKey => Code::WrongMasterKey,
            Self::Permissions { .. } => Code::SecretReadableByOthers,
            Self::Length { .. } => Code::BadMasterKeyFile,
            Self::OtherKind(_) => Code::OtherMasterKey,
            Self::ShortPassphrase => Code::BadPassphrase,
            Self::File { source, .. } => sealroot_files::code_of(source),
            Self::Format { .. } | Self::Cost => Code::BadKeyRing,
            Self::UnknownKek(_) => Code::KeyRingTooOld,
            Self::Changing(_) | Self::Read(_) | Self::Reading => Code::VaultInUse,
        }
    }
}
