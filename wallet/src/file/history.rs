//! The history file, beside the wallet's.
//!
//! Guarantees: two processes can't write at once; a line is on disk when it counts as written, and the file's own name before its first line is.

use super::sync_directory;
use crate::{
    history::{History, HistoryError, Lines},
    key::Wallet,
};
use sealroot_files::{ReadError, shown};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Larger files are not read: some twenty thousand entries.
const MAX_FILE: u64 = 32 << 20;

impl History {
    /// Where the history of a wallet file lies: beside it, with `.history.jsonl` added to its name.
    pub fn path_beside(wallet_file: &Path) -> PathBuf {
        let mut name = wallet_file.file_name().unwrap_or_default().to_os_string();
        name.push(".history.jsonl");
        wallet_file.with_file_name(name)
    }

    /// Opens and checks a history, or begins one, of mode 0600. The file stays locked until it is dropped.
    pub fn open(path: &Path, wallet: &Wallet) -> Result<Self, HistoryError> {
        let name = shown(path).to_string();
        let io = |source| HistoryError::Io { name: name.clone(), source };
        // A pipe would keep the wallet waiting, a device would fill its memory.
        match sealroot_files::open(path) {
            Ok(_) | Err(ReadError::NotFound) => {}
            Err(error) => return Err(io(error.into())),
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(io)?;
        file.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => HistoryError::InUse(name.clone()),
            TryLockError::Error(source) => io(source),
        })?;
        // Without this a crash could lose a new file with the entries that were synced into it.
        sync_directory(path).map_err(io)?;
        if file.metadata().map_err(io)?.len() > MAX_FILE {
            return Err(HistoryError::TooLarge(name));
        }
        Self::of(Box::new(HistoryFile { name, file }), wallet)
    }
}

struct HistoryFile {
    name: String,
    file: File,
}

impl Lines for HistoryFile {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.file).take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, from: u64, line: &[u8]) -> io::Result<()> {
        self.file.set_len(from)?;
        self.file.seek(SeekFrom::Start(from))?;
        self.file.write_all(line)?;
        self.file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        history::{Consented, Entry},
        seed::Seed,
        summary::Language,
    };
    use sealroot_protocol::{consent::RequestDigest, date::Period};
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
