//! The nouns of Sealroot: encodings, hashes, records, trees, requests, consents, the policy machine and bundles.
//!
//! No I/O happens here. Every type is a newtype over its primitive, decodes canonically, and means the same natively,
//! in the circuit and on chain; `docs/spec/` gives the formats. Read in the order of the story:
//! [`schema`] → [`record`] → [`tree`] → [`policy`] and [`program`] → [`request`] → [`consent`] and [`release`] → [`machine`] → [`bundle`].

mod claim;
mod encoding;
mod facts;
mod hash;
mod keys;
mod law;
mod outcome;

pub mod code;
pub mod machine;
pub mod snapshot;

pub use claim::{applicant, consent, release, request};
pub use encoding::{canonical, date, decimal, field, name};
pub use facts::{record, schema, tree};
pub use hash::{poseidon, tag};
pub use keys::{curve, hash_to_curve, possession, signature};
pub use law::{policy, program, scope};
pub use outcome::{bundle, evidence, refusals};
