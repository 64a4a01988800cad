//! Verification: keys, proofs, requests and bundles, online against the chain and offline from a bundle alone.
//!
//! Reading order: [`universal_key`] (what a verifier pins) → [`policy_key`] (derived per policy) → [`proof`] → [`batch`].
//! Nothing here needs a network, a database, a circuit or a prover.

pub mod batch;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod case;
mod groth16;
pub mod key_header;
pub mod points;
pub mod policy_key;
pub mod proof;
pub mod rejection;
pub mod snarkjs;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod toy;
pub mod universal_key;
pub mod verify;

pub use rejection::{Fault, Rejection};
pub use verify::{VerifiedDecision, verify, verify_request};
