//! Auditing: the same verification as online, from the bundle, its evidence and the auditor's trust file alone.
//!
//! Guarantees: the chain's entries come from evidence that the trust file vouches for; the decision is judged as of its own
//! block; each policy is compiled anew from its text, so that the words that were proved are the law that people can read.
//! Non-guarantees: when an *undated* decision was made. Its evidence says what the chain held at one block, not that proofs existed then. And what happened after a bundle's
//! evidence: a later reduction or correction shows in the bundle that holds it.

mod contradiction;
mod dating;
mod equivocation;
mod keys;
mod reduction;
mod rejection;
#[cfg(test)]
pub(crate) mod tests;
mod withdrawn;

pub use dating::Dating;
pub use keys::{TrustedKeyError, trusted_keys};
pub use rejection::AuditRejection;
pub use withdrawn::WithdrawnSince;

use crate::batch::{Claim, verify_batch};
use crate::evidence::{BlockAuthentication, Checker};
use crate::policy_key::ProofRejected;
use crate::rejection::Rejection;
use crate::trust::Trust;
use crate::universal_key::UniversalKeys;
use crate::verify::{Decoded, PolicyKeys, Prepared, VerifiedDecision, query};
use equivocation::Heights;
use sealroot_policy::{RecompileError, recompile};
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::enclosed::EnclosedPolicy;
use sealroot_protocol::policy::PolicyDigest;
use sealroot_protocol::snapshot::{Snapshot, SnapshotQuery};
use serde::Serialize;
use std::collections::BTreeSet;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Audited {
    /// The decision, as of its block.
    pub decision: VerifiedDecision,
    /// When it was made.
    pub dating: Dating,
    /// How the block of its evidence is known to be the chain's.
    pub authenticated: BlockAuthentication,
    /// What it rests on and was withdrawn later: valid then, withdrawn since. Empty if it is valid still.
    pub withdrawn_since: Vec<WithdrawnSince>,
}

/// Audits bundles against one trust file; what they share is derived, compiled and checked once. Of each bundle little is kept, so that there may be any number.
pub struct Auditor<'a> {
    trust: &'a Trust,
    evidence: Checker<'a>,
    policy_keys: PolicyKeys<'a>,
    recompiled: BTreeSet<PolicyDigest>,
    heights: Heights,
    corrects: Vec<Option<RequestDigest>>,
    answers: Vec<Result<Audited, AuditRejection>>,
}

/// Bundles whose proofs are checked in one batch, where many are audited.
pub const CHUNK: usize = 256;

