//! The policy compiler: an official writes a rule once, as TOML with CEL expressions; it becomes words that anybody can
//! prove and verify under, an explanation in plain words, and cases that are run.
//!
//! [`compile`](compile()) gives [`Compiled`], or [`Diagnostics`] with file, line, column and what would fit.
//! No I/O happens here: the caller reads files.

mod arithmetic;
mod call;
mod check;
mod clauses;
mod compare;
mod comparison;
mod compile;
mod compiled;
mod diagnostic;
mod disclosure;
mod emit;
mod explain;
mod expression;
mod facts;
mod formula;
mod functions;
mod graph;
mod heading;
mod linear;
mod list;
mod lower;
mod macros;
mod names;
mod oracle;
mod parameter;
mod phrase;
mod reads;
mod sample;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod unit;
mod value;

pub use check::CheckReport;
pub use compiled::{Compiled, SchemaRequest, compile};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use disclosure::{Detail, DisclosedFact, Disclosure};
pub use emit::Usage;
pub use explain::Language;
pub use facts::{FactsError, GivenFacts, GivenRecord, Outcome, PlainFacts, ShownOutput};
pub use sample::Sampler;
pub use text::{
    CaseText, DefinitionText, Nullifier, OutputText, ParameterText, PolicySource, PolicyText, RecordOf,
    RequirementText, SourceText, Texts,
};
