//! The access log: as the agency lists it, and as a person takes their entries home.
//!
//! A person's entries are those under each id that was the person's. An id that the vault has never met is no person without accesses: it is rejected.
//! An entry that is sealed to its subject is listed without its contents: only the person's wallet opens it.

use sealroot_handover::LogExport;
use sealroot_vault::{
    Vault, VaultError,
    log::{About, LogEntry},
    store::Store,
};

/// Which entries are listed.
#[derive(Clone)]
pub struct LogInput {
    /// Only those about this person.
    pub national_id: Option<String>,
    /// Those about the vault's own states, too.
    pub states: bool,
    /// Where to begin.
    pub page: Page,
    /// How many at most.
    pub limit: u32,
}

/// Where a list of entries begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest entries.
    Newest,
    /// Those just before a position: the page before.
    Before(u64),
    /// Those from a position on: the page after.
    From(u64),
}

/// Some entries, oldest first.
#[derive(Debug)]
pub struct Listed {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// Whether there are older ones than these.
    pub older: bool,
    /// Whether there are newer ones than these.
    pub newer: bool,
}

/// Lists accesses.
pub async fn log<S: Store>(input: &LogInput, vault: &Vault<S>) -> Result<Listed, VaultError> {
    let about = match &input.national_id {
        Some(id) => {
            let subject = vault.subject(id)?;
            vault.must_have_been_here(subject).await?;
            About::Person(subject)
        }
        None if input.states => About::Everything,
        None => About::People,
    };
    let entries = match input.page {
        Page::Newest => vault.log_before(about, None, input.limit).await?,
        Page::Before(position) => vault.log_before(about, Some(position), input.limit).await?,
        Page::From(position) => vault.log(about, position, input.limit).await?,
    };
    // Beside an empty page lies what the page was asked to begin with.
    let (first, last) = match (entries.first(), entries.last(), input.page) {
        (Some(first), Some(last), _) => (first.position, last.position + 1),
        (_, _, Page::Newest) => (0, u64::MAX),
        (_, _, Page::Before(position) | Page::From(position)) => (position, position),
    };
    let older = !vault.log_before(about, Some(first), 1).await?.is_empty();
    let newer = !vault.log(about, last, 1).await?.is_empty();
    Ok(Listed { entries, older, newer })
}

/// All entries about a person, sealed as they are, for the person to open.
pub async fn export_log<S: Store>(national_id: &str, vault: &Vault<S>) -> Result<LogExport, VaultError> {
    let subject = vault.subject(national_id)?;
    vault.must_have_been_here(subject).await?;
    vault.export_log(subject).await
}
