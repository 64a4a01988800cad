//! Validity: the bounds that make the circuit's field equations integer equations, and the rules that keep a policy
//! from being true by default. A policy key may be derived from [`ValidWords`] only.
//!
//! Guarantee: a `ValidWords` is the canonical encoding of typed rules, and every line of it stays below 2^132, far from
//! p/2. Non-guarantee: that every admissible record is provable; that is the compiler's interval analysis.

use super::decode::decode;
use super::encode::encode;
use super::layout::Layout;
use super::rules::{
    Condition, FactsPeriodRule, Gate, Line, NullifierMode, Op, Rules, Selector, Test, TextLine, TextOperand,
};
use super::shape::{Dimensions, Entry, Level, Shape};
use super::words::Words;
use super::words_error::{WordProblem, WordsError, word};
use super::{CONSTANT_BITS, DIVISOR_BITS, LINE_BITS, MAX_MONTHS_BEFORE, MEMBER_CONSTANT_BITS, TEXT_BITS, WEIGHT_BITS};
use crate::field::{self, F};
use ark_ff::{BigInteger, PrimeField, Zero};
use std::ops::Range;

/// Words that were validated, with the rules that they encode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidWords {
    shape: Shape,
    rules: Rules,
    words: Words,
}

impl ValidWords {
    /// Decodes and validates words.
    pub fn check(shape: Shape, words: Words) -> Result<Self, WordsError> {
        let rules = decode(&words, shape)?;
        let d = shape.dimensions();
        let validator = Validator { layout: Layout::new(d), d, rules: &rules, words: words.as_slice() };
        validator.run()?;
        Ok(Self { shape, rules, words })
    }

    /// Encodes and validates rules.
    pub fn from_rules(shape: Shape, rules: &Rules) -> Result<Self, WordsError> {
        Self::check(shape, encode(rules, shape)?)
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The words.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Where each word stands.
    pub fn layout(&self) -> Layout {
        Layout::new(self.shape.dimensions())
    }
}

/// The lines of a level, each with the position of its first weight; conditions belong to the record.
pub(super) fn lines(rules: &Rules, layout: Layout, level: Level) -> impl Iterator<Item = (usize, &Line)> {
    let registers = rules.registers_of(level).iter().enumerate();
    let registers = registers.map(move |(i, r)| (layout.register(level, i).weights.start, &r.line));
    let conditions = if level == Level::Record { rules.conditions.as_slice() } else { &[] };
    let conditions = conditions.iter().enumerate().map(move |(i, k)| (layout.condition(i).weights.start, &k.line));
    registers.chain(conditions)
}

/// Checks decoded rules; reads the words as well where the encoding of an operation changes what a bound applies to.
struct Validator<'a> {
    layout: Layout,
    d: Dimensions,
    rules: &'a Rules,
    words: &'a [F],
}

