//! The sealer's key file: beside the database, readable by its owner only.

use super::error::EmbeddedError;
use sealroot_files::{Access, ReadError, Staged};
use sealroot_protocol::{printable::printable, signature::SecretSigningKey};
use std::{
    io::{self, Read},
    path::Path,
};
use zeroize::Zeroizing;

/// Bytes that a key file has at most.
const LIMIT: u64 = 256;

/// Reads the key; none if there is no file.
pub(super) fn load(path: &Path) -> Result<Option<SecretSigningKey>, EmbeddedError> {
    let mut key = match sealroot_files::open(path) {
        Ok(key) => key.take(LIMIT),
        Err(ReadError::NotFound) => return Ok(None),
        Err(error) => return Err(file(path, error.into())),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = key.get_ref().metadata().map_err(|source| file(path, source))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(EmbeddedError::KeyPermissions { path: shown(path), mode });
        }
    }
    let mut text = Zeroizing::new(String::with_capacity(LIMIT as usize));
    key.read_to_string(&mut text).map_err(|source| file(path, source))?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_end(), bytes.as_mut_slice())
        .map_err(|error| file(path, io::Error::new(io::ErrorKind::InvalidData, error)))?;
    let key = SecretSigningKey::from_bytes(&bytes);
    Ok(Some(key.map_err(|error| file(path, io::Error::new(io::ErrorKind::InvalidData, error)))?))
}

/// Generates a key and has it on disk before it signs anything.
pub(super) fn create(path: &Path) -> Result<SecretSigningKey, EmbeddedError> {
    let key = loop {
        let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
        // Zero or beyond the group order: 2^-128.
        if let Ok(key) = SecretSigningKey::from_bytes(&bytes) {
            break key;
        }
    };
    // Whole or not at all, and never in the place of a key: half a key would stand in the way of every later creation.
    let secret = Zeroizing::new(key.to_bytes());
    let text = Zeroizing::new(hex::encode(*secret) + "\n");
    let written = Staged::new(path, text.as_bytes(), Access::Owner).and_then(Staged::create);
    written.map_err(|source| file(path, source))?;
    Ok(key)
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

pub(super) fn file(path: &Path, source: io::Error) -> EmbeddedError {
    EmbeddedError::File { path: shown(path), source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::code::{Code, Coded};
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    #[test]
    fn a_key_is_made_once_and_read_by_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sealer.key");
        assert!(load(&path).unwrap().is_none());
        let key = create(&path).unwrap();
        assert_eq!(load(&path).unwrap().unwrap().address(), key.address());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(create(&path).is_err(), "a key is never replaced");
        assert_eq!(load(&path).unwrap().unwrap().address(), key.address());
        for mode in [0o644, 0o640, 0o604, 0o660, 0o620, 0o666, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = load(&path).err().unwrap();
            assert_eq!(error.code(), Code::SecretReadableByOthers, "{mode:o}");
            assert!(error.advice().unwrap().starts_with("chmod 600"));
        }
        for mode in [0o400, 0o600] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(load(&path).unwrap().is_some(), "{mode:o}");
        }
    }

    /// Where a link lies, even one that leads nowhere, no key is written through it; a device is no key.
    #[test]
    fn no_key_is_written_through_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (path, target) = (directory.path().join("sealer.key"), directory.path().join("elsewhere"));
        symlink(&target, &path).unwrap();
        assert!(create(&path).is_err());
        assert!(!target.exists());
        fs::remove_file(&path).unwrap();
        symlink("/dev/zero", &path).unwrap();
        assert_eq!(load(&path).err().unwrap().code(), Code::ChainFile);
    }
}
