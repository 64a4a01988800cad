//! `sealroot agency`: an agency's vault, from creation to erasure.

mod anchor;
mod backup;
mod custody;
mod enrol;
mod ids;
mod import;
mod init;
mod inspect;
mod release;
mod representatives;

pub use anchor::{AnchorArgs, WithdrawRootArgs, anchor, withdraw_root};
pub use backup::{BackupArgs, CheckBackupsArgs, RestoreArgs, backup, check_backups, restore};
pub use custody::{EraseArgs, RelockArgs, RotateArgs, erase, relock, rotate_keys};
pub use enrol::{EnrolArgs, enrol};
pub use ids::{ChangeIdArgs, CheckIdsArgs, change_id, check_ids};
pub use import::{ImportArgs, import};
pub use init::{InitArgs, init};
pub use inspect::{LogArgs, StatusArgs, log, show_status};
pub use release::{ReleaseArgs, release};
pub use representatives::{RepresentativesArgs, representatives};

use crate::{
    clock,
    failure::{Failure, OrFail, Outcome},
    files::{self, shown},
    kinds::SCHEMA,
    secret::VaultPassphraseArgs,
    ui::Ui,
};
use sealroot_protocol::code::Code;
use sealroot_protocol::schema::Schema;
use sealroot_vault::{Clock, EmbeddedVault, MasterKey, Vault};
use std::path::PathBuf;

/// A reason, for the person whom the entry in the access log is about: some words, never none.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        Err("say why, in a few words: the person reads it in the access log".into())
    } else {
        Ok(text.to_owned())
    }
}

/// What to do with a vault.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create a vault
    Init(InitArgs),
    /// Enrol a citizen's wallet key, or a representative's: ask for a proof of possession, then take the answer
    Enrol(EnrolArgs),
    /// Import records from CSV; one bad row and nothing of the file is imported
    Import(ImportArgs),
    /// Anchor the vault's root on chain
    Anchor(AnchorArgs),
    /// Withdraw an anchored root, without grace
    WithdrawRoot(WithdrawRootArgs),
    /// List or remove representatives, who may release a person's records
    Representatives(RepresentativesArgs),
    /// Hand out a record on a signed release, sealed to the one key that it names
    Release(ReleaseArgs),
    /// Show what the vault holds and which roots are anchored
    Status(StatusArgs),
    /// List accesses to records
    Log(LogArgs),
    /// Show which ids of a file are one person, or no id at all
    CheckIds(CheckIdsArgs),
    /// Make another national id mean the same person
    ChangeId(ChangeIdArgs),
    /// Lock the vault with another passphrase or key file
    Relock(RelockArgs),
    /// Wrap all data keys under a fresh key-encryption key
    RotateKeys(RotateArgs),
    /// Copy the vault, while it goes on
    Backup(BackupArgs),
    /// Say which files of older copies must be destroyed
    CheckBackups(CheckBackupsArgs),
    /// Make a vault from a copy, also where the chain went on without it
    Restore(RestoreArgs),
    /// Erase a person: destroy the data keys and remove the leaves
    Erase(EraseArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Init(args) => ui.report(&init(&args).await?),
        Command::Enrol(args) => ui.report(&enrol(&args).await?),
        Command::Import(args) => {
            let report = import(&args, ui).await?;
            ui.report(&report)?;
            report.into_failure().map_or(Ok(()), Err)
        }
        Command::Anchor(args) => ui.report(&anchor(&args).await?),
        Command::WithdrawRoot(args) => ui.report(&withdraw_root(&args).await?),
        Command::Representatives(args) => ui.report(&representatives(&args).await?),
        Command::Release(args) => ui.report(&release(&args).await?),
        Command::Status(args) => ui.report(&show_status(&args, ui).await?),
        Command::Log(args) => ui.report(&log(&args).await?),
        Command::CheckIds(args) => check_ids(&args, ui).await,
        Command::ChangeId(args) => ui.report(&change_id(&args).await?),
        Command::Relock(args) => ui.report(&relock(&args).await?),
        Command::RotateKeys(args) => ui.report(&rotate_keys(&args, ui).await?),
        Command::Backup(args) => ui.report(&backup(&args).await?),
        Command::CheckBackups(args) => check_backups(&args, ui).await,
        Command::Restore(args) => ui.report(&restore(&args, ui).await?),
        Command::Erase(args) => ui.report(&erase(&args).await?),
    }
}

/// Which vault, and what unlocks it.
#[derive(Debug, Clone, clap::Args)]
pub struct VaultArgs {
    /// Directory of the vault
    #[arg(long, value_name = "DIR", env = "SEALROOT_VAULT")]
    pub vault: PathBuf,
    /// File of 32 random bytes that unlocks the vault, instead of a passphrase
    #[arg(long, value_name = "FILE", env = "SEALROOT_VAULT_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// Passphrase.
    #[command(flatten)]
    pub passphrase: VaultPassphraseArgs,
}

impl VaultArgs {
    pub(super) fn master_key(&self) -> Outcome<MasterKey> {
        Ok(match &self.key_file {
            Some(path) => MasterKey::File(path.clone()),
            None => MasterKey::Passphrase(self.passphrase.source().read("Passphrase of the vault")?),
        })
    }

    /// What is to lock a new vault.
    pub(super) fn new_master_key(&self) -> Outcome<MasterKey> {
        match &self.key_file {
            Some(_) => self.master_key(),
            None => {
                let question = "New passphrase of the vault, at least 12 characters";
                Ok(MasterKey::Passphrase(self.passphrase.source().read_new(question)?))
            }
        }
    }

    /// Opens the vault.
    pub async fn open(&self) -> Outcome<EmbeddedVault> {
        clock::now()?;
        Vault::open_embedded(&self.vault, &self.master_key()?, Clock::system()).await.map_err(Failure::of)
    }

    /// Opens the vault to read it, also while another process writes to it: an import, say.
    pub async fn open_to_read(&self) -> Outcome<EmbeddedVault> {
        self.open_to_read_with(&self.master_key()?).await
    }

    /// The same with a key that was read before.
    pub(super) async fn open_to_read_with(&self, master: &MasterKey) -> Outcome<EmbeddedVault> {
        clock::now()?;
        Vault::open_embedded_to_read(&self.vault, master, Clock::system()).await.map_err(Failure::of)
    }
}

/// Reads a schema file.
pub(crate) fn read_schema(path: &std::path::Path) -> Outcome<Schema> {
    let text = files::read_text(path)?;
    let schema = Schema::from_toml(&text).or_fail(Code::BadSchema).map_err(|e| e.context(shown(path)));
    schema.map_err(|e| files::of_kind(path, text.as_bytes(), SCHEMA, e))
}
