//! Every decoder on damaged input: one function per format that comes from outside.
//!
//! Guarantee that is tried: no input makes a decoder panic, hang or take memory without bound; what is read has one spelling, so writing it again gives the
//! same bytes; and what was pinned or proven is accepted as it was and in no other form.
//!
//! `fuzz/tests/corpus.rs` runs each on the committed corpus and on damaged copies of it, on any toolchain. `cargo fuzz run -s none --features libfuzzer NAME` goes on
//! for hours, guided by coverage.

mod chain;
mod documents;
mod evidence;
mod exchange;
mod keys;
mod tables;
mod texts;

pub use chain::{raw_transaction, rpc};
pub use documents::{bundle, checkpoint, consent, handover, part, policy_document, program_document, release, request};
pub use evidence::{header, trie_proof};
pub use exchange::{envelope, service_card};
pub use keys::{foreign, key_header, proof, universal_key};
pub use tables::table_file;
pub use texts::{csv, policy, program, schema, trust_file};

/// A decoder under test.
pub struct Target {
    /// Its name, and its corpus' folder.
    pub name: &'static str,
    /// Reads one input. Panics where a guarantee doesn't hold.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "bundle", run: bundle },
    Target { name: "request", run: request },
    Target { name: "part", run: part },
    Target { name: "consent", run: consent },
    Target { name: "release", run: release },
    Target { name: "handover", run: handover },
    Target { name: "policy_document", run: policy_document },
    Target { name: "program_document", run: program_document },
    Target { name: "universal_key", run: universal_key },
    Target { name: "key_header", run: key_header },
    Target { name: "proof", run: proof },
    Target { name: "foreign", run: foreign },
    Target { name: "table_file", run: table_file },
    Target { name: "trust_file", run: trust_file },
    Target { name: "schema", run: schema },
    Target { name: "program", run: program },
    Target { name: "policy", run: policy },
    Target { name: "csv", run: csv },
    Target { name: "header", run: header },
    Target { name: "trie_proof", run: trie_proof },
    Target { name: "checkpoint", run: checkpoint },
    Target { name: "raw_transaction", run: raw_transaction },
    Target { name: "rpc", run: rpc },
    Target { name: "envelope", run: envelope },
    Target { name: "service_card", run: service_card },
];

/// What must hold of a fixture of this crate's own.
fn fixed<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    #[expect(clippy::expect_used, reason = "the crate's own fixture; without it nothing is tried")]
    result.expect("a fixture of this crate's own can be read")
}
