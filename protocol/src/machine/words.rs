//! Policy words: the flat vector of field elements that is folded into the verifying key, and its two directions.
//!
//! Guarantee: [`decode`] accepts exactly what [`encode`] produces. It rebuilds the rules, encodes them again and
//! refuses the first word that differs, so no second encoding of a policy exists.

use super::layout::{Layout, RegisterWords};
use super::rules::{
    Condition, FactsPeriodRule, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules, Selector,
    SourceRule, Test, TextLine, TextOperand,
};
use super::shape::{Dimensions, Entry, Shape};
use crate::date::FactsPeriod;
use crate::field::{self, F};
use crate::schema::SchemaId;
use ark_ff::{One, Zero};
use num_bigint::BigUint;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

/// Policy words in the order of [`Layout`]. Nothing is known of them: see [`ValidWords`](super::ValidWords).
///
/// On the wire each is a decimal string, negative where −2^126 < x < 0 is meant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Words(Vec<F>);

/// Why words or rules are refused.
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
    #[error("policy word {index} ({name}): {fault}")]
    Word {
        /// Position.
        index: usize,
        /// What the word is.
        name: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What is wrong with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
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
    /// Divisor not in [1, 2^40).
    #[error("a divisor must be at least 1 and less than 2^40")]
    Divisor,
    /// Bound of min outside 80 bits.
    #[error("the bound of a min must be at least -2^79 and less than 2^79")]
    MinBound,
    /// Not a text value.
    #[error("a text constant must be less than 2^248")]
    Text,
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
    /// The words and the schema disagree on which attributes are integers.
    #[error("disagrees with the schema about whether this attribute is an integer")]
    OtherKind,
    /// `once` without a guarantee that it is once.
    #[error("once ever requires a constant facts period, or a schema with many records per subject")]
    Once,
    /// A gate register that isn't a 0/1 test.
    #[error("a gate must be an earlier register whose operation is nonnegative or zero")]
    Gate,
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

impl Words {
    /// Words for a shape; refuses any other number of them.
    pub fn new(shape: Shape, words: Vec<F>) -> Result<Self, WordsError> {
        let words = Self(words);
        words.check_length(shape)?;
        Ok(words)
    }

    /// All words, in order.
    pub fn as_slice(&self) -> &[F] {
        &self.0
    }

    pub(super) fn check_length(&self, shape: Shape) -> Result<(), WordsError> {
        let expected = shape.dimensions().word_count();
        let found = self.0.len();
        if found == expected { Ok(()) } else { Err(WordsError::Length { shape, expected, found }) }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} words)", self.0.len())
    }
}

/// The words of rules. Checks capacities and references, not validity.
pub fn encode(rules: &Rules, shape: Shape) -> Result<Words, WordsError> {
    Encoder { d: shape.dimensions(), layout: Layout::new(shape.dimensions()), shape, out: Vec::new() }.run(rules)
}

/// The rules that words spell; refuses words that are not the encoding of any.
///
/// Rules that come out are typed, but need not be valid: see [`ValidWords`](super::ValidWords).
pub fn decode(words: &Words, shape: Shape) -> Result<Rules, WordsError> {
    words.check_length(shape)?;
    let layout = Layout::new(shape.dimensions());
    let rules = Decoder { d: shape.dimensions(), layout, words: &words.0 }.run()?;
    let again = encode(&rules, shape)?;
    match words.0.iter().zip(&again.0).position(|(a, b)| a != b) {
        None => Ok(rules),
        Some(index) => Err(word(&layout, index, Fault::NotCanonical)),
    }
}

/// The error about the word at `index`.
pub(super) fn word(layout: &Layout, index: usize, fault: Fault) -> WordsError {
    WordsError::Word { index, name: layout.name(index), fault }
}

struct Encoder {
    d: Dimensions,
    layout: Layout,
    shape: Shape,
    out: Vec<F>,
}

