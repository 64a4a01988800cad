//! The master key, which opens the key ring: a passphrase through argon2id, or a key file.
//!
//! Guarantee: a passphrase costs what the ring's head says for every guess; a key file that others can read is rejected. The master key itself is
//! stored nowhere.

use crate::keys::{
    error::KeyError,
    seal::{self, Key},
};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Shortest passphrase, characters.
const MIN_PASSPHRASE: usize = 12;
/// Largest memory cost that is accepted: 4 GiB.
const MAX_MEMORY_KIB: u32 = 4 << 20;
/// Most passes that are accepted.
const MAX_PASSES: u32 = 1000;

/// What locks a ring.
pub enum MasterKey {
    /// A passphrase, stretched with argon2id.
    Passphrase(SecretString),
    /// A file of exactly 32 random bytes that only its owner can read (mode 0600 or stricter).
    File(PathBuf),
}

/// Cost of argon2id; stored in the ring, so that it can be raised later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argon2Cost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Argon2Cost {
    /// RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes.
    fn default() -> Self {
        Self { memory_kib: 65_536, passes: 3, lanes: 4 }
    }
}

/// How the master key is made; written in clear at the head of the ring file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Lock {
    Passphrase { argon2id: Argon2Cost, salt: String },
    KeyFile,
}

impl Lock {
    /// A lock for this kind of master key, with a fresh salt.
    pub(crate) fn fresh(master: &MasterKey, cost: Argon2Cost) -> Self {
        match master {
            MasterKey::Passphrase(_) => {
                Self::Passphrase { argon2id: cost, salt: hex::encode(seal::random_bytes::<16>()) }
            }
            MasterKey::File(_) => Self::KeyFile,
        }
    }

    /// All of it, for the associated data of what it locks.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Passphrase { argon2id: Argon2Cost { memory_kib, passes, lanes }, salt } => {
                format!("argon2id {memory_kib} {passes} {lanes} {salt}").into_bytes()
            }
            Self::KeyFile => b"key-file".to_vec(),
        }
    }
}

/// Reads a key file: exactly 32 bytes, readable by its owner only.
pub fn read_key_file(path: &Path) -> Result<Key, KeyError> {
    let metadata = fs::metadata(path).map_err(|source| file_error(path, source))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Permissions { path: path.display().to_string(), mode });
        }
    }
    if metadata.len() != 32 {
        return Err(KeyError::Length { path: path.display().to_string(), found: metadata.len() });
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(|source| file_error(path, source))?);
    let bytes: &[u8; 32] = bytes
        .as_slice()
        .try_into()
        .map_err(|_| KeyError::Length { path: path.display().to_string(), found: bytes.len() as u64 })?;
    Ok(Key::from_bytes(bytes))
}

/// Writes a key file of mode 0600; refuses to replace one.
pub fn write_key_file(path: &Path, key: &Key) -> Result<(), KeyError> {
    if path.exists() {
        return Err(file_error(path, std::io::ErrorKind::AlreadyExists.into()));
    }
    write_private(path, key.expose()).map_err(|source| file_error(path, source))
}

/// The master key for a lock.
pub(crate) fn master_key(master: &MasterKey, lock: &Lock) -> Result<Key, KeyError> {
    match (master, lock) {
        (MasterKey::Passphrase(text), Lock::Passphrase { argon2id, salt }) => {
            if text.expose_secret().chars().count() < MIN_PASSPHRASE {
                return Err(KeyError::ShortPassphrase);
            }
            // A changed head must not make us allocate without end before it is found out.
            if argon2id.memory_kib > MAX_MEMORY_KIB || argon2id.passes > MAX_PASSES {
                return Err(KeyError::WrongKey);
            }
            let params = argon2::Params::new(argon2id.memory_kib, argon2id.passes, argon2id.lanes, Some(32))
                .map_err(|_| KeyError::WrongKey)?;
            let salt = hex::decode(salt).map_err(|_| KeyError::WrongKey)?;
            let mut out = Zeroizing::new([0; 32]);
            argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                .hash_password_into(text.expose_secret().as_bytes(), &salt, out.as_mut_slice())
                .map_err(|_| KeyError::WrongKey)?;
            Ok(Key::from_bytes(&out))
        }
        (MasterKey::File(path), Lock::KeyFile) => {
            // A purpose of its own: the same file may lock other things without giving them this key.
            let file = read_key_file(path)?;
            let mut out = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, file.expose())
                .expand(b"sealroot/1:keyring", out.as_mut_slice())
                .map_err(|_| KeyError::WrongKey)?;
            Ok(Key::from_bytes(&out))
        }
        (_, Lock::Passphrase { .. }) => Err(KeyError::OtherKind("a passphrase, and a key file was given")),
        (_, Lock::KeyFile) => Err(KeyError::OtherKind("a key file, and a passphrase was given")),
    }
}

/// Writes so that a crash leaves the old file or the new one, which only its owner reads.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(directory)?.sync_all()
}

pub(crate) fn file_error(path: &Path, source: std::io::Error) -> KeyError {
    KeyError::File { path: path.display().to_string(), source }
}
