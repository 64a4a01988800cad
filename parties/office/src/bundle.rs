//! Bundling: parts become one self-contained document.

use sealroot_parties_ports::{Documents, HostError};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    code::{Code, Coded},
    name::Name,
    policy::PolicyDigest,
    request::SignedRequest,
};

/// Why parts make no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The published documents can't be had.
    #[error(transparent)]
    Documents(#[from] HostError),
    /// A policy without a part.
    #[error("there is no part for policy {policy}: the request needs {needed} parts, one for each policy, and {given} {} given", if *given == 1 { "was" } else { "were" })]
    MissingPart {
        /// The policy.
        policy: Name,
        /// Parts that the request needs.
        needed: usize,
        /// Parts that were given.
        given: usize,
    },
    /// Two parts of one policy.
    #[error("two parts are of policy {0}: leave one out")]
    SecondPart(Name),
    /// A part without a policy.
    #[error("a part is of policy version {0}, which the request doesn't name: it was proved for another request")]
    ForeignPart(PolicyDigest),
    /// The paid part is missing.
    #[error("no decision follows from these parts")]
    NoDecision,
}

impl Coded for BundleError {
    fn code(&self) -> Code {
        match self {
            Self::Documents(error) => error.code(),
            Self::MissingPart { .. } => Code::MissingPart,
            Self::SecondPart(_) | Self::ForeignPart(_) => Code::ForeignPart,
            Self::NoDecision => Code::NoDecision,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.advice(),
            Self::MissingPart { policy, .. } => {
                Some(format!("the agency that holds the data makes it with `sealroot prove --policy {policy}`"))
            }
            _ => None,
        }
    }
}

/// Puts parts together, in any order, one for each policy of the request. Nothing is verified.
pub async fn bundle(
    request: SignedRequest,
    mut given: Vec<Part>,
    documents: &impl Documents,
) -> Result<Bundle, BundleError> {
    let program = documents.program(&request.request.program).await?;
    let policies = documents.policies(&request.request.policies).await?;
    let (needed, count) = (policies.len(), given.len());
    let mut parts = Vec::new();
    for (digest, document) in request.request.policies.iter().zip(&policies) {
        let policy = &document.policy.id;
        let missing = || BundleError::MissingPart { policy: policy.clone(), needed, given: count };
        let at = given.iter().position(|part| part.policy == *digest).ok_or_else(missing)?;
        parts.push(given.swap_remove(at));
    }
    if let Some(part) = given.first() {
        let at = request.request.policies.iter().position(|digest| *digest == part.policy);
        let named = at.and_then(|at| policies.get(at)).map(|document| document.policy.id.clone());
        return Err(named.map_or(BundleError::ForeignPart(part.policy), BundleError::SecondPart));
    }
    Bundle::new(request, program, policies, parts).ok_or(BundleError::NoDecision)
}
