//! The history: what offices asked, what the holder consented to and released, and where the key was enrolled; one sealed JSON line each, beside the wallet file.
//!
//! Guarantees: no consent and no release leaves before its entry is on disk; lines can't be changed, moved, dropped from the middle or read without
//! the wallet (XChaCha20-Poly1305, bound to position and to the line before); two processes can't write at once.
//! Non-guarantees: whole lines cut off at the end, an older copy put in its place, or the file removed, go unnoticed; consents given on another device are
//! not in it. What counts "so far" therefore counts as far as this file goes, and the summaries say so.
//! After a crash a line that isn't complete is dropped: its consent never left. The file's own name is on disk before its first entry is.

mod entry;

pub use entry::{Asked, Consented, Dealings, Earlier, Enrolled, Entry, Released};

use crate::{
    check::AskedRequest,
    key_file::{Hex, HexBytes, Wallet, of_io, sync_directory},
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
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Larger files are not read: some twenty thousand entries.
const MAX_FILE: u64 = 32 << 20;
/// Entries are padded to a multiple of this, so that their length doesn't tell the purpose.
const PAD: usize = 512;

/// An open history. The file stays locked until it is dropped.
pub struct History {
    path: PathBuf,
    file: File,
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
    #[error("{} is in use; close the other wallet first", .0.display())]
    InUse(PathBuf),
    /// A line was changed, moved or dropped, or belongs to another wallet.
    #[error("{}: line {line} was changed, moved or written by another wallet; keep the file for the inquiry and start with a new one", path.display())]
    Tampered {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Larger than 32 MiB.
    #[error("{} is larger than 32 MiB; archive it and start with a new one", .0.display())]
    TooLarge(PathBuf),
    /// The system's.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
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
            Self::Io { source, .. } => of_io(source),
            Self::Document(error) => error.code(),
        }
    }
}

impl History {
    /// Where the history of a wallet file lies: beside it, with `.history.jsonl` added to its name.
    pub fn path_beside(wallet_file: &Path) -> PathBuf {
        let mut name = wallet_file.file_name().unwrap_or_default().to_os_string();
        name.push(".history.jsonl");
        wallet_file.with_file_name(name)
    }

