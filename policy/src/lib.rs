//! The policy compiler: an official writes a rule once, as TOML with CEL expressions; it becomes words that anybody can
//! prove and verify under, an explanation in plain words, and cases that are run.
//!
//! [`compile`](compile()) gives [`Compiled`], or [`Diagnostics`] with file, line, column and what would fit.
//! No I/O happens here: the caller reads files.

mod check;
mod compile;
mod explain;
mod facts;
mod language;

pub use check::{CheckReport, Sampler, SecondOpinion};
pub use compile::{Compiled, SchemaRequest, Usage, compile};
pub use explain::{Detail, DisclosedFact, Disclosure, Language, Reason};
pub use facts::{FactsError, GivenFacts, GivenRecord, Outcome, PlainFacts, ShownOutput};
pub use language::{
    CaseText, DefinitionText, Diagnostic, Diagnostics, Nullifier, OutputText, ParameterText, PolicySource, PolicyText,
    RecordOf, RequirementText, SourceText, Texts,
};
