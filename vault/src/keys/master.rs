//! The master key, which opens the key ring: a passphrase through argon2id, or a key file.
//!
//! Guarantee: a passphrase costs what the ring's head says for every guess, and the head says no less than [`Argon2Cost::LEAST`], neither when a lock is made nor
//! when one is opened; a key file that others can read is rejected. The master key itself is stored nowhere.
//! The attack: a program that makes vaults for others locks them at a cost at which a thief guesses passphrases by the million. Nothing here makes such a ring,
//! and it doesn't open.

use crate::keys::{
    error::KeyError,
    seal::{self, Key},
};
use hkdf::Hkdf;
use sealroot_files::{Access, Staged, shown};
use sealroot_protocol::passphrase;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    io::Read,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Shortest passphrase, characters.
const MIN_PASSPHRASE: usize = 12;

/// What locks a ring.
pub enum MasterKey {
    /// A passphrase, stretched with argon2id.
    Passphrase(SecretString),
    /// A file of exactly 32 random bytes that only its owner can read (mode 0600 or stricter).
    File(PathBuf),
}

impl MasterKey {
    /// Fails where it can lock nothing at this cost, before anything is made that it would lock.
    pub(crate) fn check(&self, cost: Argon2Cost) -> Result<(), KeyError> {
        match self {
            Self::Passphrase(text) => cost.check().and_then(|()| long_enough(text)),
            Self::File(path) => read_key_file(path).map(drop),
        }
    }
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

impl Argon2Cost {
    /// The least that is accepted: 19 MiB, 2 passes, 1 lane, the minimum of OWASP's Password Storage Cheat Sheet.
    pub const LEAST: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// The most. A changed head must not make us allocate without end before it is found out.
    pub const MOST: Self = Self { memory_kib: 4 << 20, passes: 1000, lanes: 64 };

    fn check(self) -> Result<(), KeyError> {
        let (least, most) = (Self::LEAST, Self::MOST);
        let fits = (least.memory_kib..=most.memory_kib).contains(&self.memory_kib)
            && (least.passes..=most.passes).contains(&self.passes)
            && (least.lanes..=most.lanes).contains(&self.lanes);
        if fits { Ok(()) } else { Err(KeyError::Cost) }
    }
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
    let unreadable = |source| file_error(path, source);
    let mut file = sealroot_files::open(path).map_err(|error| unreadable(error.into()))?;
    let metadata = file.metadata().map_err(unreadable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Permissions { path: shown(path).to_string(), mode });
        }
    }
    let found = metadata.len();
    if found != 32 {
        return Err(KeyError::Length { path: shown(path).to_string(), found });
    }
    let mut bytes = Zeroizing::new([0; 32]);
    file.read_exact(bytes.as_mut_slice()).map_err(unreadable)?;
    Ok(Key::from_bytes(&bytes))
}

/// Writes a key file of mode 0600; refuses to replace one.
pub fn write_key_file(path: &Path, key: &Key) -> Result<(), KeyError> {
    let written = Staged::new(path, key.expose(), Access::Owner).and_then(Staged::create);
    written.map_err(|source| file_error(path, source))
}

/// The master keys that may open a lock that exists: a passphrase in its normal form, and as it was typed.
pub(crate) fn master_keys(master: &MasterKey, lock: &Lock) -> Result<Vec<Key>, KeyError> {
    match (master, lock) {
        (MasterKey::Passphrase(typed), Lock::Passphrase { argon2id, salt }) => {
            long_enough(typed)?;
            let texts = passphrase::candidates(typed.expose_secret());
            texts.map(|text| stretched(&text, *argon2id, salt)).collect()
        }
        _ => Ok(vec![master_key(master, lock)?]),
    }
}

