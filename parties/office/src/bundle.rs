//! Bundling: parts become one self-contained document.

use sealroot_parties_ports::{Documents, HostError};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    code::{Code, Coded},
    consent::RequestDigest,
    name::Name,
    policy::PolicyDigest,
    printable::counted,
    request::SignedRequest,
};

/// Why parts make no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The published documents can't be had.
    #[error(transparent)]
    Documents(#[from] HostError),
    /// A policy without a part.
    #[error("there is no part for policy {policy}: the request needs {}, one for each policy, and {given} {} given", counted(*needed, "part", "parts"), if *given == 1 { "was" } else { "were" })]
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
    /// A part of another request, under the same law perhaps: another period, or somebody else's case.
    #[error("{label} was proved for request {found}, and this one is {request}")]
    OtherRequest {
        /// What the part's giver calls it, fit to be shown.
        label: String,
        /// The part's request.
        found: RequestDigest,
        /// The request.
        request: RequestDigest,
    },
    /// A part without a policy.
    #[error("{label} is of policy version {policy}, which the request doesn't name")]
    ForeignPart {
        /// What the part's giver calls it, fit to be shown.
        label: String,
        /// The part's policy.
        policy: PolicyDigest,
    },
    /// The paid part is missing.
    #[error("no decision follows from these parts")]
    NoDecision,
}

impl Coded for BundleError {
    fn code(&self) -> Code {
        match self {
            Self::Documents(error) => error.code(),
            Self::MissingPart { .. } => Code::MissingPart,
            Self::SecondPart(_) | Self::OtherRequest { .. } | Self::ForeignPart { .. } => Code::ForeignPart,
            Self::NoDecision => Code::NoDecision,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.advice(),
            Self::MissingPart { policy, .. } => {
                Some(format!("the agency that holds the data makes it with `sealroot prove --policy {policy}`"))
            }
            Self::OtherRequest { .. } => Some(
                "name the part of this request, or the request of this part (`sealroot inspect` shows both digests)"
                    .into(),
            ),
            _ => None,
        }
    }
}

/// A part, and what its giver calls it: a file's name, for example.
#[derive(Debug, Clone)]
pub struct NamedPart {
    /// Fit to be shown.
    pub label: String,
    /// The part.
    pub part: Part,
}

/// Puts parts together, in any order, one for each policy of the request. Each says itself that it is this request's; no proof is verified.
pub async fn bundle(
    request: SignedRequest,
    mut given: Vec<NamedPart>,
    documents: &impl Documents,
) -> Result<Bundle, BundleError> {
    let asked = request.request.digest();
    if let Some(NamedPart { label, part }) = given.iter().find(|named| named.part.inputs.request != asked) {
        let (label, found) = (label.clone(), part.inputs.request);
        return Err(BundleError::OtherRequest { label, found, request: asked });
    }
    let program = documents.program(&request.request.program).await?;
    let policies = documents.policies(&request.request.policies).await?;
    let (needed, count) = (policies.len(), given.len());
    let mut parts = Vec::new();
    for (digest, document) in request.request.policies.iter().zip(&policies) {
        let policy = &document.policy.id;
        let missing = || BundleError::MissingPart { policy: policy.clone(), needed, given: count };
        let at = given.iter().position(|named| named.part.policy == *digest).ok_or_else(missing)?;
        parts.push(given.swap_remove(at).part);
    }
    if let Some(NamedPart { label, part }) = given.into_iter().next() {
        let at = request.request.policies.iter().position(|digest| *digest == part.policy);
        let named = at.and_then(|at| policies.get(at)).map(|document| document.policy.id.clone());
        let foreign = BundleError::ForeignPart { label, policy: part.policy };
        return Err(named.map_or(foreign, BundleError::SecondPart));
    }
    Bundle::new(request, program, policies, parts).ok_or(BundleError::NoDecision)
}
