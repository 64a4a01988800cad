//! Policy documents as bundles enclose them. Every bundle of a program holds the same few, so their bytes and digests are worked out once.
//!
//! Guarantee: bytes and digest are those of the document as it is now. A change through [`DerefMut`] forgets them.

use super::policy::{PolicyDigest, PolicyDocument};
use crate::canonical::{self, DocumentError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    borrow::Borrow,
    collections::HashMap,
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, OnceLock},
};

/// A policy document whose canonical bytes and digest are kept once they were asked for. Copies share all of it.
#[derive(Clone)]
pub struct EnclosedPolicy {
    document: Arc<PolicyDocument>,
    written: Arc<OnceLock<Written>>,
}

#[derive(Clone)]
struct Written {
    bytes: Arc<[u8]>,
    digest: PolicyDigest,
}

impl EnclosedPolicy {
    /// The document's canonical bytes.
    pub fn bytes(&self) -> Result<&[u8], DocumentError> {
        self.written().map(|written| &*written.bytes)
    }

    /// The manifest's digest.
    pub fn digest(&self) -> Result<PolicyDigest, DocumentError> {
        self.written().map(|written| written.digest)
    }

    fn written(&self) -> Result<&Written, DocumentError> {
        if let Some(written) = self.written.get() {
            return Ok(written);
        }
        let bytes = canonical::to_bytes(&*self.document)?.into();
        let digest = self.document.policy.digest()?;
        Ok(self.written.get_or_init(|| Written { bytes, digest }))
    }
}

impl From<PolicyDocument> for EnclosedPolicy {
    fn from(document: PolicyDocument) -> Self {
        Self { document: Arc::new(document), written: Arc::default() }
    }
}

impl Deref for EnclosedPolicy {
    type Target = PolicyDocument;
    fn deref(&self) -> &PolicyDocument {
        &self.document
    }
}

impl DerefMut for EnclosedPolicy {
    fn deref_mut(&mut self) -> &mut PolicyDocument {
        self.written = Arc::default();
        Arc::make_mut(&mut self.document)
    }
}

impl Borrow<PolicyDocument> for EnclosedPolicy {
    fn borrow(&self) -> &PolicyDocument {
        &self.document
    }
}

impl PartialEq for EnclosedPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}
impl Eq for EnclosedPolicy {}

impl fmt::Debug for EnclosedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.document.fmt(f)
    }
}

impl Serialize for EnclosedPolicy {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(s)
    }
}
impl<'de> Deserialize<'de> for EnclosedPolicy {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        PolicyDocument::deserialize(d).map(Self::from)
    }
}

/// Policy documents that were read before, by their bytes.
///
/// Memory is bounded: beyond [`MOST`](Self::MOST) documents all are forgotten, and read again where they are met again.
#[derive(Default)]
pub struct KnownPolicies(HashMap<Arc<[u8]>, EnclosedPolicy>);

impl KnownPolicies {
    /// How many are kept: far more than one audit's programs have.
    pub const MOST: usize = 256;

    /// How many are known.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads canonical bytes only, those that are known without any work.
    pub fn read(&mut self, bytes: &[u8]) -> Result<EnclosedPolicy, DocumentError> {
        if let Some(known) = self.0.get(bytes) {
            return Ok(known.clone());
        }
        let read = EnclosedPolicy::from(serde_json::from_slice::<PolicyDocument>(bytes)?);
        let written = read.written()?;
        if &*written.bytes != bytes {
            return Err(DocumentError::NotCanonical);
        }
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(written.bytes.clone(), read.clone());
        Ok(read)
    }
}
