//! Requests: what an office asks of one applicant, signed by the office, consented to by the holder.
//!
//! The digest is an EIP-712 typed hash, the same in Rust, Solidity and JavaScript; a circuit carries its first 248 bits.

use crate::{
    applicant::Applicant,
    canonical::Suite,
    code::{Code, Coded},
    consent::RequestDigest,
    date::Period,
    field,
    name::Name,
    policy::PolicyDigest,
    scope::{Deployment, Scope, ScopeOpening},
    signature::{EthereumSignature, SignatureError, Signer, SignerError},
};
use alloy_primitives::{Address, B256, FixedBytes, U256};
use alloy_sol_types::{Eip712Domain, SolStruct, eip712_domain};
use ark_ff::Zero;
use serde::{Deserialize, Serialize};

/// The longest time between `not_before` and `expiry`: 60 days, in seconds.
pub const MAX_LIFETIME: u64 = 60 * 86_400;

/// The longest purpose, in bytes of UTF-8.
pub const MAX_PURPOSE: usize = 500;

/// The EIP-712 form.
mod eip712 {
    #![allow(missing_docs)]
    alloy_sol_types::sol! {
        struct Request {
            bytes32 program;
            uint32 periodStart;
            uint32 periodEnd;
            uint256 scope;
            bytes32[] policies;
            bytes32 requester;
            string purpose;
            uint256 applicant;
            bytes16 nonce;
            uint64 notBefore;
            uint64 expiry;
            address recipient;
            bytes32 corrects;
        }
    }
}

/// What the office asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The suite.
    pub suite: Suite,
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The program.
    pub program: Name,
    /// The period that is claimed.
    pub period: Period,
    /// The program's full ordered list of policy versions.
    pub policies: Vec<PolicyDigest>,
    /// The office that asks.
    pub requester: Name,
    /// Why, in words that the holder is shown.
    pub purpose: String,
    /// The applicant.
    pub applicant: Applicant,
    /// 128 random bits: two requests never have the same digest.
    pub nonce: Nonce,
    /// Unix time in seconds from which it is valid.
    #[serde(with = "crate::decimal")]
    pub not_before: u64,
    /// Unix time in seconds of its last valid second.
    #[serde(with = "crate::decimal")]
    pub expiry: u64,
    /// Where the amount goes; absent where nothing is paid on chain. A fresh address links nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Address>,
    /// The request whose approval this one corrects, under the same nullifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<RequestDigest>,
}

/// 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(pub FixedBytes<16>);

/// Why a request is rejected before anything on chain is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// `expiry` is before `not_before` or too long after it.
    #[error("the request must expire after it becomes valid, and within 60 days")]
    Lifetime,
    /// Too long or empty.
    #[error("the request must state a purpose of at most 500 bytes")]
    Purpose,
    /// A chain id of 2^53 or more, which JSON does not hold exactly.
    #[error("the chain id must be less than 2^53")]
    ChainId,
    /// None, or more than 8.
    #[error("the request must name 1 to 8 policy versions")]
    Policies,
    /// 0 for a recipient or a correction. Under the signature it is the same as none, so it could be added to a signed request.
    #[error("a recipient or a corrected request of 0 means none, and none is left out")]
    Zero,
    /// The signature is not canonical or recovers to nobody.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Coded for RequestError {
    fn code(&self) -> Code {
        match self {
            Self::Lifetime => Code::RequestLifetime,
            Self::Signature(_) => Code::RequestSignature,
            Self::Purpose | Self::ChainId | Self::Policies | Self::Zero => Code::RequestMalformed,
        }
    }
}

/// Why a request isn't signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// It would be rejected.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// There is no signature by the key that should sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl Coded for SigningError {
    fn code(&self) -> Code {
        match self {
            Self::Request(error) => error.code(),
            Self::Signer(error) => error.code(),
        }
    }
}

impl Request {
    /// Program and period at this deployment.
    pub fn scope_opening(&self) -> ScopeOpening {
        ScopeOpening { deployment: self.deployment, program: self.program.clone(), period: self.period }
    }

    /// The scope, derived.
    pub fn scope(&self) -> Scope {
        self.scope_opening().scope()
    }

