//! `agency relock`, `agency rotate-keys` and `agency erase`.

use super::{VaultArgs, enrol::clerk};
use crate::{
    failure::{Failure, Outcome},
    identity::NationalIdArgs,
    secret::VaultPassphraseArgs,
    ui::Ui,
};
use sealroot_agency::{
    erase::{self as party, EraseInput},
    rotate,
};
use sealroot_protocol::{code::Code, printable::counted};
use sealroot_vault::MasterKey;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Another passphrase or key file.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency relock --vault tax-office      (asks for the passphrase of now, then twice for the new one)\n  sealroot agency relock --vault tax-office --new-key-file master.key\n\nOnly the key ring is written again; no record is. An older copy of keyring.json still opens with what locked it then: destroy such copies, and rotate the keys."
)]
pub struct RelockArgs {
    /// Vault, and what unlocks it now.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// File of 32 random bytes that unlocks the vault from now on, instead of a passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "new_passphrase_file")]
    pub new_key_file: Option<PathBuf>,
    /// File with the new passphrase in its first line, readable by its owner only
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
}

/// What unlocks the vault from now on.
#[derive(Debug, Serialize)]
pub struct RelockReport {
    unlocked_by: Unlocker,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Unlocker {
    Passphrase,
    KeyFile,
}

impl fmt::Display for RelockReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.unlocked_by {
            Unlocker::Passphrase => "the new passphrase",
            Unlocker::KeyFile => "the new key file",
        };
        write!(
            f,
            "the key ring is locked again: {by} unlocks the vault. Keep a copy of keyring.json, and destroy older ones"
        )
    }
}

/// Runs it.
pub async fn relock(args: &RelockArgs) -> Outcome<RelockReport> {
    let vault = args.vault.open().await?;
    let (master, unlocked_by) = match &args.new_key_file {
        Some(path) => (MasterKey::File(path.clone()), Unlocker::KeyFile),
        None => {
            let new = VaultPassphraseArgs { passphrase_file: args.new_passphrase_file.clone() };
            let question = "New passphrase of the vault, at least 12 characters";
            (MasterKey::Passphrase(new.source().read_replacing(question)?), Unlocker::Passphrase)
        }
    };
    rotate::relock(&vault, &master).map_err(Failure::of)?;
    vault.close().await;
    Ok(RelockReport { unlocked_by })
}

/// Wraps all data keys again.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency rotate-keys --vault tax-office\n\nRecords are not encrypted again. An interrupted rotation goes on at the next start."
)]
pub struct RotateArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
}

/// What was rotated.
#[derive(Debug, Serialize)]
pub struct RotateReport {
    rewrapped: u64,
}

impl fmt::Display for RotateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = counted(self.rewrapped, "data key", "data keys");
        write!(f, "{keys} wrapped under a fresh key-encryption key; the old one is gone")
    }
}

/// Runs it.
pub async fn rotate_keys(args: &RotateArgs, ui: Ui) -> Outcome<RotateReport> {
    let vault = args.vault.open().await?;
    let bar = ui.progress("wrapping keys", 0);
    let shown = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let rewrapped = rotate::rotate_keys(&vault, shown).await.map_err(Failure::of)?;
    bar.finish_and_clear();
    vault.close().await;
    Ok(RotateReport { rewrapped })
}

/// Erases a person.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency erase --vault tax-office --national-id-file id --why 'request 12/26' --yes\n  sealroot agency anchor --vault tax-office --signing-key tax-office/signing.key      (so that the old leaves end with the grace of the old root)"
)]
pub struct EraseArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Whose records.
    #[command(flatten)]
    pub person: NationalIdArgs,
    /// Why, for the access log, which the person can read
    #[arg(long, alias = "reason", value_parser = super::reason)]
    pub why: String,
    /// Understood: nothing brings the records back, backups included
    #[arg(long)]
    pub yes: bool,
}

/// What was erased.
#[derive(Debug, Serialize)]
pub struct EraseReport {
    records: u64,
    versions: u64,
}

impl fmt::Display for EraseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "erased {} ({}): data keys destroyed, leaves removed; anchor the new root soon",
            counted(self.records, "record", "records"),
            counted(self.versions, "version", "versions")
        )
    }
}

/// Runs it.
pub async fn erase(args: &EraseArgs) -> Outcome<EraseReport> {
    if !args.yes {
        return Err(Failure::new(Code::NotConfirmed, "erasure can't be undone").advice("repeat with --yes"));
    }
    let national_id = args.person.source().read()?;
    let vault = args.vault.open().await?;
    let input = EraseInput { national_id, access: clerk(args.why.clone()) };
    let erased = party::erase(&input, &vault).await.map_err(Failure::of)?;
    vault.close().await;
    Ok(EraseReport { records: erased.records, versions: erased.versions })
}
