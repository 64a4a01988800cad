//! The sealed record: one record with its path and the release that let it out, for one recipient; a file.
//!
//! Guarantees, once it opens: the release in it names this recipient, agency, person, schema and period; its signature holds; and its signer is the holder
//! whose key stands in the record, or the agency vouches for the signer with a signature over the file's head. HPKE's base mode has no sender: anybody who
//! has a record could seal it for somebody else and another request, and lacks just this signature.
//! Non-guarantees: that the agency's key is one of its own on chain, and that the root is anchored ([`Released::voucher`], [`Released::root`]: ask the chain); that `business_key` is the record's, which only the agency can tell; that the release was not withdrawn after it was used.

use crate::transfer::{self, NotOpened, RecipientKey, RecipientSecret, UnusableKey};
use alloy_primitives::{Address, B256};
use sealroot_protocol::{
    canonical::{self, Kind, Suite},
    code::{Code, Coded},
    field::{self, Digest, F},
    name::Name,
    record::Record,
    release::{Release, ReleaseError, SignedRelease},
    signature::{EthereumSignature, Signer, SignerError},
    tree::{ARITY, DEPTH, LeafIndex, Path, Root},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

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
    /// The key that can open it.
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
    /// The key that vouches for the signer in the agency's name; none where the record has the signer's key. Ask the chain whether it is the agency's.
    pub voucher: Option<Address>,
}

/// Why the recipient rejects a sealed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealedRecordError {
    /// Damaged, changed, or sealed to another key.
    #[error("it doesn't open: {0}")]
    Sealed(#[from] NotOpened),
    /// What is inside has another form than a record with its path.
    #[error("what is sealed in it is no record with its path")]
    Contents,
    /// The path doesn't lead from the record to the root.
    #[error("the record in it doesn't stand in the tree whose root it names")]
    Path,
    /// The release in it isn't signed by the key that it names, or was changed.
    #[error("nobody released it: {0}")]
    Signature(#[from] ReleaseError),
    /// Another release than its head names, or one to somebody else or by another agency.
    #[error("the release in it is not the one that its head names, or is for another recipient or agency")]
    OtherRelease,
    /// The release is about another record.
    #[error("the release in it is about another person, schema or period than the record")]
    OtherRecord,
    /// The signer isn't the holder, and the agency doesn't vouch for the signer.
    #[error("its release was signed with a key that stands neither in the record nor in the agency's attestation")]
    Signer,
    /// The agency's signature isn't one.
    #[error("the agency's signature in it recovers to no key")]
    Voucher,
}

impl Coded for SealedRecordError {
    fn code(&self) -> Code {
        match self {
            Self::Sealed(_) | Self::Contents | Self::Path => Code::Unopenable,
            Self::Signature(error) => error.code(),
            Self::OtherRelease => Code::ReleasedToAnother,
            Self::OtherRecord => Code::ReleasedAnotherRecord,
            Self::Signer => Code::ReleaseSigner,
            Self::Voucher => Code::ReleaseVoucher,
        }
    }
}

/// Why a record can't be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The release names a key that nothing can be sealed to.
    #[error(transparent)]
    Recipient(#[from] UnusableKey),
    /// Record, release or head has no canonical form.
    #[error("the record has no form in which it can be sealed")]
    Form,
    /// The agency's key doesn't sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl SealedRecord {
    /// Seals a record with its path to the recipient of its release. `voucher` is a key of the agency's: give it where the record doesn't have the signer's key.
    pub fn seal(
        signed: &SignedRelease,
        record: Record,
        path: &Path,
        root: Root,
        voucher: Option<&dyn Signer>,
    ) -> Result<Self, SealingError> {
        let (agency, recipient) = (signed.release.agency.clone(), signed.release.recipient);
        let release = signed.release.digest().map_err(|_| SealingError::Form)?;
        let mut file = Self { suite: Suite, agency, recipient, release, sealed: Vec::new() };
        let vouched = file.vouched().ok_or(SealingError::Form)?;
        let voucher = voucher.map(|key| key.sign(&vouched)).transpose()?;
        let contents = Contents {
            index: path.index,
            siblings: path.siblings.iter().map(|s| s.map(field::to_hex)).collect(),
            root,
            record,
            authorisation: signed.clone(),
            voucher,
        };
        let mut plain = Zeroizing::new(serde_json::to_vec(&contents).map_err(|_| SealingError::Form)?);
        let padded = plain.len().next_multiple_of(PAD);
        plain.resize(padded, b' ');
        let head = file.head().ok_or(SealingError::Form)?;
        file.sealed = transfer::seal_to(&recipient, INFO, &head, &plain)?;
        Ok(file)
    }

    /// Opens it with the recipient's key, and checks that it was released to this recipient: by whom, for which request, and what.
    pub fn open(&self, secret: &RecipientSecret) -> Result<Released, SealedRecordError> {
        let head = self.head().ok_or(SealedRecordError::Contents)?;
        let plain = transfer::open(secret, INFO, &head, &self.sealed)?;
        let contents: Contents = serde_json::from_slice(&plain).map_err(|_| SealedRecordError::Contents)?;
        let path = path(contents.index, &contents.siblings).ok_or(SealedRecordError::Contents)?;
        let record = contents.record;
        if path.root(record.leaf()) != contents.root {
            return Err(SealedRecordError::Path);
        }
        contents.authorisation.check_signature()?;
        let release = contents.authorisation.release;
        let named = (release.digest()?, &release.recipient, &release.agency);
        if named != (self.release, &self.recipient, &self.agency) {
            return Err(SealedRecordError::OtherRelease);
        }
        if (release.subject, release.schema, release.period) != (record.subject, record.schema_id, record.period) {
            return Err(SealedRecordError::OtherRecord);
        }
        let vouched = self.vouched().ok_or(SealedRecordError::Contents)?;
        let voucher = match contents.voucher {
            _ if record.holder == Some(release.signer) => None,
            None => return Err(SealedRecordError::Signer),
            Some(signature) => Some(signature.signer(&vouched).map_err(|_| SealedRecordError::Voucher)?),
        };
        Ok(Released { agency: self.agency.clone(), record, path, root: contents.root, release, voucher })
    }

    /// What the agency signs where it vouches: agency, recipient and the release's digest, which fixes all the rest.
    fn vouched(&self) -> Option<B256> {
        canonical::digest(Kind::Voucher, &self.empty()).ok().map(|digest| digest.0.into())
    }

    /// Everything but the ciphertext: the associated data.
    fn head(&self) -> Option<Vec<u8>> {
        canonical::to_bytes(&self.empty()).ok()
    }

    fn empty(&self) -> Self {
        Self { sealed: Vec::new(), ..self.clone() }
    }
}

fn path(index: LeafIndex, texts: &[[String; ARITY - 1]]) -> Option<Path> {
    if texts.len() != DEPTH {
        return None;
    }
    let mut siblings = [[F::from(0u8); ARITY - 1]; DEPTH];
    for (slot, texts) in siblings.iter_mut().zip(texts) {
        for (value, text) in slot.iter_mut().zip(texts) {
            *value = field::from_hex(text).ok()?;
        }
    }
    Some(Path { index, siblings })
}
