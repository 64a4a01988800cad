//! The history: what offices asked, what the holder consented to and released, and where the key was enrolled; one sealed JSON line each.
//!
//! Guarantees: no consent and no release leaves before its entry is on disk; lines can't be changed, moved, dropped from the middle or read without
//! the wallet (XChaCha20-Poly1305, bound to position and to the line before).
//! Non-guarantees: whole lines cut off at the end, an older copy put in its place, or the file removed, go unnoticed; consents given on another device are
//! not in it. What counts "so far" therefore counts as far as this file goes, and the summaries say so.
//! After a crash a line that isn't complete is dropped: its consent never left.

mod entry;

pub use entry::{Asked, Consented, Dealings, Earlier, Enrolled, Entry, Released};

use crate::{
    check::AskedRequest,
    hex_bytes::{Hex, HexBytes},
    key::Wallet,
    rejection::Rejection,
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sealroot_protocol::{
    canonical::{self, DocumentError},
    code::{Code, Coded},
    consent::RequestDigest,
    name::Name,
    record::Subject,
    request::Request,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io;
use zeroize::Zeroizing;

/// Entries are padded to a multiple of this, so that their length doesn't tell the purpose.
const PAD: usize = 512;

/// Where a history's lines are kept: a file beside the wallet's, or a page's storage.
pub trait Lines: Send {
    /// How messages name it: a path, say.
    fn name(&self) -> String;
    /// All bytes. Called once, before anything is appended.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Drops what stands after `from` bytes, which a crash left behind, and appends a line; returns when it is durable.
    fn append(&mut self, from: u64, line: &[u8]) -> io::Result<()>;
}

/// An open history. What keeps its lines stays locked until it is dropped.
pub struct History {
    name: String,
    lines: Box<dyn Lines>,
    key: Zeroizing<[u8; 32]>,
    entries: Vec<Entry>,
    /// SHA-256 of the last line; zeros before the first.
    last: [u8; 32],
    /// Bytes of complete lines.
    length: u64,
}

/// Why a history can't be read or written; nothing is consented to then.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// Another process has it open.
    #[error("{0} is in use; close the other wallet first")]
    InUse(String),
    /// A line was changed, moved or dropped, or belongs to another wallet.
    #[error(
        "{name}: line {line} was changed, moved or written by another wallet; keep the file for the inquiry and start with a new one"
    )]
    Tampered {
        /// Which history.
        name: String,
        /// Counted from 1.
        line: usize,
    },
    /// Larger than 32 MiB.
    #[error("{0} is larger than 32 MiB; archive it and start with a new one")]
    TooLarge(String),
    /// The system's.
    #[error("{name}: {source}")]
    Io {
        /// Which history.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// An entry can't be written.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Coded for HistoryError {
    fn code(&self) -> Code {
        match self {
            Self::InUse(_) => Code::HistoryInUse,
            Self::Tampered { .. } => Code::HistoryTampered,
            Self::TooLarge(_) => Code::FileTooLarge,
            Self::Io { source, .. } => sealroot_files::code_of(source),
            Self::Document(error) => error.code(),
        }
    }
}