    /// Opens and checks a history, or begins one, of mode 0600.
    pub fn open(path: &Path, wallet: &Wallet) -> Result<Self, HistoryError> {
        let io = |source| HistoryError::Io { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(io)?;
        file.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => HistoryError::InUse(path.to_owned()),
            TryLockError::Error(source) => io(source),
        })?;
        // Without this a crash could lose a new file with the entries that were synced into it.
        sync_directory(path).map_err(io)?;
        if file.metadata().map_err(io)?.len() > MAX_FILE {
            return Err(HistoryError::TooLarge(path.to_owned()));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let complete = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut history = Self {
            path: path.to_owned(),
            file,
            key: wallet.seed().history_key(),
            entries: Vec::new(),
            last: [0; 32],
            length: complete as u64,
        };
        for (i, line) in bytes[..complete].split_inclusive(|b| *b == b'\n').enumerate() {
            let line = &line[..line.len() - 1];
            let entry = history.unseal(line);
            let entry = entry.ok_or_else(|| HistoryError::Tampered { path: path.to_owned(), line: i + 1 })?;
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

    /// The name of a person's id at an agency, as in [`Enrolled`]: `Some(None)` is the holder himself, `None` is nobody.
    pub fn name_of(&self, agency: &Name, subject: Subject) -> Option<Option<String>> {
        let (name, _) = self.enrolled(agency).rev().find(|(_, other)| *other == subject)?;
        let (_, newest) = self.enrolled(agency).rev().find(|(other, _)| *other == name)?;
        (newest == subject).then(|| name.map(str::to_owned))
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
        let line = self.seal(entry)?;
        let write = |file: &mut File, from: u64| {
            file.set_len(from)?;
            file.seek(SeekFrom::Start(from))?;
            file.write_all(&line)?;
            file.write_all(b"\n")?;
            file.sync_all()
        };
        write(&mut self.file, self.length).map_err(|source| HistoryError::Io { path: self.path.clone(), source })?;
        self.length += line.len() as u64 + 1;
        self.last = Sha256::digest(&line).into();
        self.entries.push(entry.clone());
        Ok(())
    }

    /// Makes every later write fail, as a full disk does.
    #[cfg(test)]
    pub(crate) fn fail_writes(&mut self) {
        if let Ok(read_only) = File::open(&self.path) {
            self.file = read_only;
        }
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
            .map_err(|_| HistoryError::Io { path: self.path.clone(), source: io::ErrorKind::InvalidInput.into() })?;
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    nonce: Hex<24>,
    sealed: HexBytes,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{seed::Seed, summary::Language};
    use sealroot_protocol::date::Period;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn wallet(byte: u8) -> Wallet {
        Wallet::new(Seed::from_bytes(&[byte; 32]))
    }

    fn entry(at: u64) -> Entry {
        Entry::Consented(Consented {
            at,
            requester: "welfare-office".parse().unwrap(),
            program: "heating-allowance".parse().unwrap(),
            period: Period { start: "2026-11-01".parse().unwrap(), end: "2026-11-30".parse().unwrap() },
            purpose: "CANARY-PURPOSE".into(),
            request: RequestDigest(at.into()),
            recipient: None,
        })
    }

    #[test]
    fn entries_survive_and_stay_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = History::path_beside(&directory.path().join("wallet.json"));
        assert_eq!(path.file_name().unwrap(), "wallet.json.history.jsonl");
        for at in 0..3 {
            let mut history = History::open(&path, &wallet(1)).unwrap();
            assert_eq!(history.entries().len(), at as usize);
            history.append(&entry(at)).unwrap();
        }
        let bytes = fs::read(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for canary in ["CANARY", "welfare", "heating"] {
            assert!(!String::from_utf8_lossy(&bytes).contains(canary), "{canary}");
            assert!(!String::from_utf8_lossy(&bytes).contains(&hex::encode(canary)), "{canary}");
        }
        let lengths: Vec<_> = bytes.split(|b| *b == b'\n').map(<[u8]>::len).collect();
        assert!(lengths[0] == lengths[1] && lengths[1] == lengths[2]);
        assert!(matches!(History::open(&path, &wallet(2)), Err(HistoryError::Tampered { line: 1, .. })));
    }

    /// Changed, dropped, doubled and swapped lines are rejected; a torn last line is not an entry.
    #[test]
    fn lines_are_chained() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("h");
        let mut history = History::open(&path, &wallet(1)).unwrap();
        for at in 0..3 {
            history.append(&entry(at)).unwrap();
        }
        drop(history);
        let bytes = fs::read(&path).unwrap();
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        let open = |content: Vec<u8>| {
            fs::write(&path, content).unwrap();
            History::open(&path, &wallet(1))
        };
        for (order, line) in
            [(vec![1, 2], 1), (vec![0, 2], 2), (vec![0, 2, 1], 2), (vec![0, 0, 1], 2), (vec![0, 1, 1], 3)]
        {
            let content = order.iter().flat_map(|i| lines[*i]).copied().collect();
            let rejected = matches!(open(content), Err(HistoryError::Tampered { line: found, .. }) if found == line);
            assert!(rejected, "{order:?}");
        }
        for i in 0..lines[0].len() {
            let mut changed = bytes.clone();
            changed[i] = if changed[i] == b'1' { b'2' } else { b'1' };
            assert!(open(changed).is_err(), "byte {i}");
        }
        let mut torn = open(bytes[..bytes.len() - 1].to_vec()).unwrap();
        assert_eq!(torn.entries().len(), 2);
        torn.append(&entry(7)).unwrap();
        drop(torn);
        let again = History::open(&path, &wallet(1)).unwrap();
        assert_eq!(again.entries(), [entry(0), entry(1), entry(7)]);
    }

    /// The limit that the module states, and that the summaries admit: whole lines missing at the end look like a shorter history.
    #[test]
    fn a_history_that_was_cut_goes_unnoticed_and_says_how_far_it_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("h");
        let mut history = History::open(&path, &wallet(1)).unwrap();
        history.append(&entry(0)).unwrap();
        let before = fs::read(&path).unwrap();
        history.append(&entry(1)).unwrap();
        drop(history);
        fs::write(&path, before).unwrap();
        let cut = History::open(&path, &wallet(1)).unwrap();
        assert_eq!(cut.entries(), [entry(0)]);
        for (language, words) in
            [(Language::En, "as far as this wallet's history file goes"), (Language::Zh, "以本钱包的历史文件为限")]
        {
            assert!(cut.summary(language).to_string().contains(words), "{words}");
        }
    }

    #[test]
    fn one_writer_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("h");
        let first = History::open(&path, &wallet(1)).unwrap();
        assert!(matches!(History::open(&path, &wallet(1)), Err(HistoryError::InUse(_))));
        drop(first);
        assert!(History::open(&path, &wallet(1)).is_ok());
    }
}
