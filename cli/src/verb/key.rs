//! `sealroot key`: secp256k1 signing keys of agencies, requesters and enacting officials, and X25519 keys that records are released to.

use crate::{
    failure::Outcome,
    files::shown,
    secret::{is_recipient_key, new_recipient_key, new_signing_key, read_recipient_key, read_signing_key},
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with a key file.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a key file, readable by its owner only
    #[command(
        after_help = "Examples:\n  sealroot key new office/signing.key\n  sealroot key new --recipient prover/recipient.key      (X25519: records are released to it)"
    )]
    New {
        /// Where; an existing file is never overwritten
        file: PathBuf,
        /// A key that records are released to, for provers; not a signing key
        #[arg(long)]
        recipient: bool,
    },
    /// Show the address, or the recipient's public key, of a key file
    #[command(after_help = "Example:\n  sealroot key show office/signing.key")]
    Show {
        /// The key file
        file: PathBuf,
    },
}

/// How others know the key.
#[derive(Debug, Serialize)]
pub struct KeyReport {
    /// The file.
    pub file: PathBuf,
    /// Ethereum address; of a signing key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// X25519 public key; of a recipient's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
}

impl fmt::Display for KeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.address, &self.recipient) {
            (Some(address), _) => write!(f, "{} signs as {address}", shown(&self.file)),
            (None, Some(key)) => write!(f, "{} opens what is released to {key}", shown(&self.file)),
            (None, None) => Ok(()),
        }
    }
}

/// Runs it.
pub fn run(command: Command) -> Outcome<KeyReport> {
    let (file, signing, recipient) = match command {
        Command::New { file, recipient: false } => {
            let key = new_signing_key(&file)?;
            (file, Some(key), None)
        }
        Command::New { file, recipient: true } => {
            let key = new_recipient_key(&file)?;
            (file, None, Some(key))
        }
        Command::Show { file } if is_recipient_key(&file)? => {
            let key = read_recipient_key(&file)?;
            (file, None, Some(key))
        }
        Command::Show { file } => {
            let key = read_signing_key(&file)?;
            (file, Some(key), None)
        }
    };
    Ok(KeyReport {
        file,
        address: signing.map(|key| key.address().to_string()),
        recipient: recipient.map(|key| key.public().to_string()),
    })
}
