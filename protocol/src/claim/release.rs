//! Release: a person's signature that lets one agency seal one of that person's records to one recipient, for one request.
//!
//! Guarantee: nobody without the signer's key can either make a release or change any of it: whose record, which schema and period, at which agency and
//! chain, to which key, for which request, until when, in whose place. Its digest doesn't depend on the signature's randomness, so that what was used once is recognised.
//! Non-guarantee: that the signer may speak for the subject. The agency knows whose key is enrolled, and which representatives a person has.

use crate::{
    canonical::{self, Kind, Suite},
    code::{Code, Coded},
    consent::{Challenge, RequestDigest, low_128},
    curve::{Point, PublicKey, Scalar},
    date::FactsPeriod,
    field::{self, Digest, F},
    name::Name,
    poseidon,
    possession::Role,
    record::Subject,
    request::Nonce,
    schema::SchemaId,
    scope::{Deployment, Scope},
    tag::Tag,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// The longest time between `not_before` and `expiry`: 30 days, in seconds.
pub const MAX_LIFETIME: u64 = 30 * 86_400;

/// By so much the clocks of wallet and agency may differ, seconds: a wallet dates a release back by it.
pub const CLOCKS: u64 = 3600;

/// The longest business key, in bytes of UTF-8.
pub const MAX_BUSINESS_KEY: usize = 200;

/// What is released, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The suite.
    pub suite: Suite,
    /// Chain and program contract under which the record will be used.
    pub deployment: Deployment,
    /// The agency that holds the record.
    pub agency: Name,
    /// Whose record: the agency's pseudonymous person id.
    pub subject: Subject,
    /// Of which schema.
    pub schema: SchemaId,
    /// About which period.
    pub period: FactsPeriod,
    /// In a `many` schema: which of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_key: Option<String>,
    /// The key that will be able to open it, of the prover that the applicant chose.
    pub recipient: RecipientKey,
    /// The request that it is for.
    pub request: RequestDigest,
    /// Program and period that it is for.
    pub scope: Scope,
    /// Unix time in seconds from which it is valid.
    #[serde(with = "crate::decimal")]
    pub not_before: u64,
    /// Unix time in seconds of its last valid second.
    #[serde(with = "crate::decimal")]
    pub expiry: u64,
    /// 128 random bits: two releases never have the same digest.
    pub nonce: Nonce,
    /// The signing key: the subject's own, or a representative's.
    pub signer: PublicKey,
    /// The role in which the signer acts. A wallet that takes one person's record for another's is rejected by it.
    pub role: Role,
}

/// A release with its signature: a Schnorr proof of the signer's key over the release's digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedRelease {
    /// What is released.
    pub release: Release,
    /// By whom.
    pub signature: ReleaseSignature,
}

/// `c = low 128 bits of Poseidon(tag, PK, A, trunc248(digest))`, `A = s·Base8 − c·PK`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseSignature {
    /// 128-bit challenge.
    pub challenge: Challenge,
    /// Response.
    pub response: Scalar,
}

/// Why a release is rejected before anybody looks at whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// `expiry` is before `not_before`, too long after it, or too far ahead of now.
    #[error("a release must expire after it becomes valid, and within 30 days, of now too: sign one when it is needed")]
    Lifetime,
    /// Before its first second.
    #[error("the release is not valid yet")]
    NotYetValid,
    /// After its last second.
    #[error("the release has expired: ask the person for a new one")]
    Expired,
    /// Empty, too long, or with white space around it.
    #[error("a business key is 1 to 200 bytes without white space around them")]
    BusinessKey,
    /// Signed by another key than it names, or changed since.
    #[error("the release is not signed by the key that it names, or was changed since")]
    Signature,
    /// It has no canonical form.
    #[error("the release has no canonical form")]
    Malformed,
}

impl Coded for ReleaseError {
    fn code(&self) -> Code {
        match self {
            Self::Lifetime => Code::ReleaseLifetime,
            Self::NotYetValid => Code::ReleaseNotYetValid,
            Self::Expired => Code::ReleaseExpired,
            Self::BusinessKey | Self::Malformed => Code::ReleaseMalformed,
            Self::Signature => Code::ReleaseSignature,
        }
    }
}

impl Release {
    /// `digest("release", self)`: names this release, independent of signer and randomness.
    pub fn digest(&self) -> Result<Digest, ReleaseError> {
        canonical::digest(Kind::Release, self).map_err(|_| ReleaseError::Malformed)
    }

    /// What is signed: `trunc248` of the digest.
    pub fn message(&self) -> Result<F, ReleaseError> {
        Ok(field::truncate_248(&self.digest()?.0))
    }

    /// Checks lifetime and business key: what can be said of a release before it is signed.
    pub fn check_form(&self) -> Result<(), ReleaseError> {
        if self.expiry < self.not_before || self.expiry - self.not_before > MAX_LIFETIME {
            return Err(ReleaseError::Lifetime);
        }
        match &self.business_key {
            Some(key) if key.is_empty() || key.len() > MAX_BUSINESS_KEY || key.trim() != key => {
                Err(ReleaseError::BusinessKey)
            }
            _ => Ok(()),
        }
    }
}

impl SignedRelease {
    /// Checks form, signature and time; `now` is Unix seconds. Whether `signer` may release the record is for the agency to check.
    pub fn check(&self, now: u64) -> Result<(), ReleaseError> {
        self.check_signature()?;
        let release = &self.release;
        // A stock of releases for later months would outlive whatever the person learns meanwhile.
        if release.expiry > now.saturating_add(MAX_LIFETIME) {
            return Err(ReleaseError::Lifetime);
        }
        if now < release.not_before {
            return Err(ReleaseError::NotYetValid);
        }
        if now > release.expiry { Err(ReleaseError::Expired) } else { Ok(()) }
    }

    /// Checks form and signature, at whatever time: for withdrawing one that is dated ahead, and for readers of one that was used.
    pub fn check_signature(&self) -> Result<(), ReleaseError> {
        let release = &self.release;
        release.check_form()?;
        let message = release.message()?;
        let c = self.signature.challenge.0;
        let a = Point::base8() * &self.signature.response - release.signer.point().times_u128(c);
        if challenge(&release.signer, a, message) != c {
            return Err(ReleaseError::Signature);
        }
        Ok(())
    }
}

/// The signature's challenge for the commitment `A = k·Base8`: low 128 bits of the hash.
pub fn challenge(key: &PublicKey, a: Point, message: F) -> u128 {
    low_128(poseidon::hash(Tag::Release, [key.x(), key.y(), a.x(), a.y(), message]))
}

/// A recipient's X25519 public key (RFC 7748); on the wire `0x` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecipientKey(pub [u8; 32]);

/// Text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recipient's key is 0x and 64 lower-case hexadecimal digits")]
pub struct NotARecipientKey;

impl fmt::Display for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest(self.0).fmt(f)
    }
}
impl FromStr for RecipientKey {
    type Err = NotARecipientKey;
    fn from_str(text: &str) -> Result<Self, NotARecipientKey> {
        text.parse::<Digest>().map(|bytes| Self(bytes.0)).map_err(|_| NotARecipientKey)
    }
}
impl Serialize for RecipientKey {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for RecipientKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
