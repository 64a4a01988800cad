//! What the access log shows: its head, and its entries as they are listed.

use super::merkle;
use crate::{integrity::Integrity, keys::KeyRing, restore::LostStates};
use sealroot_handover::access_log::{EntryError, LoggedAct, SealedEntry};
use sealroot_protocol::field::Digest;

/// Number of entries and their head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Entries.
    pub size: u64,
    /// RFC 6962 head.
    pub head: Digest,
}

/// One entry, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Position, from 0 on.
    pub position: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// Whether it tells of a state of the vault that a restore went on without.
    pub lost: bool,
    /// What it says; `None` if it is sealed to the holder.
    pub disclosure: Option<LoggedAct>,
    /// The sealed form, for its recipient.
    pub sealed: Vec<u8>,
    /// Its leaf hash, for an inclusion proof.
    pub leaf: Digest,
}

/// Leaf hash of an entry: everything that is stored of it.
pub fn leaf(entry: &SealedEntry) -> Digest {
    merkle::leaf_hash(&entry.leaf_bytes())
}

/// An entry for a list: opened where the agency can.
pub(super) fn entry(entry: SealedEntry, ring: &KeyRing, lost: &LostStates) -> Result<LogEntry, Integrity> {
    let disclosure = if entry.to_holder { None } else { Some(open(&entry, ring)?) };
    let state = disclosure.as_ref().and_then(|act| act.state.as_ref());
    let lost = state.is_some_and(|state| lost.has(state.number));
    let (position, at, leaf) = (entry.position, entry.at, leaf(&entry));
    Ok(LogEntry { position, at, lost, disclosure, sealed: entry.sealed, leaf })
}

fn open(entry: &SealedEntry, ring: &KeyRing) -> Result<LoggedAct, Integrity> {
    entry.open(ring.log_secret()).map_err(|error| match error {
        EntryError::Form => Integrity::Encoding,
        EntryError::Reader(_) | EntryError::NotOpened(_) => Integrity::Ciphertext,
    })
}
