//! When a decision was made, as far as the chain says.

use super::AuditRejection;
use crate::rejection::Rejection;
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::field::Digest;
use sealroot_protocol::snapshot::{Assurance, DecisionEntry, Snapshot};
use serde::Serialize;

/// When a decision was made, as far as the chain says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dating {
    /// The chain holds the bundle's digest, or the root of the batch of refusals that it is in.
    Dated {
        /// Height of the block that holds it.
        block: u64,
        /// Its Unix time.
        time: u64,
        /// True if the contract verified the proofs, false if the requester did.
        proven_on_chain: bool,
    },
    /// Nothing on chain holds the decision: all that is known is that it follows from what this block held.
    Undated {
        /// Height of the evidence's block.
        block: u64,
        /// Its Unix time.
        time: u64,
    },
}

impl Dating {
    /// Unix time as of which the decision is judged.
    pub fn time(self) -> u64 {
        match self {
            Self::Dated { time, .. } | Self::Undated { time, .. } => time,
        }
    }

    /// How it was entered; none if it wasn't.
    pub(super) fn assurance(self) -> Option<Assurance> {
        match self {
            Self::Dated { proven_on_chain: true, .. } => Some(Assurance::ByProof),
            Self::Dated { .. } => Some(Assurance::ByOffice),
            Self::Undated { .. } => None,
        }
    }

    /// Whether the contract verified the proofs.
    pub(super) fn is_by_proof(self) -> bool {
        self.assurance() == Some(Assurance::ByProof)
    }

    /// What a snapshot says of a bundle. A snapshot with a batch of refusals was read for the batch that the bundle's path leads to.
    pub(super) fn of(bundle: &Bundle, snapshot: &Snapshot) -> Result<Self, AuditRejection> {
        let undated = Self::Undated { block: snapshot.block.number, time: snapshot.block.time };
        let dated = |block, time, proven_on_chain| {
            // A time after the block that shows it is no time.
            if time <= snapshot.block.time { Self::Dated { block, time, proven_on_chain } } else { undated }
        };
        if !bundle.decision.approved {
            let Some(batch) = &snapshot.refusals else { return Ok(undated) };
            // The snapshot was read under the requester that asked; the entry says so again, wherever it was read from.
            let asked = &bundle.request.request.requester;
            if batch.requester != *asked {
                let (asked, recorded) = (asked.clone(), batch.requester.clone());
                return Err(AuditRejection::OtherRequestersBatch { asked, recorded });
            }
            return Ok(dated(batch.block, batch.dated_at, false));
        }
        let digest = bundle.digest().map_err(Rejection::from)?;
        match &snapshot.decision {
            // The contract can't read bundles: under another request, the digest was recorded for something that it didn't check.
            Some(entry) if entry.request == bundle.request.request.digest() && is_of(entry, bundle, digest) => {
                Ok(dated(entry.block, entry.approved_at, entry.assurance == Assurance::ByProof))
            }
            _ => Ok(undated),
        }
    }
}

/// Whether an entry under a bundle's request is of this bundle. Of what the contract verified it holds no digest, because the sender of a call could choose it:
/// then what it verified must be what the bundle says. Once that was reduced, nothing says any more what it was: evidence of the entry's own block does.
fn is_of(entry: &DecisionEntry, bundle: &Bundle, digest: Digest) -> bool {
    match entry.bundle {
        Some(recorded) => recorded == digest,
        None => {
            let amount = entry.reduced.is_none() && entry.amount == bundle.decision.amount;
            amount && entry.claimed.is_of(&bundle.request.request)
        }
    }
}
