//! Typed rules: what a policy says, before it is words. Every combination that the words can express and validation
//! accepts has exactly one value here.

use super::shape::{Entry, Level};
use crate::date::{FactsPeriod, NotADate, Period};
use crate::field::F;
use crate::plausible::PeriodRule;
use crate::schema::{Schema, SchemaId};
use std::collections::{BTreeMap, BTreeSet};

/// A policy as the machine runs it. Indices are positions in the lists here and in the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rules {
    /// The (household) record's source first; then, in the household shape, one or two of members' records.
    pub sources: Vec<SourceRule>,
    /// Attributes of the first source's record that are integers, and so are checked to lie in [−2^63, 2^63); the others are text.
    pub ranged_attributes: BTreeSet<usize>,
    /// The text attribute that names the applicant; `None` = anonymous.
    pub identity: Option<usize>,
    /// What the nullifier is computed from.
    pub nullifier: NullifierMode,
    /// Member registers by group of slots, each in order of computation; none in the solo shape. With one member
    /// source both groups' are the same.
    pub members: Vec<Vec<Register>>,
    /// In order of computation.
    pub registers: Vec<Register>,
    /// Set constants: integers as field elements, or 248-bit texts.
    pub pool: Vec<F>,
    /// Those that test membership must come within the shape's `set_conditions`.
    pub conditions: Vec<Condition>,
    /// The decision is the AND of these.
    pub requirements: Vec<Requirement>,
    /// What is disclosed with an approval.
    pub outputs: [Option<Selector>; 2],
}

/// Which record a source accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceRule {
    /// Digest of the schema, as in the leaf.
    pub schema_id: SchemaId,
    /// What the facts must be about.
    pub facts_period: FactsPeriodRule,
}

/// The period that the facts must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactsPeriodRule {
    /// Always the same: timeless, or from a given month.
    Constant(FactsPeriod),
    /// From the month that many months before the month in which the scope's period starts; at most
    /// [`MAX_MONTHS_BEFORE`](super::MAX_MONTHS_BEFORE).
    MonthsBefore(u16),
}

impl Rules {
    /// Whether each person of a household has two records, one of each member source.
    pub fn is_paired(&self) -> bool {
        self.sources.len() > 2
    }

    /// The registers of a level.
    pub fn registers_of(&self, level: Level) -> &[Register] {
        match level {
            Level::Record => &self.registers,
            Level::Member(group) => self.members.get(group).map_or(&[], Vec::as_slice),
        }
    }
}

impl FactsPeriodRule {
    /// The facts period that a record must have to be judged for `period`.
    pub fn resolve(self, period: &Period) -> Result<FactsPeriod, NotADate> {
        match self {
            Self::Constant(facts) => Ok(facts),
            Self::MonthsBefore(months) => period.start.month().plus_months(-i64::from(months)).map(FactsPeriod::From),
        }
    }

    /// Whether a record of the schema can have the period that is asked for, in some claimed period at least.
    pub fn is_possible(self, schema: &Schema) -> bool {
        match self {
            Self::Constant(facts) => schema.admits(facts),
            Self::MonthsBefore(_) => schema.period != Some(PeriodRule::Timeless),
        }
    }
}

/// What the nullifier is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NullifierMode {
    /// The holder's key: one approval per person and scope. The only mode that composes.
    Holder,
    /// The record's serial and the scope: one approval per record and scope.
    RecordPerScope,
    /// The record's serial and the program: one approval per record, ever.
    RecordOnce,
}

/// A computed value that later lines can read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Register {
    /// What the operation is applied to.
    pub line: Line,
    /// What is done with it.
    pub op: Op,
    /// A register that is 0 or 1, by which the value is multiplied.
    pub gate: Option<Gate>,
}

/// What a register can be gated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gate {
    /// An earlier register of the same level, in a member slot of the same slot.
    Register(usize),
    /// A register of the counterpart, where lines can read it.
    Counterpart(usize),
}

