//! Records that people released to this prover's key: opened, held to the request they were released for, and put together.

use super::Args;
use crate::{
    failure::{Failure, OrBadInput, Outcome},
    files,
    secret::read_recipient_key,
};
use alloy_primitives::Address;
use sealroot_chain::{Chain, calls::view, contracts::agencies::Agencies};
use sealroot_handover::{SealedRecord, SealedRecordError};
use sealroot_protocol::{code::Coded, name::Name, policy::PolicyDocument, release::CLOCKS, request::SignedRequest};
use sealroot_prover::assemble::{AssembleError, Assembled, Given, assemble};
use std::path::Path;

/// Opens the released files and puts them together for the policy. The agencies' vouchers in them are still to be checked: [`check_vouchers`].
pub fn open(
    args: &Args,
    key: &Path,
    document: &PolicyDocument,
    signed: &SignedRequest,
) -> Outcome<(Assembled, Vec<Voucher>)> {
    let secret = read_recipient_key(key)?;
    let (request, scope) = (signed.request.digest(), signed.request.scope());
    let (mut given, mut vouchers) = (Vec::new(), Vec::new());
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
        let released = sealed.open(&secret).map_err(|rejected| {
            let advice = match rejected {
                SealedRecordError::Sealed(_) | SealedRecordError::Contents | SealedRecordError::Path => {
                    "get the file again from the agency; it is needed byte for byte"
                }
                _ => {
                    "prove nothing from it: get the record from the agency, on a release that its holder signs for you"
                }
            };
            Failure::rejected(rejected.code().as_str(), format!("{label}: {rejected}")).advice(advice)
        })?;
        // Whoever released it did so for one request, under one chain.
        let release = &released.release;
        let here = release.deployment == signed.request.deployment;
        if release.request != request || release.scope != scope || !here {
            return Err(Failure::rejected(
                "released-for-another-request",
                format!("{label} was released for another request"),
            )
            .advice("have it released for this one"));
        }
        // A release names its request, so it can't be older: what is dated back was signed by a key that counted then.
        if release.not_before.saturating_add(CLOCKS) < signed.request.not_before {
            let message = format!("{label} was released before its request was made");
            return Err(
                Failure::rejected("release-before-request", message).advice("have it released for this request")
            );
        }
        let (agency, not_before) = (released.agency.clone(), release.not_before);
        vouchers.extend(released.voucher.map(|key| Voucher { label: label.clone(), agency, key, not_before }));
        given.push(Given { label, agency: released.agency, record: released.record, path: released.path });
    }
    let assembled = assemble(document, &signed.request.period, given).map_err(|error| {
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
    })?;
    Ok((assembled, vouchers))
}

/// A key that vouches in an agency's name for whoever released a record.
pub struct Voucher {
    label: String,
    agency: Name,
    key: Address,
    not_before: u64,
}

/// Anybody can sign with some key; only the agency knows who represents whom.
pub async fn check_vouchers(chain: &impl Chain, vouchers: &[Voucher]) -> Outcome<()> {
    for Voucher { label, agency, key, not_before } in vouchers {
        let call = Agencies::vouchesCall { key: *key, owner: agency.to_bytes32().into(), notBefore: *not_before };
        if !view(chain, chain.contracts().agencies, call).await.map_err(Failure::of)? {
            let message = format!(
                "{label}: {key} vouches for who released it, and is no key of {agency} that counts on this chain"
            );
            return Err(Failure::rejected("voucher-key", message)
                .advice("prove nothing from it: get the record from the agency, on a release that its holder or representative signs for you"));
        }
    }
    Ok(())
}

/// The key file that `--released` needs.
pub fn key(args: &Args) -> Outcome<&Path> {
    let key = args.recipient_key.as_deref();
    key.ok_or("released records open with the prover's key: name it with --recipient-key").or_bad_input("usage")
}
