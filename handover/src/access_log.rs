//! An entry of an agency's access log: what it says, and its sealed form.
//!
//! Guarantee: an entry opens for one reading key only, in its own place: position, time, person and kind of reader are authenticated with it.
//! Non-guarantee: that the agency wrote it. Anybody can seal to a public key; inclusion under the anchored head shows it.

use crate::transfer::{self, NotOpened, RecipientKey, RecipientSecret, UnusableKey};
use sealroot_protocol::{
    curve::PublicKey,
    date::{Date, FactsPeriod},
    field::Digest,
    name::Name,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Entries are padded to a multiple of this, so that their length doesn't tell what they say.
const PAD: usize = 512;
const INFO: &[u8] = b"sealroot/1:log";

/// The clerk or program that looks at a record, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The person or program that asks, as the agency knows it.
    pub who: String,
    /// Why: a request's digest, a file number. Entries that were written long ago say `reason`, so it stays so in their sealed form.
    #[serde(rename = "reason")]
    pub why: String,
}

/// What an entry says once opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedAct {
    /// Whose vault.
    pub agency: Name,
    /// The asking clerk or program, and why.
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
    /// Last day on which a representative who was registered may release records; none: until removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What a change left in the vault's database; none where nothing but the log was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<VaultState>,
}

/// What the newest change left in an agency's database. The log has one after every change, so a database that was set back is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultState {
    /// How many changes there were, this one included.
    #[serde(with = "sealroot_protocol::decimal")]
    pub number: u64,
    /// Keyed digest of all rows: it tells nothing to anybody without the key ring.
    pub digest: Digest,
    /// That of the change before, so that entries of two vaults that went apart make no history; zeros at the first.
    pub before: Digest,
    /// References of people whom this change erased, by each id that they had. A database from before it, once restored, erases them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<Digest>,
    /// References of people whose id this change replaced, by the id before. A database from before it knows them by that id, under which something may have been earned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<Digest>,
    /// MAC under the key ring over the number and those references: the log's public key lets anybody seal an entry. None where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_mac: Option<Digest>,
}

/// What was done with a record, or with the keys that count for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Decrypted for a proof.
    Opened,
    /// Sealed to a recipient's key.
    Released,
    /// The person's own key was enrolled: the first, or the same again.
    Enrolled,
    /// Another key took the place of the person's own.
    KeyReplaced,
    /// A release was made useless before it was used.
    ReleaseWithdrawn,
    /// Somebody was registered who may release the person's records as a representative.
    RepresentativeAdded,
    /// A representative no longer may.
    RepresentativeRemoved,
    /// The agency knows the person by another national id from now on.
    IdChanged,
    /// Compared with a file, in a dry run or by an import that was refused: that tells whether there is a record, and what differs.
    Compared,
    /// The vault's database was changed; the entry about whom or what stands before it, where there is one.
    Changed,
    /// Everything about the person was erased, key and reading key among it.
    Erased,
    /// The vault goes on from a copy: what was written after the copy was made is gone.
    Restored,
    /// In the place of an entry that was lost with the log's newest state: the chain has counted it, and nobody knows what it said.
    Lost,
}

/// In the words of a list, English.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opened => "decrypted to make a proof",
            Self::Released => "handed out",
            Self::Enrolled => "key enrolled",
            Self::KeyReplaced => "KEY REPLACED",
            Self::ReleaseWithdrawn => "release withdrawn",
            Self::RepresentativeAdded => "representative registered",
            Self::RepresentativeRemoved => "representative removed",
            Self::IdChanged => "NATIONAL ID CHANGED",
            Self::Compared => "compared with a file",
            Self::Changed => "vault changed",
            Self::Erased => "EVERYTHING ERASED",
            Self::Restored => "VAULT RESTORED FROM A COPY",
            Self::Lost => "ENTRY LOST",
        })
    }
}

/// An entry as it is stored and taken home: sealed to the holder's reading key, or to the agency's own where the holder gave none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedEntry {
    /// Position in the agency's log, from 0 on.
    #[serde(with = "sealroot_protocol::decimal")]
    pub position: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// Reference of the person in this vault, for listing what concerns one person.
    pub subject: Digest,
    /// Whether it is sealed to the reading key that the person had then; else to the agency's own, which reads it to the person.
    pub to_holder: bool,
    /// HPKE: encapsulated key, ciphertext and tag.
    #[serde(with = "crate::hex_bytes")]
    pub sealed: Vec<u8>,
}

impl LoggedAct {
    /// About a key, not about a record.
    pub fn of_key(agency: &Name, access: &Access, what: What, key: &PublicKey) -> Self {
        Self { key: Some(key.fingerprint()), ..Self::of_person(agency, access, what) }
    }

    /// About all that is kept of a person.
    pub fn of_person(agency: &Name, access: &Access, what: What) -> Self {
        let (agency, access) = (agency.clone(), access.clone());
        Self { agency, access, what, schema: None, period: None, key: None, until: None, state: None }
    }
}

/// The key that can open an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The person, with this reading key.
    Holder(RecipientKey),
    /// The agency, with its log key, where the person gave no reading key.
    Agency(RecipientKey),
}

impl SealedEntry {
    /// Seals what an entry says, at its place in the log. `at` is Unix seconds.
    pub fn seal(position: u64, at: i64, subject: Digest, reader: Reader, act: &LoggedAct) -> Result<Self, EntryError> {
        let (key, to_holder) = match reader {
            Reader::Holder(key) => (key, true),
            Reader::Agency(key) => (key, false),
        };
        let mut entry = Self { position, at, subject, to_holder, sealed: Vec::new() };
        let mut plain = serde_json::to_vec(act).map_err(|_| EntryError::Form)?;
        plain.resize(plain.len().next_multiple_of(PAD), b' ');
        entry.sealed = transfer::seal_to(&key, INFO, &entry.head(), &plain)?;
        Ok(entry)
    }

    /// Opens it with a reading key.
    pub fn open(&self, secret: &RecipientSecret) -> Result<LoggedAct, EntryError> {
        let plain = transfer::open(secret, INFO, &self.head(), &self.sealed)?;
        serde_json::from_slice(&plain).map_err(|_| EntryError::Form)
    }

    /// What the log's tree hashes as this entry's leaf: everything that is stored of it.
    pub fn leaf_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(&self.sealed);
        bytes
    }

    /// Everything but the ciphertext: the associated data.
    fn head(&self) -> Vec<u8> {
        let mut out = b"sealroot/1:log-entry".to_vec();
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(&self.at.to_be_bytes());
        out.extend_from_slice(&self.subject.0);
        out.push(u8::from(self.to_holder));
        out
    }
}

/// Why an entry isn't sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The reading key can't be sealed to.
    #[error(transparent)]
    Reader(#[from] UnusableKey),
    /// It doesn't open: it is another reader's, stands in another place, or was changed.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// It doesn't say what an entry says.
    #[error("the entry has not the form of an access-log entry")]
    Form,
}
