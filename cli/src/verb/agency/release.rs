//! `agency release`: one record with its path, sealed to the one key that a signed release names; the only way in which a record leaves a vault.

use super::VaultArgs;
use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files::{self, Form, Output, shown},
    secret::read_signing_key,
};
use sealroot_agency::release::{self as party, Outlet, Released};
use sealroot_handover::SealedRecord;
use sealroot_parties_ports::HostError;
use sealroot_protocol::{release::SignedRelease, signature::Signer};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Releases a record.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency release --vault tax-office --authorisation release.json --out income.sealed.json\n  sealroot agency release --vault tax-office --authorisation release-lin.json --signing-key tax-office/signing.key --out lin.sealed.json      (a guardian signed)\n  sealroot agency release --vault tax-office --authorisation release.json --withdraw\n\nThe person or a representative has signed the authorisation with `sealroot wallet release`. It lets the record out once. The access is logged before anything is read. A prover takes a record in two cases only: the key that stands in it has signed, or the agency vouches for the signer. It vouches for a representative, and for a holder whose key no anchored root has yet."
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
    /// A signing key of the agency's, which vouches for the signer where the record doesn't show that they may release it
    #[arg(long, value_name = "KEYFILE", conflicts_with = "withdraw")]
    pub signing_key: Option<PathBuf>,
    /// Hand out nothing, and never on this authorisation: the person changed their mind
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
        /// The key that can open it.
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
                write!(f, "record sealed to {recipient} ({bytes} bytes), written to {}", shown(file))
            }
            Self::Withdrawn { release } => write!(f, "release {release} withdrawn; it lets nothing out any more"),
        }
    }
}

/// Runs it.
pub async fn release(args: &ReleaseArgs) -> Outcome<ReleaseReport> {
    let place = args.out.as_deref().map(NewFile::at).transpose()?;
    let signed: SignedRelease = files::read_document(&args.authorisation)?;
    let vault = args.vault.open_to_read().await?;
    let chain = args.chain.open_for(&args.vault.vault).await?;
    let voucher = args.signing_key.as_deref().map(read_signing_key).transpose()?;
    let report = match (&args.out, place) {
        (Some(file), Some(out)) => {
            let Released { recipient, bytes } =
                party::release(&signed, &vault, &chain, voucher.as_ref().map(|key| key as &dyn Signer), &out)
                    .await
                    .map_err(Failure::of)?;
            ReleaseReport::Released { file: file.clone(), bytes, recipient: recipient.to_string() }
        }
        _ => {
            let digest = party::withdraw_release(&signed, &vault, &chain).await.map_err(Failure::of)?;
            ReleaseReport::Withdrawn { release: digest.to_string() }
        }
    };
    vault.close().await;
    Ok(report)
}

/// A file that doesn't exist yet.
struct NewFile<'a>(&'a Path);

impl<'a> NewFile<'a> {
    fn at(path: &'a Path) -> Outcome<Self> {
        let place = Self(path);
        place.output().map(|_| place)
    }

    fn output(&self) -> Outcome<Output> {
        Output::new(self.0, Form::personal("a sealed record"))
    }
}

impl Outlet for NewFile<'_> {
    async fn ready(&self) -> Result<(), HostError> {
        Ok(self.output().map(drop)?)
    }

    async fn put(&self, record: &SealedRecord) -> Result<usize, HostError> {
        Ok(self.output()?.document(record)?)
    }
}
