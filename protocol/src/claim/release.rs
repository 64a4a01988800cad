//! Release: a person's signature that lets one agency seal one of his records to one recipient, for one request.
//!
//! Guarantee: whoever lacks the signer's key can neither make a release nor change any of it: whose record, which schema and period, at which agency and
//! chain, to which key, for which request, until when, in whose place. Its digest doesn't depend on the signature's randomness, so that what was used once is recognised.
//! Non-guarantee: that the signer may speak for the subject. The agency knows whose key is enrolled, and who represents whom.

use crate::{
    canonical::{self, Kind, Suite},
    code::{Code, Coded},
    consent::{Challenge, RequestDigest, low_128, nonce},
    curve::{Point, PublicKey, Scalar, SecretKey},
    date::FactsPeriod,
    field::{self, Digest},
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
use zeroize::Zeroize;

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
    /// Who will be able to open it: the prover whom the applicant chose.
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
    /// Who signs: the subject's own key, or a representative's.
    pub signer: PublicKey,
    /// In which of the two roles he signs. A wallet that takes one person's record for another's is refused by it.
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

/// Why a release is refused before anybody looks at whose key it is.
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

impl ReleaseError {
    /// The code's text.
    pub fn reason(&self) -> &'static str {
        self.code().as_str()
    }
}

impl Release {
    /// `digest("release", self)`: names this release, whoever signs it with whatever randomness.
    pub fn digest(&self) -> Result<Digest, ReleaseError> {
        canonical::digest(Kind::Release, self).map_err(|_| ReleaseError::Malformed)
    }

    /// Signs with the key that `signer` names. `fresh` is 32 random bytes; the nonce also depends on key and digest.
    pub fn sign(self, key: &SecretKey, fresh: [u8; 32]) -> Result<SignedRelease, ReleaseError> {
        self.check_form()?;
        if key.public_key() != self.signer {
            return Err(ReleaseError::Signature);
        }
        let message = field::truncate_248(&self.digest()?.0);
        let mut k = nonce(key, b"sealroot/1:release-nonce", &[message], fresh);
        let c = challenge(&self.signer, Point::base8() * &k, message);
        let response = k.plus_challenge_times(c, key.scalar());
        k.zeroize();
        Ok(SignedRelease { release: self, signature: ReleaseSignature { challenge: Challenge(c), response } })
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

    /// Checks form and signature, at whatever time: for withdrawing one that is dated ahead, and for who looks at one that was used.
    pub fn check_signature(&self) -> Result<(), ReleaseError> {
        let release = &self.release;
        release.check_form()?;
        let message = field::truncate_248(&release.digest()?.0);
        let c = self.signature.challenge.0;
        let a = Point::base8() * &self.signature.response - release.signer.point().times_u128(c);
        if challenge(&release.signer, a, message) != c {
            return Err(ReleaseError::Signature);
        }
        Ok(())
    }
}

fn challenge(key: &PublicKey, a: Point, message: field::F) -> u128 {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::field::F;
    use alloy_primitives::{Address, FixedBytes};

    const NOW: u64 = 1_800_000_000;

    fn key(i: u8) -> SecretKey {
        SecretKey::from_uniform_bytes(&[i; 64]).unwrap()
    }

    fn release() -> Release {
        Release {
            suite: Suite,
            deployment: Deployment { chain_id: 7, programs: Address::repeat_byte(0xcc) },
            agency: "tax-office".parse().unwrap(),
            subject: Subject(F::from(1u8)),
            schema: SchemaId(F::from(2u8)),
            period: "2026-01".parse().unwrap(),
            business_key: None,
            recipient: RecipientKey([3; 32]),
            request: RequestDigest(F::from(4u8)),
            scope: Scope(F::from(5u8)),
            not_before: NOW - 10,
            expiry: NOW + 10,
            nonce: Nonce(FixedBytes([6; 16])),
            signer: key(1).public_key(),
            role: Role::Holder,
        }
    }

    fn refused(signed: &SignedRelease, now: u64) -> &'static str {
        signed.check(now).unwrap_err().reason()
    }

