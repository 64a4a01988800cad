//! Proving key files: header, hash of the universal key, then ark-serialize's uncompressed form.
//!
//! Guarantee: no byte is interpreted before the file's hash is known to be the pinned one. Only then is decoding without
//! checking every point acceptable, which makes loading a matter of milliseconds instead of seconds. A manipulated proving
//! key can't make a false proof acceptable, but it can make true proofs leak their witness: that is what the pin defends against.

use ark_bn254::Bn254;
use ark_groth16::ProvingKey;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use sealroot_circuits::system::Matrices;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::Digest;
use sealroot_verifier::key_header::{HeaderError, KeyHeader, KeyKind, KeySecurity};
use sealroot_verifier::universal_key::UniversalKey;
use sha2::{Digest as _, Sha256};

/// Why a proving key is rejected.
#[derive(Debug, thiserror::Error)]
pub enum ProvingKeyError {
    /// The file's hash is not the pinned one.
    #[error("the proving key's hash is {found}, pinned is {pinned}: get the file that the configuration names")]
    Pin {
        /// What the configuration names.
        pinned: Digest,
        /// SHA-256 of the bytes at hand.
        found: Digest,
    },
    /// The header is rejected.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The key's body can't be read.
    #[error("the proving key can't be read: {0}")]
    Body(SerializationError),
    /// Bytes after the key.
    #[error("{0} bytes follow the proving key")]
    Trailing(usize),
    /// The proving key doesn't belong to the universal key.
    #[error(
        "the proving key was made for universal key {proving}, not for {universal}: use the two files of one setup"
    )]
    UniversalKey {
        /// What the proving key names.
        proving: Digest,
        /// The universal key at hand.
        universal: Digest,
    },
    /// The proving key doesn't belong to this software's circuit.
    #[error(
        "the key was made for circuit {key}, this software's circuit is {circuit}: use the version that the key's setup was run for"
    )]
    Circuit {
        /// What the key file names.
        key: Digest,
        /// Digest of this software's matrices.
        circuit: Digest,
    },
    /// The key's parts don't have the circuit's sizes.
    #[error("the proving key's {part} has {found} points, the circuit needs {expected}")]
    Size {
        /// Which list.
        part: &'static str,
        /// By the circuit.
        expected: usize,
        /// Found.
        found: usize,
    },
}

impl Coded for ProvingKeyError {
    fn code(&self) -> Code {
        Code::BadProvingKey
    }
}

/// A decoded proving key, not yet compared with universal key and circuit.
pub struct ProvingKeyFile {
    header: KeyHeader,
    universal_key: Digest,
    key: ProvingKey<Bn254>,
}

impl ProvingKeyFile {
    /// Pairs a setup's proving key with the universal key it belongs to.
    pub fn from_setup(universal: &UniversalKey, key: ProvingKey<Bn254>) -> Self {
        let header = KeyHeader {
            kind: KeyKind::Proving,
            shape: universal.shape(),
            insecure: universal.is_insecure(),
            circuit: universal.circuit(),
        };
        Self { header, universal_key: universal.hash(), key }
    }

    /// Decodes a file whose SHA-256 must be `pinned`.
    pub fn from_pinned(bytes: &[u8], pinned: Digest, security: KeySecurity) -> Result<Self, ProvingKeyError> {
        let found = hash(bytes);
        if found != pinned {
            return Err(ProvingKeyError::Pin { pinned, found });
        }
        let (header, rest) = KeyHeader::decode(bytes, KeyKind::Proving, security)?;
        let (universal_key, mut rest) =
            rest.split_first_chunk().ok_or(ProvingKeyError::Body(SerializationError::InvalidData))?;
        #[allow(
            clippy::disallowed_methods,
            reason = "the bytes are known by their hash; checking 100,000 points again takes seconds"
        )]
        let key = ProvingKey::deserialize_uncompressed_unchecked(&mut rest).map_err(ProvingKeyError::Body)?;
        if !rest.is_empty() {
            return Err(ProvingKeyError::Trailing(rest.len()));
        }
        Ok(Self { header, universal_key: Digest(*universal_key), key })
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ProvingKeyError> {
        let mut out = self.header.to_bytes();
        out.extend(self.universal_key.0);
        self.key.serialize_uncompressed(&mut out).map_err(ProvingKeyError::Body)?;
        Ok(out)
    }

    /// The key, if it belongs to this universal key and to these matrices.
    pub fn into_key_for(
        self,
        universal: &UniversalKey,
        matrices: &Matrices,
    ) -> Result<ProvingKey<Bn254>, ProvingKeyError> {
        let same_key = self.universal_key == universal.hash() && self.key.vk == *universal.verifying_key();
        if !same_key || self.header.shape != universal.shape() {
            return Err(ProvingKeyError::UniversalKey { proving: self.universal_key, universal: universal.hash() });
        }
        let circuit = matrices.digest();
        if let Some(key) = [self.header.circuit, universal.circuit()].into_iter().find(|key| *key != circuit) {
            return Err(ProvingKeyError::Circuit { key, circuit });
        }
        let variables = matrices.variables;
        let sizes = [
            ("a", self.key.a_query.len(), variables),
            ("b in G1", self.key.b_g1_query.len(), variables),
            ("b in G2", self.key.b_g2_query.len(), variables),
            ("h", self.key.h_query.len(), matrices.size().next_power_of_two() - 1),
            ("l", self.key.l_query.len(), variables - matrices.instance),
        ];
        match sizes.into_iter().find(|(_, found, expected)| found != expected) {
            Some((part, found, expected)) => Err(ProvingKeyError::Size { part, expected, found }),
            None => Ok(self.key),
        }
    }
}

/// SHA-256 of a proving key file: what configurations pin.
pub fn hash(file: &[u8]) -> Digest {
    Digest(Sha256::digest(file).into())
}
