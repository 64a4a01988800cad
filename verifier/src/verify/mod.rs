//! Verifying a bundle: everything that follows from the chain is derived here, nothing is taken from the prover.
//!
//! Guarantee: a [`VerifiedDecision`] exists only if request, program, policies, roots and proofs belong together at the given
//! time, by what one [`Snapshot`] of the chain says. Online and offline verification are this same code.
//! Non-guarantee: that the snapshot is the chain's. Its source answers for that: the host online, evidence and trust file offline.

mod parts;
mod policies;
mod request;
mod verified;

pub use parts::{FreshSince, verify_roots};
pub use policies::PolicyKeys;
pub use verified::{PartDecision, PartRoot, ReducedTo, VerifiedBundle, VerifiedDecision};

use crate::batch::Claim;
use crate::policy_key::PolicyKey;
use crate::proof::{Proof, ProofError};
use crate::rejection::Rejection;
use crate::universal_key::UniversalKeys;
use sealroot_protocol::bundle::{Bundle, Decision};
use sealroot_protocol::enclosed::EnclosedPolicy;
use sealroot_protocol::machine::PublicInputs;
use sealroot_protocol::policy::PolicyDocument;
use sealroot_protocol::program::Program;
use sealroot_protocol::request::SignedRequest;
use sealroot_protocol::snapshot::{Assurance, BlockRef, DecisionEntry, Snapshot, SnapshotQuery};
use std::sync::Arc;

/// Which entries of the chain the verification of a bundle needs: [`verify`]'s snapshot must be read for exactly this.
///
/// The signer's entry is the one of the address that the signature recovers to, so a changed request finds another key or none.
pub fn query(bundle: &Bundle) -> Result<SnapshotQuery, Rejection> {
    Ok(SnapshotQuery::of_bundle(bundle, bundle.request.signer()?))
}

/// Verifies a bundle against a snapshot, read for [`query`], at Unix time `now`. Online, `now` is the block's time. An approval is judged as one that is entered in
/// the program's usual way: by the office, unless it is decided by proof alone.
pub fn verify(
    bundle: &Bundle,
    snapshot: &Snapshot,
    keys: &UniversalKeys,
    now: u64,
) -> Result<VerifiedDecision, Rejection> {
    let usual = bundle.program.decided_by.usual();
    Prepared::new(Decoded::one(bundle), snapshot, &mut PolicyKeys::new(keys), now, usual)?.verify_each()
}

impl VerifiedBundle {
    /// Verifies a bundle as [`verify`] does, as an approval that is entered this way, and keeps it for those who act on the decision.
    pub fn verify(
        bundle: Bundle,
        snapshot: &Snapshot,
        keys: &UniversalKeys,
        now: u64,
        assurance: Assurance,
    ) -> Result<Self, Rejection> {
        let keys = &mut PolicyKeys::new(keys);
        let prepared = Prepared::new(Decoded::one(&bundle), snapshot, keys, now, assurance)?;
        let keys = prepared.parts.iter().map(|part| part.key.clone()).collect();
        let decision = prepared.verify_each()?;
        Ok(Self { bundle, decision, keys })
    }
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
    let context = request::check(signed, program, snapshot, now, None)?;
    let keys = &mut PolicyKeys::new(keys);
    let policies: Vec<_> = policies.iter().cloned().map(EnclosedPolicy::from).collect();
    policies::check(&policies, program, &signed.request.policies, snapshot, keys, &context).map(|_| ())
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
        assurance: Assurance,
    ) -> Result<Self, Rejection> {
        let digest = bundle.digest()?;
        let (program, requested) = (&bundle.program, &bundle.request.request.policies);
        // A refusal is entered in no way.
        let entered = bundle.decision.approved.then_some(assurance);
        let context = request::check(&bundle.request, program, snapshot, now, entered)?;
        let policies = policies::check(&bundle.policies, program, requested, snapshot, keys, &context)?;
        let (parts, part_decisions) = parts::check(bundle, proofs, snapshot, &context, &policies)?;
        let decision = Decision::of(&bundle.program, &bundle.parts).ok_or(Rejection::PartsMismatch)?;
        if decision != bundle.decision {
            return Err(Rejection::DecisionMismatch);
        }
        let paid_before = request::check_finality(bundle, snapshot, &context, digest, now)?;
        let BlockRef { number: block, .. } = snapshot.block;
        let own = snapshot.decision.as_ref().filter(|entry| entry.request == context.request);
        let mut decision = VerifiedDecision {
            approved: decision.approved,
            amount: decision.amount,
            currency: bundle.program.pays.as_ref().map(|pays| pays.currency.clone()),
            corrects: bundle.request.request.corrects,
            paid_before,
            reduced: None,
            overpaid: None,
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
        if let Some(entry) = own {
            decision.lower(entry, bundle);
        }
        Ok(Self { decision, parts })
    }

    /// The proofs with their statements, in order.
    pub(crate) fn claims(&self) -> impl Iterator<Item = Claim<'_>> {
        self.parts.iter().map(|part| Claim { key: &part.key, inputs: &part.inputs, proof: &part.proof })
    }

    /// The same by a later entry of the approval, which its office lowered.
    pub(crate) fn reduced(mut self, entry: &DecisionEntry, bundle: &Bundle) -> Self {
        self.decision.lower(entry, bundle);
        self
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
