//! What verification leaves in the hand: the decision, and the bundle for those who act on it.

use crate::policy_key::PolicyKey;
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::consent::{Nullifier, RequestDigest};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::evidence::Evidence;
use sealroot_protocol::field::Digest;
use sealroot_protocol::moment::Moment;
use sealroot_protocol::name::Name;
use sealroot_protocol::policy::PolicyDigest;
use sealroot_protocol::reduction::ReductionDocument;
use sealroot_protocol::scope::Scope;
use sealroot_protocol::snapshot::DecisionEntry;
use sealroot_protocol::tree::Root;
use serde::Serialize;
use std::sync::Arc;

/// What a bundle proves, as of a block and a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VerifiedDecision {
    /// The AND of the parts' decisions.
    pub approved: bool,
    /// What is paid in all, in minor units; 0 unless approved and the program pays.
    pub amount: u64,
    /// ISO 4217 code of the amount's currency; none where the program pays nothing.
    pub currency: Option<String>,
    /// The request whose approval this one replaces, if it is a correction.
    pub corrects: Option<RequestDigest>,
    /// What that approval paid, in minor units, where the chain still shows it: only the difference is paid now. None for what corrects nothing, and once the
    /// correction itself stands on chain: then the replaced approval's own bundle says it.
    pub paid_before: Option<u64>,
    /// What the office took back since, where the chain shows it; left out where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduced: Option<ReducedTo>,
    /// By how much all that was ever granted under the nullifier exceeds what stands, in minor units, where the chain shows it: what was overpaid, if all of it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overpaid: Option<u64>,
    /// Spent by an approval.
    pub nullifier: Nullifier,
    /// The program.
    pub program: Name,
    /// The period that was claimed.
    pub period: Period,
    /// Program and period.
    pub scope: Scope,
    /// The reference day: ages and limits are taken on it. The facts are those of the parts' roots, whenever these were anchored.
    pub as_of: Date,
    /// The office that asked.
    pub requester: Name,
    /// What was asked.
    pub request: RequestDigest,
    /// Digest of the bundle without its evidence.
    pub bundle: Digest,
    /// Each policy's answer, in the program's order.
    pub parts: Vec<PartDecision>,
    /// True if a universal key is marked insecure: then the decision proves nothing to anybody who distrusts that setup.
    pub insecure: bool,
    /// Height of the block whose state was looked at.
    pub block: u64,
    /// Unix time for which the decision was checked.
    pub checked_for: u64,
}

/// An approval that its office lowered without the holder. It is no part of what the bundle proves, and contestable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReducedTo {
    /// What stands, in minor units.
    pub amount: u64,
    /// Since when.
    pub at: Moment,
    /// Digest of the document that says why.
    pub document: Digest,
    /// Why, as the document says it; none where the bundle doesn't hold this document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl VerifiedDecision {
    /// Says what stands by the approval's entry: what its office took back, for the reason that the bundle's document gives, and what was overpaid.
    pub fn lower(&mut self, entry: &DecisionEntry, bundle: &Bundle) {
        self.reduced = ReducedTo::of(entry, bundle.reduction.as_ref().map(|reduction| &reduction.document));
        self.overpaid = overpaid(entry);
    }
}

impl ReducedTo {
    /// What an entry says, with the reason where this document is the one that it has the digest of.
    fn of(entry: &DecisionEntry, document: Option<&ReductionDocument>) -> Option<Self> {
        let reduced = entry.reduced?;
        let document = document.filter(|document| document.digest().is_ok_and(|digest| digest == reduced.document));
        Some(Self {
            amount: entry.amount,
            at: Moment::from_unix(reduced.at),
            document: reduced.document,
            reason: document.map(|document| document.reason.clone()),
        })
    }
}

/// What an entry's approval was overpaid by, if all that was granted was paid; none where the entry doesn't say it.
fn overpaid(entry: &DecisionEntry) -> Option<u64> {
    u64::try_from(entry.granted.held()?.saturating_sub(entry.amount.into())).ok()
}

/// One policy's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartDecision {
    /// The policy.
    pub policy: Name,
    /// Which version.
    pub digest: PolicyDigest,
    /// The withdrawn version in whose place it was enacted for days that had begun; left out for a law that was enacted before its days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retroactive: Option<PolicyDigest>,
    /// The agencies on whose records it was decided, in the order of the sources.
    pub agencies: Vec<Name>,
    /// The roots that it was proved under, in the order of the sources.
    pub roots: Vec<PartRoot>,
    /// Its decision.
    pub approved: bool,
    /// Its outputs, by the names the policy gives them.
    pub outputs: Vec<(String, u64)>,
    /// The reason codes of failed requirements, as far as the policy reveals them.
    pub reasons: Vec<String>,
}

/// A root that a part was proved under, with its times as the block knew them that was looked at. Facts are as new as their root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartRoot {
    /// The agency that anchored it.
    pub agency: Name,
    /// The root.
    pub root: Root,
    /// Since when it counts without a gap.
    pub anchored: Moment,
    /// When another root of the agency's took its place; none while it is the current one. From then on the agency may have held other facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Moment>,
    /// The last second of its grace, if it was superseded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_until: Option<Moment>,
}

/// A bundle together with the decision that it was verified to hold: what an office records, dates or pays by.
///
/// Guarantee: there is no other way to make one than [`VerifiedBundle::verify`], and no way to change it, so whatever takes one acts on nothing that wasn't checked.
/// Non-guarantee: that it would verify again. What it rests on may have been withdrawn since, and its nullifier spent; the contract asks once more.
#[derive(Debug, Clone)]
pub struct VerifiedBundle {
    pub(super) bundle: Bundle,
    pub(super) decision: VerifiedDecision,
    pub(super) keys: Vec<Arc<PolicyKey>>,
}

impl VerifiedBundle {
    /// The bundle: request, roots and the stated decision, as a call that records it needs them.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What it proves. Its digest is the one that the chain stores.
    pub fn decision(&self) -> &VerifiedDecision {
        &self.decision
    }

    /// The same, of an approval that its office lowered since it was entered, by its entry as it stands now.
    pub fn lowered(mut self, entry: &DecisionEntry) -> Self {
        self.decision.lower(entry, &self.bundle);
        self
    }

    /// The policy keys under which its parts were verified, in EIP-197 form and in their order: what a contract that verifies them asks for.
    pub fn policy_keys(&self) -> Vec<Vec<u8>> {
        self.keys.iter().map(|key| key.to_bytes()).collect()
    }

    /// The bundle for an auditor, with what the chain said. Evidence is no part of what was verified here, nor of the digest.
    pub fn with_evidence(self, evidence: Evidence) -> Bundle {
        Bundle { evidence: Some(evidence), ..self.bundle }
    }
}