impl Encoder {
    fn run(mut self, rules: &Rules) -> Result<Words, WordsError> {
        let (d, layout) = (self.d, self.layout);
        self.out = vec![F::zero(); layout.len()];
        self.fits("sources", rules.sources.len(), d.sources)?;
        self.fits("registers", rules.registers.len(), d.registers)?;
        self.fits("set constants", rules.pool.len(), d.pool)?;
        self.fits("conditions", rules.conditions.len(), d.conditions)?;
        self.fits("requirements", rules.requirements.len(), d.requirements)?;

        for (i, source) in rules.sources.iter().enumerate() {
            let at = layout.source(i);
            self.out[at.schema_id] = source.schema_id.0;
            match source.facts_period {
                FactsPeriodRule::Constant(period) => self.out[at.period_constant] = F::from(period.value()),
                FactsPeriodRule::MonthsBefore(months) => {
                    self.out[at.period_relative] = F::one();
                    self.out[at.months_before] = F::from(months);
                }
            }
        }
        for i in &rules.ranged_attributes {
            self.select(layout.ranged_attributes(), *i, "ranged_attributes", "attribute")?;
        }
        if let Some(i) = rules.identity {
            self.select(layout.identity(), i, "identity", "attribute")?;
        }
        self.out[layout.holder()] = F::from(rules.nullifier == NullifierMode::Holder);
        self.out[layout.once()] = F::from(rules.nullifier == NullifierMode::RecordOnce);
        for i in 0..d.registers {
            self.register(i, rules.registers.get(i))?;
        }
        self.out[layout.pool()][..rules.pool.len()].copy_from_slice(&rules.pool);
        for (i, condition) in rules.conditions.iter().enumerate() {
            self.condition(i, condition)?;
        }
        for i in 0..d.requirements {
            let at = layout.requirement(i);
            match rules.requirements.get(i) {
                None => self.out[at.unused] = F::one(),
                Some(requirement) => {
                    for j in &requirement.any_of {
                        self.select(at.any_of.clone(), *j, &format!("requirement {i}"), "condition")?;
                    }
                    self.out[at.reveal] = F::from(requirement.reveal);
                }
            }
        }
        for (i, output) in rules.outputs.iter().enumerate() {
            let at = layout.output(i);
            match output {
                None => {}
                Some(Selector::Attribute(j)) => self.select(at.attributes, *j, &format!("output {i}"), "attribute")?,
                Some(Selector::Register(j)) => self.select(at.registers, *j, &format!("output {i}"), "register")?,
            }
        }
        Ok(Words(self.out))
    }

    fn fits(&self, what: &'static str, has: usize, capacity: usize) -> Result<(), WordsError> {
        if has <= capacity { Ok(()) } else { Err(WordsError::Capacity { what, has, capacity, shape: self.shape }) }
    }

    fn select(&mut self, group: Range<usize>, i: usize, place: &str, target: &str) -> Result<(), WordsError> {
        match self.out[group].get_mut(i) {
            Some(out) => *out = F::one(),
            None => return Err(WordsError::Reference { place: place.to_owned(), target: format!("{target} {i}") }),
        }
        Ok(())
    }

    /// Writes `sign · line + constant`; returns whether the line itself is range-checked.
    fn line(&mut self, weights: Range<usize>, constant: usize, line: &Line, place: &str) -> Result<bool, WordsError> {
        let mut put = |entry: Entry, weight: F| {
            let slot = self.d.index_of(entry).and_then(|i| self.out[weights.clone()].get_mut(i));
            match slot {
                Some(slot) => *slot += weight,
                None => return Err(WordsError::Reference { place: place.to_owned(), target: entry.to_string() }),
            }
            Ok(())
        };
        match line {
            Line::Integer(line) => {
                for (entry, weight) in &line.weights {
                    put(*entry, F::from(*weight))?;
                }
                self.out[constant] = field::from_i128(line.constant);
                Ok(true)
            }
            Line::Text(line) => {
                put(Entry::Attribute(line.attribute), F::one())?;
                match line.minus {
                    TextOperand::Attribute(j) => put(Entry::Attribute(j), -F::one())?,
                    TextOperand::Constant(text) => self.out[constant] = -text,
                }
                Ok(false)
            }
        }
    }

