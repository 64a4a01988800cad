//! `agency release`: one record with its path, sealed to one recipient's key; the only way in which a record leaves a vault.

use super::{VaultArgs, schema_named, vault_failure};
use crate::{
    failure::{Failure, OrBadInput, Outcome},
    files,
};
use sealroot_protocol::date::FactsPeriod;
use sealroot_vault::{log::Access, read::Which, transfer::RecipientKey};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Releases a record.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency release --vault tax-office --national-id 19840311-0042 --schema income --period 2025-11 \\\n    --recipient 0x… --reason 'release signed on 2026-11-02' --out income.sealed\n\nThe access is logged before anything is read."
)]
pub struct ReleaseArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Whose record
    #[arg(long)]
    pub national_id: String,
    /// Name of its schema
    #[arg(long)]
    pub schema: String,
    /// Period of its facts: YYYY-MM or `timeless`
    #[arg(long, default_value = "timeless")]
    pub period: FactsPeriod,
    /// Which of several, in schemas with many records per person
    #[arg(long, value_name = "KEY")]
    pub business_key: Option<String>,
    /// X25519 public key of the recipient: 0x and 64 hexadecimal digits
    #[arg(long, value_name = "KEY")]
    pub recipient: String,
    /// Why, for the access log
    #[arg(long)]
    pub reason: String,
    /// Where the sealed record is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// What was released.
#[derive(Debug, Serialize)]
pub struct ReleaseReport {
    file: PathBuf,
    bytes: usize,
    recipient: String,
}

impl fmt::Display for ReleaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record sealed to {} ({} bytes), written to {}", self.recipient, self.bytes, self.file.display())
    }
}

/// Runs it.
pub async fn release(args: &ReleaseArgs) -> Outcome<ReleaseReport> {
    let mut key = [0; 32];
    let digits = args.recipient.strip_prefix("0x").unwrap_or_default();
    hex::decode_to_slice(digits, &mut key)
        .map_err(|_| Failure::bad_input("bad-recipient", "the recipient's key is not 0x and 64 hexadecimal digits"))?;
    let vault = args.vault.open().await?;
    let which = Which {
        subject: vault.subject(&args.national_id).or_bad_input("bad-national-id")?,
        schema: schema_named(&vault, &args.schema).await?.id().or_bad_input("bad-schema")?,
        period: args.period,
        business_key: args.business_key.clone(),
    };
    let access = Access { who: format!("release to {}", args.recipient), reason: args.reason.clone() };
    let sealed = vault.release(&which, None, &access, &RecipientKey(key)).await.map_err(vault_failure)?;
    vault.close().await;
    files::write(&args.out, &sealed)?;
    Ok(ReleaseReport { file: args.out.clone(), bytes: sealed.len(), recipient: args.recipient.clone() })
}
