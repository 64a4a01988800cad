//! `sealroot key`: secp256k1 signing keys of agencies, requesters and enacting officials.

use crate::{
    failure::Outcome,
    secret::{new_signing_key, read_signing_key},
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with a key file.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a key file, readable by its owner only
    #[command(after_help = "Example:\n  sealroot key new office/signing.key")]
    New {
        /// Where; an existing file is never overwritten
        file: PathBuf,
    },
    /// Show the address of a key file
    Show {
        /// The key file
        file: PathBuf,
    },
}

/// The address under which a key is known on chain.
#[derive(Debug, Serialize)]
pub struct KeyReport {
    /// The file.
    pub file: PathBuf,
    /// Ethereum address.
    pub address: String,
}

impl fmt::Display for KeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} signs as {}", self.file.display(), self.address)
    }
}

/// Runs it.
pub fn run(command: Command) -> Outcome<KeyReport> {
    let (file, key) = match command {
        Command::New { file } => {
            let key = new_signing_key(&file)?;
            (file, key)
        }
        Command::Show { file } => {
            let key = read_signing_key(&file)?;
            (file, key)
        }
    };
    Ok(KeyReport { file, address: key.address().to_string() })
}
