//! The policy machine: one circuit per shape evaluates any policy (`docs/spec/machine.md`).
//!
//! A policy is typed [`Rules`]; their only encoding is [`Words`]; [`ValidWords`] is the proof that words are such an
//! encoding and obey every bound, and the only thing from which a policy key may be derived. [`evaluate`] is the
//! circuit's native twin: it answers exactly where the circuit has a satisfying assignment, and
//! [`Unprovable`] everywhere else. [`PublicInputs`] are what changes from proof to proof.

mod decode;
mod encode;
mod evaluate;
mod inputs;
mod layout;
mod rules;
mod schemas;
mod shape;
mod valid;
mod words;
mod words_error;

pub use decode::decode;
pub use encode::encode;
pub use evaluate::{ConditionTrace, Evaluation, Facts, Member, OutOfRange, RegisterTrace, Unprovable, evaluate};
pub use inputs::{InputIndex, InputsError, PublicInputs};
pub use layout::{ConditionWords, Layout, OutputWords, RegisterWords, RequirementWords, SourceWords};
pub use rules::{
    Condition, FactsPeriodRule, Gate, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules, Selector,
    SourceRule, Test, TextLine, TextOperand,
};
pub use schemas::SchemaMismatch;
pub use shape::{Dimensions, Entry, Level, NotAShape, Shape};
pub use valid::ValidWords;
pub use words::Words;
pub use words_error::{WordProblem, WordsError};

/// Attributes of a record, and words that speak of them; also fixed by the record's leaf.
pub const ATTRIBUTES: usize = crate::schema::ATTRIBUTES;
/// Bits of a weight's magnitude: `|w| < 2^40`.
pub const WEIGHT_BITS: u32 = 40;
/// Bits of a line constant's magnitude: `|c| < 2^120`.
pub const CONSTANT_BITS: u32 = 120;
/// Bits of a member line's constant: an empty slot, whose attributes and registers are 0, then stays in range.
pub const MEMBER_CONSTANT_BITS: u32 = 78;
/// Bits of a divisor: `1 ≤ d < 2^40`.
pub const DIVISOR_BITS: u32 = 40;
/// Bits, sign included, of the one range check per line: `[−2^79, 2^79)`.
pub const LINE_BITS: u32 = 80;
/// Bits, sign included, of an integer attribute: `[−2^63, 2^63)`.
pub const ATTRIBUTE_BITS: u32 = 64;
/// Bits of an output: `[0, 2^63)`.
pub const OUTPUT_BITS: u32 = 63;
/// Bits of a text value: SHA-256 truncated to 248 bits.
pub const TEXT_BITS: u32 = 248;
/// The largest `months_before` of a source: a hundred years.
pub const MAX_MONTHS_BEFORE: u16 = 1200;