impl<'a> Auditor<'a> {
    /// An auditor who trusts this, with [`trusted_keys`]. A key that the trust file doesn't pin is never used.
    pub fn new(trust: &'a Trust, keys: &'a UniversalKeys) -> Self {
        Self {
            trust,
            evidence: Checker::new(trust),
            policy_keys: PolicyKeys::new(keys),
            recompiled: BTreeSet::new(),
            heights: Heights::default(),
            corrects: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Audits one bundle.
    pub fn audit(&mut self, bundle: &Bundle) -> Result<Audited, AuditRejection> {
        let prepared = self.prepare(Decoded::one(bundle))?;
        Ok(Audited {
            decision: prepared.bundle.verify_each()?,
            dating: prepared.dating,
            authenticated: prepared.authenticated,
            withdrawn_since: prepared.withdrawn_since,
        })
    }

    /// Audits many bundles: each by itself, their proofs in batches, that none contradicts another, and that no two rest on two blocks of one height. One answer per
    /// bundle, in order.
    pub fn audit_all(mut self, bundles: &[Bundle]) -> Vec<Result<Audited, AuditRejection>> {
        for chunk in bundles.chunks(CHUNK) {
            self.add(chunk);
        }
        self.finish()
    }

    /// Audits further bundles, each by itself, their proofs in one batch. One answer per bundle, in order; what others say against it, [`finish`](Self::finish) says.
    pub fn add(&mut self, bundles: &[Bundle]) -> &[Result<Audited, AuditRejection>] {
        let first = self.answers.len();
        let prepared = Decoded::all(bundles).into_iter().map(|bundle| self.prepare(bundle)).collect();
        self.answers.extend(finish_in_batch(prepared));
        for (place, bundle) in (first..).zip(bundles) {
            self.heights.meet(place, bundle, &mut self.evidence);
            self.corrects.push(bundle.request.request.corrects);
        }
        &self.answers[first..]
    }

    /// Ends with the answers to all bundles, in the order in which they were added: also those are rejected now that others contradict.
    pub fn finish(mut self) -> Vec<Result<Audited, AuditRejection>> {
        self.heights.reject(&mut self.answers);
        contradiction::reject(&self.corrects, &mut self.answers);
        self.answers
    }

    fn prepare(&mut self, decoded: Decoded<'_>) -> Result<PreparedAudit, AuditRejection> {
        let query = query(decoded.bundle())?;
        // Its evidence would fail as well, and say less.
        if decoded.bundle().request.request.deployment != self.trust.deployment() {
            return Err(Rejection::OtherDeployment.into());
        }
        let (snapshot, authenticated) = self.snapshot(decoded.bundle(), &query)?;
        self.judge(decoded, &query, &snapshot, authenticated)
    }

    /// Everything but the proofs, by what the chain said.
    fn judge(
        &mut self,
        decoded: Decoded<'_>,
        query: &SnapshotQuery,
        snapshot: &Snapshot,
        authenticated: BlockAuthentication,
    ) -> Result<PreparedAudit, AuditRejection> {
        let bundle = decoded.bundle();
        let dating = Dating::of(bundle, snapshot)?;
        self.check_pins(bundle)?;
        let assurance = dating.assurance().unwrap_or(bundle.program.decided_by.usual());
        let prepared = Prepared::new(decoded, snapshot, &mut self.policy_keys, dating.time(), assurance)?;
        for document in &bundle.policies {
            self.recompile(document)?;
        }
        let withdrawn_since = withdrawn::check(self.trust, bundle, query, snapshot, dating)?;
        let prepared = match reduction::check_reduction(bundle, self.trust, &mut self.evidence, dating, snapshot)? {
            Some(entry) => prepared.reduced(&entry, bundle),
            None => prepared,
        };
        Ok(PreparedAudit { bundle: prepared, dating, authenticated, withdrawn_since })
    }

    /// What the chain said. Evidence proves no absence, so it is of an approval with its entry, of a refusal with its batch, or of
    /// a decision without either.
    fn snapshot(
        &mut self,
        bundle: &Bundle,
        query: &SnapshotQuery,
    ) -> Result<(Snapshot, BlockAuthentication), AuditRejection> {
        let given = bundle.evidence.as_ref().ok_or(AuditRejection::NoEvidence)?;
        if let Some(path) = &given.refusals {
            if bundle.decision.approved {
                return Err(AuditRejection::ApprovalInBatch);
            }
            let batch = path.root(&bundle.digest().map_err(Rejection::from)?)?;
            return Ok(self.evidence.check(given, &query.clone().in_batch(batch))?);
        }
        let without = query.clone().without_decision();
        if !bundle.decision.approved {
            return Ok(self.evidence.check(given, &without)?);
        }
        let with_entry = self.evidence.check(given, query);
        with_entry.or_else(|error| self.evidence.check(given, &without).map_err(|_| error.into()))
    }

    /// Only pinned universal keys count, whatever keys the caller gave.
    fn check_pins(&self, bundle: &Bundle) -> Result<(), AuditRejection> {
        for policy in bundle.policies.iter().map(|document| &document.policy) {
            if !self.trust.universal_keys.iter().any(|pin| pin.shape == policy.shape) {
                return Err(Rejection::NoUniversalKey(policy.shape).into());
            }
            if !self.trust.pins_key(policy.shape, policy.universal_key) {
                let (policy, needed) = (policy.id.clone(), policy.universal_key);
                return Err(Rejection::OtherUniversalKey { policy, needed }.into());
            }
        }
        Ok(())
    }

    /// The text compiles to exactly the manifest: words, schemas, dates, names.
    fn recompile(&mut self, document: &EnclosedPolicy) -> Result<(), AuditRejection> {
        let policy = &document.policy;
        let digest = document.digest().map_err(Rejection::from)?;
        if self.recompiled.contains(&digest) {
            return Ok(());
        }
        recompile(document).map_err(|error| match error {
            RecompileError::Compile(diagnostics) => AuditRejection::Compile { policy: policy.id.clone(), diagnostics },
            RecompileError::OtherCompiler(compiler) => {
                AuditRejection::OtherCompiler { policy: policy.id.clone(), compiler }
            }
            RecompileError::OtherText | RecompileError::OtherPolicy => AuditRejection::OtherPolicy(policy.id.clone()),
        })?;
        self.recompiled.insert(digest);
        Ok(())
    }
}

struct PreparedAudit {
    bundle: Prepared,
    dating: Dating,
    authenticated: BlockAuthentication,
    withdrawn_since: Vec<WithdrawnSince>,
}

/// Checks all proofs in one batch; a bundle whose proof doesn't hold is rejected, and no other.
fn finish_in_batch(prepared: Vec<Result<PreparedAudit, AuditRejection>>) -> Vec<Result<Audited, AuditRejection>> {
    // For each claim of the batch: which bundle, which of its parts.
    let mut places = Vec::new();
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for (i, bundle) in prepared.iter().enumerate() {
        for (part, claim) in bundle.iter().flat_map(|b| b.bundle.claims()).enumerate() {
            places.push((i, part));
            claims.push(claim);
        }
    }
    let culprits = verify_batch(&claims).err().map(|rejected| rejected.culprits).unwrap_or_default();
    let rejection = |c: usize| claims[c].key.verify(claims[c].inputs, claims[c].proof).err();
    let culprits: Vec<(usize, usize, ProofRejected)> = culprits
        .into_iter()
        .map(|c| (places[c].0, places[c].1, rejection(c).unwrap_or(ProofRejected::Equation)))
        .collect();
    let answer = |(i, prepared): (usize, Result<PreparedAudit, AuditRejection>)| {
        let prepared = prepared?;
        if let Some((_, part, error)) = culprits.iter().find(|(bundle, ..)| *bundle == i) {
            return Err(Rejection::ProofInvalid { part: *part, error: error.clone() }.into());
        }
        Ok(Audited {
            decision: prepared.bundle.verified_in_batch(),
            dating: prepared.dating,
            authenticated: prepared.authenticated,
            withdrawn_since: prepared.withdrawn_since,
        })
    };
    prepared.into_iter().enumerate().map(answer).collect()
}

impl Audited {
    /// Whether the decision is valid and nothing that it rests on was withdrawn since.
    pub fn is_valid_still(&self) -> bool {
        self.withdrawn_since.is_empty()
    }
}
