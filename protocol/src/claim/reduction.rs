//! Reductions: an office lowers an approval, or takes it back, without the holder, by two of its keys and for a written reason.
//!
//! Guarantee: what both keys sign names the approval and the amount that stand, so it is carried out once, and not after anything else happened. The chain
//! holds the digest of the reason, and the document's nonce keeps guesses of the reason from being compared with it.
//! Non-guarantee: that two keys are two people, or that the reason is true. It is contested by a correction.

use super::request::Nonce;
use crate::{
    canonical::{self, DocumentError, Kind, Suite},
    code::{Code, Coded},
    consent::{Nullifier, RequestDigest},
    field::{self, Digest},
    name::Name,
    scope::Deployment,
    signature::{EthereumSignature, SignatureError, Signer, SignerError},
};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolStruct, eip712_domain};
use serde::{Deserialize, Serialize};

/// The longest reason, in bytes of UTF-8.
pub const MAX_REASON: usize = 2000;

/// The EIP-712 form.
mod eip712 {
    #![allow(missing_docs)]
    alloy_sol_types::sol! {
        struct Reduction {
            bytes32 program;
            uint256 nullifier;
            bytes32 request;
            uint64 from;
            uint64 to;
            bytes32 document;
            uint64 expiry;
        }
    }
}

/// Why an approval is lowered: what the office keeps and hands out, and the chain holds the digest of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReductionDocument {
    /// The suite.
    pub suite: Suite,
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The program.
    pub program: Name,
    /// The office.
    pub requester: Name,
    /// Under which the approval stands.
    pub nullifier: Nullifier,
    /// Of the approval that stands.
    pub request: RequestDigest,
    /// What stands, in minor units.
    #[serde(with = "crate::decimal")]
    pub from: u64,
    /// What is to stand. 0 takes the approval back.
    #[serde(with = "crate::decimal")]
    pub to: u64,
    /// In words that the holder and a court read.
    pub reason: String,
    /// 128 random bits. The digest is public and reasons are guessable: without them a guess could be confirmed.
    pub nonce: Nonce,
}

/// What two keys of a requester sign: one by a signature, the other by sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The program.
    pub program: Name,
    /// Under which the approval stands.
    pub nullifier: Nullifier,
    /// Of the approval that stands.
    pub request: RequestDigest,
    /// What stands.
    pub from: u64,
    /// What is to stand.
    pub to: u64,
    /// Digest of the [`ReductionDocument`].
    pub document: Digest,
    /// Unix time of the last second at which it can be carried out.
    pub expiry: u64,
}

/// A reduction with the first key's signature: what the first of two clerks hands to the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReduction {
    /// What is reduced, and why.
    pub document: ReductionDocument,
    /// Unix time of the last second at which it can be carried out.
    #[serde(with = "crate::decimal")]
    pub expiry: u64,
    /// Over [`Reduction::signing_hash`] of the reduction that follows from both.
    pub signature: EthereumSignature,
}

/// Why a reduction isn't signed.
#[derive(Debug, thiserror::Error)]
pub enum ReductionError {
    /// It doesn't lower what stands. An approval of 0 is taken back by 0.
    #[error("a reduction lowers what stands: {from} stands, and {to} would")]
    Amounts {
        /// What stands.
        from: u64,
        /// What was to stand.
        to: u64,
    },
    /// None, or too long.
    #[error("a reduction states a reason in words, of 1 to {MAX_REASON} bytes")]
    Reason,
    /// The document has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// There is no signature by the key that should sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The signature recovers to nobody.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Coded for ReductionError {
    fn code(&self) -> Code {
        match self {
            Self::Amounts { .. } => Code::NotAReduction,
            Self::Reason => Code::ReductionReason,
            Self::Document(error) => error.code(),
            Self::Signer(error) => error.code(),
            Self::Signature(error) => error.code(),
        }
    }
}

/// Whether a reason has a letter or a digit of any script. The chain holds digests alone, so an office can enter one that says nothing.
pub fn is_legible(reason: &str) -> bool {
    reason.chars().any(char::is_alphanumeric)
}

impl ReductionDocument {
    /// `digest("reduction", self)`.
    pub fn digest(&self) -> Result<Digest, DocumentError> {
        canonical::digest(Kind::Reduction, self)
    }