impl History {
    /// Reads and checks the lines that are kept for a wallet; none: it begins.
    pub fn of(mut lines: Box<dyn Lines>, wallet: &Wallet) -> Result<Self, HistoryError> {
        let name = lines.name();
        let bytes = lines.read().map_err(|source| HistoryError::Io { name: name.clone(), source })?;
        let complete = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut history = Self {
            name,
            lines,
            key: wallet.seed().history_key(),
            entries: Vec::new(),
            last: [0; 32],
            length: complete as u64,
        };
        for (i, line) in bytes[..complete].split_inclusive(|b| *b == b'\n').enumerate() {
            let line = &line[..line.len() - 1];
            let entry = history.unseal(line);
            let entry = entry.ok_or_else(|| HistoryError::Tampered { name: history.name.clone(), line: i + 1 })?;
            history.entries.push(entry);
            history.last = Sha256::digest(line).into();
        }
        Ok(history)
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What went before a request. The request itself doesn't count.
    pub fn earlier(&self, request: &Request) -> Earlier {
        entry::earlier(&self.entries, request)
    }

    /// How often each requester asked and got what, the newest first.
    pub fn dealings(&self) -> Vec<Dealings> {
        entry::dealings(&self.entries)
    }

    /// A person's id at an agency; `person` as in [`Enrolled`]. A later enrolment takes its name and its id from those before.
    pub fn subject(&self, agency: &Name, person: Option<&str>) -> Option<Subject> {
        let (_, subject) = self.enrolled(agency).rev().find(|(name, _)| *name == person)?;
        (self.name_of(agency, subject)?.as_deref() == person).then_some(subject)
    }

    /// The name of a person's id at an agency, as in [`Enrolled`]: `Some(None)` is the holder, `None` is nobody.
    pub fn name_of(&self, agency: &Name, subject: Subject) -> Option<Option<String>> {
        let (name, _) = self.enrolled(agency).rev().find(|(_, other)| *other == subject)?;
        let (_, newest) = self.enrolled(agency).rev().find(|(other, _)| *other == name)?;
        (newest == subject).then(|| name.map(str::to_owned))
    }

    /// Every id that the holder's key was ever enrolled under, for whichever person and agency.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Enrolled(enrolled) => Some(enrolled.subject),
            _ => None,
        })
    }

    /// Names and ids at an agency, oldest first.
    fn enrolled(&self, agency: &Name) -> impl DoubleEndedIterator<Item = (Option<&str>, Subject)> {
        self.entries.iter().filter_map(move |entry| match entry {
            Entry::Enrolled(e) if e.agency == *agency => Some((e.person.as_deref(), e.subject)),
            _ => None,
        })
    }

    /// Counts a request that the holder is about to be shown, once, however often it is shown.
    pub fn note_asked(&mut self, request: &AskedRequest, now: u64) -> Result<(), HistoryError> {
        self.note(Some(Entry::asked(request, now)), request.digest())
    }

    /// Counts a request that was rejected, once, if somebody answers for it.
    pub fn note_rejected(&mut self, request: &Request, rejection: &Rejection, now: u64) -> Result<(), HistoryError> {
        self.note(Entry::rejected(request, rejection, now), request.digest())
    }

    fn note(&mut self, entry: Option<Entry>, digest: RequestDigest) -> Result<(), HistoryError> {
        let seen = self.entries.iter().any(|e| matches!(e, Entry::Asked(asked) if asked.request == digest));
        match entry {
            Some(entry) if !seen => self.append(&entry),
            _ => Ok(()),
        }
    }

    /// Appends an entry and waits until it is on disk.
    pub fn append(&mut self, entry: &Entry) -> Result<(), HistoryError> {
        let mut line = self.seal(entry)?;
        let last = Sha256::digest(&line).into();
        line.push(b'\n');
        let written = self.lines.append(self.length, &line);
        written.map_err(|source| HistoryError::Io { name: self.name.clone(), source })?;
        self.length += line.len() as u64;
        self.last = last;
        self.entries.push(entry.clone());
        Ok(())
    }

    fn seal(&self, entry: &Entry) -> Result<Vec<u8>, HistoryError> {
        let mut plain = Zeroizing::new(canonical::to_bytes(entry)?);
        let padded = plain.len().next_multiple_of(PAD);
        plain.resize(padded, b' ');
        let mut nonce = [0; 24];
        rand::fill(&mut nonce);
        let payload = Payload { msg: &plain, aad: &self.associated_data() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed
            .map_err(|_| HistoryError::Io { name: self.name.clone(), source: io::ErrorKind::InvalidInput.into() })?;
        Ok(canonical::to_bytes(&Line { nonce: Hex(nonce), sealed: HexBytes(sealed) })?)
    }

    fn unseal(&self, line: &[u8]) -> Option<Entry> {
        let line: Line = canonical::from_bytes(line).ok()?;
        let payload = Payload { msg: &line.sealed.0, aad: &self.associated_data() };
        let plain = Zeroizing::new(self.cipher().decrypt(&XNonce::from(line.nonce.0), payload).ok()?);
        canonical::from_bytes(plain.trim_ascii_end()).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.key).into())
    }

    /// Position and the line before.
    fn associated_data(&self) -> Vec<u8> {
        let mut out = b"sealroot/1:wallet-history".to_vec();
        out.extend_from_slice(&(self.entries.len() as u64).to_be_bytes());
        out.extend_from_slice(&self.last);
        out
    }
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "History({} entries)", self.entries.len())
    }
}

/// How many entries bytes hold if they are a history's, without opening them; none if they aren't one's.
pub fn entries_in(bytes: &[u8]) -> Option<usize> {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let all = !lines.is_empty() && lines.iter().all(|line| canonical::from_bytes::<Line>(line).is_ok());
    all.then_some(lines.len())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    nonce: Hex<24>,
    sealed: HexBytes,
}
