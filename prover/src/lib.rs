//! Proving: key files, and the engine that turns a witness into a part.
//!
//! Reading order: [`setup`] (development keys) → [`proving_key`] (files) → [`assemble`] (released records to a witness) → [`prove`] → [`engine`].

pub mod assemble;
pub mod engine;
pub mod prove;
pub mod proving_key;
pub mod setup;

pub use prove::{LoadError, ProveError, Prover, Stage, Statement};
pub use setup::insecure_dev_setup;