impl From<Gate> for Entry {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::Register(i) => Entry::Register(i),
            Gate::Counterpart(i) => Entry::Counterpart(i),
        }
    }
}

/// An operation on a line `L`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// `L`.
    Identity,
    /// `max(0, L)`.
    Max0,
    /// `min(L, K)`, −2^79 ≤ K < 2^79.
    Min(i128),
    /// `⌊L / d⌋`, rounding towards −∞; 1 ≤ d < 2^40.
    Floor(u64),
    /// 1 if `L ≥ 0`, else 0.
    NonNegative,
    /// 1 if `L = 0`, else 0.
    Zero,
}

impl Op {
    /// Whether the value is always 0 or 1, so that it can be a gate.
    pub fn is_boolean(self) -> bool {
        matches!(self, Op::NonNegative | Op::Zero)
    }
}

/// A linear combination of entries of `v`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Line {
    /// Over integers; range-checked.
    Integer(IntegerLine),
    /// Over text; only ever tested for `= 0` or membership.
    Text(TextLine),
}

/// `constant + Σ weight · entry`, with `|weight| < 2^40` and `|constant| < 2^120`; entries with weight 0 are absent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct IntegerLine {
    /// Weights by entry.
    pub weights: BTreeMap<Entry, i64>,
    /// The constant.
    pub constant: i128,
}

impl IntegerLine {
    /// A constant.
    pub fn constant(constant: i128) -> Self {
        Self { weights: BTreeMap::new(), constant }
    }

    /// From pairs; weights of a repeated entry add up, weights of 0 vanish. `None` if a sum leaves `i64`.
    pub fn new(constant: i128, weights: impl IntoIterator<Item = (Entry, i64)>) -> Option<Self> {
        let mut line = Self::constant(constant);
        for (entry, weight) in weights {
            let sum = line.weights.entry(entry).or_insert(0);
            *sum = sum.checked_add(weight)?;
        }
        line.weights.retain(|_, weight| *weight != 0);
        Some(line)
    }
}

/// `attribute − minus`, over text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextLine {
    /// A text attribute.
    pub attribute: usize,
    /// What is subtracted.
    pub minus: TextOperand,
}

/// The right-hand side of a text comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextOperand {
    /// A 248-bit text value; 0 for the line that a set test reads.
    Constant(F),
    /// Another text attribute.
    Attribute(usize),
}

/// A test of a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    /// What is tested.
    pub line: Line,
    /// For what.
    pub test: Test,
    /// Whether the answer is turned round.
    pub negated: bool,
}

/// What a condition asks of its line `L`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// `L ≥ 0`.
    NonNegative,
    /// `L = 0`.
    Zero,
    /// `L` is one of these pool entries; never empty.
    In(BTreeSet<usize>),
}

/// Holds if any of its conditions does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// Conditions; never empty.
    pub any_of: BTreeSet<usize>,
    /// Whether its failure shows in `reasons`.
    pub reveal: bool,
}

/// What an output shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Selector {
    /// An integer attribute of the record.
    Attribute(usize),
    /// A register.
    Register(usize),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The year before, not after: nobody has facts of a month that hasn't come.
    #[test]
    fn a_relative_period_lies_before_the_scopes() {
        let november = Period { start: "2026-11-01".parse().unwrap(), end: "2026-11-30".parse().unwrap() };
        let resolve = |rule: FactsPeriodRule| rule.resolve(&november).unwrap();
        let month = |text: &str| FactsPeriod::From(text.parse().unwrap());
        assert_eq!(resolve(FactsPeriodRule::MonthsBefore(0)), month("2026-11"));
        assert_eq!(resolve(FactsPeriodRule::MonthsBefore(11)), month("2025-12"));
        assert_eq!(resolve(FactsPeriodRule::Constant(month("2020-02"))), month("2020-02"));
    }
}
