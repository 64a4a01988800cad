//! The records' standing on chain: the agencies' attestations of signers, and whether roots count.

use crate::request::CheckedRequest;
use alloy_primitives::Address;
use sealroot_chain::{Chain, ChainError, calls::view, contracts::agencies::Agencies};
use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
    request::RequestError,
    snapshot::SnapshotQuery,
};
use sealroot_prover::assemble::Assembled;
use sealroot_verifier::{FreshSince, Rejection, verify_roots};

/// Records that were opened for a checked request. Where they stand on chain is still to be checked.
pub struct OpenedRecords {
    pub(crate) request: CheckedRequest,
    pub(crate) assembled: Assembled,
    pub(crate) vouchers: Vec<Voucher>,
}

/// Records that may be proved about.
pub struct CheckedRecords {
    pub(crate) request: CheckedRequest,
    pub(crate) assembled: Assembled,
}

/// A key that vouches in an agency's name for the signer of a release.
pub(crate) struct Voucher {
    pub(crate) label: String,
    pub(crate) agency: Name,
    pub(crate) key: Address,
    pub(crate) not_before: u64,
}

/// Why nothing is proved about records.
#[derive(Debug, thiserror::Error)]
pub enum CheckRecordsError {
    /// The voucher isn't the agency's.
    #[error(
        "{label}: {key} vouches for the signer of its release, and is no key of {agency} that counts on this chain"
    )]
    VoucherKey {
        /// Which file.
        label: String,
        /// Whose key vouches.
        key: Address,
        /// In whose name.
        agency: Name,
    },
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The request's signature recovers to no key.
    #[error(transparent)]
    Signature(RequestError),
    /// A root doesn't count.
    #[error(transparent)]
    Roots(#[from] Rejection),
}

impl Coded for CheckRecordsError {
    fn code(&self) -> Code {
        match self {
            Self::VoucherKey { .. } => Code::VoucherKey,
            Self::Chain(error) => error.code(),
            Self::Signature(_) => Code::BadRequest,
            Self::Roots(rejection) => rejection.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::VoucherKey { .. } => {
                "prove nothing from it: get the record from the agency, on a release that its holder or representative signs for you"
            }
            Self::Roots(_) => {
                "have the record released again, under a root that the agency has anchored; nothing was proved"
            }
            Self::Chain(error) => return error.advice(),
            Self::Signature(_) => return None,
        };
        Some(advice.to_owned())
    }
}

impl OpenedRecords {
    /// Checks vouchers and roots. A made-up record, in which a household has other members, would let its author learn from the proof's outputs about those
    /// whose true records were released with it.
    pub async fn check(self, chain: &impl Chain) -> Result<CheckedRecords, CheckRecordsError> {
        for voucher in &self.vouchers {
            check_voucher(voucher, chain).await?;
        }
        let (signed, policy) = (&self.request.signed, &self.request.document.policy);
        let roots = self.assembled.roots();
        let signer = signed.signer().map_err(CheckRecordsError::Signature)?;
        let mut query = SnapshotQuery::of_request(signed, signer);
        let agencies = policy.sources.iter().map(|source| source.agency.clone());
        query.roots.extend(agencies.zip(roots.iter().copied()));
        let snapshot = chain.snapshot(&query).await?;
        let now = chain.now().await?.max(snapshot.block.time);
        let fresh = FreshSince::of(&self.request.program, signed.request.period)?;
        verify_roots(self.request.place, &roots, policy, &snapshot, fresh, now)?;
        Ok(CheckedRecords { request: self.request, assembled: self.assembled })
    }
}

/// Anybody can sign with some key; only the agency knows who represents whom.
async fn check_voucher(voucher: &Voucher, chain: &impl Chain) -> Result<(), CheckRecordsError> {
    let Voucher { label, agency, key, not_before } = voucher;
    let entry = view(chain, chain.contracts().agencies, Agencies::keysCall { key: *key }).await?;
    let retired_after = entry.retiredAt == 0 || *not_before <= entry.retiredAt;
    if entry.owner.0 == agency.to_bytes32() && entry.revokedAt == 0 && retired_after {
        return Ok(());
    }
    Err(CheckRecordsError::VoucherKey { label: label.clone(), key: *key, agency: agency.clone() })
}