/// The master key for a new lock.
pub(crate) fn master_key(master: &MasterKey, lock: &Lock) -> Result<Key, KeyError> {
    match (master, lock) {
        (MasterKey::Passphrase(text), Lock::Passphrase { argon2id, salt }) => {
            long_enough(text)?;
            stretched(&passphrase::passphrase(text.expose_secret()), *argon2id, salt)
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

fn long_enough(text: &SecretString) -> Result<(), KeyError> {
    if passphrase::passphrase(text.expose_secret()).chars().count() < MIN_PASSPHRASE {
        return Err(KeyError::ShortPassphrase);
    }
    Ok(())
}

fn stretched(text: &str, cost: Argon2Cost, salt: &str) -> Result<Key, KeyError> {
    cost.check()?;
    let params =
        argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| KeyError::WrongKey)?;
    let salt = hex::decode(salt).map_err(|_| KeyError::WrongKey)?;
    let mut out = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(text.as_bytes(), &salt, out.as_mut_slice())
        .map_err(|_| KeyError::WrongKey)?;
    Ok(Key::from_bytes(&out))
}

/// Writes so that a crash leaves the old file or the new one, which only its owner reads.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    Staged::new(path, bytes, Access::Owner)?.replace()
}

pub(crate) fn file_error(path: &Path, source: std::io::Error) -> KeyError {
    KeyError::File { path: shown(path).to_string(), source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::code::{Code, Coded};

    const LITTLE: Argon2Cost = Argon2Cost::LEAST;

    fn phrase(text: &str) -> MasterKey {
        MasterKey::Passphrase(text.to_owned().into())
    }

    #[test]
    fn a_passphrase_has_twelve_characters() {
        let check = |text: &str| phrase(text).check(LITTLE).map_err(|error| error.code());
        assert_eq!(check("twelve chars"), Ok(()));
        assert_eq!(check("eleven char"), Err(Code::BadPassphrase));
        assert_eq!(check(&"\u{e9}".repeat(11)), Err(Code::BadPassphrase), "22 bytes are 11 characters");
    }

    /// An earlier version locked with what was typed. A ring that it locked opens with the same keys typed again; a new lock takes the normal form.
    #[test]
    fn a_lock_opens_with_what_was_typed_and_with_its_normal_form() {
        let (typed, normal) = ("cafe\u{301} noir, tard", "caf\u{e9} noir, tard");
        let salt = hex::encode([7; 16]);
        let lock = Lock::Passphrase { argon2id: LITTLE, salt: salt.clone() };
        let [as_typed, as_normal] = [typed, normal].map(|text| stretched(text, LITTLE, &salt).unwrap());
        assert!(as_typed != as_normal);
        let keys = master_keys(&phrase(typed), &lock).unwrap();
        assert!(keys.contains(&as_typed) && keys.contains(&as_normal) && keys.len() == 2);
        assert!(master_keys(&phrase(normal), &lock).unwrap() == [as_normal.clone()]);
        assert!(master_key(&phrase(typed), &lock).unwrap() == as_normal);
    }

    /// Attack: a ring's head that makes its reader fill the memory, or compute for years.
    #[test]
    fn a_head_can_not_ask_for_everything() {
        let with = |memory_kib, passes| Argon2Cost { memory_kib, passes, lanes: 4 }.check().is_ok();
        let Argon2Cost { memory_kib, passes, .. } = Argon2Cost::MOST;
        assert!(with(memory_kib, passes) && memory_kib == 4 * 1024 * 1024);
        assert!(!with(memory_kib + 1, 2) && !with(LITTLE.memory_kib, passes + 1) && !with(u32::MAX, u32::MAX));
        let costly = Argon2Cost { passes: passes + 1, ..LITTLE };
        let head = Lock::Passphrase { argon2id: costly, salt: hex::encode([7; 16]) };
        let opened = master_key(&phrase("correct horse battery"), &head);
        assert!(matches!(opened, Err(KeyError::Cost)));
    }

    /// A key file that was written is read again; none replaces one, and one that is missing is said to be missing.
    #[test]
    fn key_files_are_written_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let code = |error: KeyError| error.code();
        assert_eq!(read_key_file(&path).map_err(code).err(), Some(Code::FileNotFound));
        let key = Key::random();
        write_key_file(&path, &key).unwrap();
        assert!(read_key_file(&path).unwrap() == key);
        assert_eq!(write_key_file(&path, &Key::random()).map_err(code), Err(Code::FileExists));
        assert!(read_key_file(&path).unwrap() == key);
    }
}
