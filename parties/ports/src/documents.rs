//! Published programs and policies.

use crate::HostError;
use sealroot_protocol::{
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    program::Program,
};
use std::future::Future;

/// Where programs and policies are published: a directory, a service, a page's cache.
///
/// Non-guarantee: nothing that it returns is trusted. Every use case compares digests with the chain.
pub trait Documents: Sync {
    /// The program with this id; one that contradicts itself is an error.
    fn program(&self, id: &Name) -> impl Future<Output = Result<Program, HostError>> + Send;

    /// Policies by digest, in the order asked for. One that is missing is an error.
    fn policies(&self, digests: &[PolicyDigest])
    -> impl Future<Output = Result<Vec<PolicyDocument>, HostError>> + Send;

    /// All published versions of a policy, enacted or not.
    fn versions(&self, id: &Name) -> impl Future<Output = Result<Vec<PolicyDocument>, HostError>> + Send;
}
