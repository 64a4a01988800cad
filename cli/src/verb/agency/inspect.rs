//! `agency status` and `agency log`.

use super::VaultArgs;
use crate::{
    failure::{Failure, Outcome},
    files::{Form, Output, shown},
};
use sealroot_agency::{
    log::{self as party, LogInput},
    status,
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Shows a vault.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  sealroot agency status --vault tax-office --check")]
pub struct StatusArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Also open every record, and compare it with the tree and the log with its head
    #[arg(long)]
    pub check: bool,
}

/// A vault at a glance.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    agency: String,
    live_records: u64,
    data_keys: u64,
    key_encryption_keys: usize,
    working_root: String,
    schemas: Vec<String>,
    log_entries: u64,
    log_head: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_records: Option<u64>,
}

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "vault of {}", self.agency)?;
        writeln!(
            f,
            "  {} live records, {} data keys, {} key-encryption key(s)",
            self.live_records, self.data_keys, self.key_encryption_keys
        )?;
        writeln!(f, "  working root {}", self.working_root)?;
        writeln!(f, "  schemas {}", self.schemas.join(", "))?;
        write!(f, "  access log of {} entries, head {}", self.log_entries, self.log_head)?;
        if let Some(n) = self.checked_records {
            write!(f, "\n  checked: {n} records open and have the leaves that the tree has; the log has its head")?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn show_status(args: &StatusArgs) -> Outcome<StatusReport> {
    let vault = args.vault.open().await?;
    let status = status::status(&vault).await.map_err(Failure::of)?;
    let checked_records = if args.check { Some(status::check(&vault).await.map_err(Failure::of)?) } else { None };
    vault.close().await;
    Ok(StatusReport {
        agency: status.agency.to_string(),
        live_records: status.counts.live,
        data_keys: status.data_keys,
        key_encryption_keys: status.key_encryption_keys,
        working_root: status.working_root.to_string(),
        schemas: status.schemas.iter().map(|row| row.name.clone()).collect(),
        log_entries: status.log.size,
        log_head: status.log.head.to_string(),
        checked_records,
    })
}

/// Lists accesses.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency log --vault tax-office --national-id 19840311-0042\n  sealroot agency log --vault tax-office --national-id 19840311-0042 --out log.json      (the person opens it: sealroot wallet log log.json)"
)]
pub struct LogArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Only accesses to this person's records
    #[arg(long)]
    pub national_id: Option<String>,
    /// First position
    #[arg(long, default_value_t = 0)]
    pub from: u64,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// Write all entries about the person, sealed as they are, for the person to open with a wallet
    #[arg(long, value_name = "FILE", requires = "national_id")]
    pub out: Option<PathBuf>,
}

/// Accesses.
#[derive(Debug, Serialize)]
pub struct LogReport {
    entries: Vec<LogLine>,
    /// Where all entries about the person were written.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct LogLine {
    position: u64,
    at: i64,
    /// Absent where the entry is sealed to the citizen: only the citizen's wallet can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    disclosure: Option<sealroot_handover::LoggedAct>,
    leaf: String,
}

impl fmt::Display for LogReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str("no accesses");
        }
        for (i, entry) in self.entries.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "#{} at {}", entry.position, entry.at)?;
            match &entry.disclosure {
                Some(d) => {
                    write!(f, " {:?}", d.what)?;
                    if let (Some(schema), Some(period)) = (&d.schema, &d.period) {
                        write!(f, " {schema} ({period})")?;
                    }
                    write!(f, " by {}: {}", d.access.who, d.access.why)?;
                    d.key.as_ref().map_or(Ok(()), |key| write!(f, " (key {key})"))?;
                }
                None => write!(f, " sealed to the citizen")?,
            }
        }
        let told = |file: &PathBuf| write!(f, "\nall entries about the person written to {}", shown(file));
        self.file.as_ref().map_or(Ok(()), told)
    }
}

/// Runs it.
pub async fn log(args: &LogArgs) -> Outcome<LogReport> {
    let place = args.out.as_deref().map(|path| Output::new(path, Form::personal("a log export"))).transpose()?;
    let vault = args.vault.open().await?;
    if let (Some(id), Some(place)) = (&args.national_id, place) {
        place.document(&party::export_log(id, &vault).await.map_err(Failure::of)?)?;
    }
    let input = LogInput { national_id: args.national_id.clone(), from: args.from, limit: args.limit };
    let entries = party::log(&input, &vault).await.map_err(Failure::of)?;
    vault.close().await;
    let entries = entries
        .into_iter()
        .map(|e| LogLine { position: e.position, at: e.at, disclosure: e.disclosure, leaf: e.leaf.to_string() })
        .collect();
    Ok(LogReport { entries, file: args.out.clone() })
}
