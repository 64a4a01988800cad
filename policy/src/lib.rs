//! The policy compiler: an official writes a rule once, as TOML with CEL expressions; it becomes words that anybody can
//! prove and verify under, an explanation in plain words, and cases that are run.
//!
//! [`compile`](compile()) gives [`Compiled`], or [`Diagnostics`] with file, line, column and what would fit.
//! No I/O happens here: the caller reads files.
//!
//! ```
//! use sealroot_policy::{GivenFacts, Language, PolicySource, compile};
//! use sealroot_protocol::{date::Period, schema::Schema};
//!
//! let schema = r#"
//!     name = "citizen"
//!     title = { en = "Citizen" }
//!     [[attribute]]
//!     name = "birth_date"
//!     kind = "date"
//!     title = { en = "date of birth" }
//! "#;
//! let text = r#"
//!     id = "of-age"
//!     version = 1
//!     title = { en = "Adults" }
//!     legal_reference = "Example Act, section 1"
//!     shape = "solo"
//!     nullifier = "holder"
//!     in_force = { from = "2026-01-01" }
//!     [[source]]
//!     name = "registry"
//!     agency = "civil-registry"
//!     schema = "citizen.schema.toml"
//!     period = "timeless"
//!     [[requirement]]
//!     code = "under-age"
//!     when = "age(birth_date) >= 18"
//!     message = { en = "You are not yet 18." }
//! "#;
//! let source = PolicySource { file: "of-age.policy.toml".to_owned(), text: text.to_owned() };
//! let policy = compile(&source, &|_| Schema::from_toml(schema).map_err(|e| e.to_string()))?;
//! assert!(policy.explain(Language::En).contains("Age in whole years on the reference day (by date of birth)"));
//!
//! let (born, as_of) = ("2008-06-02", "2026-06-01".parse()?);
//! let given = GivenFacts { record: [("birth_date".to_owned(), vec![born.to_owned()])].into(), members: Vec::new() };
//! let facts = policy.facts(&given, as_of, Period { start: as_of.month().first_day(), end: as_of.month().last_day() })?;
//! assert_eq!(policy.evaluate(&facts)?.failed, ["under-age"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod compile;
mod difference;
mod explain;
mod facts;
mod fit;
mod language;

pub use check::{CheckFailed, CheckReport, Sampler, SecondOpinion};
pub use compile::{COMPILER, Compiled, CompilerVersion, SchemaRequest, Usage, compile, compile_with};
pub use difference::{Change, Effect, Inapplicable, OutputEffect, Part, Sample, Version};
pub use explain::{
    Block, Calculation, Detail, DisclosedFact, Disclosure, Item, Language, Page, Reason, Section, Step, StepKind,
    Table, Titles,
};
pub use facts::{FactsError, GivenFacts, GivenRecord, Outcome, PlainFacts, ShownOutput};
pub use fit::{Lawless, RecompileError, Unfit, fit, lawless, recompile};
pub use language::{
    CaseText, ClauseText, DefinitionText, Diagnostic, Diagnostics, LegalReference, Nullifier, OutputText,
    ParameterText, PolicySource, PolicyText, RecordOf, RequirementText, SourceText, Texts, TitlesText,
};
