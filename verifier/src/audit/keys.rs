//! Loading the universal keys that a trust file pins.

use crate::key_header::KeySecurity;
use crate::trust::Trust;
use crate::universal_key::{KeyError, UniversalKey, UniversalKeys};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::machine::Shape;

/// Why a trust file's keys can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TrustedKeyError {
    /// The file can't be read.
    #[error("universal key file {file}: {error}; it belongs beside the trust file")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file isn't the pinned key.
    #[error("universal key file {file}: {error}")]
    Key {
        /// Its name.
        file: String,
        /// Why.
        error: KeyError,
    },
    /// A key of another shape than the trust file says.
    #[error("universal key file {file} is of the {found} shape, the trust file says {pinned}")]
    Shape {
        /// Its name.
        file: String,
        /// In the trust file.
        pinned: Shape,
        /// In the key file.
        found: Shape,
    },
}

impl Coded for TrustedKeyError {
    fn code(&self) -> Code {
        Code::BadUniversalKey
    }
}

/// Loads the universal keys that a trust file pins. `read` gives the bytes of a file beside it.
pub fn trusted_keys(
    trust: &Trust,
    security: KeySecurity,
    read: impl Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<UniversalKeys, TrustedKeyError> {
    let mut keys = UniversalKeys::new();
    for pin in &trust.universal_keys {
        let file = || pin.file.clone();
        let bytes = read(&pin.file).map_err(|error| TrustedKeyError::Read { file: file(), error })?;
        let key = UniversalKey::from_pinned(&bytes, pin.sha256, security)
            .map_err(|error| TrustedKeyError::Key { file: file(), error })?;
        if key.shape() != pin.shape {
            return Err(TrustedKeyError::Shape { file: file(), pinned: pin.shape, found: key.shape() });
        }
        keys = keys.with(key);
    }
    Ok(keys)
}
