//! What an auditor does: check decisions offline, from bundles and a trust file of the auditor's own, and hand their parts to other verifiers.
//!
//! [`audit()`] takes bytes and returns findings, with a [`Ledger`] of what they come to: each decision once, corrections in the place of what they correct. [`trust_in`] writes down what a chain and its keys are now, for an auditor to compare with what is known
//! from elsewhere. [`export()`] turns parts into files that snarkjs reads.
//!
//! Guarantee: no network, no database, no EVM, no prover and no holder's code is linked: an audit can't depend on what it audits.
//!
//! ```
//! use sealroot_auditor::Trusted;
//! use sealroot_protocol::code::{Code, Coded};
//! use sealroot_verifier::key_header::KeySecurity;
//!
//! let nothing = |_: &str| Err(std::io::ErrorKind::NotFound.into());
//! let rejected = Trusted::load("chain_id = 1", KeySecurity::ProductionOnly, nothing).err();
//! assert_eq!(rejected.map(|error| error.code()), Some(Code::BadTrustFile));
//! ```

mod audit;
mod export;
mod ledger;
mod trust;

pub use audit::{Audit, AuditError, Looked, Trusted, TrustedError, audit};
pub use export::{ExportError, ExportedPart, export};
pub use ledger::{Entry, Ledger, Replaced, Standing, Total};
pub use trust::{ChainFacts, KeyFile, NoContract, trust_in};
