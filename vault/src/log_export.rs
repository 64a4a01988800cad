//! A person's access-log entries, taken home: what his agency wrote about him, to be opened with his wallet's reading key.
//!
//! Guarantee: the agency hands out what it can't read itself, as it is. Non-guarantees: that nothing is missing, or that the agency wrote it (anybody can seal
//! to a public key); inclusion proofs under the anchored head show both ([`Vault::log_inclusion`]), and the file has none.

use crate::{
    error::VaultError,
    log::{self, Disclosure},
    store::{LogRow, Store},
    transfer::RecipientSecret,
    vault::Vault,
};
use sealroot_protocol::{canonical::Suite, field::Digest, name::Name, record::Subject};
use serde::{Deserialize, Serialize};

/// Entries that are read at a time.
const PAGE: u32 = 1024;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogExport {
    /// The suite.
    pub suite: Suite,
    /// Whose log.
    pub agency: Name,
    /// All entries about the person, oldest first.
    pub entries: Vec<ExportedEntry>,
}

/// One entry, sealed as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedEntry {
    /// Position in the agency's log, from 0 on.
    #[serde(with = "sealroot_protocol::decimal")]
    pub position: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// Reference of the person in this vault.
    subject: Digest,
    /// Whether it is sealed to the reading key that the person had then; else to the agency's own, which reads it to him.
    to_holder: bool,
    /// HPKE: encapsulated key, ciphertext and tag.
    #[serde(with = "crate::hex_bytes")]
    sealed: Vec<u8>,
}

impl ExportedEntry {
    /// Opens it with a reading key; none if it is sealed to another, or isn't what was written.
    pub fn open(&self, secret: &RecipientSecret) -> Option<Disclosure> {
        let row = LogRow {
            position: self.position,
            at: self.at,
            subject: self.subject.0,
            to_holder: self.to_holder,
            sealed: self.sealed.clone(),
        };
        log::open(&row, secret).ok()
    }
}

impl<S: Store> Vault<S> {
    /// All entries about a person, for him to take home.
    pub async fn export_log(&self, subject: Subject) -> Result<LogExport, VaultError> {
        let mut entries: Vec<ExportedEntry> = Vec::new();
        loop {
            let from = entries.last().map_or(0, |entry| entry.position + 1);
            let rows = self.log_rows(subject, from, PAGE).await?;
            if rows.is_empty() {
                return Ok(LogExport { suite: Suite, agency: self.agency().clone(), entries });
            }
            entries.extend(rows.into_iter().map(|row| ExportedEntry {
                position: row.position,
                at: row.at,
                subject: Digest(row.subject),
                to_holder: row.to_holder,
                sealed: row.sealed,
            }));
        }
    }
}