    /// The EIP-712 hash that the requester signs.
    pub fn signing_hash(&self) -> B256 {
        let domain: Eip712Domain = eip712_domain! {
            name: "Sealroot",
            version: "1",
            chain_id: self.deployment.chain_id,
            verifying_contract: self.deployment.programs,
        };
        eip712::Request {
            program: self.program.to_bytes32().into(),
            periodStart: self.period.start.yyyymmdd(),
            periodEnd: self.period.end.yyyymmdd(),
            scope: U256::from_be_bytes(field::to_bytes(self.scope().0)),
            policies: self.policies.iter().map(|p| p.0.0.into()).collect(),
            requester: self.requester.to_bytes32().into(),
            purpose: self.purpose.clone(),
            applicant: U256::from_be_bytes(field::to_bytes(self.applicant.0)),
            nonce: self.nonce.0,
            notBefore: self.not_before,
            expiry: self.expiry,
            recipient: self.recipient.unwrap_or_default(),
            corrects: self.corrects.map(|c| field::to_bytes(c.0).into()).unwrap_or_default(),
        }
        .eip712_signing_hash(&domain)
    }

    /// `trunc248` of the signing hash.
    pub fn digest(&self) -> RequestDigest {
        RequestDigest(field::truncate_248(&self.signing_hash().0))
    }

    /// What can be checked without the chain.
    pub fn check(&self) -> Result<(), RequestError> {
        if self.expiry < self.not_before || self.expiry - self.not_before > MAX_LIFETIME {
            return Err(RequestError::Lifetime);
        }
        if self.purpose.is_empty() || self.purpose.len() > MAX_PURPOSE {
            return Err(RequestError::Purpose);
        }
        if self.deployment.chain_id >= 1 << 53 {
            return Err(RequestError::ChainId);
        }
        if !matches!(self.policies.len(), 1..=8) {
            return Err(RequestError::Policies);
        }
        if self.recipient == Some(Address::ZERO) || self.corrects.is_some_and(|request| request.0.is_zero()) {
            return Err(RequestError::Zero);
        }
        Ok(())
    }

    /// Checks and signs.
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedRequest, SigningError> {
        self.check()?;
        let signature = signer.sign(&self.signing_hash())?;
        Ok(SignedRequest { request: self, signature })
    }

    /// The same with a signature that was made elsewhere, over [`signing_hash`](Self::signing_hash) and by `signer`.
    pub fn signed(self, signer: Address, signature: EthereumSignature) -> Result<SignedRequest, SigningError> {
        let (signed, expected) = (SignedRequest { request: self, signature }, signer);
        let found = signed.signer()?;
        if found == expected { Ok(signed) } else { Err(SignerError::OtherKey { found, expected }.into()) }
    }
}

/// A request with the requester's signature. That the signer may ask is for the reader to check against the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedRequest {
    /// What is asked.
    pub request: Request,
    /// Over [`Request::signing_hash`].
    pub signature: EthereumSignature,
}