    /// What the keys sign, once the document is found to state a reduction and why.
    pub fn reduction(&self, expiry: u64) -> Result<Reduction, ReductionError> {
        if self.to >= self.from && (self.from, self.to) != (0, 0) {
            return Err(ReductionError::Amounts { from: self.from, to: self.to });
        }
        if !is_legible(&self.reason) || self.reason.len() > MAX_REASON {
            return Err(ReductionError::Reason);
        }
        Ok(Reduction {
            deployment: self.deployment,
            program: self.program.clone(),
            nullifier: self.nullifier,
            request: self.request,
            from: self.from,
            to: self.to,
            document: self.digest()?,
            expiry,
        })
    }
}

impl Reduction {
    /// The EIP-712 hash that the first key signs, whole: it stands in no circuit.
    pub fn signing_hash(&self) -> B256 {
        let domain = eip712_domain! {
            name: "Sealroot",
            version: "1",
            chain_id: self.deployment.chain_id,
            verifying_contract: self.deployment.programs,
        };
        eip712::Reduction {
            program: self.program.to_bytes32().into(),
            nullifier: U256::from_be_bytes(field::to_bytes(self.nullifier.0)),
            request: field::to_bytes(self.request.0).into(),
            from: self.from,
            to: self.to,
            document: self.document.0.into(),
            expiry: self.expiry,
        }
        .eip712_signing_hash(&domain)
    }
}

impl SignedReduction {
    /// Signs a reduction as the first of the two keys.
    pub fn sign(document: ReductionDocument, expiry: u64, signer: &dyn Signer) -> Result<Self, ReductionError> {
        let signature = signer.sign(&document.reduction(expiry)?.signing_hash())?;
        Ok(Self { document, expiry, signature })
    }

    /// What was signed, once the document is found to state a reduction and why.
    pub fn reduction(&self) -> Result<Reduction, ReductionError> {
        self.document.reduction(self.expiry)
    }

    /// The address that signed.
    pub fn signer(&self) -> Result<Address, ReductionError> {
        Ok(self.signature.signer(&self.reduction()?.signing_hash())?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{field::F, signature::SecretSigningKey};
    use alloy_primitives::keccak256;

    fn document() -> ReductionDocument {
        ReductionDocument {
            suite: Suite,
            deployment: Deployment { chain_id: 7, programs: Address::repeat_byte(0xcc) },
            program: "heating-allowance".parse().unwrap(),
            requester: "welfare-office".parse().unwrap(),
            nullifier: Nullifier(F::from(11u8)),
            request: RequestDigest(F::from(12u8)),
            from: 400,
            to: 100,
            reason: "The lease ended in October.".into(),
            nonce: Nonce([9; 16].into()),
        }
    }

    #[test]
    fn only_reductions_with_a_reason_are_signed() {
        for (from, to, ok) in [(400, 100, true), (400, 0, true), (0, 0, true), (400, 400, false), (0, 1, false)] {
            assert_eq!(ReductionDocument { from, to, ..document() }.reduction(1).is_ok(), ok, "{from} {to}");
        }
        for reason in
            [String::new(), " \n\u{a0}\u{2800}\u{200b}".into(), "–\u{1f3fb}…".into(), "x".repeat(MAX_REASON + 1)]
        {
            let refused = ReductionDocument { reason, ..document() }.reduction(1).unwrap_err();
            assert_eq!(refused.code(), Code::ReductionReason);
        }
        let key = SecretSigningKey::from_bytes(&keccak256("cow").0).unwrap();
        let signed = SignedReduction::sign(document(), 1, &key).unwrap();
        assert_eq!(signed.signer().unwrap(), key.address());
        let bytes = canonical::to_bytes(&signed).unwrap();
        assert_eq!(canonical::from_bytes::<SignedReduction>(&bytes).unwrap(), signed);
        let other = SignedReduction { document: ReductionDocument { to: 99, ..document() }, ..signed.clone() };
        assert_ne!(other.signer().unwrap(), key.address());
        assert_ne!(SignedReduction { expiry: 2, ..signed }.signer().unwrap(), key.address());
    }

    /// Two documents with the same facts have different digests.
    #[test]
    fn the_nonce_is_in_the_digest() {
        let other = ReductionDocument { nonce: Nonce([8; 16].into()), ..document() };
        assert_ne!(other.digest().unwrap(), document().digest().unwrap());
        let bytes = canonical::to_bytes(&document()).unwrap();
        assert_eq!(canonical::from_bytes::<ReductionDocument>(&bytes).unwrap(), document());
    }
}
