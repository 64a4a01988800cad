//! What an official writes: the policy file, its expressions and units, and what is said about them with their place.

mod diagnostic;
mod expression;
mod legal_reference;
mod macros;
mod reserved;
mod text;
mod unit;

pub use diagnostic::{Diagnostic, Diagnostics};
pub(crate) use diagnostic::{Finding, Located};
pub(crate) use expression::{Expression, visit};
pub use legal_reference::LegalReference;
pub(crate) use macros::{Action, Macro};
pub(crate) use reserved::{MEMBER, MEMBERS, RESERVED, RESERVED_IN_HOUSEHOLDS};
pub use text::{
    CaseText, ClauseText, DefinitionText, Nullifier, OutputText, ParameterText, PolicySource, PolicyText, RecordOf,
    RequirementText, SourceText, Texts, TitlesText,
};
pub(crate) use unit::{Unit, show_money};
