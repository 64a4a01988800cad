//! The policy compiler: an official writes a rule once, as TOML with CEL expressions; it becomes words that anybody can
//! prove and verify under, an explanation in plain words, and cases that are run.
//!
//! [`compile`](compile()) gives [`Compiled`], or [`Diagnostics`] with file, line, column and what would fit.
//! No I/O happens here: the caller reads files.

mod call;
mod check;
mod compile;
mod diagnostic;
mod emit;
mod explain;
mod expression;
mod facts;
mod formula;
mod graph;
mod lower;
mod names;
mod oracle;
mod text;
mod unit;
mod value;

pub use check::{CheckReport, Disclosure};
pub use compile::{Compiled, SchemaRequest, compile};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use emit::Usage;
pub use explain::Language;
pub use facts::{FactsError, Outcome, PlainFacts, ShownOutput};
pub use text::{
    CaseText, DefinitionText, Nullifier, OutputText, ParameterText, PolicySource, PolicyText, RequirementText,
    SourceText, Texts,
};
