//! What is enacted: a policy with the key that anybody derives from it again.
//!
//! Guarantees: the policy key is derived here from compiled words and a universal key; a key that somebody hands over is never enacted. A law whose own cases
//! fail is neither proposed nor confirmed: [`enactable`] is the only way from a text to the act that enacts it.

use sealroot_chain::{Act, PolicyEnactment};
use sealroot_policy::{CheckFailed, Compiled};
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
    machine::{NullifierMode, ValidWords},
    policy::PolicyDocument,
};
use sealroot_verifier::{
    policy_key::{DeriveError, PolicyKey},
    universal_key::UniversalKey,
};

/// A policy version with its key: what each officer derives from the text before signing.
#[derive(Clone)]
pub struct Derived {
    /// The manifest, the text and the schemas: what is published.
    pub document: PolicyDocument,
    /// The policy key.
    pub key: PolicyKey,
    /// What the chain records.
    pub enactment: PolicyEnactment,
}

/// Random facts around boundaries on which compiled rules and interpreter are compared before a law is enacted, and their seed.
const COMPARISONS: (usize, u64) = (1000, 1);

/// Why nothing can be enacted from a text.
#[derive(Debug, thiserror::Error)]
pub enum EnactmentError {
    /// A case of the law fails, or another check of the text.
    #[error("the policy does not say what it should\n{0}")]
    Check(#[from] CheckFailed),
    /// No policy key follows from the words under this universal key.
    #[error(transparent)]
    Key(#[from] DeriveError),
    /// What it would replace gives people other nullifiers.
    #[error(
        "version {0}, which it would replace, counts claims otherwise: a person with an approval under that one could have another one under this"
    )]
    CountsOtherwise(u32),
    /// The manifest has no digest.
    #[error(transparent)]
    Policy(#[from] DocumentError),
}

impl Coded for EnactmentError {
    fn code(&self) -> Code {
        match self {
            Self::Check(error) => error.code(),
            Self::Key(_) => Code::UnderivablePolicyKey,
            Self::CountsOtherwise(_) => Code::CountsOtherwise,
            Self::Policy(_) => Code::BadPolicy,
        }
    }
}

/// Derives the policy key and all that the chain records of a policy version.
pub fn derive(compiled: &Compiled, universal: &UniversalKey) -> Result<Derived, EnactmentError> {
    let key = PolicyKey::derive(universal, compiled.words())?;
    let document = compiled.document(universal.hash());
    let enactment = PolicyEnactment::new(&document.policy, key.hash(), compiled.currencies())?;
    Ok(Derived { document, key, enactment })
}

/// A law that may be enacted: its cases hold. Made by [`enactable`] only.
#[derive(Clone)]
pub struct Enactable(Derived);

/// Runs the law's cases, compares its rules with an independent interpreter, and derives what is enacted. Both officers ask it: who confirms relies on nobody.
pub fn enactable(compiled: &Compiled, universal: &UniversalKey) -> Result<Enactable, EnactmentError> {
    let (comparisons, seed) = COMPARISONS;
    compiled.check(comparisons, seed).passed()?;
    Ok(Enactable(derive(compiled, universal)?))
}

impl Enactable {
    /// What was derived.
    pub fn derived(&self) -> &Derived {
        &self.0
    }

    /// The act that enacts it for days that have begun, in the place of a withdrawn version that covered them.
    ///
    /// Guarantee: it gives the same people the same nullifiers as that one did. Otherwise everybody who was approved under the withdrawn version could be approved once
    /// more, and nothing on chain would connect the two approvals.
    pub fn retroactive_act(&self, replaced: &PolicyDocument) -> Result<Act, EnactmentError> {
        let counted = |document: &PolicyDocument| {
            let policy = &document.policy;
            let words = ValidWords::check(policy.shape, policy.words.clone()).ok()?;
            let (rules, agencies) = (words.rules(), policy.sources.iter().map(|source| source.agency.clone()));
            // A record's nullifier is its serial's, which its agency gives; a holder's is the key's, wherever it is enrolled.
            let records = rules.nullifier != NullifierMode::Holder;
            Some((rules.nullifier, if records { agencies.zip(rules.sources.clone()).collect() } else { Vec::new() }))
        };
        if counted(&self.0.document) != counted(replaced) {
            return Err(EnactmentError::CountsOtherwise(replaced.policy.version));
        }
        Ok(Act::EnactRetroactively(self.0.enactment.clone(), replaced.policy.digest()?))
    }

    /// The act that enacts it.
    pub fn act(&self) -> Act {
        Act::EnactPolicy(self.0.enactment.clone())
    }
}
