//! What is enacted: a policy with the key that anybody derives from it again.
//!
//! Guarantee: the policy key is derived here from compiled words and a universal key. A key that somebody hands over is never enacted.

use sealroot_chain::{Act, PolicyEnactment};
use sealroot_policy::Compiled;
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
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

/// Why nothing can be enacted from a text.
#[derive(Debug, thiserror::Error)]
pub enum EnactmentError {
    /// No policy key follows from the words under this universal key.
    #[error(transparent)]
    Key(#[from] DeriveError),
    /// The manifest has no digest.
    #[error(transparent)]
    Policy(#[from] DocumentError),
}

impl Coded for EnactmentError {
    fn code(&self) -> Code {
        match self {
            Self::Key(_) => Code::UnderivablePolicyKey,
            Self::Policy(_) => Code::BadPolicy,
        }
    }
}

/// Derives the policy key and all that the chain records of a policy version.
pub fn derive(compiled: &Compiled, universal: &UniversalKey) -> Result<Derived, EnactmentError> {
    let key = PolicyKey::derive(universal, compiled.words())?;
    let document = compiled.document(universal.hash());
    let enactment = PolicyEnactment::new(&document.policy, key.hash())?;
    Ok(Derived { document, key, enactment })
}

impl Derived {
    /// The act that enacts it.
    pub fn act(&self) -> Act {
        Act::EnactPolicy(self.enactment.clone())
    }
}
