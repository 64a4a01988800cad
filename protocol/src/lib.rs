//! The nouns of Sealroot: encodings, hashes, records, trees, requests, consents, the policy machine and bundles.
//!
//! No I/O happens here. Every type is a newtype over its primitive, decodes canonically, and means the same natively,
//! in the circuit and on chain; `docs/spec/` gives the formats. Read in the order of the story:
//! [`schema`] → [`record`] → [`tree`] → [`policy`] and [`program`] → [`request`] → [`consent`] and [`release`] → [`machine`] → [`bundle`].
//!
//! An agency commits to a record, and the path of its leaf leads to the root that the agency anchors:
//!
//! ```
//! use sealroot_protocol::date::FactsPeriod;
//! use sealroot_protocol::field::F;
//! use sealroot_protocol::record::{Attributes, Record, Salt, Serial, Subject};
//! use sealroot_protocol::schema::SchemaId;
//! use sealroot_protocol::tree::MemoryTree;
//!
//! let record = Record {
//!     schema_id: SchemaId(F::from(7u8)),
//!     attributes: Attributes([F::from(412u16); 32]),
//!     holder: None,
//!     holder_since: None,
//!     subject: Subject(F::from(1u8)),
//!     period: FactsPeriod::from_value(2026_01)?,
//!     serial: Serial(F::from(2u8)),
//!     salt: Salt(F::from(3u8)),
//! };
//! let mut tree = MemoryTree::new();
//! let index = tree.append(record.leaf())?;
//! assert_eq!(tree.path(index).root(record.leaf()), tree.root());
//!
//! // A record with another amount is another leaf, and this path doesn't lead from it to that root.
//! let richer = Record { attributes: Attributes([F::from(413u16); 32]), ..record };
//! assert_ne!(tree.path(index).root(richer.leaf()), tree.root());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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

pub use claim::{applicant, consent, reduction, release, request};
pub use encoding::time::{date, moment, utc_offset};
pub use encoding::{
    amount, canonical, currency, decimal, field, identifier, json_text, language, name, parser_words, passphrase,
    printable, toml_text,
};
pub use facts::{id_form, plausible, record, schema, tree};
pub use hash::{poseidon, tag};
pub use keys::{curve, hash_to_curve, holder_signature, possession, signature};
pub use law::{enclosed, policy, policy_check, program, scope, titles};
pub use outcome::{bundle, checkpoint, evidence, refusals};