    fn register(&mut self, i: usize, register: Option<&Register>) -> Result<(), WordsError> {
        let at = self.layout.register(i);
        self.out[at.divisor] = F::one();
        self.out[at.ungated] = F::one();
        let Some(register) = register else { return Ok(()) };
        let place = format!("register {i}");
        let ranged = self.line(at.weights.clone(), at.constant, &register.line, &place)?;
        self.out[at.ranged] = F::from(ranged);
        match register.op {
            Op::Identity => self.out[at.identity] = F::one(),
            Op::Max0 => self.out[at.max0] = F::one(),
            Op::NonNegative => self.out[at.nonnegative] = F::one(),
            Op::Zero => self.out[at.zero] = F::one(),
            Op::Min(bound) => {
                // min(L, K) = K − max(0, K − L)
                for weight in &mut self.out[at.weights] {
                    *weight = -*weight;
                }
                let bound = field::from_i128(bound);
                self.out[at.constant] = bound - self.out[at.constant];
                self.out[at.max0] = -F::one();
                self.out[at.offset] = bound;
            }
            Op::Floor(divisor) => {
                self.out[at.floor] = F::one();
                self.out[at.divisor] = F::from(divisor);
                self.out[at.ranged] = F::zero();
            }
        }
        if let Some(gate) = register.gate {
            self.out[at.ungated] = F::zero();
            self.select(at.gates, gate, &place, "gate register")?;
        }
        Ok(())
    }

    fn condition(&mut self, i: usize, condition: &Condition) -> Result<(), WordsError> {
        let at = self.layout.condition(i);
        let place = format!("condition {i}");
        let ranged = self.line(at.weights, at.constant, &condition.line, &place)?;
        self.out[at.ranged] = F::from(ranged);
        let selector = match &condition.test {
            Test::NonNegative => at.nonnegative,
            Test::Zero => at.zero,
            Test::In(set) => {
                let Some(member) = at.member else {
                    return Err(WordsError::Capacity {
                        what: "conditions up to the last that tests membership",
                        has: i + 1,
                        capacity: self.d.set_conditions,
                        shape: self.shape,
                    });
                };
                for k in set {
                    self.select(at.mask.clone(), *k, &place, "pool entry")?;
                }
                member
            }
        };
        self.out[selector] = if condition.negated { -F::one() } else { F::one() };
        self.out[at.offset] = F::from(condition.negated);
        Ok(())
    }
}

struct Decoder<'a> {
    d: Dimensions,
    layout: Layout,
    words: &'a [F],
}

