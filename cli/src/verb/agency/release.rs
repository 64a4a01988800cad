//! `agency release`: one record with its path, sealed to the one key that a signed release names; the only way in which a record leaves a vault.

use super::{VaultArgs, vault_failure};
use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files,
};
use sealroot_chain::Chain;
use sealroot_protocol::release::SignedRelease;
use sealroot_vault::{Refusal, VaultError};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Releases a record.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency release --vault tax-office --authorisation release.json --out income.sealed.json\n  sealroot agency release --vault tax-office --authorisation release.json --withdraw\n\nThe person, or who represents him, has signed the authorisation with `sealroot wallet release`. It lets the record out once. The access is logged before anything is read."
)]
pub struct ReleaseArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// The signed release
    #[arg(long, value_name = "FILE")]
    pub authorisation: PathBuf,
    /// Where the sealed record is written
    #[arg(long, value_name = "FILE", required_unless_present = "withdraw")]
    pub out: Option<PathBuf>,
    /// Hand out nothing, and never on this authorisation: the person changed his mind
    #[arg(long, conflicts_with = "out")]
    pub withdraw: bool,
}

/// What was released.
#[derive(Debug, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum ReleaseReport {
    /// A record was sealed.
    Released {
        /// Where it is.
        file: PathBuf,
        /// Its size.
        bytes: usize,
        /// Who can open it.
        recipient: String,
    },
    /// The authorisation counts no more.
    Withdrawn {
        /// Digest of the release.
        release: String,
    },
}

impl fmt::Display for ReleaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Released { file, bytes, recipient } => {
                write!(f, "record sealed to {recipient} ({bytes} bytes), written to {}", file.display())
            }
            Self::Withdrawn { release } => write!(f, "release {release} withdrawn; it lets nothing out any more"),
        }
    }
}

/// Runs it.
pub async fn release(args: &ReleaseArgs) -> Outcome<ReleaseReport> {
    let signed: SignedRelease = files::read_document(&args.authorisation)?;
    let deployment = args.chain.open().await?.deployment();
    let vault = args.vault.open().await?;
    let report = match &args.out {
        None => {
            let withdrawn = vault.withdraw_release(&signed, deployment).await;
            withdrawn.map_err(refused)?;
            let digest = signed.release.digest().map_err(|e| Failure::bad_input(e.reason(), e))?;
            ReleaseReport::Withdrawn { release: digest.to_string() }
        }
        Some(file) => {
            // A signature lets a record out once: what can't be written must not use it up.
            files::refuse_unwritable(file)?;
            let sealed = vault.release(&signed, deployment).await.map_err(refused)?;
            let bytes = files::write_new_document(file, &sealed)?;
            ReleaseReport::Released { file: file.clone(), bytes, recipient: sealed.recipient.to_string() }
        }
    };
    vault.close().await;
    Ok(report)
}

fn refused(error: VaultError) -> Failure {
    match error {
        VaultError::Refused(Refusal::Release(refusal)) => Failure::rejected(refusal.reason(), refusal),
        other => vault_failure(other),
    }
}
