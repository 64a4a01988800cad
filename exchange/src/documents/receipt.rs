//! Receipts: an organisation's signed word that it did something, with a date, before any chain shows it.
//!
//! Guarantee: it is by a key of the organisation on chain, and about one request. A holder to whom something was promised can show it.
//! Non-guarantee: that the date is true. Evidence of the chain dates a decision; a receipt says only what was claimed.

use crate::{correspondent::Organisation, envelope::EnvelopeId, version::Version};
use alloy_primitives::{Address, B256};
use sealroot_protocol::{
    canonical::{self, DocumentError, Kind, Suite},
    code::{Code, Coded},
    consent::RequestDigest,
    field::Digest,
    policy::PolicyDigest,
    scope::Deployment,
    signature::{EthereumSignature, SignatureError, Signer, SignerError},
};
use serde::{Deserialize, Serialize};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The organisation that says so.
    pub by: Organisation,
    /// The request.
    pub request: RequestDigest,
    /// What was done.
    pub done: Done,
    /// When, Unix time in seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
}

/// What a receipt is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Done {
    /// An agency proved a part and sent it to the office.
    Delivered {
        /// The part's policy version.
        policy: PolicyDigest,
        /// The claim's envelope.
        claim: EnvelopeId,
    },
    /// An office decided.
    Decided {
        /// Whether it approved.
        approved: bool,
        /// Digest of the bundle, which the chain will date.
        bundle: Digest,
    },
}

/// A receipt with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// What was done.
    pub receipt: Receipt,
    /// Over `digest("receipt", receipt)`, by a chain key of the organisation.
    pub signature: EthereumSignature,
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// It has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// There is no signature by the key that should sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The signature recovers to no key.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Coded for ReceiptError {
    fn code(&self) -> Code {
        match self {
            Self::Document(_) | Self::Signature(_) => Code::BadReceipt,
            Self::Signer(error) => error.code(),
        }
    }
}

impl Receipt {
    /// Signs it.
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedReceipt, ReceiptError> {
        let signature = signer.sign(&self.hash()?)?;
        Ok(SignedReceipt { receipt: self, signature })
    }

    fn hash(&self) -> Result<B256, DocumentError> {
        Ok(canonical::digest(Kind::Receipt, self)?.0.into())
    }
}

impl SignedReceipt {
    /// Whose key signed it. That the key is the organisation's is for the reader to check against the chain.
    pub fn signer(&self) -> Result<Address, ReceiptError> {
        Ok(self.signature.signer(&self.receipt.hash()?)?)
    }
}
