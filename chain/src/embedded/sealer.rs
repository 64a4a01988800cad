//! The sealer's key file: beside the database, readable by its owner only.

use super::error::EmbeddedError;
use sealroot_protocol::{printable::printable, signature::SecretSigningKey};
use std::{
    fs,
    io::{self, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// Reads the key; none if there is no file.
pub(super) fn load(path: &Path) -> Result<Option<SecretSigningKey>, EmbeddedError> {
    let read = || {
        // To open a pipe would wait for somebody who writes.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        fs::read_to_string(path)
    };
    let text = match read() {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(file(path, source)),
    };
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
    // Under another name until it is whole: half a key would stand in the way of every later creation.
    let temporary = path.with_extension("key.new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let secret = Zeroizing::new(key.to_bytes());
    let text = Zeroizing::new(hex::encode(*secret) + "\n");
    if temporary.exists() {
        fs::remove_file(&temporary).map_err(|source| file(&temporary, source))?;
    }
    let written = options.open(&temporary).and_then(|mut out| {
        out.write_all(text.as_bytes())?;
        out.sync_all()
    });
    // A link fails where a key is already; a rename would replace it.
    let written = written.and_then(|()| fs::hard_link(&temporary, path)).and_then(|()| fs::remove_file(&temporary));
    written.map_err(|source| file(path, source))?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory).and_then(|d| d.sync_all()).map_err(|source| file(directory, source))?;
    }
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

    /// A crash while the key is written leaves none, and the next creation makes one.
    #[test]
    fn an_interrupted_creation_leaves_no_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sealer.key");
        fs::write(directory.path().join("sealer.key.new"), "0011").unwrap();
        assert!(load(&path).unwrap().is_none());
        let key = create(&path).unwrap();
        assert_eq!(load(&path).unwrap().unwrap().address(), key.address());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(create(&path).is_err(), "a key is never replaced");
        assert_eq!(load(&path).unwrap().unwrap().address(), key.address());
    }
}