impl Decoder<'_> {
    fn run(&self) -> Result<Rules, WordsError> {
        let (d, layout) = (self.d, self.layout);
        let registers = self.used_prefix(d.registers, |i| self.register(i))?;
        let conditions = self.used_prefix(d.conditions, |i| self.condition(i))?;
        let requirements = self.used_prefix(d.requirements, |i| self.requirement(i))?;
        let in_sets = conditions.iter().filter_map(|c| if let Test::In(set) = &c.test { set.last() } else { None });
        let pool = in_sets.max().map_or(0, |last| last + 1);
        let nullifier = match (self.boolean(layout.holder())?, self.boolean(layout.once())?) {
            (true, false) => NullifierMode::Holder,
            (false, false) => NullifierMode::RecordPerScope,
            (false, true) => NullifierMode::RecordOnce,
            (true, true) => return self.fail(layout.once(), Fault::Several),
        };
        let mut outputs = [None; 2];
        for (i, output) in outputs.iter_mut().enumerate() {
            let at = layout.output(i);
            let attribute = self.at_most_one(at.attributes)?;
            let register = self.at_most_one(at.registers.clone())?;
            *output = match (attribute, register) {
                (None, None) => None,
                (Some(j), None) => Some(Selector::Attribute(j)),
                (None, Some(j)) => Some(Selector::Register(j)),
                (Some(_), Some(j)) => return self.fail(at.registers.start + j, Fault::Several),
            };
        }
        Ok(Rules {
            sources: (0..d.sources).map(|i| self.source(i)).collect::<Result<_, _>>()?,
            ranged_attributes: self.set(layout.ranged_attributes())?,
            identity: self.at_most_one(layout.identity())?,
            nullifier,
            registers,
            pool: self.words[layout.pool()][..pool].to_vec(),
            conditions,
            requirements,
            outputs,
        })
    }

    fn fail<T>(&self, index: usize, fault: Fault) -> Result<T, WordsError> {
        Err(word(&self.layout, index, fault))
    }

    /// The items before the first unused one. A used one after it is found by the comparison with the encoding.
    fn used_prefix<T>(
        &self,
        n: usize,
        item: impl Fn(usize) -> Result<Option<T>, WordsError>,
    ) -> Result<Vec<T>, WordsError> {
        let mut items = Vec::new();
        for i in 0..n {
            match item(i)? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(items)
    }

    fn boolean(&self, index: usize) -> Result<bool, WordsError> {
        let x = self.words[index];
        if x.is_zero() || x.is_one() { Ok(x.is_one()) } else { self.fail(index, Fault::NotBoolean) }
    }

    fn set(&self, group: Range<usize>) -> Result<BTreeSet<usize>, WordsError> {
        let mut set = BTreeSet::new();
        for index in group.clone() {
            if self.boolean(index)? {
                set.insert(index - group.start);
            }
        }
        Ok(set)
    }

    fn at_most_one(&self, group: Range<usize>) -> Result<Option<usize>, WordsError> {
        let set = self.set(group.clone())?;
        let mut chosen = set.into_iter();
        let first = chosen.next();
        match chosen.next() {
            None => Ok(first),
            Some(second) => self.fail(group.start + second, Fault::Several),
        }
    }

    fn source(&self, i: usize) -> Result<SourceRule, WordsError> {
        let at = self.layout.source(i);
        let facts_period = if self.boolean(at.period_relative)? {
            let months = field::to_i128(self.words[at.months_before]).and_then(|x| u16::try_from(x).ok());
            match months {
                Some(months) => FactsPeriodRule::MonthsBefore(months),
                None => return self.fail(at.months_before, Fault::Months),
            }
        } else {
            let value = field::to_i128(self.words[at.period_constant]).and_then(|x| u32::try_from(x).ok());
            match value.and_then(|x| FactsPeriod::from_value(x).ok()) {
                Some(period) => FactsPeriodRule::Constant(period),
                None => return self.fail(at.period_constant, Fault::NotAMonth),
            }
        };
        Ok(SourceRule { schema_id: SchemaId(self.words[at.schema_id]), facts_period })
    }

    fn integer_line(&self, weights: Range<usize>, constant: usize, flip: Option<i128>) -> Result<Line, WordsError> {
        let mut line = BTreeMap::new();
        for (i, index) in weights.enumerate() {
            let weight = field::to_i128(self.words[index]).and_then(|w| i64::try_from(w).ok());
            let Some(weight) = weight.and_then(|w| if flip.is_some() { w.checked_neg() } else { Some(w) }) else {
                return self.fail(index, Fault::Weight);
            };
            if let (Some(entry), true) = (self.d.entry_at(i), weight != 0) {
                line.insert(entry, weight);
            }
        }
        let value = field::to_i128(self.words[constant]).and_then(|c| match flip {
            Some(bound) => bound.checked_sub(c),
            None => Some(c),
        });
        match value {
            Some(constant) => Ok(Line::Integer(IntegerLine { weights: line, constant })),
            None => self.fail(constant, Fault::Constant),
        }
    }

    fn text_line(&self, weights: Range<usize>, constant: usize) -> Result<Line, WordsError> {
        let (mut plus, mut minus) = (None, None);
        for (i, index) in weights.clone().enumerate() {
            let weight = self.words[index];
            if weight.is_zero() {
                continue;
            }
            let side = if weight.is_one() { &mut plus } else { &mut minus };
            let unit = weight.is_one() || (-weight).is_one();
            match self.d.entry_at(i) {
                Some(Entry::Attribute(j)) if unit && side.is_none() => *side = Some(j),
                _ => return self.fail(index, Fault::TextForm),
            }
        }
        let Some(attribute) = plus else { return self.fail(weights.start, Fault::TextForm) };
        let minus = match minus {
            Some(j) => TextOperand::Attribute(j),
            None => TextOperand::Constant(-self.words[constant]),
        };
        Ok(Line::Text(TextLine { attribute, minus }))
    }

    fn register(&self, i: usize) -> Result<Option<Register>, WordsError> {
        let at = self.layout.register(i);
        let Some(op) = self.operation(&at)? else { return Ok(None) };
        let ranged = self.boolean(at.ranged)?;
        let line = match op {
            Op::Min(bound) => self.integer_line(at.weights.clone(), at.constant, Some(bound))?,
            Op::Floor(_) => self.integer_line(at.weights.clone(), at.constant, None)?,
            _ if ranged => self.integer_line(at.weights.clone(), at.constant, None)?,
            _ => self.text_line(at.weights.clone(), at.constant)?,
        };
        let gate = self.at_most_one(at.gates.clone())?;
        if self.boolean(at.ungated)? && gate.is_some() {
            return self.fail(at.ungated, Fault::Several);
        }
        Ok(Some(Register { line, op, gate }))
    }

    fn operation(&self, at: &RegisterWords) -> Result<Option<Op>, WordsError> {
        let one = field::to_i128;
        let selectors = [at.identity, at.max0, at.nonnegative, at.zero, at.floor].map(|i| one(self.words[i]));
        Ok(Some(match selectors {
            [Some(0), Some(0), Some(0), Some(0), Some(0)] => return Ok(None),
            [Some(1), Some(0), Some(0), Some(0), Some(0)] => Op::Identity,
            [Some(0), Some(1), Some(0), Some(0), Some(0)] => Op::Max0,
            [Some(0), Some(-1), Some(0), Some(0), Some(0)] => match one(self.words[at.offset]) {
                Some(bound) => Op::Min(bound),
                None => return self.fail(at.offset, Fault::MinBound),
            },
            [Some(0), Some(0), Some(1), Some(0), Some(0)] => Op::NonNegative,
            [Some(0), Some(0), Some(0), Some(1), Some(0)] => Op::Zero,
            [Some(0), Some(0), Some(0), Some(0), Some(1)] => {
                match one(self.words[at.divisor]).and_then(|d| u64::try_from(d).ok()) {
                    Some(divisor) => Op::Floor(divisor),
                    None => return self.fail(at.divisor, Fault::Divisor),
                }
            }
            _ => return self.fail(at.identity, Fault::Operation),
        }))
    }

    fn condition(&self, i: usize) -> Result<Option<Condition>, WordsError> {
        let at = self.layout.condition(i);
        let sign = |index: usize| field::to_i128(self.words[index]);
        let (test, selector) = match (sign(at.nonnegative), sign(at.zero), at.member.map_or(Some(0), sign)) {
            (Some(0), Some(0), Some(0)) => return Ok(None),
            (Some(s @ (1 | -1)), Some(0), Some(0)) => (Test::NonNegative, s),
            (Some(0), Some(s @ (1 | -1)), Some(0)) => (Test::Zero, s),
            (Some(0), Some(0), Some(s @ (1 | -1))) => (Test::In(self.set(at.mask.clone())?), s),
            _ => return self.fail(at.nonnegative, Fault::Operation),
        };
        let line = if self.boolean(at.ranged)? {
            self.integer_line(at.weights, at.constant, None)?
        } else {
            self.text_line(at.weights, at.constant)?
        };
        Ok(Some(Condition { line, test, negated: selector == -1 }))
    }

    fn requirement(&self, i: usize) -> Result<Option<Requirement>, WordsError> {
        let at = self.layout.requirement(i);
        if self.boolean(at.unused)? {
            return Ok(None);
        }
        Ok(Some(Requirement { any_of: self.set(at.any_of)?, reveal: self.boolean(at.reveal)? }))
    }
}

