//! Bundling: parts become one self-contained document.

use sealroot_parties_ports::{Documents, HostError};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    code::{Code, Coded},
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
    #[error("there is no part for policy {0}")]
    MissingPart(PolicyDigest),
    /// A part without a policy.
    #[error("a part belongs to no policy of the request, or stands twice")]
    ForeignPart,
    /// The paid part is missing.
    #[error("no decision follows from these parts")]
    NoDecision,
}

impl Coded for BundleError {
    fn code(&self) -> Code {
        match self {
            Self::Documents(error) => error.code(),
            Self::MissingPart(_) => Code::MissingPart,
            Self::ForeignPart => Code::ForeignPart,
            Self::NoDecision => Code::NoDecision,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.advice(),
            Self::MissingPart(_) => Some("the agency that holds the data makes it with `sealroot prove`".to_owned()),
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
    let mut parts = Vec::new();
    for policy in &request.request.policies {
        let at = given.iter().position(|part| part.policy == *policy).ok_or(BundleError::MissingPart(*policy))?;
        parts.push(given.swap_remove(at));
    }
    if !given.is_empty() {
        return Err(BundleError::ForeignPart);
    }
    Bundle::new(request, program, policies, parts).ok_or(BundleError::NoDecision)
}
