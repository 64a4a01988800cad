//! The consent file: a holder's consent with what a prover needs beside the record.
//!
//! Guarantee: [`ConsentFile::check`] accepts it for the one request that was consented to, from the one key that it names.
//! Non-guarantee: the file carries the case secret, because the prover needs it as a witness. File and request together let a reader test guesses of the
//! applicant's identity, so hand it to the prover only, over a channel that others can't read.

use sealroot_protocol::{
    applicant::CaseSecret,
    canonical::{self, DocumentError, Suite},
    code::{Code, Coded},
    consent::{Consent, ConsentError, RequestDigest},
    curve::PublicKey,
    request::Request,
    scope::Scope,
};
use serde::{Deserialize, Serialize};

/// A consent with what a prover needs beside the record, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentFile {
    /// The suite.
    pub suite: Suite,
    /// The request.
    pub request: RequestDigest,
    /// Program and period.
    pub scope: Scope,
    /// Whose consent it is: the key in the holder's records.
    pub holder: PublicKey,
    /// The signature, which also fixes the nullifier.
    pub consent: Consent,
    /// Opens the applicant commitment together with the record's identity; absent in anonymous programs.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "case_secret")]
    pub case_secret: Option<CaseSecret>,
}

/// Why a consent file is rejected.
#[derive(Debug, thiserror::Error)]
pub enum ConsentFileError {
    /// Not canonical JSON of this form.
    #[error("the consent can't be read: {0}")]
    Document(#[from] DocumentError),
    /// It belongs to another request.
    #[error("the consent was given to another request; a consent can't be moved")]
    OtherRequest,
    /// The signature doesn't fit.
    #[error(transparent)]
    Signature(#[from] ConsentError),
}

impl Coded for ConsentFileError {
    fn code(&self) -> Code {
        match self {
            Self::Document(_) => Code::BadConsent,
            Self::OtherRequest | Self::Signature(_) => Code::ConsentMismatch,
        }
    }
}

impl ConsentFile {
    /// Checks that it is a consent to `request`, before a prover spends time on it.
    pub fn check(&self, request: &Request) -> Result<(), ConsentFileError> {
        if self.request != request.digest() || self.scope != request.scope() {
            return Err(ConsentFileError::OtherRequest);
        }
        Ok(self.consent.verify(&self.holder, self.scope, self.request)?)
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DocumentError> {
        canonical::to_bytes(self)
    }

    /// Reads canonical bytes only.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DocumentError> {
        canonical::from_bytes(bytes)
    }
}

mod case_secret {
    use super::*;

    pub fn serialize<S: serde::Serializer>(secret: &Option<CaseSecret>, s: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(CaseSecret::to_text).serialize(s)
    }
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<CaseSecret>, D::Error> {
        let text = String::deserialize(d)?;
        let wrong = || serde::de::Error::custom("a case secret is 32 lower-case hexadecimal digits");
        CaseSecret::from_text(&text).map(Some).ok_or_else(wrong)
    }
}
