//! A vault's directory: locked for one process that writes, shared by others that read, with the key ring's file in it.

use super::{
    backup::BACKUP_FILE,
    private,
    sqlite::{KEYS_FILE, LOG_FILE, RECORDS_FILE},
};
use crate::{
    error::{KeyError, Rejection, StoreError, VaultError},
    keys::{
        RingKeeper,
        master::{file_error, write_private},
    },
};
use sealroot_files::{ReadError, shown, sweep};
use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// File of the key ring within the vault's directory.
pub const RING_FILE: &str = "keyring.json";
const LOCK_FILE: &str = "vault.lock";
const READERS_FILE: &str = "vault.readers";
/// How often, and after how long, a writer looks again whether the directory is free.
const LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Longer files are no ring: a key-encryption key takes 80 bytes of it.
pub(super) const MAX_RING: u64 = 1 << 20;

/// Fails unless a directory can be made at `path`, or an empty one is there. Makes nothing: verbs look before their work.
pub fn check_vacant(path: &Path) -> Result<(), VaultError> {
    let taken = || Rejection::NotVacant(shown(path).to_string());
    let unmade = |error: io::Error| Rejection::Unmade { path: shown(path).to_string(), why: error.to_string() };
    match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(taken().into())),
        Err(_) if path.symlink_metadata().is_ok() => Err(taken().into()),
        Err(_) => Ok(sealroot_files::check_place(path).map_err(unmade)?),
    }
}

/// Whether a file is there. A pipe, a socket, a device or a directory in its place isn't a missing file: it is named, and never waited for.
pub(super) fn is_there(path: &Path) -> Result<bool, VaultError> {
    match sealroot_files::look(path) {
        Ok(()) => Ok(true),
        Err(ReadError::NotFound) => Ok(false),
        Err(error) => Err(StoreError::File { path: shown(path).to_string(), source: error.into() }.into()),
    }
}

/// Where a directory is made before it is renamed: beside its place, so that it appears whole or not at all. What a killed run left there goes; a run that goes on has it locked.
/// Guarantee: nothing goes but files that such a run made, in a directory that it made.
pub(super) fn staging(directory: &Path, what: &str) -> Result<Directory, VaultError> {
    let name = directory.file_name().ok_or_else(|| Rejection::NotVacant(shown(directory).to_string()))?;
    let mut staged = std::ffi::OsString::from(format!(".sealroot-{what}-"));
    staged.push(name);
    let path = directory.with_file_name(staged);
    let at = |source| StoreError::File { path: shown(&path).to_string(), source };
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        // A link would have its target emptied.
        Ok(found) if found.is_dir() => {
            only_ours(&path)?;
            let _alone = Directory::lock(&path)?;
            clear(&path).map_err(at)?;
        }
        Ok(_) => return Err(Rejection::NotVacant(shown(&path).to_string()).into()),
        Err(error) => return Err(at(error).into()),
    }
    let staged = Directory::lock(&path)?;
    let mark = path.join(STAGED_FILE);
    write_private(&mark, b"").map_err(|source| StoreError::File { path: shown(&mark).to_string(), source })?;
    Ok(staged)
}

/// Marks a directory that a backup or a restore makes, until it has its name; in one that has its name it means nothing. Its name isn't one that is swept.
const STAGED_FILE: &str = ".sealroot-staged";

/// Fails where a killed run can't have left all of it: somebody put a file there, or the directory is somebody's own.
fn only_ours(path: &Path) -> Result<(), VaultError> {
    let at = |source| StoreError::File { path: shown(path).to_string(), source };
    let foreign = |path: &Path| Rejection::Foreign(shown(path).to_string());
    let (mut marked, mut other) = (false, false);
    for entry in std::fs::read_dir(path).map_err(at)? {
        let entry = entry.map_err(at)?;
        let name = entry.file_name();
        let name = name.to_str().filter(|name| is_ours(name)).ok_or_else(|| foreign(&entry.path()))?;
        if !entry.file_type().map_err(at)?.is_file() {
            return Err(foreign(&entry.path()).into());
        }
        match name {
            STAGED_FILE => marked = true,
            LOCK_FILE | READERS_FILE => {}
            // The mark itself, unfinished, of a run that was killed while it made it.
            name if is_unfinished(name) => {}
            _ => other = true,
        }
    }
    if other && !marked { Err(foreign(path).into()) } else { Ok(()) }
}

/// Names of the files that a backup or a restore makes, SQLite's and unfinished ones among them.
fn is_ours(name: &str) -> bool {
    let of_database =
        |file: &&str| name.strip_prefix(*file).is_some_and(|suffix| ["", "-wal", "-shm", "-journal"].contains(&suffix));
    [RING_FILE, BACKUP_FILE, LOCK_FILE, READERS_FILE, STAGED_FILE].contains(&name)
        || [RECORDS_FILE, KEYS_FILE, LOG_FILE].iter().any(of_database)
        || is_unfinished(name)
}

fn is_unfinished(name: &str) -> bool {
    name.starts_with(sealroot_files::PREFIX) && name.ends_with(sealroot_files::SUFFIX)
}

