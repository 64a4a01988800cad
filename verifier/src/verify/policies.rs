//! The policies: enacted, in force, and the policy key of each derived from its words.

use super::request::Context;
use crate::policy_key::PolicyKey;
use crate::rejection::Rejection;
use crate::universal_key::{UniversalKey, UniversalKeys};
use sealroot_protocol::enclosed::EnclosedPolicy;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::{NullifierMode, ValidWords};
use sealroot_protocol::policy::{Policy, PolicyDigest, PolicyDocument};
use sealroot_protocol::program::Program;
use sealroot_protocol::snapshot::{PolicyEntry, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Policy keys derived so far, so that many bundles under one policy derive its key once.
///
/// Entries are keyed by the manifest's digest, which covers words, shape and universal key.
pub struct PolicyKeys<'a> {
    universal: &'a UniversalKeys,
    derived: BTreeMap<PolicyDigest, Derived>,
}

#[derive(Clone)]
struct Derived {
    key: Arc<PolicyKey>,
    hash: Digest,
    words: Arc<ValidWords>,
}

/// A policy that may decide, with the key under which its parts are checked.
pub(super) struct CheckedPolicy<'a> {
    pub(super) policy: &'a Policy,
    pub(super) digest: PolicyDigest,
    pub(super) key: Arc<PolicyKey>,
    pub(super) insecure: bool,
    pub(super) retroactive: Option<PolicyDigest>,
}

impl<'a> PolicyKeys<'a> {
    /// None derived yet.
    pub fn new(universal: &'a UniversalKeys) -> Self {
        Self { universal, derived: BTreeMap::new() }
    }

    fn derive(&mut self, document: &PolicyDocument, digest: PolicyDigest) -> Result<Derived, Rejection> {
        if let Some(derived) = self.derived.get(&digest) {
            return Ok(derived.clone());
        }
        let policy = &document.policy;
        let id = || policy.id.clone();
        let words = ValidWords::check(policy.shape, policy.words.clone())
            .map_err(|error| Rejection::Policy { policy: id(), fault: error.into() })?;
        if !self.universal.has(policy.shape) {
            return Err(Rejection::NoUniversalKey(policy.shape));
        }
        let universal = self.universal.get(policy.universal_key).filter(|key| key.shape() == policy.shape);
        let universal =
            universal.ok_or_else(|| Rejection::OtherUniversalKey { policy: id(), needed: policy.universal_key })?;
        let key = PolicyKey::derive(universal, &words).map_err(|error| Rejection::PolicyKey { policy: id(), error })?;
        let derived = Derived { hash: key.hash(), key: Arc::new(key), words: Arc::new(words) };
        self.derived.insert(digest, derived.clone());
        Ok(derived)
    }
}

/// Checks that the documents are the program's and the request's policies, enacted and in force, and derives their keys.
pub(super) fn check<'d>(
    documents: &'d [EnclosedPolicy],
    program: &Program,
    requested: &[PolicyDigest],
    snapshot: &Snapshot,
    keys: &mut PolicyKeys<'_>,
    context: &Context,
) -> Result<Vec<CheckedPolicy<'d>>, Rejection> {
    if documents.len() != requested.len() {
        return Err(Rejection::PoliciesMismatch);
    }
    if !documents.iter().map(|document| &document.policy.id).eq(&program.policies) {
        return Err(Rejection::NotTheProgramsPolicies);
    }
    let mut checked = Vec::with_capacity(documents.len());
    for (part, (document, requested)) in documents.iter().zip(requested).enumerate() {
        let policy = &document.policy;
        let digest = document.digest()?;
        if digest != *requested {
            return Err(Rejection::PoliciesMismatch);
        }
        let entry = check_entry(policy, digest, snapshot, context)?;
        check_currency(entry, part, program)?;
        let derived = keys.derive(document, digest)?;
        document
            .check_beside(&derived.words)
            .map_err(|fault| Rejection::Policy { policy: policy.id.clone(), fault })?;
        if entry.key_hash != derived.hash {
            return Err(Rejection::PolicyEntry { policy: policy.id.clone(), what: "the policy key" });
        }
        if documents.len() > 1 && derived.words.rules().nullifier != NullifierMode::Holder {
            return Err(Rejection::DoesNotCompose(policy.id.clone()));
        }
        let insecure = keys.universal.get(policy.universal_key).is_some_and(UniversalKey::is_insecure);
        checked.push(CheckedPolicy { policy, digest, key: derived.key, insecure, retroactive: entry.retroactive });
    }
    Ok(checked)
}

/// The manifest says no currency: the officers derived it from the text, and the contract compares it as this does. The first contracts hold none, and compared none.
fn check_currency(entry: &PolicyEntry, part: usize, program: &Program) -> Result<(), Rejection> {
    let Some(pays) = program.pays.as_ref().filter(|pays| usize::from(pays.part) == part) else { return Ok(()) };
    let same = entry.currencies.unheld_or(|held| {
        let currency = held.get(usize::from(pays.output)).copied().flatten();
        currency.is_some_and(|currency| currency.code() == pays.currency)
    });
    if same { Ok(()) } else { Err(Rejection::OtherCurrency(entry.id.clone())) }
}

/// What the chain says about the version.
fn check_entry<'s>(
    policy: &Policy,
    digest: PolicyDigest,
    snapshot: &'s Snapshot,
    context: &Context,
) -> Result<&'s PolicyEntry, Rejection> {
    let id = policy.id.clone();
    let Some(entry) = snapshot.policies.get(&digest).filter(|entry| entry.enacted_at <= context.now) else {
        return Err(Rejection::PolicyNotEnacted { policy: id, digest });
    };
    if entry.withdrawn_at.is_some_and(|at| at <= context.now) {
        return Err(Rejection::PolicyWithdrawn(id));
    }
    if entry.id != id {
        return Err(Rejection::PolicyEntry { policy: id, what: "the policy's id" });
    }
    if !policy.sources.iter().map(|source| &source.agency).eq(&entry.agencies) {
        return Err(Rejection::PolicyEntry { policy: id, what: "the sources' agencies" });
    }
    let day = context.period.start;
    // The chain may end a version early, so both must hold.
    if !(entry.in_force.contains(day) && policy.in_force.contains(day)) {
        return Err(Rejection::PolicyNotInForce { policy: id, day });
    }
    Ok(entry)
}
