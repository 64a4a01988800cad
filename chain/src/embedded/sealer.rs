//! The sealer's key file: beside the database, readable by its owner only.

use crate::chain::ChainError;
use sealroot_protocol::signature::SecretSigningKey;
use std::{
    fs,
    io::{self, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// Reads the key; none if there is no file.
pub(super) fn load(path: &Path) -> Result<Option<SecretSigningKey>, ChainError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(file(path, source)),
    };
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_end(), bytes.as_mut_slice())
        .map_err(|error| file(path, io::Error::new(io::ErrorKind::InvalidData, error)))?;
    Ok(Some(SecretSigningKey::from_bytes(&bytes)?))
}

/// Generates a key and has it on disk before it signs anything.
pub(super) fn create(path: &Path) -> Result<SecretSigningKey, ChainError> {
    let key = loop {
        let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
        // Zero or beyond the group order: 2^-128.
        if let Ok(key) = SecretSigningKey::from_bytes(&bytes) {
            break key;
        }
    };
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let secret = Zeroizing::new(key.to_bytes());
    let text = Zeroizing::new(hex::encode(*secret) + "\n");
    let written = options.open(path).and_then(|mut out| {
        out.write_all(text.as_bytes())?;
        out.sync_all()
    });
    written.map_err(|source| file(path, source))?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory).and_then(|d| d.sync_all()).map_err(|source| file(directory, source))?;
    }
    Ok(key)
}

pub(super) fn file(path: &Path, source: io::Error) -> ChainError {
    ChainError::File { path: path.display().to_string(), source }
}
