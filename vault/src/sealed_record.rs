//! The sealed record: one record with its path and the release that let it out, for one recipient; a file.
//!
//! Guarantees, once it opens: the release in it names this recipient, agency, person, schema and period; its signature holds; and its signer is the holder
//! whose key stands in the record, or the agency vouches for him with a signature over the file's head. HPKE's base mode has no sender, so that anybody who
//! has a record could seal it for somebody else and another request: this is what he lacks.
//! Non-guarantees: that the agency's key is one of its own on chain, and that the root is anchored ([`Released::voucher`], [`Released::root`]: whoever has
//! the chain asks it); that `business_key` is the record's, which only the agency can tell; that the release was not withdrawn after it was used.

use crate::{
    error::{Integrity, VaultError},
    read::Opened,
    transfer::{self, RecipientKey, RecipientSecret},
};
use alloy_primitives::{Address, B256};
use sealroot_protocol::{
    canonical::{self, Kind, Suite},
    field::{self, Digest, F},
    name::Name,
    record::Record,
    release::{Release, ReleaseError, SignedRelease},
    signature::{EthereumSignature, SecretSigningKey},
    tree::{ARITY, DEPTH, LeafIndex, Path, Root},
};
use serde::{Deserialize, Serialize};

const INFO: &[u8] = b"sealroot/1:release";
/// Contents are padded to a multiple of this, so that the length doesn't tell which record it is, nor whether its person has a wallet.
const PAD: usize = 8192;

/// A record sealed to one recipient: a file. Its head is authenticated with the contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRecord {
    /// The suite.
    pub suite: Suite,
    /// Whose vault it comes from.
    pub agency: Name,
    /// Who can open it.
    pub recipient: RecipientKey,
    /// Digest of the release that let it out.
    pub release: Digest,
    /// HPKE: encapsulated key, ciphertext and tag.
    #[serde(with = "crate::hex_bytes")]
    pub sealed: Vec<u8>,
}

/// What is inside.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    record: Record,
    index: LeafIndex,
    siblings: Vec<[String; ARITY - 1]>,
    root: Root,
    authorisation: SignedRelease,
    /// The agency's over the digest, of kind `voucher`, of the head; only where the record doesn't show that the signer is its holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    voucher: Option<EthereumSignature>,
}

/// A released record, opened by its recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Whose vault it comes from.
    pub agency: Name,
    /// The record.
    pub record: Record,
    /// Its path.
    pub path: Path,
    /// The root that the path leads to. Ask the chain whether the agency anchored it.
    pub root: Root,
    /// What let it out: whose signature, for which request.
    pub release: Release,
    /// The key that vouches for the signer in the agency's name; none where the record has his key. Ask the chain whether it is the agency's.
    pub voucher: Option<Address>,
}

/// Why a sealed record is refused by the one for whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Opening {
    /// Damaged, changed, or sealed to another key.
    #[error("it doesn't open: it was damaged, its head was changed, or it is sealed to another key ({0})")]
    Sealed(#[from] Integrity),
    /// The release in it isn't signed by the key that it names, or was changed.
    #[error("nobody released it: {0}")]
    Signature(#[from] ReleaseError),
    /// Another release than its head names, or one to somebody else or by another agency.
    #[error("the release in it is not the one that its head names, or is for another recipient or agency")]
    OtherRelease,
    /// The release is about another record.
    #[error("the release in it is about another person, schema or period than the record")]
    OtherRecord,
    /// The signer isn't the holder, and the agency doesn't vouch for him.
    #[error("it was released by somebody whose key the record doesn't have and for whom the agency doesn't vouch")]
    Signer,
    /// The agency's signature isn't one.
    #[error("the agency's signature in it recovers to no key")]
    Voucher,
}

impl Opening {
    /// A stable code for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Sealed(_) => "unopenable",
            Self::Signature(error) => error.reason(),
            Self::OtherRelease => "released-to-another",
            Self::OtherRecord => "released-another-record",
            Self::Signer => "release-signer",
            Self::Voucher => "release-voucher",
        }
    }
}

