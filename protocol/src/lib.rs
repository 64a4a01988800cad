//! The nouns of Sealroot: encodings, hashes, records, trees, requests, consents, the policy machine and bundles.
//!
//! No I/O happens here. Every type is a newtype over its primitive, decodes canonically, and means the same natively,
//! in the circuit and on chain; `docs/spec/` gives the formats. Read in the order of the story:
//! [`schema`] → [`record`] → [`tree`] → [`policy`] and [`program`] → [`request`] → [`consent`] and [`release`] → [`machine`] → [`bundle`].

pub mod applicant;
pub mod bundle;
pub mod canonical;
pub mod code;
pub mod consent;
pub mod curve;
pub mod date;
pub mod decimal;
pub mod evidence;
pub mod field;
pub mod hash_to_curve;
pub mod machine;
pub mod name;
pub mod policy;
pub mod poseidon;
pub mod possession;
pub mod program;
pub mod record;
pub mod refusals;
pub mod release;
pub mod request;
pub mod schema;
pub mod scope;
pub mod signature;
pub mod snapshot;
pub mod tag;
pub mod tree;
