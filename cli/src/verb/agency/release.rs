//! `agency release`: one record with its path, sealed to the one key that a signed release names; the only way in which a record leaves a vault.

use super::{VaultArgs, vault_failure};
use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files,
    secret::read_signing_key,
};
use sealroot_chain::{Chain, calls::view, contracts::agencies::Agencies};
use sealroot_protocol::{name::Name, release::SignedRelease, signature::SecretSigningKey};
use sealroot_vault::{Rejection, VaultError, release::ReleaseRejection};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Releases a record.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency release --vault tax-office --authorisation release.json --out income.sealed.json\n  sealroot agency release --vault tax-office --authorisation release-lin.json --signing-key tax-office/signing.key --out lin.sealed.json      (a guardian signed)\n  sealroot agency release --vault tax-office --authorisation release.json --withdraw\n\nThe person, or who represents him, has signed the authorisation with `sealroot wallet release`. It lets the record out once. The access is logged before anything is read. A prover takes a record only if the holder signed whose key stands in it, or if the agency vouches for who did: a representative, or a holder whose key no anchored root has yet."
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
    /// A signing key of the agency's, which vouches for the signer where the record doesn't show that he may release it
    #[arg(long, value_name = "KEYFILE", conflicts_with = "withdraw")]
    pub signing_key: Option<PathBuf>,
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
    let chain = args.chain.open().await?;
    let deployment = chain.deployment();
    let vault = args.vault.open().await?;
    let key = match &args.signing_key {
        Some(file) => Some(active_key(&chain, vault.agency(), &read_signing_key(file)?).await?),
        None => None,
    };
    drop(chain);
    let report = match &args.out {
        None => {
            let withdrawn = vault.withdraw_release(&signed, deployment).await;
            withdrawn.map_err(rejected)?;
            let digest = signed.release.digest().map_err(|e| Failure::bad_input(e.reason(), e))?;
            ReleaseReport::Withdrawn { release: digest.to_string() }
        }
        Some(file) => {
            // A signature lets a record out once: what can't be written must not use it up.
            files::refuse_unwritable_new(file)?;
            let sealed = vault.release(&signed, deployment, key.as_ref()).await.map_err(rejected)?;
            let bytes = files::write_new_document(file, &sealed)?;
            ReleaseReport::Released { file: file.clone(), bytes, recipient: sealed.recipient.to_string() }
        }
    };
    vault.close().await;
    Ok(report)
}

/// A key that isn't the agency's on chain vouches for nobody: every prover would refuse the record, and the signature would be used up.
async fn active_key(chain: &impl Chain, agency: &Name, key: &SecretSigningKey) -> Outcome<SecretSigningKey> {
    let active = Agencies::isActiveCall { key: key.address(), owner: agency.to_bytes32().into() };
    if view(chain, chain.contracts().agencies, active).await.map_err(Failure::of)? {
        return Ok(key.clone());
    }
    let message = format!("{} is no key of {agency} that counts on this chain", key.address());
    Err(Failure::bad_input("not-the-agencys-key", message).advice("name the key with which the agency anchors"))
}

fn rejected(error: VaultError) -> Failure {
    match error {
        VaultError::Rejected(Rejection::Release(rejection @ ReleaseRejection::NeedsVoucher)) => {
            Failure::rejected(rejection.reason(), rejection).advice("name the agency's signing key with --signing-key")
        }
        VaultError::Rejected(Rejection::Release(rejection)) => Failure::rejected(rejection.reason(), rejection),
        other => vault_failure(other),
    }
}
