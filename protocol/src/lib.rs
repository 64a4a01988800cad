//! The nouns of Sealroot: encodings, hashes, records, trees, requests, consents, the policy machine and bundles.
//!
//! No I/O happens here. Every type is a newtype over its primitive, decodes canonically, and means the same natively,
//! in the circuit and on chain; `docs/spec/` gives the formats.

pub mod field;
pub mod machine;
