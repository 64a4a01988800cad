//! The access log: as the agency lists it, and as a person takes their entries home.
//!
//! An entry that is sealed to its subject is listed without its contents: only the person's wallet opens it.

use sealroot_handover::LogExport;
use sealroot_vault::{Vault, VaultError, log::LogEntry, store::Store};

/// Which entries are listed.
#[derive(Clone)]
pub struct LogInput {
    /// Only those about this person.
    pub national_id: Option<String>,
    /// First position.
    pub from: u64,
    /// How many at most.
    pub limit: u32,
}

/// Lists accesses, oldest first.
pub async fn log<S: Store>(input: &LogInput, vault: &Vault<S>) -> Result<Vec<LogEntry>, VaultError> {
    let subject = input.national_id.as_deref().map(|id| vault.subject(id)).transpose()?;
    vault.log(subject, input.from, input.limit).await
}

/// All entries about a person, sealed as they are, for the person to open.
pub async fn export_log<S: Store>(national_id: &str, vault: &Vault<S>) -> Result<LogExport, VaultError> {
    vault.export_log(vault.subject(national_id)?).await
}
