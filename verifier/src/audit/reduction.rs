//! What an office took back of an approval without the holder, by the document and the evidence that the bundle holds of it.
//!
//! Guarantee: the chain held, after the approval, this lower amount under this nullifier and request, with the digest of exactly this document; the contract took it from
//! two keys of the office, for the very entry that dates the bundle. Non-guarantees: that the reason is true, that two keys are two people, that nothing came later, and that
//! neither key was withdrawn since: no evidence names them, the chain's event does.

use super::{AuditRejection, Dating};
use crate::evidence::Checker;
use crate::rejection::Rejection;
use crate::trust::Trust;
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::snapshot::{DecisionEntry, Snapshot, SnapshotQuery};

/// The approval's entry after the bundle's reduction; none where the bundle holds none.
pub(super) fn check_reduction(
    bundle: &Bundle,
    trust: &Trust,
    checker: &mut Checker<'_>,
    dating: Dating,
    snapshot: &Snapshot,
) -> Result<Option<DecisionEntry>, AuditRejection> {
    let Some(reduction) = &bundle.reduction else { return Ok(None) };
    let document = &reduction.document;
    let request = &bundle.request.request;
    let dated = matches!(dating, Dating::Dated { .. });
    require(bundle.decision.approved && dated, "an approval that its evidence shows on chain")?;
    require(document.deployment == trust.deployment(), "the chain and contracts that are trusted")?;
    require(document.program == request.program, "the bundle's program")?;
    require(document.requester == request.requester, "the office that asked")?;
    require(document.nullifier == bundle.decision.nullifier, "the bundle's nullifier")?;
    require(document.request == request.digest(), "the bundle's request")?;
    require(document.from <= bundle.decision.amount, "an amount that was approved")?;
    let query = SnapshotQuery::of_approval(request.program.clone(), bundle.decision.nullifier);
    let (later, _) = checker.check(&reduction.evidence, &query)?;
    require(later.block.number >= snapshot.block.number, "a block that is not before the decision's evidence")?;
    let digest = document.digest().map_err(Rejection::from)?;
    // One request can be entered twice, by the office's word and once more by proof: what was reduced is what dates the bundle.
    let dates = |entry: &DecisionEntry| {
        let of = |entry: &DecisionEntry| (entry.request, entry.block, entry.approved_at, entry.assurance, entry.bundle);
        snapshot.decision.as_ref().is_some_and(|dated| of(dated) == of(entry))
    };
    let entry = later.decision.filter(dates);
    let entry = entry.filter(|entry| entry.reduced.is_some_and(|reduced| reduced.document == digest));
    let entry = entry.ok_or(AuditRejection::Reduction("what the chain holds"))?;
    require(entry.amount == document.to, "the amount that stands on chain")?;
    Ok(Some(entry))
}

fn require(same: bool, what: &'static str) -> Result<(), AuditRejection> {
    if same { Ok(()) } else { Err(AuditRejection::Reduction(what)) }
}