impl SignedRequest {
    /// Checks the request's form and returns the address that signed it.
    pub fn signer(&self) -> Result<Address, RequestError> {
        self.request.check()?;
        Ok(self.signature.signer(&self.request.signing_hash())?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        field::{Digest, F},
        signature::SecretSigningKey,
    };
    use alloy_primitives::{address, b256, keccak256};

    fn key() -> SecretSigningKey {
        SecretSigningKey::from_bytes(&keccak256("cow").0).unwrap()
    }

    fn request() -> Request {
        Request {
            suite: Suite,
            deployment: Deployment { chain_id: 7, programs: address!("cccccccccccccccccccccccccccccccccccccccc") },
            program: "heating-allowance".parse().unwrap(),
            period: Period { start: "2026-11-01".parse().unwrap(), end: "2026-11-30".parse().unwrap() },
            policies: vec![PolicyDigest(Digest([1; 32])), PolicyDigest(Digest([2; 32]))],
            requester: "welfare-office".parse().unwrap(),
            purpose: "Heating allowance, November".into(),
            applicant: Applicant(F::from(5u8)),
            nonce: Nonce(FixedBytes([9; 16])),
            not_before: 1_000_000,
            expiry: 1_000_000 + 86_400,
            recipient: None,
            corrects: None,
        }
    }

    alloy_sol_types::sol! {
        struct Person { string name; address wallet; }
        struct Mail { Person from; Person to; string contents; }
    }

    /// EIP-712's own example (Example.js): hash, signer and signature of the mail from Cow to Bob.
    #[test]
    fn eip_712_example() {
        let domain = eip712_domain! {
            name: "Ether Mail",
            version: "1",
            chain_id: 1,
            verifying_contract: address!("CcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"),
        };
        let mail = Mail {
            from: Person { name: "Cow".into(), wallet: address!("CD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826") },
            to: Person { name: "Bob".into(), wallet: address!("bBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB") },
            contents: "Hello, Bob!".into(),
        };
        let hash = mail.eip712_signing_hash(&domain);
        assert_eq!(hash, b256!("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"));
        assert_eq!(key().address(), address!("CD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"));
        let signature = key().sign(&hash).unwrap();
        assert_eq!(
            hex::encode(signature.to_bytes()),
            "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
        );
        assert_eq!(signature.signer(&hash).unwrap(), key().address());
    }

    /// Every field is under the signature and in the digest.
    #[test]
    fn every_field_changes_the_digest() {
        let original = request();
        let mut changed: Vec<Request> = (0..13).map(|_| request()).collect();
        changed[0].deployment.chain_id = 8;
        changed[1].deployment.programs = Address::ZERO;
        changed[2].program = "heating-allowance2".parse().unwrap();
        changed[3].period.end = "2026-11-29".parse().unwrap();
        changed[4].policies.swap(0, 1);
        changed[5].requester = "other-office".parse().unwrap();
        changed[6].purpose.push('!');
        changed[7].applicant = Applicant::ANONYMOUS;
        changed[8].nonce = Nonce(FixedBytes([8; 16]));
        changed[9].not_before += 1;
        changed[10].expiry += 1;
        changed[11].recipient = Some(Address::repeat_byte(1));
        changed[12].corrects = Some(RequestDigest(F::from(1u8)));
        for (i, other) in changed.iter().enumerate() {
            assert_ne!(other.digest(), original.digest(), "change {i}");
        }
        let signed = original.clone().sign(&key()).unwrap();
        assert_eq!(signed.signer().unwrap(), key().address());
        let by_hand = original.clone().signed(key().address(), signed.signature);
        assert_eq!(by_hand.as_ref(), Ok(&signed));
        let other = Address::repeat_byte(1);
        assert!(matches!(original.signed(other, signed.signature), Err(SigningError::Signer(_))));
        let moved = SignedRequest { request: changed.remove(5), ..signed };
        assert_ne!(moved.signer().ok(), Some(key().address()));
    }

    /// The signature does not tell 0 from none; a reader would: a wallet calls a request with a `corrects` a correction.
    #[test]
    fn zero_is_not_another_spelling_of_none() {
        let signed = request().sign(&key()).unwrap();
        for request in [
            Request { recipient: Some(Address::ZERO), ..request() },
            Request { corrects: Some(RequestDigest(F::from(0u8))), ..request() },
        ] {
            assert_eq!(request.signing_hash(), signed.request.signing_hash());
            let respelled = SignedRequest { request, ..signed.clone() };
            assert_eq!(respelled.signer(), Err(RequestError::Zero));
        }
    }

    #[test]
    fn lifetimes_are_bounded() {
        let with = |expiry| Request { expiry, ..request() }.check();
        assert_eq!(with(999_999), Err(RequestError::Lifetime));
        assert_eq!(with(1_000_000), Ok(()), "of one second");
        assert_eq!(MAX_LIFETIME, 5_184_000, "sixty days");
        assert_eq!(with(1_000_000 + MAX_LIFETIME), Ok(()));
        assert_eq!(with(1_000_001 + MAX_LIFETIME), Err(RequestError::Lifetime));
    }

    #[test]
    fn a_purpose_is_stated_and_short() {
        let with = |bytes: usize| Request { purpose: "x".repeat(bytes), ..request() }.check();
        assert_eq!([0, 501].map(with), [Err(RequestError::Purpose); 2]);
        assert_eq!([1, 500].map(with), [Ok(()); 2]);
    }

    /// The other root of a signature (high s) and other spellings are rejected.
    #[test]
    fn signatures_have_one_form() {
        let signed = request().sign(&key()).unwrap();
        let json = serde_json::to_string(&signed.signature).unwrap();
        assert_eq!(serde_json::from_str::<EthereumSignature>(&json).unwrap(), signed.signature);
        assert!(serde_json::from_str::<EthereumSignature>(&json.to_uppercase().replace("0X", "0x")).is_err());
        let order = U256::from_be_bytes(b256!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").0);
        let mut bytes = signed.signature.to_bytes();
        let high = order - U256::from_be_slice(&bytes[32..64]);
        bytes[32..64].copy_from_slice(&high.to_be_bytes::<32>());
        bytes[64] = 55 - bytes[64];
        assert_eq!(EthereumSignature::from_bytes(&bytes), Err(SignatureError::Form));
        bytes[64] = 0;
        assert_eq!(EthereumSignature::from_bytes(&bytes), Err(SignatureError::Form));
    }
}