/// Seals an opened record to the recipient of its release.
pub(crate) fn seal(
    signed: &SignedRelease,
    release: Digest,
    opened: Opened,
    voucher: Option<&SecretSigningKey>,
) -> Result<SealedRecord, VaultError> {
    let (agency, recipient) = (signed.release.agency.clone(), signed.release.recipient);
    let mut file = SealedRecord { suite: Suite, agency, recipient, release, sealed: Vec::new() };
    let voucher = match voucher {
        Some(key) => Some(key.sign(&file.vouched()?).map_err(|_| Integrity::Encoding)?),
        None => None,
    };
    let contents = Contents {
        index: opened.path.index,
        siblings: opened.path.siblings.iter().map(|s| s.map(field::to_hex)).collect(),
        root: opened.root,
        record: opened.record,
        authorisation: signed.clone(),
        voucher,
    };
    let mut plain = zeroize::Zeroizing::new(serde_json::to_vec(&contents).map_err(|_| Integrity::Encoding)?);
    let padded = plain.len().next_multiple_of(PAD);
    plain.resize(padded, b' ');
    file.sealed = transfer::seal_to(&recipient, INFO, &file.head()?, &plain)?;
    Ok(file)
}

impl SealedRecord {
    /// Opens it with the recipient's key, and checks that it was released to him: by whom, for which request, and what.
    pub fn open(&self, secret: &RecipientSecret) -> Result<Released, Opening> {
        let plain = transfer::open(secret, INFO, &self.head()?, &self.sealed)?;
        let contents: Contents = serde_json::from_slice(&plain).map_err(|_| Integrity::Encoding)?;
        let path = path(contents.index, &contents.siblings)?;
        let record = contents.record;
        if path.root(record.leaf()) != contents.root {
            return Err(Integrity::LeafMismatch.into());
        }
        contents.authorisation.check_signature()?;
        let release = contents.authorisation.release;
        let named = (release.digest()?, &release.recipient, &release.agency);
        if named != (self.release, &self.recipient, &self.agency) {
            return Err(Opening::OtherRelease);
        }
        if (release.subject, release.schema, release.period) != (record.subject, record.schema_id, record.period) {
            return Err(Opening::OtherRecord);
        }
        let voucher = match contents.voucher {
            _ if record.holder == Some(release.signer) => None,
            None => return Err(Opening::Signer),
            Some(signature) => Some(signature.signer(&self.vouched()?).map_err(|_| Opening::Voucher)?),
        };
        Ok(Released { agency: self.agency.clone(), record, path, root: contents.root, release, voucher })
    }

    /// What the agency signs where it vouches: agency, recipient and the release's digest, which fixes all the rest.
    fn vouched(&self) -> Result<B256, Integrity> {
        let digest = canonical::digest(Kind::Voucher, &self.empty()).map_err(|_| Integrity::Encoding)?;
        Ok(digest.0.into())
    }

    /// Everything but the ciphertext: the associated data.
    fn head(&self) -> Result<Vec<u8>, Integrity> {
        canonical::to_bytes(&self.empty()).map_err(|_| Integrity::Encoding)
    }

    fn empty(&self) -> Self {
        Self { sealed: Vec::new(), ..self.clone() }
    }
}

fn path(index: LeafIndex, texts: &[[String; ARITY - 1]]) -> Result<Path, Integrity> {
    if texts.len() != DEPTH {
        return Err(Integrity::Encoding);
    }
    let mut siblings = [[F::from(0u8); ARITY - 1]; DEPTH];
    for (slot, texts) in siblings.iter_mut().zip(texts) {
        for (value, text) in slot.iter_mut().zip(texts) {
            *value = field::from_hex(text).map_err(|_| Integrity::Encoding)?;
        }
    }
    Ok(Path { index, siblings })
}
