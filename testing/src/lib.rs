//! One town for every crate's tests, so that they speak of the same people, keys, laws and days.
//!
//! Nothing here is a double: what a test is given is made by the crates that it tests, and can be changed afterwards as an
//! attacker would. Integration tests use it. A crate's unit tests can't: this crate links that crate as others see it,
//! whose types aren't those of the build under test.
//!
//! Each part stands behind a feature named for the crate that it needs, because tests of `policy` shouldn't wait for an EVM
//! to be compiled, nor be compiled again when the chain changes. A crate asks in its dev-dependencies for what it uses.
// A test that can't be set up has failed: it stops where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "wallet")]
pub mod asked;
#[cfg(feature = "verifier")]
pub mod bundle;
#[cfg(feature = "chain")]
pub mod chain;
#[cfg(feature = "enacted")]
pub mod enacted;
#[cfg(feature = "chain")]
pub mod evm;
#[cfg(feature = "hosts")]
pub mod hosts;
#[cfg(feature = "policy")]
pub mod policies;
#[cfg(any(feature = "chain", feature = "vault"))]
pub mod power;
#[cfg(feature = "verifier")]
mod proofs;
#[cfg(feature = "wallet")]
pub mod random;
#[cfg(feature = "vault")]
pub mod registry;
pub mod rules;
pub mod settings;
pub mod snapshot;
#[cfg(feature = "circuits")]
pub mod statement;
pub mod town;
#[cfg(feature = "verifier")]
pub mod trust;
#[cfg(feature = "prover")]
pub mod world;

#[cfg(feature = "verifier")]
pub use proofs::{snarkjs, toy, trapdoor};
pub use settings::{cases, seed};