/// Removes a directory that a backup or a restore made, and its files. What else is in it keeps it.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    // The mark last: a run that is killed here left the rest.
    let mut marks = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        match entry.file_name().to_str() {
            Some(STAGED_FILE) => marks.push(entry.path()),
            Some(name) if is_ours(name) && entry.file_type()?.is_file() => std::fs::remove_file(entry.path())?,
            _ => {}
        }
    }
    marks.iter().try_for_each(std::fs::remove_file)?;
    std::fs::remove_dir(path)
}

/// Gives a staged directory its name, durably.
pub(super) fn settle(staged: &Path, directory: &Path) -> Result<(), VaultError> {
    let at = |source: io::Error| match source.kind() {
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => {
            Rejection::NotVacant(shown(directory).to_string()).into()
        }
        _ => VaultError::from(StoreError::File { path: shown(directory).to_string(), source }),
    };
    std::fs::rename(staged, directory).map_err(at)?;
    let _ = std::fs::remove_file(directory.join(STAGED_FILE));
    let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(at)
}

/// Fails where one directory lies in another: a copy of a vault in the vault, say.
pub(super) fn check_outside(inner: &Path, outer: &Path) -> Result<(), Rejection> {
    let real = |path: &Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        path.canonicalize().ok().or_else(|| Some(parent.canonicalize().ok()?.join(path.file_name()?)))
    };
    match (real(inner), real(outer)) {
        (Some(within), Some(around)) if within.starts_with(&around) => {
            Err(Rejection::Within { inner: shown(inner).to_string(), outer: shown(outer).to_string() })
        }
        _ => Ok(()),
    }
}

/// A vault's directory. One process writes at a time; others may read meanwhile. Free again when dropped, or when the process dies.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Held by the process that writes.
    writing: Mutex<Option<File>>,
    /// Shared by processes that read, so that none of them has a key ring from before a rotation.
    reading: Mutex<Option<File>>,
}

impl Directory {
    /// Locks the directory for writing; creates it if it is missing.
    pub fn lock(path: &Path) -> Result<Self, VaultError> {
        let lock = path.join(LOCK_FILE);
        let file_error = |source| StoreError::File { path: shown(&lock).to_string(), source };
        private::directory(path).map_err(file_error)?;
        let file = private::file(&lock).map_err(file_error)?;
        match file.try_lock() {
            Ok(()) => {
                for left in sweep(path) {
                    tracing::warn!("{}: an interrupted run left it unfinished; it is removed", shown(&left));
                }
                Ok(Self { path: path.to_owned(), writing: Mutex::new(Some(file)), reading: Mutex::default() })
            }
            Err(TryLockError::WouldBlock) => Err(Rejection::InUse(shown(path).to_string()).into()),
            Err(TryLockError::Error(e)) => Err(file_error(e).into()),
        }
    }

    /// [`Self::lock`], waiting while another process holds it for a moment: a reader recovers what a crash left before it lets writers in.
    pub async fn lock_soon(path: &Path) -> Result<Self, VaultError> {
        for _ in 0..LOOKS {
            match Self::lock(path) {
                Err(VaultError::Rejected(Rejection::InUse(_))) => tokio::time::sleep(BETWEEN_LOOKS).await,
                done => return done,
            }
        }
        Self::lock(path)
    }

    /// The directory for reading, while another process may write. Refused while a key ring is being changed.
    pub fn read(path: &Path) -> Result<Self, VaultError> {
        let this = Self { path: path.to_owned(), writing: Mutex::default(), reading: Mutex::default() };
        this.take_reading()?;
        Ok(this)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Unlocks the directory and takes the locks' files away.
    pub(super) fn forget(self) {
        for file in [LOCK_FILE, READERS_FILE] {
            let _ = std::fs::remove_file(self.path.join(file));
        }
    }

    fn take_reading(&self) -> Result<(), KeyError> {
        let (path, file) = self.readers_file()?;
        match file.try_lock_shared() {
            Ok(()) => {
                *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(KeyError::Changing(self.location())),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }

    fn readers_file(&self) -> Result<(PathBuf, File), KeyError> {
        let path = self.path.join(READERS_FILE);
        match private::file(&path) {
            Ok(file) => Ok((path, file)),
            Err(source) => Err(file_error(&path, source)),
        }
    }

    fn ring(&self) -> PathBuf {
        self.path.join(RING_FILE)
    }
}

impl RingKeeper for Directory {
    fn load(&self) -> Result<Option<String>, KeyError> {
        match sealroot_files::read(&self.ring(), MAX_RING) {
            Ok(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| KeyError::Format { location: self.location(), what: "it is not UTF-8 text".into() }),
            Err(ReadError::NotFound) => Ok(None),
            Err(e) => Err(file_error(&self.ring(), e.into())),
        }
    }

    /// A temporary file of mode 0600, fsync, rename, fsync of the directory.
    fn save(&self, text: &str) -> Result<(), KeyError> {
        write_private(&self.ring(), text.as_bytes()).map_err(|e| file_error(&self.ring(), e))
    }

    fn share(&self) -> Result<(), KeyError> {
        self.take_reading()?;
        // Dropped, and so unlocked, only now: no rotation comes between.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    fn alone(&self) -> Result<Box<dyn Send>, KeyError> {
        if self.writing.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Err(KeyError::Reading);
        }
        let (path, file) = self.readers_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(file)),
            Err(TryLockError::WouldBlock) => Err(KeyError::Read(self.location())),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }

    fn location(&self) -> String {
        shown(&self.path).to_string()
    }
}