    #[test]
    fn every_field_of_a_release_is_signed() {
        let signed = release().sign(&key(1), [7; 32]).unwrap();
        signed.check(NOW).unwrap();
        let changes: [fn(&mut Release); 15] = [
            |r| r.deployment.chain_id += 1,
            |r| r.deployment.programs = Address::ZERO,
            |r| r.agency = "registry".parse().unwrap(),
            |r| r.subject.0 += F::from(1u8),
            |r| r.schema.0 += F::from(1u8),
            |r| r.period = FactsPeriod::Timeless,
            |r| r.business_key = Some("INV-1".into()),
            |r| r.recipient.0[31] ^= 1,
            |r| r.request.0 += F::from(1u8),
            |r| r.scope.0 += F::from(1u8),
            |r| r.not_before -= 1,
            |r| r.expiry += 1,
            |r| r.nonce.0.0[0] ^= 1,
            |r| r.signer = key(2).public_key(),
            |r| r.role = Role::Representative,
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut moved = signed.clone();
            change(&mut moved.release);
            assert_eq!(refused(&moved, NOW), "release-signature", "change {i}");
            assert_ne!(moved.release.digest().unwrap(), signed.release.digest().unwrap(), "change {i}");
        }
        let fields = serde_json::to_value(&signed.release).unwrap().as_object().unwrap().len();
        assert_eq!(fields, 14, "a new field needs a change above; deployment has two, the business key is left out");
    }

    #[test]
    fn a_release_is_signed_by_the_key_it_names() {
        assert!(matches!(release().sign(&key(2), [7; 32]), Err(ReleaseError::Signature)));
        let signed = release().sign(&key(1), [7; 32]).unwrap();
        let again = release().sign(&key(1), [8; 32]).unwrap();
        assert_ne!(signed.signature, again.signature);
        assert_eq!(signed.release.digest().unwrap(), again.release.digest().unwrap(), "one release, however signed");
        let mut bent = signed.clone();
        bent.signature.challenge.0 ^= 1;
        assert_eq!(refused(&bent, NOW), "release-signature");
        // The response of another signature over the same release.
        let other = ReleaseSignature { response: again.signature.response, ..signed.signature.clone() };
        assert_eq!(refused(&SignedRelease { signature: other, ..signed }, NOW), "release-signature");
    }

    #[test]
    fn releases_live_from_not_before_to_expiry() {
        let signed = release().sign(&key(1), [7; 32]).unwrap();
        for (now, expected) in [(NOW - 11, "release-not-yet-valid"), (NOW + 11, "release-expired")] {
            assert_eq!(refused(&signed, now), expected);
        }
        for now in [NOW - 10, NOW + 10] {
            signed.check(now).unwrap();
        }
        // Dated ahead: as long as it ends too late, and then until it begins.
        let ahead = Release { not_before: NOW + 10, expiry: NOW + 10 + MAX_LIFETIME, ..release() };
        let ahead = ahead.sign(&key(1), [7; 32]).unwrap();
        assert_eq!((refused(&ahead, NOW), refused(&ahead, NOW + 9)), ("release-lifetime", "release-lifetime"));
        let soon = Release { not_before: NOW + 1, ..release() }.sign(&key(1), [7; 32]).unwrap();
        assert_eq!(refused(&soon, NOW), "release-not-yet-valid");
        assert!(ahead.check(NOW + 10).is_ok() && ahead.check_signature().is_ok() && soon.check_signature().is_ok());
        let long = Release { expiry: NOW - 10 + MAX_LIFETIME, ..release() };
        assert!(long.clone().sign(&key(1), [7; 32]).is_ok());
        for bad in [
            Release { expiry: long.expiry + 1, ..long.clone() },
            Release { expiry: NOW - 11, ..release() },
            Release { expiry: u64::MAX, not_before: 0, ..release() },
        ] {
            assert!(matches!(bad.sign(&key(1), [7; 32]), Err(ReleaseError::Lifetime)));
        }
        for bad in ["", " INV-1", "INV-1\n"] {
            let bad = Release { business_key: Some(bad.into()), ..release() };
            assert!(matches!(bad.sign(&key(1), [7; 32]), Err(ReleaseError::BusinessKey)));
        }
    }

    #[test]
    fn the_document_has_one_form() {
        let signed = release().sign(&key(1), [7; 32]).unwrap();
        let bytes = canonical::to_bytes(&signed).unwrap();
        assert_eq!(canonical::from_bytes::<SignedRelease>(&bytes).unwrap(), signed);
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [
            ("{\"release\"", "{\"note\":1,\"release\""),
            ("groth16/1", "groth16/2"),
            ("\"expiry\":\"18", "\"expiry\":\"018"),
            ("\"recipient\":\"0x", "\"recipient\":\"0X"),
            ("\"period\":\"2026-01\"", "\"period\":null"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(canonical::from_bytes::<SignedRelease>(text.replace(from, to).as_bytes()).is_err(), "{to}");
        }
    }
}