/// A word in decimal, negative where −2^126 < x < 0 is meant.
fn to_decimal(x: F) -> String {
    match field::to_i128(x) {
        Some(small) => small.to_string(),
        None => BigUint::from_bytes_be(&field::to_bytes(x)).to_string(),
    }
}

/// Reads exactly what [`to_decimal`] writes.
fn from_decimal(text: &str) -> Result<F, &'static str> {
    const WRONG: &str = "a policy word must be a canonical decimal integer";
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || digits.len() > 78 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WRONG);
    }
    let magnitude = digits.parse::<BigUint>().map_err(|_| WRONG)?.to_bytes_be();
    let mut bytes = [0; 32];
    let start = bytes.len().checked_sub(magnitude.len()).ok_or("a policy word must be less than the field modulus")?;
    bytes[start..].copy_from_slice(&magnitude);
    let x = field::from_bytes(&bytes).map_err(|_| "a policy word must be less than the field modulus")?;
    let x = if text.starts_with('-') { -x } else { x };
    if to_decimal(x) == text { Ok(x) } else { Err(WRONG) }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().map(|x| to_decimal(*x)))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(d)?;
        if !Shape::ALL.iter().any(|shape| shape.dimensions().word_count() == texts.len()) {
            let found = texts.len();
            return Err(serde::de::Error::custom(format_args!("{found} policy words: no shape has that many")));
        }
        let words = texts.iter().map(|text| from_decimal(text).map_err(serde::de::Error::custom));
        words.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::machine::{ValidWords, testing::Generator};

    #[test]
    fn random_rules_round_trip() {
        let mut generator = Generator::new(1);
        for _ in 0..200 {
            let valid = generator.rules(Shape::Solo);
            let json = serde_json::to_string(valid.words()).unwrap();
            let back: Words = serde_json::from_str(&json).unwrap();
            assert_eq!(&back, valid.words());
            assert_eq!(&decode(&back, Shape::Solo).unwrap(), valid.rules());
            assert_eq!(&encode(valid.rules(), Shape::Solo).unwrap(), valid.words());
            assert_eq!(ValidWords::check(Shape::Solo, back).unwrap(), valid);
        }
    }

    #[test]
    fn decimals_have_one_spelling() {
        let p_minus_1 = "21888242871839275222246405745257275088548364400416034343698204186575808495616";
        for text in [
            "0",
            "1",
            "-1",
            "85070591730234615865843651857942052863",
            "-85070591730234615865843651857942052863",
            "85070591730234615865843651857942052864",
        ] {
            assert_eq!(to_decimal(from_decimal(text).unwrap()), text);
        }
        for bad in [
            "",
            "-",
            "-0",
            "00",
            "01",
            "+1",
            " 1",
            "1 ",
            "1_0",
            "0x1",
            "1.0",
            "１",
            p_minus_1,
            "21888242871839275222246405745257275088548364400416034343698204186575808495617",
            "-85070591730234615865843651857942052864",
            "99999999999999999999999999999999999999999999999999999999999999999999999999999999999",
        ] {
            assert!(from_decimal(bad).is_err(), "{bad}");
        }
        assert_eq!(from_decimal("-1").unwrap(), -F::one());
    }
}
