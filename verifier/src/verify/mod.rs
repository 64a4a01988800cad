//! Verifying a bundle: everything that follows from the chain is derived here, nothing is taken from the prover.
//!
//! Guarantee: a [`VerifiedDecision`] exists only if request, program, policies, roots and proofs belong together at the given
//! time, by what one [`Snapshot`] of the chain says. Online and offline verification are this same code.
//! Non-guarantee: that the snapshot is the chain's. Its source answers for that: the host online, evidence and trust file offline.

mod parts;
mod policies;
mod request;
#[cfg(test)]
mod tests;

pub use parts::verify_roots;
pub use policies::PolicyKeys;

use crate::batch::Claim;
use crate::policy_key::PolicyKey;
use crate::proof::{Proof, ProofError};
use crate::rejection::Rejection;
use crate::universal_key::UniversalKeys;
use sealroot_protocol::bundle::{Bundle, Decision};
use sealroot_protocol::consent::{Nullifier, RequestDigest};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::PublicInputs;
use sealroot_protocol::name::Name;
use sealroot_protocol::policy::{PolicyDigest, PolicyDocument};
use sealroot_protocol::program::Program;
use sealroot_protocol::request::SignedRequest;
use sealroot_protocol::scope::Scope;
use sealroot_protocol::snapshot::{BlockRef, Snapshot, SnapshotQuery};
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
    /// What the recorded approval that this one corrects has paid already; 0 otherwise.
    pub paid_before: u64,
    /// Spent by an approval.
    pub nullifier: Nullifier,
    /// The program.
    pub program: Name,
    /// The period that was claimed.
    pub period: Period,
    /// Program and period.
    pub scope: Scope,
    /// The day on which facts were judged.
    pub as_of: Date,
    /// Who asked.
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

/// One policy's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartDecision {
    /// The policy.
    pub policy: Name,
    /// Which version.
    pub digest: PolicyDigest,
    /// The agencies on whose records it was decided, in the order of the sources.
    pub agencies: Vec<Name>,
    /// Its decision.
    pub approved: bool,
    /// Its outputs, by the names the policy gives them.
    pub outputs: Vec<(String, u64)>,
    /// The reason codes of failed requirements, as far as the policy reveals them.
    pub reasons: Vec<String>,
}

/// Which entries of the chain the verification of a bundle needs: [`verify`]'s snapshot must be read for exactly this.
///
/// The signer's entry is the one of the address that the signature recovers to, so a changed request finds another key or none.
pub fn query(bundle: &Bundle) -> Result<SnapshotQuery, Rejection> {
    Ok(SnapshotQuery::of_bundle(bundle, bundle.request.signer()?))
}

/// Verifies a bundle against a snapshot, read for [`query`], at Unix time `now`. Online, `now` is the block's time.
pub fn verify(
    bundle: &Bundle,
    snapshot: &Snapshot,
    keys: &UniversalKeys,
    now: u64,
) -> Result<VerifiedDecision, Rejection> {
    let decoded = Decoded::one(bundle);
    Prepared::new(decoded, snapshot, &mut PolicyKeys::new(keys), now)?.verify_each()
}

/// Verifies a request before anybody answers it: signed by a requester of the program, inside its lifetime and the claim
/// window, under policies that are enacted, in force and what their documents say. For wallets and provers, which accept nothing else.
pub fn verify_request(
    signed: &SignedRequest,
    program: &Program,
    policies: &[PolicyDocument],
    snapshot: &Snapshot,
    keys: &UniversalKeys,
    now: u64,
) -> Result<(), Rejection> {
    let context = request::check(signed, program, snapshot, now)?;
    let keys = &mut PolicyKeys::new(keys);
    policies::check(policies, program, &signed.request.policies, snapshot, keys, &context).map(|_| ())
}

/// A bundle with one decoder's answer per part, in order.
pub(crate) struct Decoded<'a> {
    bundle: &'a Bundle,
    proofs: Vec<Result<Proof, ProofError>>,
}

impl<'a> Decoded<'a> {
    /// Decodes the proofs of one bundle.
    pub(crate) fn one(bundle: &'a Bundle) -> Self {
        Self { bundle, proofs: Proof::decode_batch(bundle.parts.iter().map(|part| &part.proof)) }
    }

    /// Decodes the proofs of all bundles side by side. One answer per bundle, in order.
    pub(crate) fn all(bundles: impl IntoIterator<Item = &'a Bundle>) -> Vec<Self> {
        let bundles: Vec<_> = bundles.into_iter().collect();
        let mut proofs =
            Proof::decode_batch(bundles.iter().flat_map(|bundle| &bundle.parts).map(|part| &part.proof)).into_iter();
        let of = |bundle: &'a Bundle| Self { bundle, proofs: proofs.by_ref().take(bundle.parts.len()).collect() };
        bundles.into_iter().map(of).collect()
    }

    /// The bundle.
    pub(crate) fn bundle(&self) -> &'a Bundle {
        self.bundle
    }
}

/// A bundle for which everything but the proofs was checked.
pub(crate) struct Prepared {
    decision: VerifiedDecision,
    parts: Vec<PreparedPart>,
}

struct PreparedPart {
    key: Arc<PolicyKey>,
    inputs: PublicInputs,
    proof: Proof,
}

impl Prepared {
    pub(crate) fn new(
        Decoded { bundle, proofs }: Decoded<'_>,
        snapshot: &Snapshot,
        keys: &mut PolicyKeys<'_>,
        now: u64,
    ) -> Result<Self, Rejection> {
        let digest = bundle.digest()?;
        let (program, requested) = (&bundle.program, &bundle.request.request.policies);
        let context = request::check(&bundle.request, program, snapshot, now)?;
        let policies = policies::check(&bundle.policies, program, requested, snapshot, keys, &context)?;
        let (parts, part_decisions) = parts::check(bundle, proofs, snapshot, &context, &policies)?;
        let decision = Decision::of(&bundle.program, &bundle.parts).ok_or(Rejection::PartsMismatch)?;
        if decision != bundle.decision {
            return Err(Rejection::DecisionMismatch);
        }
        let paid_before = request::check_finality(bundle, snapshot, &context, digest, now)?;
        let BlockRef { number: block, .. } = snapshot.block;
        let decision = VerifiedDecision {
            approved: decision.approved,
            amount: decision.amount,
            paid_before,
            nullifier: decision.nullifier,
            program: bundle.program.id.clone(),
            period: context.period,
            scope: context.scope,
            as_of: context.as_of,
            requester: bundle.request.request.requester.clone(),
            request: context.request,
            bundle: digest,
            parts: part_decisions,
            insecure: policies.iter().any(|policy| policy.insecure),
            block,
            checked_for: now,
        };
        Ok(Self { decision, parts })
    }

    /// The proofs with their statements, in order.
    pub(crate) fn claims(&self) -> impl Iterator<Item = Claim<'_>> {
        self.parts.iter().map(|part| Claim { key: &part.key, inputs: &part.inputs, proof: &part.proof })
    }

    /// The decision, once every proof holds.
    pub(crate) fn verify_each(self) -> Result<VerifiedDecision, Rejection> {
        for (part, claim) in self.claims().enumerate() {
            claim.key.verify(claim.inputs, claim.proof).map_err(|error| Rejection::ProofInvalid { part, error })?;
        }
        Ok(self.decision)
    }

    /// The decision, where a batch that held all of [`Prepared::claims`] was found to hold.
    pub(crate) fn verified_in_batch(self) -> VerifiedDecision {
        self.decision
    }
}
