//! What can be wrong with policy words, each problem with the word that it was found in.

use super::layout::Layout;
use super::shape::Shape;
use crate::code::{Code, Coded};

/// Why words or rules are rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Not the number of words that the shape has.
    #[error(
        "{found} policy words where the shape {shape} has {expected}: the policy was made for another shape or version"
    )]
    Length {
        /// The shape.
        shape: Shape,
        /// Its number of words.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// The rules need more than the shape has.
    #[error("the rules have {has} {what}, the shape {shape} has room for {capacity}: {} too many", has.saturating_sub(*capacity))]
    Capacity {
        /// What there is too much of.
        what: &'static str,
        /// How many the rules have.
        has: usize,
        /// How many fit.
        capacity: usize,
        /// The shape.
        shape: Shape,
    },
    /// The rules refer to something that the shape doesn't have, or that isn't computed yet.
    #[error("{place} refers to {target}, which does not exist or is not computed before it")]
    Reference {
        /// Where.
        place: String,
        /// What is referred to.
        target: String,
    },
    /// One word is not what it must be.
    #[error("policy word {index} ({name}): {problem}")]
    Word {
        /// Position.
        index: usize,
        /// What the word is.
        name: String,
        /// What is wrong with it.
        problem: WordProblem,
    },
}

impl Coded for WordsError {
    fn code(&self) -> Code {
        Code::InvalidWords
    }
}

/// What is wrong with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordProblem {
    /// Neither 0 nor 1.
    #[error("must be 0 or 1")]
    NotBoolean,
    /// More than one of a group that allows one.
    #[error("only one of this group may be 1")]
    Several,
    /// The selectors name no single operation or test.
    #[error("the selectors do not name exactly one operation or test")]
    Operation,
    /// |weight| ≥ 2^40.
    #[error("a weight must lie strictly between -2^40 and 2^40")]
    Weight,
    /// |constant| ≥ 2^120.
    #[error("the constant of a line must lie strictly between -2^120 and 2^120")]
    Constant,
    /// |constant| ≥ 2^78 in a member line.
    #[error(
        "the constant of a member line must lie strictly between -2^78 and 2^78, so that empty slots stay in range"
    )]
    MemberConstant,
    /// Divisor not in [1, 2^40).
    #[error("a divisor must be at least 1 and less than 2^40")]
    Divisor,
    /// Bound of min outside 80 bits.
    #[error("the bound of a min must be at least -2^79 and less than 2^79")]
    MinBound,
    /// Not a text value.
    #[error("a text constant must be less than 2^248")]
    Text,
    /// A comparison with 0, which is no text's value.
    #[error("no text has the value 0: the comparison is the same for every record")]
    NoText,
    /// An unranged line of another form.
    #[error(
        "a line that is not range-checked must be one text attribute minus a text constant or another text attribute"
    )]
    TextForm,
    /// An unranged line meets an operation other than `= 0` or `∈`.
    #[error("a line that is not range-checked may only be tested for = 0 or membership")]
    TextTest,
    /// A set test over a text difference.
    #[error("membership of text is tested of one attribute, with constant 0")]
    TextSet,
    /// Integer line over text, or text line over integers.
    #[error(
        "text and integers are mixed: integer lines and outputs read no text, text lines and the identity read only text"
    )]
    TypeMismatch,
    /// Neither 0 nor a month.
    #[error("must be 0 or a month YYYYMM")]
    NotAMonth,
    /// Beyond the bound on months.
    #[error("must be at most 1200 months")]
    Months,
    /// A schema id of 0.
    #[error("must be the digest of a schema, not 0")]
    NoSchema,
    /// The schema given is another.
    #[error("is not the id of the schema that the policy is published with")]
    OtherSchema,
    /// No record of the schema has the period that the source asks for.
    #[error("asks for facts of a period that no record of the schema can have")]
    NoSuchPeriod,
    /// The words and the schema disagree on which attributes are integers.
    #[error("disagrees with the schema about whether this attribute is an integer")]
    OtherKind,
    /// A text line or the identity reads an attribute that the schema doesn't have.
    #[error("reads an attribute that the schema does not have, which is 0 in every record")]
    NoAttribute,
    /// A rule reads the name of a household's member.
    #[error("reads the name of a household's member, which no rule may")]
    MemberName,
    /// The first source of the household shape is no household.
    #[error("the first source of a household policy needs a schema with household = true")]
    NotAHousehold,
    /// A policy about one person whose schema is a household's.
    #[error("a policy about one person can't judge a household's record: nothing would tie it to its members")]
    AHousehold,
    /// A member source whose schema isn't about one person with one record.
    #[error("a member source needs a schema of persons with one record each: neither many nor household")]
    NotAPerson,
    /// Holder nullifiers in the household shape.
    #[error("a household policy needs record nullifiers: the head claims for all with the household's record")]
    HouseholdHolder,
    /// Holder nullifiers over a schema with many records per person.
    #[error(
        "holder nullifiers allow one approval per person and period, and the schema has many records per person, of which the prover could choose one"
    )]
    HolderMany,
    /// The groups of slots differ though one source fills both.
    #[error("with one member source both groups of slots must be treated alike, and no slot has a counterpart")]
    Unpaired,
    /// `once` without a guarantee that it is once.
    #[error("once ever requires a constant facts period, or a schema with many records per subject")]
    Once,
    /// A gate register that isn't a 0/1 test.
    #[error("a gate must be a register computed before, whose operation is nonnegative or zero")]
    Gate,
    /// A register beyond the used ones, which is 0.
    #[error("refers to a register that is not used")]
    UnusedRegister,
    /// A condition that reads nothing, and so is constant.
    #[error("a condition must read at least one entry: a constant condition is true or false by default")]
    ConstantCondition,
    /// An empty set.
    #[error("a set must have at least one entry: a negated empty set is true by default")]
    EmptySet,
    /// A pool entry that no set uses.
    #[error("a pool entry before the last used one is in no set")]
    UnusedPoolEntry,
    /// An integer set constant that a line never reaches.
    #[error("a set constant of an integer set must be at least -2^79 and less than 2^79")]
    SetConstant,
    /// A used requirement without condition.
    #[error("a requirement must have at least one condition")]
    EmptyRequirement,
    /// A requirement names a condition that isn't used.
    #[error("a requirement names a condition that is not used")]
    UnusedCondition,
    /// No requirement at all.
    #[error("at least one requirement must be used: a policy without requirements is true by default")]
    NoRequirement,
    /// The word isn't the one that the encoding of the rules has here.
    #[error("not the canonical encoding of the rules that these words spell")]
    NotCanonical,
}

/// The error about the word at `index`.
pub(super) fn word(layout: &Layout, index: usize, problem: WordProblem) -> WordsError {
    WordsError::Word { index, name: layout.name(index), problem }
}
