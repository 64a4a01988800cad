//! Records that people released to this prover's key: opened, held to the request they were released for, and put together.

use crate::{
    records::{OpenedRecords, Voucher},
    request::CheckedRequest,
};
use sealroot_handover::{RecipientKey, RecipientSecret, SealedRecord, SealedRecordError};
use sealroot_protocol::{
    code::{Code, Coded},
    release::CLOCKS,
};
use sealroot_prover::assemble::{AssembleError, Given, assemble};

/// A sealed record, as it was handed over.
#[derive(Debug, Clone)]
pub struct ReleasedFile {
    /// What messages call it: a file's name.
    pub label: String,
    /// The record.
    pub sealed: SealedRecord,
}

/// Why released records were not put together.
#[derive(Debug, thiserror::Error)]
pub enum ReleasedRecordError {
    /// Sealed to another prover.
    #[error("{label} is sealed to {recipient}, this prover's key is {here}")]
    OtherRecipient {
        /// Which file.
        label: String,
        /// To whom it is sealed.
        recipient: RecipientKey,
        /// This prover's key.
        here: RecipientKey,
    },
    /// It doesn't open, or isn't what its head says.
    #[error("{label}: {error}")]
    Opening {
        /// Which file.
        label: String,
        /// Why.
        error: SealedRecordError,
    },
    /// Released for another request, or under another chain.
    #[error("{0} was released for another request")]
    OtherRequest(String),
    /// Dated before its request.
    #[error("{0} was released before its request was made")]
    BeforeRequest(String),
    /// The records are not those that the policy reads.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}

impl Coded for ReleasedRecordError {
    fn code(&self) -> Code {
        match self {
            Self::OtherRecipient { .. } => Code::OtherRecipient,
            Self::Opening { error, .. } => error.code(),
            Self::OtherRequest(_) => Code::ReleasedForAnotherRequest,
            Self::BeforeRequest(_) => Code::ReleaseBeforeRequest,
            Self::Assemble(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::OtherRecipient { .. } => "name the key file that it was released to",
            Self::Opening {
                error: SealedRecordError::Sealed(_) | SealedRecordError::Contents | SealedRecordError::Path,
                ..
            } => "get the file again from the agency; it is needed byte for byte",
            Self::Opening { .. } => {
                "prove nothing from it: get the record from the agency, on a release that its holder signs for you"
            }
            Self::OtherRequest(_) => "have it released for this one",
            Self::BeforeRequest(_) => "have it released for this request",
            Self::Assemble(error) => return error.advice(),
        };
        Some(advice.to_owned())
    }
}

impl CheckedRequest {
    /// Opens the released files and puts them together for the policy.
    pub fn open_released(
        self,
        files: Vec<ReleasedFile>,
        key: &RecipientSecret,
    ) -> Result<OpenedRecords, ReleasedRecordError> {
        let request = &self.signed.request;
        let (digest, scope, here) = (request.digest(), request.scope(), key.public());
        let (mut given, mut vouchers) = (Vec::new(), Vec::new());
        for ReleasedFile { label, sealed } in files {
            if sealed.recipient != here {
                return Err(ReleasedRecordError::OtherRecipient { label, recipient: sealed.recipient, here });
            }
            let released = match sealed.open(key) {
                Ok(released) => released,
                Err(error) => return Err(ReleasedRecordError::Opening { label, error }),
            };
            // It was released for one request, under one chain.
            let release = &released.release;
            let same_chain = release.deployment == request.deployment;
            if release.request != digest || release.scope != scope || !same_chain {
                return Err(ReleasedRecordError::OtherRequest(label));
            }
            // A release names its request, so it can't be older: what is dated back was signed by a key that counted then.
            if release.not_before.saturating_add(CLOCKS) < request.not_before {
                return Err(ReleasedRecordError::BeforeRequest(label));
            }
            let (agency, not_before) = (released.agency.clone(), release.not_before);
            vouchers.extend(released.voucher.map(|key| Voucher { label: label.clone(), agency, key, not_before }));
            given.push(Given { label, agency: released.agency, record: released.record, path: released.path });
        }
        let assembled = assemble(&self.document, &request.period, given)?;
        Ok(OpenedRecords { request: self, assembled, vouchers })
    }
}
