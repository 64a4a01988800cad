//! The access log: every disclosure, and every change of whose key counts for a person, has an entry that was written before it.
//!
//! Guarantees: no entry, no disclosure and no change; entries can't be changed, dropped or reordered unnoticed, because the head (RFC 6962) is anchored with
//! every root; an entry's contents are readable by its subject (HPKE to the key given at enrolment), or by the agency where there is none.
//! Not guaranteed: that somebody with the machine's memory in his hands logs what he reads.

use crate::{
    error::{Integrity, StoreError, VaultError},
    keys::KeyRing,
    merkle::{self, Subtree},
    store::{Log, LogRow, Reference, Store},
    transfer::{self, RecipientKey, RecipientSecret},
    vault::Vault,
};
use sealroot_protocol::{
    curve::PublicKey,
    date::{Date, FactsPeriod},
    field::Digest,
    name::Name,
};
use serde::{Deserialize, Serialize};

/// Who looks at a record, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The person or program that asks, as the agency knows it.
    pub who: String,
    /// The reason: a request's digest, a file number.
    pub reason: String,
}

/// What an entry says once opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Whose vault.
    pub agency: Name,
    /// Who asked, and why.
    #[serde(rename = "access")]
    pub access: Access,
    /// What was done.
    pub what: What,
    /// Name of the schema; none where no record was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Name>,
    /// Period of the facts; none where no record was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<FactsPeriod>,
    /// Fingerprint ([`PublicKey::fingerprint`]) of the key that was enrolled, registered or removed, or that signed the release; none elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Last day on which a representative who was registered may release records; none: until he is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Disclosure {
    /// An entry about a key, not about a record.
    pub(crate) fn of_key(agency: &Name, access: &Access, what: What, key: &PublicKey) -> Self {
        Self { key: Some(key.fingerprint()), ..Self::of_person(agency, access, what) }
    }

    /// About all that is kept of a person.
    pub(crate) fn of_person(agency: &Name, access: &Access, what: What) -> Self {
        let (agency, access) = (agency.clone(), access.clone());
        Self { agency, access, what, schema: None, period: None, key: None, until: None }
    }
}

/// What was done with a record, or with the keys that count for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Decrypted for a proof.
    Opened,
    /// Sealed to a recipient's key.
    Released,
    /// The person's own key was enrolled: his first, or the same again.
    Enrolled,
    /// Another key took the place of the person's own.
    KeyReplaced,
    /// A release was made useless before it was used.
    ReleaseWithdrawn,
    /// Somebody was registered who may release the person's records in his place.
    RepresentativeAdded,
    /// He no longer may.
    RepresentativeRemoved,
    /// Everything about the person was erased, his key and his reading key among it.
    Erased,
}

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
    /// What it says; `None` if it is sealed to the holder.
    pub disclosure: Option<Disclosure>,
    /// The sealed form, for its recipient.
    pub sealed: Vec<u8>,
    /// Its leaf hash, for an inclusion proof.
    pub leaf: Digest,
}

/// Entries are padded to a multiple of this, so that their length doesn't tell the reason.
const PAD: usize = 512;
const INFO: &[u8] = b"sealroot/1:log";

impl<S: Store> Vault<S> {
    /// Writes an entry about a subject, sealed to `reader`, or to the agency's own log key where there is none; returns its position. Callers write
    /// first and act afterwards: a crash between the two leaves an entry about something that didn't happen, never the other way round.
    pub(crate) async fn write_entry(
        &self,
        subject: Reference,
        reader: Option<RecipientKey>,
        disclosure: &Disclosure,
    ) -> Result<u64, VaultError> {
        let agency_key = self.ring().log_key();
        // Positions are taken in order.
        let _in_order = self.appending.lock().await;
        append(self.store.log(), agency_key, reader, self.clock.now(), subject, disclosure).await
    }
}

async fn append(
    log: &impl Log,
    ring_key: RecipientKey,
    holder_key: Option<RecipientKey>,
    at: i64,
    subject: Reference,
    disclosure: &Disclosure,
) -> Result<u64, VaultError> {
    let position = log.size().await.map_err(VaultError::Log)?;
    let mut plain =
        serde_json::to_vec(disclosure).map_err(|e| VaultError::Log(StoreError::Unavailable(e.to_string())))?;
    plain.resize(plain.len().next_multiple_of(PAD), b' ');
    let aad = associated_data(position, at, &subject, holder_key.is_some());
    let sealed = transfer::seal_to(&holder_key.unwrap_or(ring_key), INFO, &aad, &plain)?;
    let row = LogRow { position, at, subject, to_holder: holder_key.is_some(), sealed };

    let mut hash = leaf(&row);
    let mut completed = vec![(Subtree { level: 0, position }, hash)];
    let mut node = Subtree { level: 0, position };
    while node.position & 1 == 1 {
        let left = Subtree { level: node.level, position: node.position - 1 };
        let left = log.subtrees(&[left]).await.map_err(VaultError::Log)?;
        hash = merkle::node_hash(left.first().ok_or(Integrity::Log)?, &hash);
        node = Subtree { level: node.level + 1, position: node.position / 2 };
        completed.push((node, hash));
    }
    log.append(&row, &completed).await.map_err(VaultError::Log)?;
    Ok(position)
}

/// Head over the first `size` entries.
pub(crate) async fn head_at(log: &impl Log, size: u64) -> Result<LogHead, VaultError> {
    Ok(LogHead { size, head: merkle::head_of_peaks(&log.subtrees(&merkle::peaks(size)).await?) })
}

/// Hashes of ranges, for proofs.
pub(crate) async fn fold(log: &impl Log, ranges: &[Vec<Subtree>]) -> Result<Vec<Digest>, VaultError> {
    let mut out = Vec::with_capacity(ranges.len());
    for range in ranges {
        out.push(merkle::head_of_peaks(&log.subtrees(range).await?));
    }
    Ok(out)
}

/// An entry for a list: opened where the agency can.
pub(crate) fn entry(row: LogRow, ring: &KeyRing) -> Result<LogEntry, VaultError> {
    let disclosure = if row.to_holder { None } else { Some(open(&row, ring.log_secret())?) };
    Ok(LogEntry { position: row.position, at: row.at, disclosure, leaf: leaf(&row), sealed: row.sealed })
}

/// Opens an entry with its recipient's key: the wallet's side.
pub fn open(row: &LogRow, secret: &RecipientSecret) -> Result<Disclosure, Integrity> {
    let aad = associated_data(row.position, row.at, &row.subject, row.to_holder);
    let plain = transfer::open(secret, INFO, &aad, &row.sealed)?;
    serde_json::from_slice(&plain).map_err(|_| Integrity::Encoding)
}

/// Leaf hash of an entry: everything that is stored of it.
pub fn leaf(row: &LogRow) -> Digest {
    let mut bytes = associated_data(row.position, row.at, &row.subject, row.to_holder);
    bytes.extend_from_slice(&row.sealed);
    merkle::leaf_hash(&bytes)
}

fn associated_data(position: u64, at: i64, subject: &Reference, to_holder: bool) -> Vec<u8> {
    let mut out = b"sealroot/1:log-entry".to_vec();
    out.extend_from_slice(&position.to_be_bytes());
    out.extend_from_slice(&at.to_be_bytes());
    out.extend_from_slice(subject);
    out.push(u8::from(to_holder));
    out
}
