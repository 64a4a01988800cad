//! Validity: the bounds that make the circuit's field equations integer equations, and the rules that keep a policy
//! from being true by default. A policy key may be derived from [`ValidWords`] only.
//!
//! Guarantee: a `ValidWords` is the canonical encoding of typed rules, and every line of it stays below 2^132, far from
//! p/2. Non-guarantee: that every admissible record is provable; that is the compiler's interval analysis.

use super::decode::decode;
use super::encode::encode;
use super::fault::{Fault, WordsError, word};
use super::layout::Layout;
use super::rules::{Condition, FactsPeriodRule, Line, NullifierMode, Op, Rules, Selector, Test, TextLine, TextOperand};
use super::shape::{Entry, Shape};
use super::words::Words;
use super::{CONSTANT_BITS, DIVISOR_BITS, LINE_BITS, MAX_MONTHS_BEFORE, TEXT_BITS, WEIGHT_BITS};
use crate::field::{self, F};
use crate::schema::{Schema, SchemaError};
use ark_ff::{BigInteger, PrimeField, Zero};
use std::ops::Range;

/// Words that were validated, with the rules that they encode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidWords {
    shape: Shape,
    rules: Rules,
    words: Words,
}

/// The words and the schemas that a policy is published with don't belong together.
#[derive(Debug, thiserror::Error)]
pub enum SchemaMismatch {
    /// Another number of schemas than of sources.
    #[error("{found} schemas for {expected} sources")]
    Count {
        /// Sources of the shape.
        expected: usize,
        /// Schemas given.
        found: usize,
    },
    /// A word disagrees with its schema.
    #[error(transparent)]
    Word(#[from] WordsError),
    /// The schema itself is not valid.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl ValidWords {
    /// Decodes and validates words.
    pub fn check(shape: Shape, words: Words) -> Result<Self, WordsError> {
        let rules = decode(&words, shape)?;
        let d = shape.dimensions();
        let validator = Validator {
            layout: Layout::new(d),
            fixed_entries: d.fixed_entries(),
            rules: &rules,
            words: words.as_slice(),
        };
        validator.run()?;
        Ok(Self { shape, rules, words })
    }

    /// Encodes and validates rules.
    pub fn from_rules(shape: Shape, rules: &Rules) -> Result<Self, WordsError> {
        Self::check(shape, encode(rules, shape)?)
    }

    /// Checks the words against the schemas that the policy is published with, one per source: same ids, the same
    /// attributes are integers, no attribute is read that the schema doesn't have, and *once ever* means once.
    pub fn check_schemas(&self, schemas: &[Schema]) -> Result<(), SchemaMismatch> {
        let layout = self.layout();
        if schemas.len() != self.rules.sources.len() {
            return Err(SchemaMismatch::Count { expected: self.rules.sources.len(), found: schemas.len() });
        }
        for (i, (schema, source)) in schemas.iter().zip(&self.rules.sources).enumerate() {
            if schema.id()? != source.schema_id {
                return Err(word(&layout, layout.source(i).schema_id, Fault::OtherSchema).into());
            }
            let relative = matches!(source.facts_period, FactsPeriodRule::MonthsBefore(_));
            if self.rules.nullifier == NullifierMode::RecordOnce && relative && !schema.many {
                return Err(word(&layout, layout.once(), Fault::Once).into());
            }
        }
        // The first source's record is the one whose attributes lines read.
        if let Some(schema) = schemas.first() {
            let attributes = schema.attributes()?;
            for i in 0..self.shape.dimensions().attributes {
                let integer = attributes.get(i).is_some_and(|attribute| !attribute.kind.is_text());
                if integer != self.rules.ranged_attributes.contains(&i) {
                    return Err(word(&layout, layout.ranged_attributes().start + i, Fault::OtherKind).into());
                }
            }
            // Every record has 0 there: a text line over it is true or false by default.
            if let Some(index) = self.text_reads().find(|(_, i)| *i >= attributes.len()).map(|(index, _)| index) {
                return Err(word(&layout, index, Fault::NoAttribute).into());
            }
        }
        Ok(())
    }

    /// Which text attributes are read, each with the position of the word that says so.
    fn text_reads(&self) -> impl Iterator<Item = (usize, usize)> {
        let layout = self.layout();
        let registers =
            self.rules.registers.iter().enumerate().map(move |(i, r)| (layout.register(i).weights.start, &r.line));
        let conditions = self.rules.conditions.iter().enumerate();
        let conditions = conditions.map(move |(i, k)| (layout.condition(i).weights.start, &k.line));
        let in_lines = registers.chain(conditions).flat_map(|(weights, line)| {
            let read = match line {
                Line::Integer(_) => [None, None],
                Line::Text(TextLine { attribute, minus: TextOperand::Attribute(other) }) => {
                    [Some(*attribute), Some(*other)]
                }
                Line::Text(TextLine { attribute, minus: TextOperand::Constant(_) }) => [Some(*attribute), None],
            };
            read.into_iter().flatten().map(move |i| (weights + i, i))
        });
        in_lines.chain(self.rules.identity.map(|i| (layout.identity().start + i, i)))
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

/// Checks decoded rules; reads the words as well where the encoding of an operation changes what a bound applies to.
struct Validator<'a> {
    layout: Layout,
    fixed_entries: usize,
    rules: &'a Rules,
    words: &'a [F],
}

impl Validator<'_> {
    fn run(&self) -> Result<(), WordsError> {
        self.sources()?;
        if let Some(i) = self.rules.identity {
            self.require(!self.is_integer(i), self.layout.identity().start + i, Fault::TypeMismatch)?;
        }
        for i in 0..self.rules.registers.len() {
            self.register(i)?;
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
                    self.require(self.is_integer(*j), at.attributes.start + j, Fault::TypeMismatch)?;
                }
                Some(Selector::Register(j)) => {
                    self.require(self.is_used(*j), at.registers.start + j, Fault::UnusedRegister)?;
                }
            }
        }
        Ok(())
    }

    fn require(&self, holds: bool, index: usize, fault: Fault) -> Result<(), WordsError> {
        if holds { Ok(()) } else { Err(word(&self.layout, index, fault)) }
    }

    fn is_integer(&self, attribute: usize) -> bool {
        self.rules.ranged_attributes.contains(&attribute)
    }

    fn is_used(&self, register: usize) -> bool {
        register < self.rules.registers.len()
    }

    fn sources(&self) -> Result<(), WordsError> {
        for (i, source) in self.rules.sources.iter().enumerate() {
            let at = self.layout.source(i);
            self.require(!source.schema_id.0.is_zero(), at.schema_id, Fault::NoSchema)?;
            if let FactsPeriodRule::MonthsBefore(months) = source.facts_period {
                self.require(months <= MAX_MONTHS_BEFORE, at.months_before, Fault::Months)?;
            }
        }
        Ok(())
    }

    fn register(&self, i: usize) -> Result<(), WordsError> {
        let register = &self.rules.registers[i];
        let at = self.layout.register(i);
        self.line(&register.line, at.weights.clone(), at.constant)?;
        let testable = matches!(register.line, Line::Integer(_)) || register.op == Op::Zero;
        self.require(testable, at.ranged, Fault::TextTest)?;
        match register.op {
            Op::Min(bound) => self.require(fits_line(bound), at.offset, Fault::MinBound)?,
            Op::Floor(divisor) => {
                self.require((1..1 << DIVISOR_BITS).contains(&divisor), at.divisor, Fault::Divisor)?;
            }
            Op::Identity | Op::Max0 | Op::NonNegative | Op::Zero => {}
        }
        if let Some(gate) = register.gate {
            // decode has seen that the gate is earlier: a register has selectors for earlier ones only
            let boolean = self.rules.registers[gate].op.is_boolean();
            self.require(boolean, at.gates.start + gate, Fault::Gate)?;
        }
        Ok(())
    }

    fn condition(&self, i: usize, condition: &Condition) -> Result<(), WordsError> {
        let at = self.layout.condition(i);
        self.line(&condition.line, at.weights.clone(), at.constant)?;
        match &condition.line {
            Line::Integer(line) => {
                self.require(!line.weights.is_empty(), at.weights.start, Fault::ConstantCondition)?;
            }
            Line::Text(line) => match &condition.test {
                Test::NonNegative => return Err(word(&self.layout, at.nonnegative, Fault::TextTest)),
                Test::Zero => {}
                Test::In(_) => {
                    let plain = matches!(line.minus, TextOperand::Constant(text) if text.is_zero());
                    self.require(plain, at.constant, Fault::TextSet)?;
                }
            },
        }
        if let Test::In(set) = &condition.test {
            self.require(!set.is_empty(), at.mask.start, Fault::EmptySet)?;
            for k in set {
                let constant = self.rules.pool[*k];
                let index = self.layout.pool().start + k;
                match &condition.line {
                    Line::Integer(_) => {
                        let reachable = field::to_i128(constant).is_some_and(fits_line);
                        self.require(reachable, index, Fault::SetConstant)?;
                    }
                    Line::Text(_) => self.require(is_text(constant), index, Fault::Text)?,
                }
            }
        }
        Ok(())
    }

    /// Bounds and types of a line. The bounds are on the words, which for min are those of `K − L`.
    fn line(&self, line: &Line, weights: Range<usize>, constant: usize) -> Result<(), WordsError> {
        match line {
            Line::Integer(line) => {
                for index in weights.clone() {
                    let small = magnitude_below(self.words[index], WEIGHT_BITS);
                    self.require(small, index, Fault::Weight)?;
                }
                self.require(magnitude_below(self.words[constant], CONSTANT_BITS), constant, Fault::Constant)?;
                for entry in line.weights.keys() {
                    match entry {
                        Entry::Attribute(i) => {
                            self.require(self.is_integer(*i), weights.start + i, Fault::TypeMismatch)?;
                        }
                        Entry::Register(i) => {
                            let index = weights.start + self.fixed_entries + i;
                            self.require(self.is_used(*i), index, Fault::UnusedRegister)?;
                        }
                        Entry::AsOf | Entry::AsOfDay | Entry::PeriodStart | Entry::PeriodEnd => {}
                    }
                }
            }
            Line::Text(line) => {
                self.require(!self.is_integer(line.attribute), weights.start + line.attribute, Fault::TypeMismatch)?;
                match line.minus {
                    TextOperand::Attribute(j) => {
                        self.require(!self.is_integer(j), weights.start + j, Fault::TypeMismatch)?;
                    }
                    TextOperand::Constant(text) => self.require(is_text(text), constant, Fault::Text)?,
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
            self.require(used.contains(&k), self.layout.pool().start + k, Fault::UnusedPoolEntry)?;
        }
        Ok(())
    }

    fn requirements(&self) -> Result<(), WordsError> {
        self.require(!self.rules.requirements.is_empty(), self.layout.requirement(0).unused, Fault::NoRequirement)?;
        for (i, requirement) in self.rules.requirements.iter().enumerate() {
            let at = self.layout.requirement(i);
            self.require(!requirement.any_of.is_empty(), at.any_of.start, Fault::EmptyRequirement)?;
            for j in &requirement.any_of {
                self.require(*j < self.rules.conditions.len(), at.any_of.start + j, Fault::UnusedCondition)?;
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

fn is_text(x: F) -> bool {
    x.into_bigint().num_bits() <= TEXT_BITS
}
