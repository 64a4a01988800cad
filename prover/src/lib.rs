//! Proving: key files, and the engine that turns a witness into a part.
//!
//! Reading order: [`setup`] (development keys) → [`proving_key`] (files) → [`assemble`] (released records to a witness) → [`prove`] → [`engine`].
//!
//! A part is made by a [`Prover`], which verifies it before it returns it. It is loaded from the pinned proving key and no other: a key that somebody
//! prepared could make true proofs that leak their witness.
//!
//! ```
//! use sealroot_protocol::{bundle::Part, code::Code, code::Coded, field::Digest};
//! use sealroot_circuits::Witness;
//! use sealroot_prover::{ProveError, Prover, Statement, proving_key::ProvingKeyFile};
//! use sealroot_verifier::key_header::KeySecurity;
//!
//! fn prove(prover: &Prover, statement: Statement<'_>, witness: &Witness) -> Result<Part, ProveError> {
//!     prover.prove(statement, witness, &mut |stage| println!("{stage:?}"))
//! }
//!
//! let rejected = ProvingKeyFile::from_pinned(b"another file", Digest([7; 32]), KeySecurity::ProductionOnly).err();
//! assert_eq!(rejected.map(|error| error.code()), Some(Code::BadProvingKey));
//! ```

pub mod assemble;
pub mod engine;
pub mod prove;
pub mod proving_key;
pub mod setup;

pub use prove::{LoadError, ProveError, Prover, Stage, Statement};
pub use setup::insecure_dev_setup;
