//! From words to typed rules.
//!
//! Guarantee: [`decode`] accepts exactly what [`encode`] produces. It rebuilds the rules, encodes them again and
//! rejects the first word that differs, so no second encoding of a policy exists.

use super::encode::encode;
use super::layout::{Layout, RegisterWords};
use super::rules::{
    Condition, FactsPeriodRule, Gate, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules, Selector,
    SourceRule, Test, TextLine, TextOperand,
};
use super::shape::{Dimensions, Entry, Level, Shape};
use super::words::Words;
use super::words_error::{WordProblem, WordsError, word};
use crate::date::FactsPeriod;
use crate::field::{self, F};
use crate::schema::SchemaId;
use ark_ff::{One, Zero};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The rules that words spell; rejects words that are not the encoding of any.
///
/// Rules that come out are typed, but need not be valid: see [`ValidWords`](super::ValidWords).
pub fn decode(words: &Words, shape: Shape) -> Result<Rules, WordsError> {
    words.check_length(shape)?;
    let layout = Layout::new(shape.dimensions());
    let rules = Decoder { d: shape.dimensions(), layout, words: &words.0 }.run()?;
    let again = encode(&rules, shape)?;
    match words.0.iter().zip(&again.0).position(|(a, b)| a != b) {
        None => Ok(rules),
        Some(index) => Err(word(&layout, index, WordProblem::NotCanonical)),
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
        let registers_of = |level| self.used_prefix(d.registers_of(level), |i| self.register(level, i));
        let mut sources = d.sources;
        for index in layout.paired() {
            // With one member source the words of a second are 0, which the comparison with the encoding finds.
            sources = if self.boolean(index)? { d.sources } else { d.sources - 1 };
        }
        let conditions = self.used_prefix(d.conditions, |i| self.condition(i))?;
        let requirements = self.used_prefix(d.requirements, |i| self.requirement(i))?;
        let in_sets = conditions.iter().filter_map(|c| if let Test::In(set) = &c.test { set.last() } else { None });
        let pool = in_sets.max().map_or(0, |last| last + 1);
        let nullifier = match (self.boolean(layout.holder())?, self.boolean(layout.once())?) {
            (true, false) => NullifierMode::Holder,
            (false, false) => NullifierMode::RecordPerScope,
            (false, true) => NullifierMode::RecordOnce,
            (true, true) => return self.fail(layout.once(), WordProblem::Several),
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
                (Some(_), Some(j)) => return self.fail(at.registers.start + j, WordProblem::Several),
            };
        }
        Ok(Rules {
            sources: (0..sources).map(|i| self.source(i)).collect::<Result<_, _>>()?,
            ranged_attributes: self.set(layout.ranged_attributes())?,
            identity: self.at_most_one(layout.identity())?,
            nullifier,
            members: (0..d.groups).map(|group| registers_of(Level::Member(group))).collect::<Result<_, _>>()?,
            registers: registers_of(Level::Record)?,
            pool: self.words[layout.pool()][..pool].to_vec(),
            conditions,
            requirements,
            outputs,
        })
    }

    fn fail<T>(&self, index: usize, problem: WordProblem) -> Result<T, WordsError> {
        Err(word(&self.layout, index, problem))
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
        if x.is_zero() || x.is_one() { Ok(x.is_one()) } else { self.fail(index, WordProblem::NotBoolean) }
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
            Some(second) => self.fail(group.start + second, WordProblem::Several),
        }
    }

    fn source(&self, i: usize) -> Result<SourceRule, WordsError> {
        let at = self.layout.source(i);
        let facts_period = if self.boolean(at.period_relative)? {
            let months = field::to_i128(self.words[at.months_before]).and_then(|x| u16::try_from(x).ok());
            match months {
                Some(months) => FactsPeriodRule::MonthsBefore(months),
                None => return self.fail(at.months_before, WordProblem::Months),
            }
        } else {
            let value = field::to_i128(self.words[at.period_constant]).and_then(|x| u32::try_from(x).ok());
            match value.and_then(|x| FactsPeriod::from_value(x).ok()) {
                Some(period) => FactsPeriodRule::Constant(period),
                None => return self.fail(at.period_constant, WordProblem::NotAMonth),
            }
        };
        Ok(SourceRule { schema_id: SchemaId(self.words[at.schema_id]), facts_period })
    }

    fn integer_line(
        &self,
        level: Level,
        weights: Range<usize>,
        constant: usize,
        flip: Option<i128>,
    ) -> Result<Line, WordsError> {
        let mut line = BTreeMap::new();
        for (i, index) in weights.enumerate() {
            let weight = field::to_i128(self.words[index]).and_then(|w| i64::try_from(w).ok());
            let Some(weight) = weight.and_then(|w| if flip.is_some() { w.checked_neg() } else { Some(w) }) else {
                return self.fail(index, WordProblem::Weight);
            };
            if let (Some(entry), true) = (self.d.entry_at(level, i), weight != 0) {
                line.insert(entry, weight);
            }
        }
        let value = field::to_i128(self.words[constant]).and_then(|c| match flip {
            Some(bound) => bound.checked_sub(c),
            None => Some(c),
        });
        match value {
            Some(constant) => Ok(Line::Integer(IntegerLine { weights: line, constant })),
            None => self.fail(constant, WordProblem::Constant),
        }
    }

    fn text_line(&self, level: Level, weights: Range<usize>, constant: usize) -> Result<Line, WordsError> {
        let (mut plus, mut minus) = (None, None);
        for (i, index) in weights.clone().enumerate() {
            let weight = self.words[index];
            if weight.is_zero() {
                continue;
            }
            let side = if weight.is_one() { &mut plus } else { &mut minus };
            let unit = weight.is_one() || (-weight).is_one();
            match self.d.entry_at(level, i) {
                Some(Entry::Attribute(j)) if unit && side.is_none() => *side = Some(j),
                _ => return self.fail(index, WordProblem::TextForm),
            }
        }
        let Some(attribute) = plus else { return self.fail(weights.start, WordProblem::TextForm) };
        let minus = match minus {
            Some(j) => TextOperand::Attribute(j),
            None => TextOperand::Constant(-self.words[constant]),
        };
        Ok(Line::Text(TextLine { attribute, minus }))
    }

    fn register(&self, level: Level, i: usize) -> Result<Option<Register>, WordsError> {
        let at = self.layout.register(level, i);
        let Some(op) = self.operation(&at)? else { return Ok(None) };
        let ranged = self.boolean(at.ranged)?;
        let integer = |flip| self.integer_line(level, at.weights.clone(), at.constant, flip);
        let line = match op {
            Op::Min(bound) => integer(Some(bound))?,
            Op::Floor(_) => integer(None)?,
            _ if ranged => integer(None)?,
            _ => self.text_line(level, at.weights.clone(), at.constant)?,
        };
        let counterparts = at.gates.len() - i;
        let gate = self.at_most_one(at.gates.clone())?.map(|j| match j.checked_sub(counterparts) {
            Some(earlier) => Gate::Register(earlier),
            None => Gate::Counterpart(j),
        });
        if self.boolean(at.ungated)? && gate.is_some() {
            return self.fail(at.ungated, WordProblem::Several);
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
                None => return self.fail(at.offset, WordProblem::MinBound),
            },
            [Some(0), Some(0), Some(1), Some(0), Some(0)] => Op::NonNegative,
            [Some(0), Some(0), Some(0), Some(1), Some(0)] => Op::Zero,
            [Some(0), Some(0), Some(0), Some(0), Some(1)] => {
                match one(self.words[at.divisor]).and_then(|d| u64::try_from(d).ok()) {
                    Some(divisor) => Op::Floor(divisor),
                    None => return self.fail(at.divisor, WordProblem::Divisor),
                }
            }
            _ => return self.fail(at.identity, WordProblem::Operation),
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
            _ => return self.fail(at.nonnegative, WordProblem::Operation),
        };
        let line = if self.boolean(at.ranged)? {
            self.integer_line(Level::Record, at.weights, at.constant, None)?
        } else {
            self.text_line(Level::Record, at.weights, at.constant)?
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
