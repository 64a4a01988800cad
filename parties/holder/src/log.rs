//! What an agency wrote about a person, opened with the wallet's reading key.
//!
//! Non-guarantee: that nothing is missing, or that the agency wrote it; inclusion proofs under the anchored head show both.

use sealroot_handover::{LogExport, LoggedAct};
use sealroot_protocol::name::Name;
use sealroot_wallet::Wallet;

/// A log, as far as this wallet can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLog {
    /// Whose log.
    pub agency: Name,
    /// This wallet's key, as entries name it.
    pub key: String,
    /// Entries, oldest first.
    pub entries: Vec<OpenedEntry>,
    /// How many are sealed to somebody else: to the agency, which reads them to the person, or to a reading key that came before or after this wallet's.
    pub sealed: usize,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedEntry {
    /// Position in the agency's log.
    pub position: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// What it says.
    pub act: LoggedAct,
}

/// Opens what is sealed to this wallet.
pub fn open_log(export: &LogExport, wallet: &Wallet) -> OpenedLog {
    let secret = wallet.reading_key();
    let open = |entry: &sealroot_handover::SealedEntry| {
        Some(OpenedEntry { position: entry.position, at: entry.at, act: entry.open(&secret).ok()? })
    };
    let entries: Vec<OpenedEntry> = export.entries.iter().filter_map(open).collect();
    let sealed = export.entries.len() - entries.len();
    OpenedLog { agency: export.agency.clone(), key: wallet.public_key().fingerprint(), entries, sealed }
}
