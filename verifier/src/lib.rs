//! Verification: keys, proofs, requests and bundles, online against the chain and offline from a bundle alone.
//!
//! Reading order: [`universal_key`] (what a verifier pins) → [`policy_key`] (derived per policy) → [`proof`] → [`verify`](mod@verify)
//! (by what the chain says) → [`evidence`] and [`trust`] (how that is known offline) → [`audit`]. [`snarkjs`] and [`foreign`] write and read other verifiers' files.
//! Nothing here needs a network, a database, a circuit or a prover.
//!
//! What an office may act on is a bundle that was verified; all else has a code that says why not:
//!
//! ```
//! use sealroot_protocol::{bundle::Bundle, code::Code, code::Coded, snapshot::Snapshot};
//! use sealroot_verifier::{VerifiedBundle, proof::Proof, universal_key::UniversalKeys};
//!
//! fn decide(bundle: Bundle, snapshot: &Snapshot, keys: &UniversalKeys) -> Result<VerifiedBundle, Code> {
//!     let usual = bundle.program.decided_by.usual();
//!     VerifiedBundle::verify(bundle, snapshot, keys, snapshot.block.time, usual).map_err(|rejection| rejection.code())
//! }
//!
//! // A proof of points at infinity would switch the terms of the equation off: it is none.
//! let rejected = Proof::from_bytes(&[0; 256]).err();
//! assert_eq!(rejected.map(|error| error.code()), Some(Code::ProofMalformed));
//! ```

pub mod audit;
pub mod batch;
pub mod evidence;
pub mod foreign;
mod groth16;
pub mod key_header;
pub mod points;
pub mod policy_key;
pub mod proof;
pub mod rejection;
pub mod snarkjs;
pub mod trust;
pub mod universal_key;
pub mod verify;

pub use audit::{Audited, Auditor};
pub use rejection::Rejection;
pub use verify::{FreshSince, VerifiedBundle, VerifiedDecision, verify, verify_request, verify_roots};
