//! Records that people released to this prover's key: opened, held to the request they were released for, and put together.

use super::Args;
use crate::{
    failure::{Failure, OrBadInput, Outcome},
    files,
    secret::read_recipient_key,
};
use sealroot_protocol::{policy::PolicyDocument, request::SignedRequest};
use sealroot_prover::assemble::{AssembleError, Assembled, Given, assemble};
use sealroot_vault::release::SealedRecord;
use std::path::Path;

/// Opens the released files and puts them together for the policy.
pub fn open(args: &Args, key: &Path, document: &PolicyDocument, signed: &SignedRequest) -> Outcome<Assembled> {
    let secret = read_recipient_key(key)?;
    let (request, scope) = (signed.request.digest(), signed.request.scope());
    let mut given = Vec::new();
    for path in &args.released {
        let label = path.display().to_string();
        let sealed: SealedRecord = files::read_document(path)?;
        if sealed.recipient != secret.public() {
            let message =
                format!("{label} is sealed to {}, this prover's key is {}", sealed.recipient, secret.public());
            return Err(
                Failure::rejected("other-recipient", message).advice("name the key file that it was released to")
            );
        }
        let released = sealed.open(&secret).map_err(|_| {
            Failure::rejected("unopenable", format!("{label} doesn't open: it was damaged, or its head was changed"))
                .advice("get the file again from the agency; it is needed byte for byte")
        })?;
        // Whoever released it did so for one request.
        if released.request != request || released.scope != scope {
            return Err(Failure::rejected(
                "released-for-another-request",
                format!("{label} was released for another request"),
            )
            .advice("have it released for this one"));
        }
        given.push(Given { label, agency: released.agency, record: released.record, path: released.path });
    }
    assemble(document, &signed.request.period, given).map_err(|error| {
        let reason = match &error {
            AssembleError::Words(_) | AssembleError::Sources => "bad-policy",
            AssembleError::Period(_) => "bad-period",
            AssembleError::NotNeeded { .. } => "record-not-needed",
            AssembleError::NoRecord { .. } => "record-missing",
            AssembleError::SeveralRecords { .. } => "record-ambiguous",
            AssembleError::NoRecordOfMember { .. } => "member-record-missing",
            AssembleError::TwiceOfMember { .. } => "member-record-ambiguous",
            AssembleError::Stranger { .. } => "record-of-no-member",
            AssembleError::Roots { .. } => "roots-differ",
        };
        Failure::rejected(reason, error)
    })
}

/// The key file that `--released` needs.
pub fn key(args: &Args) -> Outcome<&Path> {
    let key = args.recipient_key.as_deref();
    key.ok_or("released records open with the prover's key: name it with --recipient-key").or_bad_input("usage")
}