impl Validator<'_> {
    fn run(&self) -> Result<(), WordsError> {
        self.sources()?;
        if let Some(i) = self.rules.identity {
            self.require(!self.is_integer(i), self.layout.identity().start + i, WordProblem::TypeMismatch)?;
        }
        self.household()?;
        for level in self.d.levels() {
            for i in 0..self.rules.registers_of(level).len() {
                self.register(level, i)?;
            }
        }
        for (i, condition) in self.rules.conditions.iter().enumerate() {
            self.condition(i, condition)?;
        }
        self.pool()?;
        self.requirements()?;
        for (i, output) in self.rules.outputs.iter().enumerate() {
            let at = self.layout.output(i);
            match output {
                None => {}
                Some(Selector::Attribute(j)) => {
                    self.require(self.is_integer(*j), at.attributes.start + j, WordProblem::TypeMismatch)?;
                }
                Some(Selector::Register(j)) => {
                    let used = *j < self.rules.registers.len();
                    self.require(used, at.registers.start + j, WordProblem::UnusedRegister)?;
                }
            }
        }
        Ok(())
    }

    fn require(&self, holds: bool, index: usize, problem: WordProblem) -> Result<(), WordsError> {
        if holds { Ok(()) } else { Err(word(&self.layout, index, problem)) }
    }

    fn is_integer(&self, attribute: usize) -> bool {
        self.rules.ranged_attributes.contains(&attribute)
    }

    /// Whether the register that an entry reads, if it reads one, is used.
    fn is_used(&self, level: Level, entry: Entry) -> bool {
        let (of, register) = match (level, entry) {
            (_, Entry::Register(i)) => (level, i),
            (_, Entry::Counterpart(i)) => (Level::Member(0), i),
            (_, Entry::MemberSum { group, register }) => (Level::Member(group), register),
            _ => return true,
        };
        register < self.rules.registers_of(of).len()
    }

    /// The head claims for everyone with one nullifier, the household's; and with one member source a person counts
    /// the same in whichever slot.
    fn household(&self) -> Result<(), WordsError> {
        if self.d.groups == 0 {
            return Ok(());
        }
        self.require(
            self.rules.nullifier != NullifierMode::Holder,
            self.layout.holder(),
            WordProblem::HouseholdHolder,
        )?;
        if self.rules.is_paired() {
            return Ok(());
        }
        // No register of the first group reads a counterpart: there are no words for it. So none of the second's does that has an equal there.
        for i in 0..self.d.member_registers {
            let [first, second] = [0, 1].map(|group| self.rules.registers_of(Level::Member(group)).get(i));
            self.require(
                first == second,
                self.layout.register(Level::Member(1), i).weights.start,
                WordProblem::Unpaired,
            )?;
        }
        for (at, line) in lines(self.rules, self.layout, Level::Record) {
            let Line::Integer(line) = line else { continue };
            for (entry, weight) in &line.weights {
                let other = match *entry {
                    Entry::AttributeSum { group, attribute } => Entry::AttributeSum { group: 1 - group, attribute },
                    Entry::MemberSum { group, register } => Entry::MemberSum { group: 1 - group, register },
                    _ => continue,
                };
                let index = at + self.d.index_of(Level::Record, *entry).unwrap_or_default();
                self.require(line.weights.get(&other) == Some(weight), index, WordProblem::Unpaired)?;
            }
        }
        Ok(())
    }

    fn sources(&self) -> Result<(), WordsError> {
        for (i, source) in self.rules.sources.iter().enumerate() {
            let at = self.layout.source(i);
            self.require(!source.schema_id.0.is_zero(), at.schema_id, WordProblem::NoSchema)?;
            if let FactsPeriodRule::MonthsBefore(months) = source.facts_period {
                self.require(months <= MAX_MONTHS_BEFORE, at.months_before, WordProblem::Months)?;
            }
        }
        Ok(())
    }

    fn register(&self, level: Level, i: usize) -> Result<(), WordsError> {
        let register = &self.rules.registers_of(level)[i];
        let at = self.layout.register(level, i);
        self.line(level, &register.line, at.weights.clone(), at.constant)?;
        let testable = matches!(register.line, Line::Integer(_)) || register.op == Op::Zero;
        self.require(testable, at.ranged, WordProblem::TextTest)?;
        let no_text = matches!(&register.line, Line::Text(line) if is_no_text(line));
        self.require(!no_text, at.constant, WordProblem::NoText)?;
        match register.op {
            Op::Min(bound) => self.require(fits_line(bound), at.offset, WordProblem::MinBound)?,
            Op::Floor(divisor) => {
                self.require((1..1 << DIVISOR_BITS).contains(&divisor), at.divisor, WordProblem::Divisor)?;
            }
            Op::Identity | Op::Max0 | Op::NonNegative | Op::Zero => {}
        }
        if let Some(gate) = register.gate {
            // decode has seen that the gate is earlier: a register has selectors for earlier ones only
            let (of, j, index) = match gate {
                Gate::Register(j) => (level, j, at.gates.end - i + j),
                Gate::Counterpart(j) => (Level::Member(0), j, at.gates.start + j),
            };
            let boolean = self.rules.registers_of(of).get(j).is_some_and(|gate| gate.op.is_boolean());
            self.require(boolean, index, WordProblem::Gate)?;
        }
        Ok(())
    }

    fn condition(&self, i: usize, condition: &Condition) -> Result<(), WordsError> {
        let at = self.layout.condition(i);
        self.line(Level::Record, &condition.line, at.weights.clone(), at.constant)?;
        match &condition.line {
            Line::Integer(line) => {
                self.require(!line.weights.is_empty(), at.weights.start, WordProblem::ConstantCondition)?;
            }
            Line::Text(line) => match &condition.test {
                Test::NonNegative => return Err(word(&self.layout, at.nonnegative, WordProblem::TextTest)),
                Test::Zero => self.require(!is_no_text(line), at.constant, WordProblem::NoText)?,
                Test::In(_) => {
                    let plain = matches!(line.minus, TextOperand::Constant(text) if text.is_zero());
                    self.require(plain, at.constant, WordProblem::TextSet)?;
                }
            },
        }
        if let Test::In(set) = &condition.test {
            self.require(!set.is_empty(), at.mask.start, WordProblem::EmptySet)?;
            for k in set {
                let constant = self.rules.pool[*k];
                let index = self.layout.pool().start + k;
                match &condition.line {
                    Line::Integer(_) => {
                        let reachable = field::to_i128(constant).is_some_and(fits_line);
                        self.require(reachable, index, WordProblem::SetConstant)?;
                    }
                    Line::Text(_) => {
                        self.require(is_text(constant), index, WordProblem::Text)?;
                        self.require(!constant.is_zero(), index, WordProblem::NoText)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Bounds and types of a line. The bounds are on the words, which for min are those of `K − L`.
    fn line(&self, level: Level, line: &Line, weights: Range<usize>, constant: usize) -> Result<(), WordsError> {
        match line {
            Line::Integer(line) => {
                for index in weights.clone() {
                    let small = magnitude_below(self.words[index], WEIGHT_BITS);
                    self.require(small, index, WordProblem::Weight)?;
                }
                // The circuit computes empty slots as well. With the dates below 2^27 nothing of theirs leaves 80 bits.
                let (bits, problem) = match level {
                    Level::Record => (CONSTANT_BITS, WordProblem::Constant),
                    Level::Member(_) => (MEMBER_CONSTANT_BITS, WordProblem::MemberConstant),
                };
                self.require(magnitude_below(self.words[constant], bits), constant, problem)?;
                for entry in line.weights.keys() {
                    let index = weights.start + self.d.index_of(level, *entry).unwrap_or_default();
                    if let (Level::Record, Entry::Attribute(i)) = (level, entry) {
                        self.require(self.is_integer(*i), index, WordProblem::TypeMismatch)?;
                    }
                    self.require(self.is_used(level, *entry), index, WordProblem::UnusedRegister)?;
                }
            }
            Line::Text(line) => {
                // Which attributes of members are text, only their schema says.
                let text = |i| matches!(level, Level::Member(_)) || !self.is_integer(i);
                self.require(text(line.attribute), weights.start + line.attribute, WordProblem::TypeMismatch)?;
                match line.minus {
                    TextOperand::Attribute(j) => self.require(text(j), weights.start + j, WordProblem::TypeMismatch)?,
                    TextOperand::Constant(text) => self.require(is_text(text), constant, WordProblem::Text)?,
                }
            }
        }
        Ok(())
    }

    fn pool(&self) -> Result<(), WordsError> {
        let sets =
            self.rules.conditions.iter().filter_map(|c| if let Test::In(set) = &c.test { Some(set) } else { None });
        let used: std::collections::BTreeSet<usize> = sets.flatten().copied().collect();
        for k in 0..self.rules.pool.len() {
            self.require(used.contains(&k), self.layout.pool().start + k, WordProblem::UnusedPoolEntry)?;
        }
        Ok(())
    }

    fn requirements(&self) -> Result<(), WordsError> {
        self.require(
            !self.rules.requirements.is_empty(),
            self.layout.requirement(0).unused,
            WordProblem::NoRequirement,
        )?;
        for (i, requirement) in self.rules.requirements.iter().enumerate() {
            let at = self.layout.requirement(i);
            self.require(!requirement.any_of.is_empty(), at.any_of.start, WordProblem::EmptyRequirement)?;
            for j in &requirement.any_of {
                self.require(*j < self.rules.conditions.len(), at.any_of.start + j, WordProblem::UnusedCondition)?;
            }
        }
        Ok(())
    }
}

fn fits_line(x: i128) -> bool {
    let half = 1i128 << (LINE_BITS - 1);
    (-half..half).contains(&x)
}

fn magnitude_below(x: F, bits: u32) -> bool {
    field::to_i128(x).is_some_and(|x| x.unsigned_abs() < 1 << bits)
}

/// A text compared with 0, which no text hashes to: the same for every record.
fn is_no_text(line: &TextLine) -> bool {
    matches!(line.minus, TextOperand::Constant(text) if text.is_zero())
}

fn is_text(x: F) -> bool {
    x.into_bigint().num_bits() <= TEXT_BITS
}
