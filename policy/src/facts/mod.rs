//! What a policy is applied to: facts as people give them, which of them the rules read, and the answer.

mod given;
mod outcome;
mod plain;
mod reads;

pub(crate) use given::as_in_csv;
pub use given::{FactsError, GivenFacts, GivenRecord};
pub use outcome::{Outcome, ShownOutput};
pub use plain::PlainFacts;
pub(crate) use plain::{PlainMember, PlainValue, named_members};
pub(crate) use reads::{Fact, line_reads, lines, reads, source_of_group};
