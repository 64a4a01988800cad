//! The universal verifying key of a shape: the one thing that a verifier pins by hash.
//!
//! Guarantee: a [`UniversalKey`] was decoded canonically, fits its shape's public inputs exactly, isn't one of the keys under
//! which anybody can forge, and is not an insecure one unless that was allowed explicitly.
//! Non-guarantee: that somebody destroyed the setup's secrets; the ceremony's transcript is what speaks for that.

pub use crate::groth16::UnsafeKey;
use crate::groth16::{self, FoldableKey};
use crate::key_header::{HeaderError, KeyHeader, KeyKind, KeySecurity};
use ark_bn254::Bn254;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::Shape;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Why a universal key is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file's hash is not the pinned one.
    #[error(
        "the key file's hash is {found}, pinned is {pinned}: get the file that the trust file or configuration names"
    )]
    Pin {
        /// What the trust file or configuration names.
        pinned: Digest,
        /// SHA-256 of the bytes at hand.
        found: Digest,
    },
    /// The header is rejected.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Too few or too many bytes after the header.
    #[error("the key file has {found} bytes after its header, a {shape} key has {expected}")]
    Length {
        /// The header's shape.
        shape: Shape,
        /// Bytes that the shape needs.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The key must not be used.
    #[error("unsafe verifying key: {0}")]
    Unsafe(#[from] UnsafeKey),
}

impl Coded for KeyError {
    fn code(&self) -> Code {
        Code::BadUniversalKey
    }
}

/// A checked Groth16 verifying key over all public inputs of a shape, policy words included.
#[derive(Clone)]
pub struct UniversalKey {
    header: KeyHeader,
    key: FoldableKey,
    hash: Digest,
}

impl UniversalKey {
    /// Decodes a key file whose hash must be `pinned`; nothing of the file is interpreted before that is known.
    pub fn from_pinned(bytes: &[u8], pinned: Digest, security: KeySecurity) -> Result<Self, KeyError> {
        let found = hash(bytes);
        if found != pinned {
            return Err(KeyError::Pin { pinned, found });
        }
        Self::from_unpinned(bytes, security)
    }

    /// Decodes a key file that nobody pinned: for setup and inspection. What relies on a key uses [`UniversalKey::from_pinned`].
    pub fn from_unpinned(bytes: &[u8], security: KeySecurity) -> Result<Self, KeyError> {
        let (header, points) = KeyHeader::decode(bytes, KeyKind::Verifying, security)?;
        let shape = header.shape;
        let (inputs, words) = counts(shape);
        let input_points = 1 + inputs + words;
        let key = groth16::decode(points, input_points).ok_or(KeyError::Length {
            shape,
            expected: groth16::encoded_len(input_points),
            found: points.len(),
        })??;
        Ok(Self { header, key: FoldableKey::new(key, inputs, words)?, hash: hash(bytes) })
    }

    /// Wraps the key that a setup produced for the circuit with this matrix digest.
    pub fn from_setup(
        shape: Shape,
        circuit: Digest,
        insecure: bool,
        key: ark_groth16::VerifyingKey<Bn254>,
    ) -> Result<Self, KeyError> {
        let header = KeyHeader { kind: KeyKind::Verifying, shape, insecure, circuit };
        let (inputs, words) = counts(shape);
        let key = FoldableKey::new(key, inputs, words)?;
        let hash = hash(&file_bytes(&header, &key));
        Ok(Self { header, key, hash })
    }

    /// The key file: header, then alpha, beta, gamma, delta and the input points in EIP-197 form.
    pub fn to_bytes(&self) -> Vec<u8> {
        file_bytes(&self.header, &self.key)
    }

    /// SHA-256 of the key file: what trust files and policy digests name.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The shape whose policies this key serves.
    pub fn shape(&self) -> Shape {
        self.header.shape
    }

    /// Digest of the constraint matrices that the key was made for.
    pub fn circuit(&self) -> Digest {
        self.header.circuit
    }

    /// Whether the key is marked as made by an insecure setup.
    pub fn is_insecure(&self) -> bool {
        self.header.insecure
    }

    /// The underlying key, which the prover compares with its proving key.
    pub fn verifying_key(&self) -> &ark_groth16::VerifyingKey<Bn254> {
        self.key.verifying_key()
    }

    pub(crate) fn foldable(&self) -> &FoldableKey {
        &self.key
    }
}

/// The universal keys that a verifier relies on. A shape may have several: those of an old and of a new ceremony, say. Each policy's
/// manifest names its own by hash.
#[derive(Clone, Default)]
pub struct UniversalKeys(BTreeMap<Digest, UniversalKey>);

impl UniversalKeys {
    /// No key: every proof is rejected.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    pub fn with(mut self, key: UniversalKey) -> Self {
        self.0.insert(key.hash(), key);
        self
    }

    /// The key whose file has this SHA-256.
    pub fn get(&self, hash: Digest) -> Option<&UniversalKey> {
        self.0.get(&hash)
    }

    /// Whether there is a key of a shape.
    pub fn has(&self, shape: Shape) -> bool {
        self.0.values().any(|key| key.shape() == shape)
    }
}

/// Public inputs that change per proof, and policy words.
fn counts(shape: Shape) -> (usize, usize) {
    let dimensions = shape.dimensions();
    (dimensions.input_count(), dimensions.word_count())
}

fn file_bytes(header: &KeyHeader, key: &FoldableKey) -> Vec<u8> {
    let mut out = header.to_bytes();
    out.extend(groth16::encode(key.verifying_key()));
    out
}

fn hash(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}
